"""The snapshots of a process in a recording: of its frames, or of its totals."""

from __future__ import annotations

from memc.files.recording.frames import decode, restore
from memc.files.recording.lives import ended_ms
from memc.files.recording.strings import Strings
from memc.table.build import table
from memc.table.fields import TOTALS
from memc.table.snapshot import Reading, Snapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from memc.files.recording.known import RecordedProcess
    from memc.files.recording.reader import Reader
    from memc.files.recording.spans import Segment

__all__ = ["THERE", "frames", "snapshots", "totals", "usage"]

BESIDE = """(select {} from _beside b where b.segment=u.segment
  and b.process=u.process and b.t_ms <= {} order by b.t_ms desc limit 1)"""


def usage(until: str) -> str:
    """Return the columns of `_usage` that make totals, with what stands beside it."""
    beside = (BESIDE.format(name, until) for name in ("hugetlb_kb", "same_memory_as"))
    columns = "rss_kb, vsize_kb, threads, anon_kb, file_kb, shmem_kb, swap_kb"
    return f"u.t_ms, {columns}, {', '.join(beside)}"


STATUS = tuple(name for name, _ in TOTALS[:15])  # as "totals" has them
# The processes of a segment.  The primary key begins with segment and process: so each
# takes one step down the tree, and its other rows none.
THERE = """there(process) as (
  select min(process) from _usage where segment=?1
  union all
  select (select min(process) from _usage
    where segment=?1 and process > there.process)
  from there where there.process is not null)"""
ROWS = f"""
select {usage("u.t_ms")} from _usage u where segment=?1 and process=?2 and t_ms<=?4
and t_ms>=ifnull((select max(t_ms) from _usage
  where segment=?1 and process=?2 and t_ms<=?3), 0) order by t_ms"""


def snapshots(
    reader: Reader,
    segment: Segment,
    process: RecordedProcess,
    begin_ms: int,
    end_ms: int,
) -> Iterator[Snapshot]:
    """Yield what holds at the begin, and what changed until the end.

    These are the frames, or the rows of usage if there is no frame in the segment.
    """
    gone_ms = ended_ms(reader, segment, process)
    if gone_ms is not None and gone_ms <= begin_ms:
        return
    found = None
    for found in frames(reader, segment.id, process, begin_ms, end_ms):
        yield found
    if found is None:
        values = segment.id, process.id, begin_ms, end_ms
        for row in reader.rows(ROWS, values):
            yield totals(process, row, row[0])


def frames(
    reader: Reader,
    segment: int,
    process: RecordedProcess,
    begin_ms: int,
    end_ms: int,
) -> Iterator[Snapshot]:
    """Yield the frames of a process: the one that holds at the begin, and all later."""
    sql = """select t_ms, base, meta, data from _frame
        where segment=?1 and process=?2 and t_ms<=?4 and t_ms>=ifnull(
        (select max(t_ms) from _frame
         where segment=?1 and process=?2 and t_ms<=?3 and base=1), 0)
        order by t_ms"""
    rows = reader.rows(sql, (segment, process.id, begin_ms, end_ms))
    strings = Strings(reader.db)
    frame = None
    for at, (_, base, meta, data) in enumerate(rows):
        frame = decode(None if base else frame, meta, data)
        is_before = at + 1 < len(rows) and rows[at + 1][0] <= begin_ms
        if not is_before:
            yield restore(frame, meta, strings, process.pid, process.start_ticks)


def totals(
    process: RecordedProcess, row: tuple[Any, ...], timestamp_ms: int
) -> Snapshot:
    """Return the snapshot of a row of the columns of `usage`."""
    as_of_ms, rss_kb, vsize_kb, threads, *amounts, hugetlb_kb, same = row
    reading = Reading(process.pid, "totals", timestamp_ms)
    reading.name = process.name
    reading.started = process.start_ticks
    reading.as_of_ms = as_of_ms
    reading.total_rss_kb = rss_kb
    reading.total_vsize_kb = vsize_kb
    reading.totals = dict.fromkeys(STATUS)
    names = "rss_anon_kb", "rss_file_kb", "rss_shmem_kb", "swap_kb"
    reading.totals |= dict(zip(names, amounts, strict=True))
    if rss_kb is not None:
        reading.totals["hugetlb_kb"] = hugetlb_kb or 0
    if same:
        reading.totals = dict.fromkeys(STATUS)
        reading.same_memory_as = same
    else:
        reading.totals["threads"] = threads
    return Snapshot(table(0, {}), reading)
