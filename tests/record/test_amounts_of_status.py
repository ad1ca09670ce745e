"""Amounts in status: read at once as they are read one by one."""

from pathlib import Path

import pytest

from memc.record.usage import HUGETLB, KEYS, USUAL, amount, amounts_of

STATUS = Path("/proc/self/status").read_bytes()


def each(text):
    return [amount(text, key) for key in (*KEYS, HUGETLB)]


def without(key):
    lines = STATUS.splitlines(keepends=True)
    return b"".join(line for line in lines if not line.startswith(key))


@pytest.mark.kernel
def test_usual_status_is_read_at_once():
    assert USUAL.search(STATUS)
    assert amounts_of(STATUS) == each(STATUS)
    assert None not in each(STATUS)


# What differs from a usual status, and the text.
OTHERS = {
    "no memory, as a kernel thread": b"Name:\tkthreadd\nState:\tS\nThreads:\t1\n",
    "nothing": b"",
    "cut short": STATUS[: STATUS.index(b"VmSwap")],
    "no number": STATUS.replace(b"RssFile:\t", b"RssFile:\tx"),
    "another order": b"".join(reversed(STATUS.splitlines(keepends=True))),
    "a name like a key": b"Name:\tVmRSS:\\nVmRSS:  7 kB\n" + STATUS,
    **{f"no {key.decode()}": without(key) for key in (*KEYS, HUGETLB)},
}


@pytest.mark.parametrize("text", OTHERS.values(), ids=OTHERS)
def test_other_status_is_read_as_one_by_one(text):
    assert amounts_of(text) == each(text)
