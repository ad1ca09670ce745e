"""Read whole processes: smaps_rollup and stat, which tell the sums over all regions.

The kernel walks the same pages as for smaps, but prints one record instead of one for
each region, and printing is most of the work.  Whatever is not plain, such as a kernel
without smaps_rollup, a process that may not be read or one that calls exec meanwhile,
is left to the caller, who reads smaps.
"""

from __future__ import annotations

import os
import time

from memc.errors import ProcessError
from memc.proc import stat
from memc.proc.entry import FLAGS
from memc.proc.files import ProcessFiles
from memc.proc.proof import Proof
from memc.proc.root import is_copy
from memc.table.amounts import THP, THP_PARTS
from memc.table.columns import Columns
from memc.table.fields import CORE
from memc.table.snapshot import Snapshot
from memc.targets.command import split_arguments
from memc.targets.target import Target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    from memc.proc.root import Opened
    from memc.table.columns import Column

__all__ = ["Sums", "has_sums"]

# What smaps_rollup tells, by the names of what is shown.
PARTS = {
    "rss_kb": (b"Rss:",),
    "pss_kb": (b"Pss:",),
    "uss_kb": (b"Private_Clean:", b"Private_Dirty:"),
    "swap_kb": (b"Swap:",),
    "hugetlb_kb": (b"Shared_Hugetlb:", b"Private_Hugetlb:"),
    "anonymous_kb": (b"Anonymous:",),
    "anon_huge_pages_kb": (b"AnonHugePages:",),
    "shmem_pmd_mapped_kb": (b"ShmemPmdMapped:",),
    "file_pmd_mapped_kb": (b"FilePmdMapped:",),
}
NEEDED = ("rss_kb", "pss_kb", "uss_kb")
SMALL = 4096  # more than these files have, but for long command lines
HEAD = 6  # words before the first key
MARKED = b"[rollup]"


def no_column(_: str) -> Column:
    """Return a column of no regions."""
    from memc.table.build import column  # imports collections, and is seldom needed

    return column("Q", [])


NO_COLUMNS = Columns(CORE, no_column)


class Sum(Snapshot):
    """The amounts of a whole process, which has no regions here."""

    __slots__ = ()

    def __init__(
        self, pid: int, fields: list[bytes], name: str, totals: dict[str, int | None]
    ) -> None:
        self._rows = 0
        self.columns = NO_COLUMNS
        self.notes = ()
        self.pid = pid
        self.name = name
        self.started = int(fields[stat.STARTED])
        self.detail = "rollup"
        self.timestamp_ms = time.time_ns() // 1_000_000
        self.total_rss_kb = totals["rss_kb"]
        self.total_vsize_kb = int(fields[stat.VSIZE]) // 1024
        self.totals = totals
        self.as_of_ms = self.cost_ns = self.bytes_read = None
        self.longest_read_ns = 0
        self.same_memory_as = None


class _Keys:
    """Where the amounts are in smaps_rollup, which is alike for all processes."""

    def __init__(self, keys: list[bytes]) -> None:
        self.keys = keys
        place = {key: i for i, key in enumerate(keys)}
        self.names = [n for n, parts in PARTS.items() if all(p in place for p in parts)]
        self.is_usable = {*NEEDED} <= {*self.names}
        self.places = [place[part] for name in self.names for part in PARTS[name]]
        self.thp = [name for name in THP_PARTS if name in self.names]

    def totals(self, words: list[bytes]) -> dict[str, int | None]:
        """Return the amounts by name, in kB; `words` follow the keys."""
        values = iter([int(words[place]) for place in self.places])
        found: dict[str, int | None] = {
            name: next(values) + next(values) if len(PARTS[name]) > 1 else next(values)
            for name in self.names
        }
        if self.thp:
            found[THP] = sum(found[name] or 0 for name in self.thp)
        return found


class Sums:
    """Reads processes in an open root, one after the other.

    `stats` has the fields of stat of each process that was read.  `empty` are processes
    without memory: kernel threads, and what has ended.
    """

    def __init__(self, root: Opened, proc: str, needs: Collection[str]) -> None:
        self._root = root
        self._proc = proc
        self._is_copy = is_copy(root)
        self._cmdline = "cmdline" in needs
        self._needs = {*needs} - {"cmdline"}
        self._keys: _Keys | None = None
        self.stats: dict[int, list[bytes]] = {}
        self.empty: set[int] = set()

    def read(self, pid: int) -> Target | None:
        """Return a process; None if it takes more care, or has no memory."""
        try:
            target = None
            if not (self._is_copy or self._needs):
                target = self._read_plain(pid)
            if target is None and pid not in self.empty:
                target = self._read_careful(pid)
        except (OSError, ProcessError, ValueError, IndexError):
            return None
        return target

    def _read_plain(self, pid: int) -> Target | None:
        """Read a live process; None if its memory changes, or does not tell which."""
        root = self._root.fd
        fd = os.open(f"{pid}/stat", FLAGS, dir_fd=root)
        try:
            text = os.pread(fd, SMALL, 0)
            name, fields = stat.split(text)
            if fields[stat.VSIZE] == b"0":
                self._note_empty(pid, fields)
            if fields[stat.VSIZE] == b"0" or stat.hides_places(fields):
                return None
            rollup = _read(root, f"{pid}/smaps_rollup")
            line = _read(root, f"{pid}/cmdline") if self._cmdline else b""
            # The process lives on, so it was the one with this pid all the time.
            again = os.pread(fd, SMALL, 0)
        finally:
            os.close(fd)
        if again != text and stat.places(stat.split(again)[1]) != stat.places(fields):
            return None
        return self._target(pid, name, fields, rollup, line)

    def _read_careful(self, pid: int) -> Target | None:
        """Read any process, and other facts of it."""
        with (
            ProcessFiles(self._root, pid) as files,
            Proof(files, "rollup") as proof,
        ):
            name, fields = stat.split(files.read("stat"))
            rollup = files.read("smaps_rollup")
            line = files.read("cmdline") if self._cmdline else b""
            target = self._target(pid, name, fields, rollup, line)
            if target is not None:
                target.facts.read(files, self._needs)
            return target if proof.holds() else None

    def _target(
        self,
        pid: int,
        name: bytes | None,
        fields: list[bytes],
        rollup: bytes,
        line: bytes,
    ) -> Target | None:
        words = rollup.split()
        keys = words[HEAD::3]
        if self._keys is None or keys != self._keys.keys:
            self._keys = _Keys(keys)
        if name is None or words[HEAD - 1] != MARKED or not self._keys.is_usable:
            return None
        comm = name.decode("utf-8", "surrogateescape")
        snap = Sum(pid, fields, comm, self._keys.totals(words[HEAD + 1 :: 3]))
        if not snap.total_vsize_kb:
            return None
        self.stats[pid] = fields
        target = Target(snap, pid, comm, proc=self._proc, file=None)
        target.started = snap.started
        target.facts.is_exact = True
        if self._cmdline:
            target.facts.arguments = split_arguments(line)
        return target

    def share(self, targets: list[Target]) -> None:
        """Leave a memory that several processes have to the one that started first."""
        pids: dict[tuple[bytes, ...], list[int]] = {}
        for pid, fields in self.stats.items():
            pids.setdefault(tuple(stat.places(fields)), []).append(pid)
        alike = {pid for some in pids.values() if len(some) > 1 for pid in some}
        by_pid = {t.pid: t for t in targets if t.pid is not None}
        is_known = len(self.stats) >= len(by_pid)
        if not is_known:  # where the others have their memory
            alike = {*by_pid}
        snaps = {
            pid: t.table
            for pid, t in by_pid.items()
            if pid in alike and isinstance(t.table, Snapshot)
        }
        if len(snaps) < 2:
            return
        from memc.proc.same import find_same, find_same_live

        found = (
            find_same_live(self._root, self.stats, snaps)
            if is_known
            else find_same(self._root, snaps)
        )
        for pid, other in found.items():
            by_pid[pid].table = snaps[pid].shared_with(other)

    def _note_empty(self, pid: int, fields: list[bytes]) -> None:
        is_kernel = stat.number(fields, stat.FLAGS) & stat.PF_KTHREAD
        is_alone = stat.number(fields, stat.THREADS, 2) < 2
        if is_kernel or (is_alone and fields[stat.STATE] in (b"Z", b"X")):
            self.empty.add(pid)


def has_sums(proc: str) -> bool:
    """Tell whether the kernel has smaps_rollup, or a process of a copy."""
    try:
        names = ["self"] if proc == "/proc" else filter(str.isdecimal, os.listdir(proc))
    except OSError:
        return False
    return any(os.path.exists(f"{proc}/{name}/smaps_rollup") for name in names)


def _read(root: int, path: str) -> bytes:
    fd = os.open(path, FLAGS, dir_fd=root)
    try:
        data = os.read(fd, SMALL)
        while len(data) % SMALL == 0 and (more := os.read(fd, SMALL)):
            data += more
    finally:
        os.close(fd)
    return data
