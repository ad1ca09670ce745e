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
    from collections.abc import Iterator, Sequence
    from typing import Any, TypeAlias

    from memc.files.recording.known import RecordedProcess
    from memc.files.recording.reader import Reader
    from memc.files.recording.spans import Segment

    # The time, pages of hugetlb in kB, and the pid of whose memory it has.
    Beside: TypeAlias = tuple[int, int | None, int | None]

__all__ = ["THERE", "USAGE", "besides", "frames", "snapshots", "totals"]

USAGE = (
    "t_ms, rss_kb, vsize_kb, anon_kb, file_kb, shmem_kb, swap_kb, threads, state, "
    "minflt, majflt"
)
NOTHING: Beside = (0, 0, None)  # what a process has of which no row tells
STATUS = tuple(name for name, _ in TOTALS[:15])  # as "totals" has them
# The processes of a segment.  The primary key begins with segment and process: so each
# takes one step down the tree, and its other rows none.
THERE = """there(process) as (
  select min(process) from _usage where segment=:1
  union all
  select (select min(process) from _usage
    where segment=:1 and process > there.process)
  from there where there.process is not null)"""
ROWS = f"""
select {USAGE} from _usage where segment=:1 and process=:2 and t_ms<=:4
and t_ms>=ifnull((select max(t_ms) from _usage
  where segment=:1 and process=:2 and t_ms<=:3), 0) order by t_ms"""


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
        told = besides(reader, segment.id, end_ms, process.id).get(process.id, [])
        for row in reader.rows(ROWS, values):
            beside = [one for one in told if one[0] <= row[0]]
            yield totals(process, row, row[0], beside)


def frames(
    reader: Reader,
    segment: int,
    process: RecordedProcess,
    begin_ms: int,
    end_ms: int,
) -> Iterator[Snapshot]:
    """Yield the frames of a process: the one that holds at the begin, and all later."""
    sql = """select t_ms, base, meta, data from _frame
        where segment=:1 and process=:2 and t_ms<=:4 and t_ms>=ifnull(
        (select max(t_ms) from _frame
         where segment=:1 and process=:2 and t_ms<=:3 and base=1), 0)
        order by t_ms"""
    rows = reader.rows(sql, (segment, process.id, begin_ms, end_ms))
    strings = Strings(reader.db)
    frame = None
    for at, (_, base, meta, data) in enumerate(rows):
        frame = decode(None if base else frame, meta, data)
        is_before = at + 1 < len(rows) and rows[at + 1][0] <= begin_ms
        if not is_before:
            yield restore(frame, meta, strings, process.pid, process.start_ticks)


def besides(
    reader: Reader, segment: int, t_ms: int, process: int | None = None
) -> dict[int, list[Beside]]:
    """Return what stands beside usage until a time, by process: the newest comes last.

    Few processes have any.
    """
    where = "" if process is None else " and process=:3"
    sql = f"""select process, t_ms, hugetlb_kb, same_memory_as from _beside
        where segment=:1 and t_ms<=:2{where} order by t_ms"""
    values = (segment, t_ms) if process is None else (segment, t_ms, process)
    found: dict[int, list[Beside]] = {}
    for number, *beside in reader.rows(sql, values):
        found.setdefault(number, []).append(tuple(beside))
    return found


def totals(
    process: RecordedProcess,
    usage: tuple[Any, ...],
    timestamp_ms: int,
    beside: Sequence[Beside] = (),
) -> Snapshot:
    """Return the snapshot of a row of usage: its columns `USAGE`.

    `beside` has the pages of hugetlb, and the process whose memory it has.
    """
    as_of_ms, rss_kb, vsize_kb, *amounts, threads, _, _, _ = usage
    reading = Reading(process.pid, "totals", timestamp_ms)
    reading.name = process.name
    reading.started = process.start_ticks
    reading.as_of_ms = as_of_ms
    reading.total_rss_kb = rss_kb
    reading.total_vsize_kb = vsize_kb
    reading.totals = dict.fromkeys(STATUS)
    names = "rss_anon_kb", "rss_file_kb", "rss_shmem_kb", "swap_kb"
    reading.totals |= dict(zip(names, amounts, strict=True)) | {"threads": threads}
    _, huge_kb, same_as = beside[-1] if beside else NOTHING
    if rss_kb is not None:
        reading.totals["hugetlb_kb"] = huge_kb
    snap = Snapshot(table(0, {}), reading)
    return snap if same_as is None else snap.shared_with(same_as)
