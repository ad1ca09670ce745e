"""The backend in pure Python, which reads live processes."""

from __future__ import annotations

import time

from memc.errors import AccessDenied, ProcessError, ProcessGone
from memc.proc.files import ProcessFiles, list_pids, open_root
from memc.proc.region_list import RegionList
from memc.pure import budget
from memc.pure.pagemap import forget_pages, read_pages
from memc.pure.text import parse as parse_text, parse_live
from memc.pure.totals import read_statm, read_totals
from memc.table import notes as noted
from memc.table.fields import U64_MAX
from memc.table.region import Table
from memc.table.snapshot import Process, Reading, Skipped, Snapshot, SystemSnapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from memc.proc.files import Opened
    from memc.read.options import Options

__all__ = ["collect", "collect_all", "parse_text", "read_table"]

PROGRESS_NS = 100_000_000


def read_table(pid: int, kind: str, proc: str = "/proc") -> Table:
    """Read the file `kind` ("maps" or "smaps") of a live process.

    Raises ProcessGone, AccessDenied or another ProcessError, and MemcError if `proc`
    cannot be opened.
    """
    with open_root(proc) as root, ProcessFiles(root, pid) as files:
        return _read_regions(files, Reading(pid, kind))


def collect(pid: int, options: Options) -> Snapshot:
    """Read one live process.  Raises the errors of `read_table`."""
    began_ns = time.monotonic_ns()
    reading = Reading(pid, options.detail, _now_ms())
    with open_root(options.proc) as root, ProcessFiles(root, pid) as files:
        reading.name, reading.started = files.identity()
        snap = _collect(files, reading, began_ns, options)
    if not options.late:
        return snap
    return Snapshot(snap, reading, (*snap.notes, noted.late(options.late)))


def collect_all(options: Options) -> SystemSnapshot:
    """Read every process, one after another: threads would not make Python faster."""
    timestamp_ms = _now_ms()
    processes = []
    skipped = []
    with open_root(options.proc) as root:
        for pid in _telling(list_pids(root), options.progress):
            found = _try(root, pid, options)
            if isinstance(found, Skipped):
                skipped.append(found)
            elif not options.skip_kernel or _has_memory(found.snapshot):
                processes.append(found)
    notes = (noted.late(options.late),) if options.late else ()
    return SystemSnapshot(
        timestamp_ms, tuple(processes), tuple(skipped), notes, options.unread
    )


def _has_memory(snap: Snapshot) -> bool:
    """Tell whether a process has memory; a kernel thread or a zombie has none."""
    return bool(len(snap) or snap.total_vsize_kb)


def _telling(
    pids: list[int], progress: Callable[[int, int], None] | None
) -> Iterator[int]:
    """Yield the pids; call `progress` at both ends and at most ten times a second."""
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


def _try(root: Opened, pid: int, options: Options) -> Process | Skipped:
    began_ns = time.monotonic_ns()
    reading = Reading(pid, options.detail, _now_ms())
    name = ""
    try:
        with ProcessFiles(root, pid) as files:
            reading.name, reading.started = files.identity()
            name = reading.name or ""
            return Process(
                pid,
                name,
                _collect(files, reading, began_ns, options),
                uid=files.uid(),
                started=reading.started,
                cgroup=files.cgroup() if options.cgroups else None,
                cmdline=files.cmdline() if options.cmdlines else None,
            )
    except AccessDenied as error:
        return Skipped(pid, name, "denied", str(error))
    except ProcessGone as error:
        return Skipped(pid, name, "gone", str(error))
    except ProcessError as error:
        return Skipped(pid, name, "error", str(error))


def _collect(
    files: ProcessFiles, reading: Reading, began_ns: int, options: Options
) -> Snapshot:
    notes = budget.choose(files, reading, options)
    if reading.detail in ("totals", "rollup"):
        table = parse_live(b"", "maps")
        notes = (*read_totals(files, reading), *notes)
    else:
        table = _read_regions(files, reading)
        reading.total_rss_kb = _sum_rss(table)
        if reading.total_rss_kb is None:
            read_statm(files, reading, regions=len(table))
    reading.cost_ns = time.monotonic_ns() - began_ns
    return Snapshot(table, reading, noted.in_order((*table.notes, *notes)))


def _read_regions(files: ProcessFiles, reading: Reading) -> Table:
    """Read maps or smaps, and the page tables if the detail needs them."""
    kind = "smaps" if reading.detail == "smaps" else "maps"
    try:
        file = RegionList(files, kind)
    except OSError as error:
        # Linux 6.16.0 refuses to open the maps of a kernel thread (65c66047259f).
        if isinstance(error, ProcessLookupError) and files.statm():
            return parse_live(b"", kind)
        raise files.explain(error, kind) from None
    with file:
        try:
            data = file.read()
        except OSError as error:
            raise files.explain(error, kind) from None
        reading.count(data)
        if kind == "smaps":
            reading.longest_read_ns = file.longest_read_ns
        return _read_more(files, file, data, reading.detail)


def _read_more(
    files: ProcessFiles, file: RegionList, data: bytes, detail: str
) -> Table:
    """Parse the text, and read the page tables soon, before the process changes."""
    table = parse_live(data, file.path)
    notes = table.notes
    uss = detail == "uss"
    if detail in ("rss", "uss") and len(table):
        table, why = read_pages(files, file.fd, table, uss=uss)
        notes = (*notes, *why)
    if data and not file.is_still_there():
        notes = (*notes, noted.cut())
        if detail in ("rss", "uss"):
            table = forget_pages(table, uss=uss)
    return Table(len(table), table.columns, noted.in_order(notes))


def _sum_rss(table: Table) -> int | None:
    """Return the sum of rss_kb, or None if a region has no value."""
    column = table.columns.get("rss_kb")
    if column is None or column.valid is not None or not len(table):
        return None
    total = sum(column.values)
    return total if total <= U64_MAX else None


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
