"""Rows of a recording in steps of time: the largest amounts in each step."""

from __future__ import annotations

from memc.files.recording.lives import ends_ms

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeAlias

    from memc.files.recording.reader import Reader
    from memc.files.recording.spans import Segment

    Row: TypeAlias = tuple[Any, ...]

__all__ = ["Steps"]


class Steps:
    """Turns rows that hold until the next into rows of steps.

    The first `key` columns of a row are the time and what it is about; then come
    amounts, and the segment is the last.  A step has a row for all that was seen at one
    of its ticks.  A row without amounts begins each time in which nothing is known.
    """

    def __init__(
        self, reader: Reader, segments: list[Segment], step_ms: int, key: int
    ) -> None:
        self._reader = reader
        self._segments = segments
        self._step_ms = step_ms
        self._key = key

    def of(self, rows: list[Row], begin_ms: int, end_ms: int) -> list[Row]:
        """Return the rows of the steps; `rows` are sorted by segment and time."""
        about: dict[int, dict[Row, list[Row]]] = {}
        for row in rows:
            keys = about.setdefault(row[-1], {})
            keys.setdefault(row[1 : self._key], []).append(row)
        found: dict[Row, list[Row]] = {}
        for segment in self._segments:
            told = about.get(segment.id, {})
            firsts = self._firsts(segment, begin_ms, end_ms)
            ends = ends_ms(self._reader, segment, {key[0] for key in told})
            for key, some in told.items():
                steps = self._walk(some, firsts, ends.get(key[0]))
                self._append(found.setdefault(key, []), steps)
        every = [row for steps in found.values() for row in steps]
        return sorted(every, key=lambda row: (row[-1], row[0]))

    def _firsts(
        self, segment: Segment, begin_ms: int, end_ms: int
    ) -> list[tuple[int, int]]:
        """Return each step in which a segment has a tick, and the first of them."""
        sql = """select t_ms / :2 * :2 step_ms, min(t_ms) from _tick
            where segment=:1 and t_ms >= :3 and t_ms <= :4 group by 1 order by 1"""
        return self._reader.rows(sql, (segment.id, self._step_ms, begin_ms, end_ms))

    def _walk(
        self, rows: list[Row], firsts: list[tuple[int, int]], end_ms: int | None
    ) -> list[Row]:
        """Return a row for each step in which these rows, of one key, were seen."""
        found = []
        at = -1  # of the row that holds
        for step_ms, first_ms in firsts:
            while at + 1 < len(rows) and rows[at + 1][0] <= first_ms:
                at += 1
            some = []
            if at >= 0 and (end_ms is None or first_ms < end_ms):
                some.append(rows[at])
            while at + 1 < len(rows) and rows[at + 1][0] < step_ms + self._step_ms:
                at += 1
                some.append(rows[at])
            if some:
                found.append(self._largest(step_ms, some))
        return found

    def _largest(self, step_ms: int, rows: list[Row]) -> Row:
        """Return the largest of each amount, and the last of all else."""
        last = rows[-1]
        if len(rows) == 1:
            return (step_ms, *last[1:])
        amounts = [_most(values) for values in zip(*rows, strict=True)]
        return (step_ms, *last[1 : self._key], *amounts[self._key : -1], last[-1])

    def _append(self, found: list[Row], steps: list[Row]) -> None:
        """Append steps to those of the segments before, with a hole where there is one.

        A step that two segments share becomes one row.
        """
        for row in steps:
            after_ms = found[-1][0] + self._step_ms if found else row[0]
            if found and found[-1][0] == row[0]:
                row = self._largest(row[0], [found.pop(), row])  # noqa: PLW2901
            elif row[0] > after_ms:
                nothing = [None] * (len(row) - self._key - 1)
                found.append((after_ms, *row[1 : self._key], *nothing, row[-1]))
            found.append(row)


def _most(values: tuple[Any, ...]) -> Any:  # noqa: ANN401
    """Return the largest number, or the last text; None if nothing is known."""
    if isinstance(values[-1], str):
        return values[-1]
    try:
        return max(values)
    except TypeError:
        return max((value for value in values if value is not None), default=None)
