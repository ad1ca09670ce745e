"""One process at two times, or two of them: what became of each of its regions."""

from __future__ import annotations

from memc.analysis.match import PLACE, match
from memc.table.amounts import MAIN, is_known, values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import TypeAlias

    from memc.table.columns import Value
    from memc.table.region import Table
    from memc.targets.target import Target

    Layout: TypeAlias = tuple[int, int, tuple[Value, ...]]

__all__ = ["KINDS", "Pair", "pair_up"]

# What a change is, the first that holds.
KINDS = (
    "appeared",  # no region before
    "gone",  # no region after
    "split",  # more regions after than before
    "merged",  # fewer
    "moved",  # it shares no address with before, or is as large at another one
    "same",  # address and LAYOUT are, and no amount that both sides tell differs
    "grew",  # its size, or if that is the same its PSS, or else its RSS
    "shrank",
    "changed",  # permissions, name, or where it is, or amounts that are none of those
)
LAYOUT = ("perm", "pathname", *PLACE)


class Pair:
    """What a process was, and what it is; None on the side where it was not there.

    `names` are the amounts that count where it is asked what is the same.  Changes are
    numbered in order of address; what tells of them is made when it is asked for.
    """

    __slots__ = ("_growths", "_kinds", "_rows", "after", "before", "match", "names")

    def __init__(
        self, before: Target | None, after: Target | None, names: Iterable[str]
    ) -> None:
        self.before = before
        self.after = after
        self.names = tuple(names)
        self.match = match(_table(before), _table(after))
        self._growths: dict[str, list[int | None]] = {}
        self._kinds: list[str] | None = None
        self._rows: list[list[list[int]]] | None = None

    @property
    def sides(self) -> tuple[tuple[Target | None, Sequence[int]], ...]:
        """What there is before and after, and the change of each region of it."""
        return (self.before, self.match.before), (self.after, self.match.after)

    @property
    def subject(self) -> Target:
        """The process as it is, or was if it is gone."""
        for target in (self.after, self.before):
            if target is not None:
                return target
        raise AssertionError("a pair of nobody")

    def twins(self) -> list[tuple[int, int, int]]:
        """Return the changes of one region before and one after, and both regions."""
        found = []
        for change in range(self.match.count):
            before, after = self.rows(change)
            if len(before) == 1 and len(after) == 1:
                found.append((change, before[0], after[0]))
        return found

    def first(self, change: int) -> tuple[Target, int]:
        """Return the first region of a change: after, or before if none is left."""
        before, after = self.rows(change)
        for target, rows in ((self.after, after), (self.before, before)):
            if target is not None and rows:
                return target, rows[0]
        raise AssertionError(change)

    def rows(self, change: int) -> tuple[list[int], list[int]]:
        """Return the regions of a change, before and after."""
        if self._rows is None:
            self._rows = [
                _rows(labels, self.match.count)
                for labels in (self.match.before, self.match.after)
            ]
        before, after = self._rows
        return before[change], after[change]

    def growths(self, name: str) -> list[int | None]:
        """Return how much of an amount each change added, in kB; None if not known.

        What one side does not tell of any region is not known of any change.
        """
        if name not in self._growths:
            self._growths[name] = self._find_growths(name)
        return self._growths[name]

    def _find_growths(self, name: str) -> list[int | None]:
        count = self.match.count
        if not all(t is None or is_known(t.table, name) for t, _ in self.sides):
            return [None] * count
        sums = [0] * count
        unknown = set()
        for sign, (target, labels) in zip((-1, 1), self.sides, strict=True):
            amounts = () if target is None else values(target.table, name)
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
        """What each change is, one of `KINDS`."""
        if self._kinds is None:
            self._kinds = self._find_kinds()
        return self._kinds

    def _find_kinds(self) -> list[str]:
        layouts = _layouts(_table(self.before), _table(self.after))
        growths = map(self.growths, self.names)
        alike = [not any(grown) for grown in zip(*growths, strict=True)]
        amounts = (self.growths(MAIN[word]) for word in ("size", "pss", "rss"))
        kinds = list(map(_kind_of_growth, *amounts))
        for i in range(self.match.count):
            before, after = self.rows(i)
            if len(before) != 1 or len(after) != 1:
                kinds[i] = _kind_of_counts(len(before), len(after)) or kinds[i]
                continue
            old, new = layouts[0][before[0]], layouts[1][after[0]]
            if old != new:
                kinds[i] = "moved" if _is_moved(old, new) else kinds[i]
            elif alike[i]:
                kinds[i] = "same"
        return kinds


def pair_up(
    before: list[Target], after: list[Target], names: Iterable[str]
) -> list[Pair]:
    """Pair each process with what it was, in the order of `after`, the gone last.

    Two that are alone are one pair, whoever they are, unless it is known when they
    began, as it is of those that were read twice.  Else one that has the same pid and
    began at the same time is the same; where that is not known, one of the same pid and
    name.
    """
    is_dated = any(target.started is not None for target in (*before, *after))
    if len(before) == 1 and len(after) == 1 and not is_dated:
        return [Pair(before[0], after[0], names)]
    left = {target.pid: target for target in before}
    pairs = []
    for target in after:
        mate = left.get(target.pid)
        if mate is not None and mate.is_same(target):
            del left[target.pid]
        else:
            mate = None
        pairs.append(Pair(mate, target, names))
    return pairs + [Pair(target, None, names) for target in left.values()]


def _table(target: Target | None) -> Table | None:
    return None if target is None else target.table


def _rows(labels: Sequence[int], count: int) -> list[list[int]]:
    """Return the regions of each change."""
    found: list[list[int]] = [[] for _ in range(count)]
    for row, label in enumerate(labels):
        found[label].append(row)
    return found


def _layouts(*tables: Table | None) -> list[list[Layout]]:
    """Return where each region lies, and what it shows of what both tables tell."""
    there = [table for table in tables if table is not None]
    names = [name for name in LAYOUT if all(name in table.columns for table in there)]
    return [
        []
        if table is None
        else list(
            zip(
                table.columns["start"].values,
                table.columns["end"].values,
                zip(*map(table.columns.__getitem__, names), strict=True),
                strict=True,
            )
        )
        for table in tables
    ]


def _is_moved(old: Layout, new: Layout) -> bool:
    is_apart = max(old[0], new[0]) >= min(old[1], new[1])
    return is_apart or new[0] - old[0] == new[1] - old[1] != 0


def _kind_of_counts(before: int, after: int) -> str:
    """Tell what the numbers of regions tell; "" if they are equal."""
    if not before:
        return "appeared"
    if not after:
        return "gone"
    return "split" if after > before else "merged" if after < before else ""


def _kind_of_growth(size_kb: int | None, pss_kb: int | None, rss_kb: int | None) -> str:
    grown = size_kb or (rss_kb if pss_kb is None else pss_kb) or 0
    return "grew" if grown > 0 else "shrank" if grown < 0 else "changed"
