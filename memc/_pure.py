"""The backend in pure Python: live collection, with the parser of ``memc.fallback``."""

from __future__ import annotations

import os
import time

from memc import _notes
from memc._procfs import ProcessFiles, list_pids, open_root
from memc._text import parse as parse_text, parse_noting
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

    from memc._procfs import Directory
    from memc.region import Table

__all__ = ["collect", "collect_all", "parse_text", "read_table"]

U64_MAX = 2**64 - 1
PROGRESS_NS = 100_000_000


def read_table(pid: int, kind: str, proc: str = "/proc") -> Table:
    """Read the file `kind` ("maps" or "smaps") of a live process."""
    check_pid(pid)
    with open_root(proc) as root, ProcessFiles(root, pid) as files:
        return _read_list(files, kind)[0]


def collect(pid: int, detail: str, proc: str, *, late: int = 0) -> Snapshot:
    """Read one live process; `late` samples were due before this one and left out."""
    reading = Reading(pid, detail, _now_ms())
    began_ns = time.monotonic_ns()
    with open_root(proc) as root, ProcessFiles(root, pid) as files:
        snap = _collect(files, reading, began_ns)
    if late:
        snap.notes = (*snap.notes, _notes.late(late))
    return snap


def collect_all(
    detail: str,
    *,
    skip_kernel: bool,
    jobs: int | None,
    proc: str,
    late: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> SystemSnapshot:
    """Read every process, one after the other: threads would not make Python faster."""
    del jobs
    timestamp_ms = _now_ms()
    processes = []
    skipped = []
    with open_root(proc) as root:
        pids = list_pids(root)
        for pid in _telling(pids, progress):
            found = _try(root, pid, detail)
            if isinstance(found, Skipped):
                skipped.append(found)
            elif len(found.snapshot) or not skip_kernel:
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


def _try(root: Directory, pid: int, detail: str) -> Process | Skipped:
    name = ""
    reading = Reading(pid, detail, _now_ms())
    began_ns = time.monotonic_ns()
    try:
        with ProcessFiles(root, pid) as files:
            name = files.name()
            return Process(pid, name, _collect(files, reading, began_ns))
    except AccessDenied:
        return Skipped(pid, name, "denied")
    except ProcessGone:
        return Skipped(pid, name, "gone")
    except ProcessError:
        return Skipped(pid, name, "error")


def _collect(files: ProcessFiles, reading: Reading, began_ns: int) -> Snapshot:
    table, reading.bytes_read = _read_list(files, reading.detail)
    if reading.detail == "smaps":
        reading.total_rss_kb = _sum_rss(table)
    if reading.total_rss_kb is None:
        statm = files.statm()
        reading.bytes_read += len(statm)
        reading.total_rss_kb = _resident_kb(statm)
    reading.cost_ns = time.monotonic_ns() - began_ns
    return Snapshot(table, reading)


def _read_list(files: ProcessFiles, kind: str) -> tuple[Table, int]:
    """Read maps or smaps; return the table, and how many bytes that took."""
    try:
        data, whole = files.read_list(kind)
    except OSError as error:
        # Linux 6.16.0 refuses to open the maps of a kernel thread (65c66047259f).
        if not isinstance(error, ProcessLookupError) or not files.statm():
            raise files.explain(error, kind) from None
        data, whole = b"", True
    notes = () if whole else (_notes.cut(),)
    return parse_noting(data, kind, notes, strict=False), len(data)


def _sum_rss(table: Table) -> int | None:
    """Return the sum over the regions, where every one has a value."""
    column = table.columns.get("rss_kb")
    if column is None or column.valid is not None or not len(table):
        return None
    total = sum(column.values)
    return total if total <= U64_MAX else None


def _resident_kb(statm: bytes) -> int | None:
    """Return the second number of "size resident shared ...", which are pages."""
    words = statm[:256].split()
    if len(words) < 2 or not all(word.isdigit() for word in words[:2]):
        return None
    resident_kb = int(words[1]) * (os.sysconf("SC_PAGE_SIZE") // 1024)
    return resident_kb if resident_kb <= U64_MAX else None


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
