"""Amounts in status: C and Python read the same, whatever the text is."""

import os
from pathlib import Path

import pytest
from support.readers import NATIVE, PURE

from memc.pure.stats import AMOUNTS, amounts_of

STATUS = Path("/proc/self/status").read_bytes()
MOST = (1 << 63) - 1
FEW = b"Name:\ta\nVmSize:\t8 kB\nVmHWM:\t7 kB\nVmRSS:\t6 kB\nRssAnon:\t5 kB\n"
KNOWN = {"rss": 6, "size": 8, "anon": 5, "peak": 7}


def without(key):
    lines = STATUS.splitlines(keepends=True)
    return b"".join(line for line in lines if not line.startswith(key))


# What differs from a usual status, the text, and what is found in it; None: anything.
TEXTS = {
    "usual": (STATUS, None),
    "few keys": (FEW, KNOWN),
    "no memory, as a kernel thread": (b"Name:\tkthreadd\nThreads:\t1\n", {}),
    "no newline at the end": (b"Name:\ta\nVmRSS:\t6", {"rss": 6}),
    "cut in a key": (FEW + b"RssFile", KNOWN),
    "cut before a number": (FEW + b"RssFile:\t", KNOWN),
    "cut in the middle": (STATUS[: STATUS.index(b"VmSwap")], None),
    "a word": (FEW + b"RssFile:\tx kB\n", KNOWN),
    "a number and more": (FEW + b"RssFile:\t7x kB\n", KNOWN),
    "a number below 0": (FEW + b"RssFile:\t-7 kB\n", KNOWN),
    "no unit": (FEW + b"RssFile:7\n", KNOWN | {"file": 7}),
    "a number in the next line": (FEW + b"RssFile:\n 7 kB\n", KNOWN),
    "the largest number": (FEW + b"RssFile:\t%d kB\n" % MOST, KNOWN | {"file": MOST}),
    "too large a number": (FEW + b"RssFile:\t%d kB\n" % (MOST + 1), KNOWN),
    "far too large a number": (FEW + b"RssFile:\t" + b"9" * 500 + b" kB\n", KNOWN),
    "many zeros": (FEW + b"RssFile:\t" + b"0" * 500 + b"7 kB\n", KNOWN | {"file": 7}),
    "a key twice": (FEW + b"VmRSS:\t1 kB\n", KNOWN),
    "a key twice, first a word": (FEW + b"VmPTE: x kB\nVmPTE:\t1 kB\n", KNOWN),
    "a key in the first line": (b"VmRSS:\t1 kB\nVmRSS:\t2 kB\n", {"rss": 2}),
    "a key inside a line": (b"Name:\t VmRSS:\t1 kB\nX VmRSS:\t2 kB\n", {}),
    "another order": (b"".join(reversed(STATUS.splitlines(keepends=True))), None),
    "a name like a key": (b"Name:\tVmRSS:\\nVmRSS:  7 kB\n" + FEW, KNOWN),
    "zero bytes": (FEW + b"\0\nRssFile:\t7\0 kB\n", KNOWN),
    "a user of very many groups": (
        b"Name:\ta\nGroups:\t" + b"1234567890 " * 2500 + b"\n" + FEW,
        KNOWN,
    ),
    **{f"no {key.decode()}": (without(key), None) for key in AMOUNTS.values()},
}


@pytest.mark.parametrize(("text", "found"), TEXTS.values(), ids=TEXTS)
def test_both_backends_find_the_same(tmp_path, text, found):
    (tmp_path / "status").write_bytes(text)
    fd = os.open(tmp_path / "status", os.O_RDONLY)
    try:
        told = NATIVE.amounts([fd, fd])
        assert told == PURE.amounts([fd, fd]) == [amounts_of(text)] * 2
    finally:
        os.close(fd)
    if found is not None:
        assert told[0] == tuple(found.get(name) for name in AMOUNTS)


@pytest.mark.kernel
def test_usual_status_tells_all():
    assert None not in amounts_of(STATUS)


@pytest.mark.parametrize("reader", [NATIVE, PURE], ids=repr)
def test_no_amounts_of_what_has_ended(reader, tmp_path):
    (tmp_path / "status").write_bytes(b"")
    files = [os.open(tmp_path / "status", os.O_RDONLY), os.open(tmp_path, os.O_RDONLY)]
    child = os.fork()
    if not child:
        os._exit(0)
    files.append(os.open(f"/proc/{child}/status", os.O_RDONLY))
    os.waitpid(child, 0)
    assert reader.amounts(files) == [None] * 3
    assert reader.amounts([]) == []
    for fd in files:
        os.close(fd)
