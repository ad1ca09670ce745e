"""How an amount of groups went between two times of a recording."""

from __future__ import annotations

from memc.analysis.groups import group

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    from memc.analysis.groups import Groups
    from memc.analysis.growth import Growth
    from memc.analysis.keys import Key
    from memc.targets.target import Target

__all__ = ["Trend", "find_trend"]

MS_PER_HOUR = 3_600_000
WITH = ("hugetlb_kb", "size_kb")  # `judged` counts the first, too


class Trend:
    """An amount of each group at some times, and how fast it grew.

    `name` is the amount, `times_ms` are the times, and `points` has for each group its
    amount then, None where it is not known or where there was no such group.
    """

    __slots__ = ("_growth", "name", "points", "times_ms")

    def __init__(
        self,
        growth: Growth,
        name: str,
        times_ms: Sequence[int],
        points: list[list[int | None]],
    ) -> None:
        self._growth = growth
        self.name = name
        self.times_ms = times_ms
        self.points = points

    def rate(self, rows: Sequence[int]) -> int | None:
        """Return how much these groups grew in an hour, in kB, over the whole span."""
        kb, span_ms = self._growth.total(self.name, rows), self._span_ms()
        return None if kb is None or not span_ms else round(kb * MS_PER_HOUR / span_ms)

    def _span_ms(self) -> int:
        return self.times_ms[-1] - self.times_ms[0]

    def line(self, rows: Sequence[int]) -> list[int | None]:
        """Return the sum of these groups at each time; None if none was known."""
        columns = zip(*(self.points[i] for i in rows), strict=True)
        known = [[kb for kb in each if kb is not None] for each in columns]
        return [sum(each) if each else None for each in known]


def find_trend(
    growth: Growth,
    name: str,
    moments: Iterable[tuple[int, list[Target]]],
    *,
    keep: Callable[[str], object] | None = None,
) -> Trend:
    """Return how an amount of the groups of a growth went.

    `moments` are times, from the first to the last, each with what was recorded then.
    """
    places = {_lasting(growth, i): i for i in range(len(growth))}
    points: list[list[int | None]] = [[] for _ in places]
    times_ms = []
    for t_ms, targets in moments:
        times_ms.append(t_ms)
        names = dict.fromkeys((name, *WITH))
        groups = group(targets, growth.levels, names=names, keep=keep)
        for line in points:
            line.append(None)
        for i, kb in enumerate(groups.judged(name)):
            place = places.get(_lasting(groups, i))
            if place is not None and groups.value(name, i) is not None:
                points[place][-1] = kb
    return Trend(growth, name, times_ms, points)


def _lasting(groups: Groups, i: int) -> tuple[Hashable, ...]:
    """Return the keys of a group as another reading has them, too."""
    keys = [_key(groups, groups.by, groups.keys[i])]
    if groups.outer:
        outer = groups.outer_keys[groups.outer_of[i]]
        keys.append(_key(groups, groups.outer, outer))
    return tuple(keys)


def _key(groups: Groups, level: str, key: Key) -> Hashable:
    number, row = key if isinstance(key, tuple) else (key, None)
    if level not in ("process", "region") or not isinstance(number, int):
        return key
    target = groups.targets[number]
    start = None if row is None else target.table.columns["start"][row]
    return target.pid, target.started, start
