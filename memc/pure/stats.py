"""Read stat and status of many processes again and again, in pure Python.

``memc.read.native_stats`` has the same class and function in C.
"""

from __future__ import annotations

import os
import re

from memc.proc import stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    from memc.proc.stat import Told

    Amounts: TypeAlias = tuple[int | None, ...]

__all__ = ["AMOUNTS", "Stats", "amounts", "amounts_of"]

FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY
STAT_SIZE, STATUS_SIZE = 1280, 32768
# The amounts that status tells, by their keys, in the order of enum memc_amount.
AMOUNTS = {
    "rss": b"VmRSS:",
    "size": b"VmSize:",
    "anon": b"RssAnon:",
    "file": b"RssFile:",
    "shmem": b"RssShmem:",
    "swap": b"VmSwap:",
    "hugetlb": b"HugetlbPages:",
    "peak": b"VmHWM:",
    "page_tables": b"VmPTE:",
}
NUMBER = re.compile(rb"[ \t]*(\d+)(?=[ \t\n]|\Z)")
MOST = (1 << 63) - 1


class Stats:
    """The stat of processes in an open root, as it was read last."""

    def __init__(self, root: int) -> None:
        self._root = root
        self._files: dict[int, int] = {}
        self._texts: dict[int, bytes] = {}
        self._told: dict[int, Told] = {}

    def add(self, pid: int, fd: int) -> Told | None:
        """Look at a process from now on; return what its stat tells, None if it ended.

        `fd` is the open stat; with -1 the file is opened for each look.
        """
        text = self._read(pid, fd)
        told = stat.told(text)
        if told is not None:
            self._files[pid], self._texts[pid], self._told[pid] = fd, text, told
        return told

    def drop(self, pid: int) -> None:
        """Look at a process no more."""
        del self._files[pid], self._texts[pid], self._told[pid]

    def look(self) -> list[tuple[int, Told | None]]:
        """Read all; return the pids of those that changed, and what stat tells.

        That is None if the process ended.  Those whose first thread has ended, while
        others live, are always returned: of their memory stat tells nothing.
        """
        found: list[tuple[int, Told | None]] = []
        for pid, fd in self._files.items():
            text, told = self._read(pid, fd), self._told[pid]
            if text != self._texts[pid]:
                new = stat.told(text)
                if new is not None:
                    self._texts[pid], self._told[pid] = text, new
                if new != told:
                    found.append((pid, new))
                    continue
            if stat.has_lost_first(told):
                found.append((pid, told))
        return found

    def again(self, pid: int) -> Told | None:
        """Return what stat of a process tells now, which is no look."""
        return stat.told(self._read(pid, self._files[pid]))

    def _read(self, pid: int, fd: int) -> bytes:
        """Return the text of stat; b"" if the process ended."""
        try:
            if fd >= 0:
                return os.pread(fd, STAT_SIZE, 0)
            fd = os.open(f"{pid}/stat", FLAGS, dir_fd=self._root)
        except OSError:
            return b""
        try:
            return os.pread(fd, STAT_SIZE, 0)
        except OSError:
            return b""
        finally:
            os.close(fd)


def amounts(files: Sequence[int]) -> list[Amounts | None]:
    """Return the amounts of open files of status, in the order of `AMOUNTS`, in kB.

    One that status does not tell is None, and so are all if the process ended.
    """
    return [_amounts(fd) for fd in files]


def _amounts(fd: int) -> Amounts | None:
    try:
        text = os.pread(fd, STATUS_SIZE, 0)
    except OSError:
        return None
    return amounts_of(text) if text else None


def amounts_of(text: bytes) -> Amounts:
    """Return the amounts in the text of status."""
    return tuple([_amount(text, key) for key in AMOUNTS.values()])


def _amount(text: bytes, key: bytes) -> int | None:
    """Return the number behind the first line with a key; the first line has none."""
    at = text.find(b"\n" + key)
    found = NUMBER.match(text, at + 1 + len(key)) if at >= 0 else None
    value = MOST + 1 if found is None else int(found[1])
    return value if value <= MOST else None
