"""Prove that a process did nothing since it was read.

To change its memory, or to make a thread, a thread of the process must run.  Its
schedstat then shows more time, and one more time slice::

    1051371 0 2        ns on a CPU, ns waiting for one, time slices

A witness keeps schedstat of every thread, and statm, open with the text that was read
of each before the first file of a snapshot.  If the texts are still the same at a later
time, no thread ran in between, with one exception: a thread that was on a CPU at the
first time, and has been there ever since without a tick of the clock, which adds up its
time.  So no thread may have been running (its state in stat) at the first time, and the
second time is later by several ticks.
"""

from __future__ import annotations

import os
import resource
import time
from _thread import allocate_lock

from memc.proc import stat
from memc.proc.entry import open_entry, read_entry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.proc.files import ProcessFiles

__all__ = ["CHANGED", "EARLY", "SAME", "Witness", "find_witness"]

CHANGED = "changed"  # a thread ran, or may have run; the files are closed now
EARLY = "early"  # perhaps a thread ran: not enough time has passed
SAME = "same"  # no thread ran since the witness was made

# More threads cost more than they save; TEXT_SIZE holds the seven numbers of statm.
MAX_THREADS, TEXT_SIZE = 256, 152
SETTLE_NS = 50_000_000  # the slowest clock of Linux ticks every 10 ms (CONFIG_HZ=100)
NOT_COUNTED = b"0 0 0\n"  # by a kernel without schedstat
NOHZ_FULL = "/sys/devices/system/cpu/nohz_full"
FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


class UnprovenError(Exception):
    """There can be no proof."""


class Witness:
    """The open files of a process, and what they said.  Any thread may ask."""

    __slots__ = ("_files", "_lock", "_since_ns")

    def __init__(self, files: ProcessFiles) -> None:
        """Open the files.  Raises OSError or UnprovenError."""
        self._files: list[tuple[int, bytes]] = []
        self._lock = allocate_lock()
        self._keep(files.fd, "statm")
        self._keep(files.fd, "schedstat")
        threads = _look(files)
        if threads > 1:
            self._keep_others(files)
            threads = _look(files)
        if threads != len(self._files) - 1:
            raise UnprovenError
        self._since_ns = time.monotonic_ns()

    def _keep(self, directory: int, name: str) -> None:
        fd = open_entry(directory, name, is_copy=False)
        text = b""
        try:
            text = os.pread(fd, TEXT_SIZE, 0)
        finally:
            self._files.append((fd, text))
        if not _is_spare(fd) or text in (b"", NOT_COUNTED) or len(text) == TEXT_SIZE:
            raise UnprovenError

    def _keep_others(self, files: ProcessFiles) -> None:
        """Keep schedstat of the threads but the first.

        They are listed before they are counted for the last time.  If one ended in
        between, its schedstat fails from now on.
        """
        task = os.open("task", FOLDER, dir_fd=files.fd)
        try:
            tids = [name for name in os.listdir(task) if name.isdigit()]
            if len(tids) > MAX_THREADS:
                raise UnprovenError
            for tid in tids:
                if int(tid) != files.pid:
                    self._keep(task, f"{tid}/schedstat")
            for tid in tids:
                _check_rest(read_entry(task, f"{tid}/stat", is_copy=False))
        finally:
            os.close(task)

    def ask(self) -> tuple[str, int]:
        """Return whether the process did anything, and how much the kernel printed."""
        now_ns = time.monotonic_ns()
        with self._lock:
            if not self._is_same():
                self.close()
                return CHANGED, 0
        size = sum(len(text) for _, text in self._files)
        return (EARLY if now_ns - self._since_ns < SETTLE_NS else SAME), size

    def _is_same(self) -> bool:
        try:
            return bool(self._files) and all(
                os.pread(fd, TEXT_SIZE, 0) == text for fd, text in self._files
            )
        except OSError:  # a thread has ended
            return False

    def close(self) -> None:
        """Close the files."""
        while self._files:
            os.close(self._files.pop()[0])

    __del__ = close


def find_witness(files: ProcessFiles) -> Witness | None:
    """Return a witness of a process.

    None if there can be no proof, or if half of the descriptors that this process may
    have are open.
    """
    if files.is_copy or _may_lack_ticks():
        return None
    try:
        return Witness(files)
    except (OSError, UnprovenError):
        return None


def _look(files: ProcessFiles) -> int:
    """Return the number of threads, if the first is at rest."""
    text = read_entry(files.fd, "stat", is_copy=False)
    return stat.number(_check_rest(text), stat.THREADS)


def _check_rest(text: bytes) -> list[bytes]:
    """Return the fields of stat.  Raises UnprovenError unless the thread is at rest.

    In state D it may wait for a child by vfork, which uses its memory meanwhile.
    """
    fields = stat.split(text)[1]
    if fields[:1] not in ([b"S"], [b"t"], [b"T"], [b"I"]):
        raise UnprovenError
    return fields


def _is_spare(fd: int) -> bool:
    """Tell whether a descriptor leaves half of the numbers to others.

    The kernel always gives the lowest number that is free.
    """
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return limit == resource.RLIM_INFINITY or fd < limit // 2


def _may_lack_ticks() -> bool:
    """Tell whether a CPU may run a thread without ticks (CONFIG_NO_HZ_FULL)."""
    try:
        fd = os.open(NOHZ_FULL, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return any(byte in b"0123456789" for byte in os.read(fd, TEXT_SIZE))
    finally:
        os.close(fd)
