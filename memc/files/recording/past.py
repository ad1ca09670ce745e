"""The minutes before a time of a recording, at points that are as far apart.

::

    points     .  .  .  .  .  .  .  .  .  t
    segment    [ 3        ]  [ 4
    seen       x  x  x  x        x  x  x  x     where nothing was, nothing is known
"""

from __future__ import annotations

import json
from itertools import groupby

from memc.files.recording.lives import lost_ms

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import TypeAlias

    from memc.files.recording.reader import Reader
    from memc.files.recording.spans import Segment, Spans

    # The number of a point, its time, and until when nothing is carried over to it.
    Point: TypeAlias = tuple[int, int, int]
    # Of what, at which point, when it was told, and the amount.
    Row: TypeAlias = tuple[int, int, int, int | None]
    Amounts: TypeAlias = list[int | None]

__all__ = ["Past", "before", "faults", "sums"]

# The newest amount of each until the first point, and the newest until each other one.
AT = """
select value, 0, t_ms, rss_kb from json_each(:2) s cross join _usage u
on u.segment=:1 and u.process=s.value and u.t_ms=(
  select max(t_ms) from _usage where segment=:1 and process=s.value and t_ms<=:3)"""
LATER = """
select value, (t_ms - :3 + :5 - 1) / :5, max(t_ms), rss_kb
from json_each(:2) s cross join _usage u
on u.segment=:1 and u.process=s.value and t_ms > :3 and t_ms <= :4 group by 1, 2"""
FAULTS = """
select u.process, minflt + majflt from json_each(:2) s cross join _usage u
on u.segment=:1 and u.process=s.value and u.t_ms=(
  select max(t_ms) from _usage where segment=:1 and process=s.value and t_ms<=:3)"""
# What the owners of processes sum up to; each was told when it changed.
SUMS = """
select process, case when count(uss_kb) = count(*) then sum(uss_kb) end, sum(regions)
from (
  select process, max(t_ms), uss_kb, regions from _held
  where segment=? and t_ms<=? and t_ms>? group by process, owner
) where regions > 0 group by process"""
HELD_AT = """
select owner, 0, max(t_ms), case when regions > 0 then ifnull(rss_kb, 0) else 0 end
from _held where segment=:1 and process=:2 and t_ms <= :3 group by owner"""
HELD_LATER = """
select owner, (t_ms - :3 + :5 - 1) / :5, max(t_ms),
case when regions > 0 then ifnull(rss_kb, 0) else 0 end from _held
where segment=:1 and process=:2 and t_ms > :3 and t_ms <= :4 group by 1, 2"""


class Past:
    """Reads how amounts went until `t_ms`: at `count` times, `step_ms` apart."""

    def __init__(
        self, reader: Reader, spans: Spans, t_ms: int, count: int, step_ms: int
    ) -> None:
        self._reader = reader
        self._count = count
        self._step_ms = step_ms
        self._parts: list[tuple[Segment, list[Point]]] = []
        times = [t_ms - (count - 1 - at) * step_ms for at in range(count)]
        seen = [
            (found[0], at, time)
            for at, time in enumerate(times)
            if isinstance(found := spans.seen(time), tuple)
        ]
        for segment, points in groupby(seen, key=lambda point: point[0]):
            self._parts.append((segment, self._with_lost(segment, [*points])))

    def _with_lost(
        self, segment: Segment, points: list[tuple[Segment, int, int]]
    ) -> list[Point]:
        if not lost_ms(self._reader, segment.id, points[-1][-1]):
            return [(at, time, 0) for _, at, time in points]
        return [
            (at, time, lost_ms(self._reader, segment.id, time))
            for _, at, time in points
        ]

    def rss(self, processes: Iterable[int]) -> dict[int, Amounts]:
        """Return the RSS of processes at each point, by their numbers."""
        return self._amounts(AT, LATER, json.dumps([*processes]))

    def owners(self, process: int) -> dict[int, Amounts]:
        """Return the RSS of the owners in a process, by their numbers."""
        return self._amounts(HELD_AT, HELD_LATER, process)

    def _amounts(self, at: str, later: str, who: object) -> dict[int, Amounts]:
        found: dict[int, Amounts] = {}
        for segment, points in self._parts:
            first_ms, last_ms = points[0][1], points[-1][1]
            values = segment.id, who, first_ms
            rows = self._reader.rows(at, values)
            if last_ms > first_ms:
                rows += self._reader.rows(later, (*values, last_ms, self._step_ms))
            rows.sort()
            for key, some in groupby(rows, key=lambda row: row[0]):
                amounts = found.setdefault(key, [None] * self._count)
                _fill(amounts, points, some)
        return found


def _fill(amounts: Amounts, points: list[Point], rows: Iterator[Row]) -> None:
    """Fill in what holds at each point: a row does until the next."""
    first = points[0][0]
    _, next_at, next_ms, next_kb = next(rows)
    told_ms, kb = 0, None
    is_more = True
    for at, _, lost in points:
        while is_more and next_at <= at - first:
            told_ms, kb = next_ms, next_kb
            row = next(rows, None)
            if row is None:
                is_more = False
            else:
                _, next_at, next_ms, next_kb = row
        if told_ms > lost:
            amounts[at] = kb


def before(
    reader: Reader, spans: Spans, segment: Segment, t_ms: int
) -> tuple[Segment, int] | None:
    """Return the tick before a tick, and its segment; None if a gap is between."""
    sql = "select max(t_ms) from _tick where segment=? and t_ms<?"
    row = reader.row(sql, (segment.id, t_ms))
    if row is not None and row[0] is not None:
        return (segment, row[0]) if t_ms - row[0] <= segment.late_ms() else None
    at = spans.segments.index(segment)
    last = spans.segments[at - 1] if at else None
    if last is None or last.until_ms == last.end_ms:
        return None
    return last, last.end_ms


def faults(
    reader: Reader, tick: tuple[Segment, int], processes: Iterable[int]
) -> dict[int, int]:
    """Return how many page faults processes had had at a tick, by their numbers."""
    segment, t_ms = tick
    values = segment.id, json.dumps([*processes]), t_ms
    return {
        number: count
        for number, count in reader.rows(FAULTS, values)
        if count is not None
    }


def sums(
    reader: Reader, tick: tuple[Segment, int]
) -> dict[int, tuple[int | None, int]]:
    """Return the USS and the number of regions of processes, as they were read last."""
    segment, t_ms = tick
    lost = lost_ms(reader, segment.id, t_ms)
    rows = reader.rows(SUMS, (segment.id, t_ms, lost))
    return {number: (uss_kb, regions) for number, uss_kb, regions in rows}
