"""What happened, as a table for people."""

from __future__ import annotations

from memc.cli.output import counted
from memc.cli.query.table import lines_of
from memc.files.recording.times import show_time
from memc.files.recording.told import facts_of, words_of
from memc.human.sheet import Head
from memc.human.units import MISSING, human, safe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterable, Iterator

    from memc.files.recording.recording import Recording
    from memc.files.recording.sql import Answer, Cell

    Row = tuple[Cell, ...]

__all__ = ["text"]

OWNERS_SHOWN = 3
KILLED_SHOWN = 50  # of which it is told what held the memory
AT_ONCE = 3  # of those that ended at the look of a kill, for --kind killed
LAST_HELD = """
select owner, rss_kb from (select owner, max(t_ms), rss_kb, regions from owner
  where segment=? and process=? group by owner)
where regions>0 and rss_kb>0 order by rss_kb desc"""
HEADS = (
    Head("TIME"),
    Head("PID", right=True),
    Head("NAME", shrinks=True),
    Head("EVENT"),
    Head("WHAT"),
)


def text(answer: Answer, args: Namespace, recording: Recording) -> str:
    """Return a line for each event; of what was killed, also what held its memory."""
    rows = [*_shown(answer.rows)] if "killed" in (args.kind or ()) else answer.rows
    last = rows if args.top is None else rows[-args.top :]
    columns: list[list[str]] = [[] for _ in HEADS]
    killed = 0
    for t_ms, pid, name, kind, detail, process, segment in last:
        facts = facts_of(detail)
        words = words_of(str(kind), facts, detail)
        if facts.get("oom") is True and killed < KILLED_SHOWN:
            killed += 1
            words += _held(recording, segment, process)
        cells = (
            show_time(t_ms) if isinstance(t_ms, int) else MISSING,
            MISSING if pid is None else str(pid),
            MISSING if name is None else safe(str(name)),
            safe(str(kind)),
            safe(words),
        )
        for column, cell in zip(columns, cells, strict=True):
            column.append(cell)
    notes = []
    if len(last) < len(rows):
        notes.append(f"{counted(len(rows) - len(last), 'event')} before these")
    if len(rows) < len(answer.rows):
        left = counted(len(answer.rows) - len(rows), "smaller one")
        notes.append(f"{left} ended at the same time as these: --csv has all")
    if not rows:
        notes.append("nothing of this kind happened then")
    return lines_of(HEADS, columns, notes=notes, color=args.color)


def _shown(rows: Iterable[Row]) -> Iterator[Row]:
    """Yield the events but those of the smaller processes that ended at a kill.

    They are in order: at each look the largest ended first.
    """
    look, room = None, AT_ONCE
    for row in rows:
        facts = facts_of(row[4])
        if row[0] != look:
            look, room = row[0], AT_ONCE
        if row[3] == "oom" and isinstance(kills := facts.get("kills"), int):
            room = max(AT_ONCE, kills)
        room -= facts.get("oom") is True
        if room >= 0 or facts.get("oom") is not True:
            yield row


def _held(recording: Recording, segment: Cell, process: Cell) -> str:
    """Return which owners held the memory of a process at last."""
    rows = recording._reader.rows(LAST_HELD, (segment, process))
    if not rows:
        return ""
    told = [f"{owner} {human(rss_kb)}" for owner, rss_kb in rows[:OWNERS_SHOWN]]
    more = f" and {len(rows) - OWNERS_SHOWN} more" if len(rows) > OWNERS_SHOWN else ""
    return f"; held by {', '.join(told)}{more}"
