"""The backend in pure Python: live collection, with the parser of ``memc.fallback``."""

from __future__ import annotations

import time

from memc import _notes
from memc._pages import forget_pages, read_pages
from memc._procfs import ProcessFiles, list_pids, open_root
from memc._region_list import RegionList
from memc._text import parse as parse_text
from memc._totals import read_statm, read_totals
from memc.errors import AccessDenied, ProcessError, ProcessGone
from memc.snapshot import (
    Process,
    Reading,
    Skipped,
    Snapshot,
    SystemSnapshot,
    check_pid,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from memc._procfs import Opened
    from memc.region import Note, Table

__all__ = ["collect", "collect_all", "parse_text", "read_table"]

U64_MAX = 2**64 - 1
PROGRESS_NS = 100_000_000

# How long smaps may hold up a process: 20 ms a GiB.  4 ms were measured where one
# region has it all, and 22 are the most that was ever reported.
STALL_NS_A_KB = 19


class Budget:
    """How long reading may hold up a process, and what is known of how long it does."""

    __slots__ = ("last_rss_kb", "last_stall_ns", "max_stall_ms")

    def __init__(self, max_stall_ms: int | None, last: Snapshot | None = None) -> None:
        self.max_stall_ms = max_stall_ms
        self.last_stall_ns = last.longest_read_ns if last is not None else 0
        self.last_rss_kb = (last.total_rss_kb or 0) if last is not None else 0

    def choose(self, files: ProcessFiles, reading: Reading) -> tuple[Note, ...]:
        """Set the detail that is read: the one asked for, or with a note another."""
        if self.max_stall_ms is None or reading.detail not in ("smaps", "rollup"):
            return ()
        stall_ms = self._reckon_stall_ns(files, reading) // 1_000_000
        if stall_ms <= self.max_stall_ms:
            return ()
        file, detail = ("smaps", "rss")
        if reading.detail == "rollup":
            file, detail = ("smaps_rollup", "totals")
        reading.detail = detail
        return (_notes.over_budget(file, stall_ms, self.max_stall_ms, detail),)

    def _reckon_stall_ns(self, files: ProcessFiles, reading: Reading) -> int:
        """Reckon by what one read of it took last time, or by its size."""
        read_statm(files, reading)
        rss_kb = reading.total_rss_kb or 0
        reading.total_rss_kb = reading.total_vsize_kb = None
        if self.last_rss_kb == 0 or self.last_stall_ns == 0:
            return rss_kb * STALL_NS_A_KB
        return int(rss_kb / self.last_rss_kb * self.last_stall_ns)


def read_table(pid: int, kind: str, proc: str = "/proc") -> Table:
    """Read the file `kind` ("maps" or "smaps") of a live process."""
    check_pid(pid)
    with open_root(proc) as root, ProcessFiles(root, pid) as files:
        return _read_regions(files, Reading(pid, kind, 0))


def collect(
    pid: int,
    detail: str,
    proc: str,
    *,
    late: int = 0,
    max_stall_ms: int | None = None,
    last: Snapshot | None = None,
) -> Snapshot:
    """Read one live process; `late` samples were due before this one and left out."""
    reading = Reading(pid, detail, _now_ms())
    began_ns = time.monotonic_ns()
    with open_root(proc) as root, ProcessFiles(root, pid) as files:
        snap = _collect(files, reading, began_ns, Budget(max_stall_ms, last))
    if late:
        snap.notes = (*snap.notes, _notes.late(late))
    return snap


def collect_all(
    detail: str,
    *,
    skip_kernel: bool,
    jobs: int | None,
    proc: str,
    cgroups: bool = False,
    late: int = 0,
    max_stall_ms: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> SystemSnapshot:
    """Read every process, one after the other: threads would not make Python faster."""
    del jobs
    timestamp_ms = _now_ms()
    processes = []
    skipped = []
    budget = Budget(max_stall_ms)
    with open_root(proc) as root:
        pids = list_pids(root)
        for pid in _telling(pids, progress):
            found = _try(root, pid, detail, budget, cgroups=cgroups)
            if isinstance(found, Skipped):
                skipped.append(found)
            elif (
                not skip_kernel or len(found.snapshot) or found.snapshot.total_vsize_kb
            ):
                processes.append(found)
    notes = (_notes.late(late),) if late else ()
    return SystemSnapshot(timestamp_ms, tuple(processes), tuple(skipped), notes)


def _telling(
    pids: list[int], progress: Callable[[int, int], None] | None
) -> Iterator[int]:
    """Yield the pids, and tell `progress` ten times a second how far that is."""
    if progress is None:
        yield from pids
        return
    progress(0, len(pids))
    told_ns = time.monotonic_ns()
    for done, pid in enumerate(pids):
        now_ns = time.monotonic_ns()
        if now_ns - told_ns >= PROGRESS_NS:
            progress(done, len(pids))
            told_ns = now_ns
        yield pid
    progress(len(pids), len(pids))


def _try(
    root: Opened, pid: int, detail: str, budget: Budget, *, cgroups: bool
) -> Process | Skipped:
    name = ""
    reading = Reading(pid, detail, _now_ms())
    began_ns = time.monotonic_ns()
    try:
        with ProcessFiles(root, pid) as files:
            name = files.name()
            snap = _collect(files, reading, began_ns, budget)
            cgroup = files.cgroup() if cgroups else None
            return Process(pid, name, snap, uid=files.uid(), cgroup=cgroup)
    except AccessDenied:
        return Skipped(pid, name, "denied")
    except ProcessGone:
        return Skipped(pid, name, "gone")
    except ProcessError:
        return Skipped(pid, name, "error")


def _collect(
    files: ProcessFiles, reading: Reading, began_ns: int, budget: Budget
) -> Snapshot:
    notes = budget.choose(files, reading)
    if reading.detail in ("totals", "rollup"):
        table = parse_text(b"", "maps", strict=False)
        notes = (*read_totals(files, reading), *notes)
    else:
        table = _read_regions(files, reading)
        reading.total_rss_kb = _sum_rss(table)
        if reading.total_rss_kb is None:
            read_statm(files, reading, regions=len(table))
    table.notes = _notes.in_order((*table.notes, *notes))
    reading.cost_ns = time.monotonic_ns() - began_ns
    return Snapshot(table, reading)


def _read_regions(files: ProcessFiles, reading: Reading) -> Table:
    """Read maps or smaps, and what the page tables tell if the detail has that."""
    kind = "smaps" if reading.detail == "smaps" else "maps"
    try:
        file = RegionList(files, kind)
    except OSError as error:
        # Linux 6.16.0 refuses to open the maps of a kernel thread (65c66047259f).
        if isinstance(error, ProcessLookupError) and files.statm():
            return parse_text(b"", kind, strict=False)
        raise files.explain(error, kind) from None
    with file:
        try:
            data = file.read()
        except OSError as error:
            raise files.explain(error, kind) from None
        reading.bytes_read += len(data)
        if kind == "smaps":
            reading.longest_read_ns = file.longest_read_ns
        return _read_more(files, file, data, reading.detail)


def _read_more(
    files: ProcessFiles, file: RegionList, data: bytes, detail: str
) -> Table:
    """Parse what was read, and read the page tables before the process changes."""
    table = parse_text(data, file.path, strict=False)
    notes = table.notes
    uss = detail == "uss"
    if detail in ("rss", "uss") and len(table):
        table, why = read_pages(files, file.fd, table, uss=uss)
        notes = (*notes, *why)
    if data and not file.is_still_there():
        notes = (*notes, _notes.cut())
        if detail in ("rss", "uss"):
            table = forget_pages(table, uss=uss)
    table.notes = _notes.in_order(notes)
    return table


def _sum_rss(table: Table) -> int | None:
    """Return the sum over the regions, where every one has a value."""
    column = table.columns.get("rss_kb")
    if column is None or column.valid is not None or not len(table):
        return None
    total = sum(column.values)
    return total if total <= U64_MAX else None


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
