"""Stat of many processes, again and again: C and Python tell the same of any text."""

import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from support import children
from support.readers import NATIVE, PURE

from memc.proc import stat

BOTH = pytest.mark.parametrize("reader", [NATIVE, PURE], ids=repr)
HELD = pytest.mark.parametrize("is_held", [True, False], ids=["open", "opened"])
# Fields 3 to 28 and the rest, each with its number as the value.
FIELDS = [b"S", *[b"%d" % number for number in range(4, 53)]]
VALUES = (ord("S"), 4, 20, 22, 23, 24, 10, 12, 26, 28)


def line(name=b"a", pid=b"7", end=b"\n", **changes):
    fields = [*FIELDS]
    for number, value in changes.items():
        fields[int(number[1:]) - 3] = value
    return b"%s (%s) %s%s" % (pid, name, b" ".join(fields), end)


def told(name=b"a", **changes):
    numbers = [3, 4, 20, 22, 23, 24, 10, 12, 26, 28]
    values = [changes.get(f"f{n}", v) for n, v in zip(numbers, VALUES, strict=True)]
    return name, tuple(values)


# A text, and what it tells.
TEXTS = {
    "usual": (line(), told()),
    "a name of brackets and blanks": (line(b"a) S 1 (b) "), told(b"a) S 1 (b) ")),
    "a name of newlines": (line(b"\n7 (x) R\n"), told(b"\n7 (x) R\n")),
    "a name of other bytes": (line(b"\xff\0\x80"), told(b"\xff\0\x80")),
    "no name": (line(b""), told(b"")),
    "a name like the longest of a kernel thread": (line(b"k" * 63), told(b"k" * 63)),
    "a stat that ends with the start of the stack": (
        b"7 (a) " + b" ".join(FIELDS[:26]),
        told(),
    ),
    "one with a newline there": (
        b"7 (a) " + b" ".join(FIELDS[:26]) + b"\n",
        told(f28=0),
    ),
    "one that ends before": (b"7 (a) " + b" ".join(FIELDS[:25]), None),
    "one that ends with the blank before": (
        b"7 (a) " + b" ".join(FIELDS[:25]) + b" ",
        told(f28=0),
    ),
    "only a begin": (b"7 (a) S 1", None),
    "nothing behind the name": (b"7 (a)", None),
    "a blank behind the name": (b"7 (a) ", None),
    "no bracket": (b"7 a S " + b" ".join(FIELDS), None),
    "brackets the wrong way round": (b"7 )a( " + b" ".join(FIELDS), None),
    "nothing": (b"", None),
    "a newline": (b"\n", None),
    "words between the bracket and the blank": (
        line().replace(b") ", b")xyz ", 1),
        told(),
    ),
    "no blank behind the bracket": (
        line().replace(b") ", b")", 1),
        (b"a", (ord("4"), 5, 21, 23, 24, 25, 11, 13, 27, 29)),
    ),
    "no state": (line(f3=b""), told(f3=0)),
    "a state of two letters": (line(f3=b"DZ"), told(f3=ord("D"))),
    "a state that is no letter": (line(f3=b"\xff"), told(f3=255)),
    "a number below 0": (line(f24=b"-1"), told(f24=0)),
    "a word": (line(f24=b"1x"), told(f24=0)),
    "an empty number": (line(f24=b""), told(f24=0)),
    "the largest number": (line(f23=b"%d" % (2**64 - 1)), told(f23=2**64 - 1)),
    "too large a number": (line(f23=b"%d" % 2**64), told(f23=0)),
    "very many digits": (line(f23=b"9" * 500), told(f23=0)),
    "very many zeros": (line(f23=b"0" * 500 + b"7"), told(f23=7)),
    "places that are hidden": (line(f26=b"0", f28=b"0"), told(f26=0, f28=0)),
    "more than is read, behind what is needed": (line(end=b" 0" * 5000), told()),
    "more than is read, in the name": (line(b"n" * 5000), None),
    "more than is read, in a number": (line(f20=b"0" * 5000 + b"5"), None),
}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "7").mkdir()
    return tmp_path


class Look:
    """The stats of the process 7 in a copy of /proc, as one backend reads them."""

    def __init__(self, reader, folder, *, is_held):
        self.root = os.open(folder, os.O_RDONLY)
        self.fd = os.open(folder / "7" / "stat", os.O_RDONLY) if is_held else -1
        self.stats = reader.stats(self.root)
        self.added = self.stats.add(7, self.fd)

    def close(self):
        os.close(self.root)
        if self.fd >= 0:
            os.close(self.fd)


@BOTH
@HELD
@pytest.mark.parametrize(("text", "found"), TEXTS.values(), ids=TEXTS)
def test_what_a_text_tells(folder, reader, is_held, text, found):
    (folder / "7" / "stat").write_bytes(text)
    look = Look(reader, folder, is_held=is_held)
    assert look.added == found
    if found is not None:
        assert look.stats.again(7) == found
        assert look.stats.look() == []
    look.close()


@BOTH
@HELD
@pytest.mark.parametrize(
    ("before", "now"), [*pairwise(TEXTS)], ids=[f"{b}, {n}" for b, n in pairwise(TEXTS)]
)
def test_what_is_told_anew(folder, reader, is_held, before, now):
    (first, old), (second, new) = TEXTS[before], TEXTS[now]
    (folder / "7" / "stat").write_bytes(first)
    look = Look(reader, folder, is_held=is_held)
    (folder / "7" / "stat").write_bytes(second)
    if old is not None:
        assert look.stats.again(7) == new  # which is no look
        assert look.stats.look() == ([] if new == old else [(7, new)])
    look.close()


@BOTH
def test_other_fields_are_no_change(folder, reader):
    (folder / "7" / "stat").write_bytes(line())
    look = Look(reader, folder, is_held=True)
    (folder / "7" / "stat").write_bytes(line(pid=b"007", f14=b"99", f15=b"98"))
    assert look.stats.look() == []
    assert look.stats.look() == []
    look.close()


@BOTH
def test_process_whose_first_thread_has_ended_is_always_told(folder, reader):
    (folder / "7" / "stat").write_bytes(line(f3=b"Z"))
    look = Look(reader, folder, is_held=True)
    assert look.stats.look() == look.stats.look() == [(7, told(f3=ord("Z")))]
    (folder / "7" / "stat").write_bytes(line(f3=b"Z", f20=b"1"))
    ended = [(7, told(f3=ord("Z"), f20=1))]
    assert look.stats.look() == ended
    assert look.stats.look() == []
    look.close()


@BOTH
@HELD
def test_many_come_and_go(tmp_path, reader, is_held):
    for pid in range(1, 301):
        (tmp_path / str(pid)).mkdir()
        (tmp_path / str(pid) / "stat").write_bytes(line(b"p%d" % pid))
    root = os.open(tmp_path, os.O_RDONLY)
    files = {
        pid: os.open(tmp_path / str(pid) / "stat", os.O_RDONLY) if is_held else -1
        for pid in range(1, 301)
    }
    stats = reader.stats(root)
    for pid, fd in files.items():
        assert stats.add(pid, fd) == told(b"p%d" % pid)
    for pid in range(1, 301, 3):
        stats.drop(pid)
    left = [pid for pid in files if pid % 3 != 1]
    assert stats.look() == []
    for pid in files:
        (tmp_path / str(pid) / "stat").write_bytes(line(b"q%d" % pid))
    assert sorted(stats.look()) == [(pid, told(b"q%d" % pid)) for pid in left]
    for pid in left[:-1]:
        stats.drop(pid)
    assert stats.look() == []
    assert stats.add(1, files[1]) == told(b"q1")
    assert stats.again(left[-1]) == told(b"q%d" % left[-1])
    for fd in (root, *[fd for fd in files.values() if fd >= 0]):
        os.close(fd)


@BOTH
@pytest.mark.parametrize("is_fifo", [True, False], ids=["fifo", "folder"])
def test_what_is_no_file_tells_nothing_and_is_not_waited_for(folder, reader, is_fifo):
    (os.mkfifo if is_fifo else os.mkdir)(folder / "7" / "stat")
    look = Look(reader, folder, is_held=False)
    assert look.added is None
    look.close()


@BOTH
@HELD
@pytest.mark.kernel
def test_live_process_until_it_ends(reader, is_held):
    program = "input(); open('/proc/self/comm', 'w').write('a) b\\n('); input()"
    child = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE)
    path = Path(f"/proc/{child.pid}")
    children.wait_until(lambda: b") S " in (path / "stat").read_bytes())
    fds = [os.open("/proc", os.O_RDONLY), os.open(path / "stat", os.O_RDONLY)]
    stats = reader.stats(fds[0])
    name, values = stats.add(child.pid, fds[1] if is_held else -1)
    assert name + b"\n" == (path / "comm").read_bytes()
    assert values[1] == os.getpid()
    assert stat.told((path / "stat").read_bytes()) == (name, values)
    assert stats.look() == []
    child.stdin.write(b"go\n")
    child.stdin.flush()
    children.wait_until(lambda: (path / "comm").read_bytes() == b"a) b\n(\n")
    ((pid, (name, values)),) = stats.look()
    assert (pid, name, values[1]) == (child.pid, b"a) b\n(", os.getpid())
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    ((_, (_, (state, *_))),) = stats.look()
    assert state == ord("Z")
    child.communicate()
    assert stats.look() == stats.look() == [(child.pid, None)]
    assert stats.again(child.pid) is None
    for fd in fds:
        os.close(fd)
