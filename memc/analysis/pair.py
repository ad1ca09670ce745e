"""Compare the regions of one process at two times, or of two processes."""

from __future__ import annotations

from memc.analysis.match import Match, match
from memc.table.amounts import MAIN
from memc.table.fields import PLACE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import TypeAlias

    from memc.table.columns import Value
    from memc.table.region import Table
    from memc.targets.target import Target

    Layout: TypeAlias = tuple[int, int, tuple[Value, ...]]

__all__ = ["KINDS", "SHARING", "Pair", "pair_up"]

# The kind of a change is the first that fits.
KINDS = (
    "appeared",  # no region before
    "gone",  # no region after
    "split",  # more regions after than before
    "merged",  # fewer regions after than before
    "moved",  # no address is the same, or the same size starts at another address
    "same",  # address and LAYOUT are equal, and all amounts that both sides know
    "shared differently",  # the same memory, but others share more or less of it
    "grew",  # in size; if that is equal in PSS, or in RSS if PSS is not known
    "shrank",
    "changed",  # other permissions, name or place in the file, or other amounts
)
LAYOUT = ("perm", "pathname", *PLACE)
SHARING = "shared differently"
# The amounts that change if another process maps the same pages, or does no longer.
BY_OTHERS = {
    "pss_kb",
    "pss_dirty_kb",
    "private_kb",
    "uss_kb",
    "swap_pss_kb",
    "shared_clean_kb",
    "shared_dirty_kb",
    "private_clean_kb",
    "private_dirty_kb",
}
WHO = ("shared", "private")
HELD = ("size_kb", "rss_kb", "swap_kb", "anonymous_kb")  # these do not


class Pair:
    """A process before and after; None on a side where there was no process.

    `names` are the amounts that must be equal for a region to be the same.  Changes are
    numbered in order of address.  Their kinds and growths are computed at first use.

    If only the totals of a side are known, the two processes are compared as a whole,
    as if each had one region.
    """

    __slots__ = ("_growths", "_kinds", "_rows", "after", "before", "match", "names")

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
        found = []
        for change in range(self.match.count):
            before, after = self.rows(change)
            if len(before) == 1 and len(after) == 1:
                found.append((change, before[0], after[0]))
        return found

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
        """The kind of each change, one of `KINDS`."""
        if self._kinds is None:
            self._kinds = self._find_kinds()
        return self._kinds

    def _find_kinds(self) -> list[str]:
        layouts = _layouts(self.before, self.after)
        growths = map(self.growths, self.names)
        alike = [not any(grown) for grown in zip(*growths, strict=True)]
        amounts = (self.growths(MAIN[word]) for word in ("size", "pss", "rss"))
        kinds = list(map(_kind_of_growth, *amounts))
        shared = self._shared_differently()
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
            elif shared[i]:
                kinds[i] = SHARING
        return kinds

    def _shared_differently(self) -> list[bool]:
        """Tell for each change whether only the sharing with others changed.

        The RSS must be known and equal, and so must all amounts that others cannot
        change.  What is no longer private must be shared, and the other way round.
        """
        held = dict.fromkeys((*HELD, *self.names))
        growths = [self.growths(name) for name in held if name not in BY_OTHERS]
        equal = [not any(grown) for grown in zip(*growths, strict=True)]
        sums = [
            list(zip(*(self.growths(f"{who}_{how}_kb") for who in WHO), strict=True))
            for how in ("clean", "dirty")
        ]
        return [
            is_equal
            and rss == 0
            and not any(sum(grown or 0 for grown in pair[i]) for pair in sums)
            for i, (is_equal, rss) in enumerate(
                zip(equal, self.growths("rss_kb"), strict=True)
            )
        ]


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


def _rows(labels: Sequence[int], count: int) -> list[list[int]]:
    """Return the rows of the regions of each change."""
    found: list[list[int]] = [[] for _ in range(count)]
    for row, label in enumerate(labels):
        found[label].append(row)
    return found


def _layouts(*targets: Target | None) -> list[list[Layout]]:
    """Return start and end of each region, and its LAYOUT that both tables have."""
    if any(target is not None and target.is_sum for target in targets):
        return [[(0, 0, ())] for _ in targets]
    tables = [_table(target) for target in targets]
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
    """Return the kind that the numbers of regions show, "" if they are equal."""
    if not before:
        return "appeared"
    if not after:
        return "gone"
    return "split" if after > before else "merged" if after < before else ""


def _kind_of_growth(size_kb: int | None, pss_kb: int | None, rss_kb: int | None) -> str:
    grown = size_kb or (rss_kb if pss_kb is None else pss_kb) or 0
    return "grew" if grown > 0 else "shrank" if grown < 0 else "changed"
