"""How the memory of processes went, as a table for people: a line for each step."""

from __future__ import annotations

from bisect import bisect_right

from memc.cli.common.look import in_table
from memc.cli.query.table import change_of, lines_of, second
from memc.errors import MemcError
from memc.files.recording.times import show_time
from memc.human.lengths import length_of
from memc.human.sheet import Head
from memc.human.units import MISSING, safe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator, Sequence
    from typing import Any, TypeAlias

    from memc.cli.query.questions import Span
    from memc.files.recording.recording import Recording
    from memc.files.recording.spans import Gap
    from memc.files.recording.sql import Answer

    # Time, RSS, swap and hugetlb.
    Row: TypeAlias = tuple[int, int | None, int | None, int | None]

__all__ = ["steps", "text"]

HUGETLB = 5  # its place
LINES = 40  # of one process, unless --top wants others
STEPS_S = (1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21600, 43200, 86400)
HEADS = (
    Head("TIME"),
    Head("RSS", right=True),
    Head("CHANGE", right=True),
    Head("MOST", right=True),
    Head("SWAP", right=True),
    Head("HUGETLB", right=True),
    Head("PID", right=True),
    Head("NAME", shrinks=True),
    Head(""),
)


def text(answer: Answer, args: Namespace, recording: Recording, span: Span) -> str:
    """Return lines with the state at the end of each step, and the most in it."""
    series = _series(answer)
    if not series:
        words = f"from {show_time(span.begin_ms)} to {show_time(span.end_ms)}"
        raise MemcError(f"{recording.path}: no memory of '{args.rss}' was seen {words}")
    gaps = recording.gaps
    ends = {process.id: process.last_ms for process in recording.processes()}
    most = max((args.top or LINES) // len(series), 1)
    columns: list[list[str]] = [[] for _ in HEADS]
    lengths_ms = set()
    for rows in series:
        found: list[Row] = [(t_ms, *amounts) for t_ms, _, _, _, *amounts in rows]
        last_ms = ends.get(rows[0][3])  # it was gone then
        end_ms = span.end_ms if last_ms is None else min(last_ms - 1, span.end_ms)
        end_ms = max(end_ms, found[-1][0])
        begin_ms = max(found[0][0], span.begin_ms)
        step_ms = _step_ms(end_ms - begin_ms, most)
        lengths_ms.add(step_ms)
        who = str(rows[0][1]), safe(str(rows[0][2]))
        for *cells, gap in _lines(found, gaps, begin_ms, end_ms, step_ms):
            for column, cell in zip(columns, (*cells, *who, gap), strict=True):
                column.append(cell)
    words = " or ".join(length_of(ms) for ms in sorted(lengths_ms))
    count = f"{len(answer.rows):,}"
    what = "RSS at its end, and the most in it"
    notes = [f"a line for {words}: {what}; --csv has all {count} rows"]
    heads = [*HEADS]
    if len(series) == 1:
        notes.append(f"process {answer.rows[0][1]} {answer.rows[0][2]}")
        del heads[-3:-1], columns[-3:-1]
    if not any(row[-1] for row in answer.rows):  # no hugetlb
        del heads[HUGETLB], columns[HUGETLB]
    return lines_of(heads, columns, notes=notes, color=args.color)


def _series(answer: Answer) -> list[list[tuple[Any, ...]]]:
    """Return the rows of each process; a new list begins if the clock was set back."""
    found: list[list[tuple[Any, ...]]] = []
    last_ms, process = 0, None
    for row in answer.rows:
        if row[3] != process or row[0] < last_ms:
            found.append([])
        found[-1].append(row)
        last_ms, process = row[0], row[3]
    return found


def _step_ms(length_ms: int, most: int) -> int:
    fitting = (s * 1000 for s in STEPS_S if s * 1000 * most >= length_ms)
    return next(fitting, max(-(-length_ms // most), 1))


def _lines(
    rows: list[Row], gaps: Sequence[Gap], begin_ms: int, end_ms: int, step_ms: int
) -> Iterator[tuple[str, ...]]:
    """Yield the cells of each step, and a line for each gap."""
    before: int | None = None
    told = [gap for gap in gaps if gap.end_ms > begin_ms and gap.begin_ms < end_ms]
    for step in steps(rows, told, begin_ms, end_ms, step_ms):
        t_ms, last, most_kb = step
        while told and told[0].end_ms <= t_ms:
            gap = told.pop(0)
            words = f"gap of {length_of(gap.length_ms)}: {gap.why}"
            yield (second(gap.begin_ms), *[MISSING] * 5, words)
        _, rss_kb, swap_kb, hugetlb_kb = last
        change = None if before is None or rss_kb is None else rss_kb - before
        before = rss_kb
        yield (
            second(t_ms),
            in_table(rss_kb),
            change_of(change),
            in_table(most_kb),
            in_table(swap_kb),
            in_table(hugetlb_kb),
            "",
        )


def steps(
    rows: Sequence[Row], gaps: Sequence[Gap], begin_ms: int, end_ms: int, step_ms: int
) -> Iterator[tuple[int, Row, int | None]]:
    """Yield the begin and the end of each step, what holds then, and the most RSS.

    A row holds until the next one.  Nothing is said of a time in a gap: a step ends
    where a gap begins, or begins where it ends.
    """
    times = [row[0] for row in rows]
    told_ms = begin_ms - 1
    from_ms = until_ms = begin_ms
    while told_ms < end_ms:
        seen_ms, stop_ms = from_ms, until_ms
        for gap in gaps:
            if gap.begin_ms < seen_ms < gap.end_ms:
                seen_ms = gap.end_ms
            if gap.begin_ms < stop_ms < gap.end_ms:
                stop_ms = gap.begin_ms
        if max(seen_ms, told_ms + 1) <= stop_ms:
            first = max(bisect_right(times, seen_ms) - 1, 0)
            last = max(bisect_right(times, stop_ms) - 1, 0)
            known = [row[1] for row in rows[first : last + 1] if row[1] is not None]
            yield stop_ms, rows[last], max(known, default=None)
        told_ms = from_ms = until_ms
        until_ms = min((until_ms // step_ms + 1) * step_ms, end_ms)
