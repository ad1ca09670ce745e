"""Compare the regions of one process at two times, or of two processes."""

from __future__ import annotations

from memc.analysis.kinds import find_kinds
from memc.analysis.match import Match, match

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import TypeAlias

    from memc.table.columns import Value
    from memc.table.region import Table
    from memc.targets.target import Target

    Layout: TypeAlias = tuple[int, int, tuple[Value, ...]]

__all__ = ["Pair", "pair_up"]


class Pair:
    """A process before and after; None on a side where there was no process.

    `names` are the amounts that must be equal for a region to be the same.  Changes are
    numbered in order of address.  Their kinds and growths are computed at first use.

    If only the totals of a side are known, the two processes are compared as a whole,
    as if each had one region.
    """

    __slots__ = (
        "_growths",
        "_kinds",
        "_rows",
        "_twins",
        "after",
        "before",
        "match",
        "names",
    )

    def __init__(
        self, before: Target | None, after: Target | None, names: Iterable[str]
    ) -> None:
        if any(target is not None and target.is_sum for target in (before, after)):
            before, after = (target and target.summed() for target in (before, after))
            self.match = _match_sums(before, after)
        else:
            self.match = match(_table(before), _table(after))
        self.before = before
        self.after = after
        self.names = tuple(names)
        self._growths: dict[str, list[int | None]] = {}
        self._kinds: list[str] | None = None
        self._rows: list[list[list[int]]] | None = None
        self._twins: list[tuple[int, int, int]] | None = None

    @property
    def sides(self) -> tuple[tuple[Target | None, Sequence[int]], ...]:
        """The target before and after, each with the change of each of its regions."""
        return (self.before, self.match.before), (self.after, self.match.after)

    @property
    def subject(self) -> Target:
        """The process after, or before if it is gone."""
        for target in (self.after, self.before):
            if target is not None:
                return target
        raise AssertionError("a pair of nobody")

    def twins(self) -> list[tuple[int, int, int]]:
        """Return the changes with one region on each side.

        Each item is the number of the change, the row before and the row after.
        """
        if self._twins is None:
            before, after = map(_single, (self.match.before, self.match.after))
            both = sorted(before.keys() & after.keys())
            self._twins = [(change, before[change], after[change]) for change in both]
        return self._twins

    def first(self, change: int) -> tuple[Target, int]:
        """Return target and row of a change's first region: after, or else before."""
        before, after = self.rows(change)
        for target, rows in ((self.after, after), (self.before, before)):
            if target is not None and rows:
                return target, rows[0]
        raise AssertionError(change)

    def rows(self, change: int) -> tuple[list[int], list[int]]:
        """Return the rows of the regions of a change, before and after."""
        if self._rows is None:
            self._rows = [
                _rows(labels, self.match.count)
                for labels in (self.match.before, self.match.after)
            ]
        before, after = self._rows
        return before[change], after[change]

    def growths(self, name: str) -> list[int | None]:
        """Return the growth of an amount in each change, in kB; None if not known.

        If one side knows the amount of no region, no growth is known.
        """
        if name not in self._growths:
            self._growths[name] = self._find_growths(name)
        return self._growths[name]

    def _find_growths(self, name: str) -> list[int | None]:
        count = self.match.count
        if not all(t is None or t.knows(name) for t, _ in self.sides):
            return [None] * count
        if self.before and self.after and self.match.is_plain:
            now, then = self.after.values(name), self.before.values(name)
            found = _subtract([*now], [*then])
            if found is not None:
                return found
        sums = [0] * count
        unknown = set()
        for sign, (target, labels) in zip((-1, 1), self.sides, strict=True):
            amounts = () if target is None else target.values(name)
            for label, value in zip(labels, amounts, strict=True):
                if value is None:
                    unknown.add(label)
                else:
                    sums[label] += sign * value
        if not unknown:
            return [*sums]
        return [None if i in unknown else total for i, total in enumerate(sums)]

    @property
    def kinds(self) -> list[str]:
        """The kind of each change, one of ``memc.analysis.kinds.KINDS``."""
        if self._kinds is None:
            self._kinds = find_kinds(self)
        return self._kinds


def pair_up(
    before: list[Target], after: list[Target], names: Iterable[str], *, alone: bool
) -> list[Pair]:
    """Pair each process in `after` with the same process in `before`.

    The pairs are in the order of `after`; processes that are gone come last.

    If each side has one process and `alone` is set, the two are a pair even if they are
    not the same process.  Otherwise processes are the same if their pids and start
    times are equal, or their pids and names if a start time is not known.
    """
    if alone and len(before) == 1 and len(after) == 1:
        return [Pair(before[0], after[0], names)]
    left: dict[int | None, list[Target]] = {}  # many may be without a pid
    for target in before:
        left.setdefault(target.pid, []).append(target)
    pairs = []
    for target in after:
        mates = left.get(target.pid)
        mate = mates.pop(0) if mates and mates[0].is_same(target) else None
        pairs.append(Pair(mate, target, names))
    gone = (target for targets in left.values() for target in targets)
    return pairs + [Pair(target, None, names) for target in gone]


def _table(target: Target | None) -> Table | None:
    return None if target is None else target.table


def _match_sums(before: Target | None, after: Target | None) -> Match:
    """Match two processes as a whole: one change, or none if neither has memory."""
    old, new = ([0] * (side.sources if side else 0) for side in (before, after))
    return Match(old, new, max(len(old), len(new)))


def _single(labels: Sequence[int]) -> dict[int, int]:
    """Return the row of each change with one region."""
    found = dict(zip(labels, range(len(labels)), strict=True))
    if len(found) < len(labels):
        for row, label in enumerate(labels):
            if found.get(label, row) != row:  # that is the row of another region
                del found[label]
    return found


def _subtract(now: list[int | None], then: list[int | None]) -> list[int | None] | None:
    """Return what each value grew by; None if one is not known."""
    if None in now or None in then:
        return None
    if now == then:
        return [0] * len(now)
    both = zip(now, then, strict=True)
    return [kb - was for kb, was in both]  # type: ignore[operator]  # none is None


def _rows(labels: Sequence[int], count: int) -> list[list[int]]:
    """Return the rows of the regions of each change."""
    found: list[list[int]] = [[] for _ in range(count)]
    for row, label in enumerate(labels):
        found[label].append(row)
    return found
