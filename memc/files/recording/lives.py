"""When the processes of a segment ended, and which rows hold at a time."""

from __future__ import annotations

import json

from memc.errors import ProcessGone
from memc.files.recording.known import COLUMNS, RecordedProcess, processes_of
from memc.files.recording.times import show_time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from memc.files.recording.reader import Reader
    from memc.files.recording.spans import Segment

__all__ = ["ended_ms", "ends_ms", "gone", "lost_ms"]

# An end, or another program of the same process.
ENDED = """
select 1 from _event where segment=:1 and t_ms=:2 and process=:3 and kind='ended'
union all
select 1 from _process
where boot=:4 and pid=:5 and start_ticks=:6 and exec>:7 and first_ms=:2"""


def ended_ms(reader: Reader, segment: Segment, process: RecordedProcess) -> int | None:
    """Return the tick of a segment at which a process was gone, or ran another program.

    It is None if the process lived until the segment ended.  A recorder that ends
    notes when it saw each process last, and that is no end.
    """
    last_ms = process.last_ms
    if process.last_segment != segment.id or last_ms is None:
        return None
    if last_ms != segment.end_ms:
        return last_ms if last_ms < segment.end_ms else None
    who = process.boot, process.pid, process.start_ticks, process.exec
    is_end = reader.row(ENDED, (segment.id, last_ms, process.id, *who))
    return last_ms if is_end else None


def ends_ms(reader: Reader, segment: Segment, numbers: Iterable[int]) -> dict[int, int]:
    """Return the tick of a segment at which each process was gone, by its number.

    Those that lived until the segment ended are not in it.
    """
    sql = f"""select {COLUMNS} from _process p
        where p.id in (select value from json_each(?)) and p.last_segment=?"""
    found = {}
    for row in reader.rows(sql, (json.dumps([*numbers]), segment.id)):
        process = RecordedProcess(row)
        end_ms = ended_ms(reader, segment, process)
        if end_ms is not None:
            found[process.id] = end_ms
    return found


def lost_ms(reader: Reader, segment: int, t_ms: int) -> int:
    """Return until when rows of a segment tell nothing of a later time; 0 if all do.

    When rows could not be written, the recorder tells everything again.  What ended
    meanwhile it does not tell, so the rows before must not be carried over.
    """
    sql = """select max(t_ms - json_extract(detail, '$.length_ms')) from _event
        where segment=:1 and kind='gap' and json_valid(detail)
        and json_extract(detail, '$.why') not in ('late', 'suspended')
        and t_ms - json_extract(detail, '$.length_ms') < :2"""
    found = reader.row(sql, (segment, t_ms))
    return int(found[0]) if found and found[0] is not None else 0


def gone(reader: Reader, pid: int, when: str) -> ProcessGone:
    """Return the error for a process that did not live then; it says when it did."""
    known = processes_of(reader, pid)
    if not known:
        return ProcessGone(f"{reader.path}: no process {pid} was recorded", pid)
    lives = ", and ".join(map(_life, known[-3:]))
    words = f"process {pid} did not live {when}: it lived {lives}"
    return ProcessGone(f"{reader.path}: {words}", pid)


def _life(process: RecordedProcess) -> str:
    words = f"from {show_time(process.first_ms)}"
    if process.last_ms is not None:
        words += f" to {show_time(process.last_ms)}"
    return words
