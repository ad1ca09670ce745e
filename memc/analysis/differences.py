"""What became of memory from one snapshot to another: `diff`, and what it returns."""

from __future__ import annotations

from _collections_abc import Sequence
from itertools import chain, repeat

from memc.analysis.pair import pair_up
from memc.table.amounts import MAIN
from memc.table.fields import FIELDS, PAGES
from memc.table.region import Region, Table
from memc.table.snapshot import SystemSnapshot
from memc.targets.target import Target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import overload

    from memc.analysis.growth import Growth
    from memc.analysis.pair import Pair
    from memc.owners import Owner

__all__ = ["Change", "Diff", "compare", "diff"]

KNOWN = {name for _, name, is_kb in FIELDS if is_kb} | {*PAGES, *MAIN.values()}


class Change:
    """What became of a region; a view, made when asked for and cheap to drop.

    Most have one region before and one after.  One that appeared has none before, one
    that is gone none after, and of one that was split or merged there are more on one
    side.
    """

    __slots__ = ("_number", "_pair")

    def __init__(self, pair: Pair, number: int) -> None:
        self._pair = pair
        self._number = number

    @property
    def kind(self) -> str:
        """What it is, the first of these that holds.

        "appeared", "gone"; "split", "merged": more or fewer regions than before;
        "moved": it shares no address with before, or is as large at another; "same":
        address, permissions, name, file and offset are, and all amounts that both sides
        tell; "grew", "shrank": by its size, or else by its PSS, or its RSS where there
        is no PSS; "changed": anything else.
        """
        return self._pair.kinds[self._number]

    @property
    def before(self) -> tuple[Region, ...]:
        """The regions that it was, in order of address."""
        return self._regions(0)

    @property
    def after(self) -> tuple[Region, ...]:
        """The regions that it is, in order of address."""
        return self._regions(1)

    def _regions(self, side: int) -> tuple[Region, ...]:
        target, _ = self._pair.sides[side]
        rows = self._pair.rows(self._number)[side]
        return () if target is None else tuple(Region(target.table, i) for i in rows)

    def growth(self, name: str) -> int | None:
        """Return how much was added to an amount, in kB; below 0 if it shrank.

        `name` is the name of a column, or "pss", "rss", "private" (also called USS: it
        is of "uss_kb" or of the two columns of smaps), "swap" or "size".  A side that
        has no region counts as 0; None is what a side does not tell.
        """
        return self._pair.growths(_column(name, (self._pair,)))[self._number]

    @property
    def start(self) -> int:
        """The first address, in bytes; of what it was if it is gone."""
        return (self.after or self.before)[0].start

    @property
    def end(self) -> int:
        """The address behind the last, in bytes; of what it was if it is gone."""
        return (self.after or self.before)[-1].end

    @property
    def pathname(self) -> str:
        """The name of the first region, as the kernel prints it; "" for nameless."""
        return (self.after or self.before)[0].pathname

    @property
    def type(self) -> str:
        """The type of the first region."""
        return (self.after or self.before)[0].type

    @property
    def owner(self) -> Owner:
        """What the first region is for."""
        target, row = self._pair.first(self._number)
        return target.find_owners()[row]

    @property
    def pid(self) -> int | None:
        """The process; None where a table or file does not tell."""
        return self._pair.subject.pid

    def __repr__(self) -> str:
        """Tell what it is and where."""
        what = f"{self.kind} {self.start:x}-{self.end:x} {self.type} {self.pathname}"
        return f"<Change {what.rstrip()}>"


class Diff(Sequence["Change"]):
    """What became of every region: a sequence of Change.

    They are in order of address, process by process: those of the second side, then
    those that ended.  `pairs` are the processes.
    """

    __slots__ = ("_counts", "pairs")

    def __init__(self, pairs: list[Pair]) -> None:
        self.pairs = pairs
        self._counts = [pair.match.count for pair in pairs]

    def __len__(self) -> int:
        """Return the number of changes, regions that are the same among them."""
        return sum(self._counts)

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, number: int) -> Change: ...
        @overload
        def __getitem__(self, number: slice) -> list[Change]: ...

    def __getitem__(self, number: int | slice) -> Change | list[Change]:
        """Return a change, which may count from the end; a list for a slice."""
        picked = range(len(self))[number]
        if not isinstance(picked, int):
            return [self[i] for i in picked]
        for pair, count in zip(self.pairs, self._counts, strict=True):
            if picked < count:
                return Change(pair, picked)
            picked -= count
        raise IndexError(number)

    def __iter__(self) -> Iterator[Change]:
        """Yield all in order."""
        for pair, count in zip(self.pairs, self._counts, strict=True):
            yield from map(Change, repeat(pair), range(count))

    @property
    def is_same(self) -> bool:
        """Whether nothing differs: every change is of the kind "same"."""
        return set(chain.from_iterable(pair.kinds for pair in self.pairs)) <= {"same"}

    def growth(self, name: str) -> int | None:
        """Return the sum over all changes, as `Change.growth`; None if one is None."""
        column = _column(name, self.pairs)
        total = 0
        for growth in chain.from_iterable(pair.growths(column) for pair in self.pairs):
            if growth is None:
                return None
            total += growth
        return total

    def by(
        self,
        what: str,
        *,
        names: Iterable[str] = tuple(MAIN.values()),
        keep: Callable[[str], object] | None = None,
    ) -> Growth:
        """Group by "owner", "type", "path", "region" or "process", as `memc show`.

        `names` are summed; regions whose path does not pass `keep` are left out.
        """
        from memc.analysis.groups import BY
        from memc.analysis.growth import grow

        if what not in BY:
            raise ValueError(f"expected one of {', '.join(BY)}, not {what!r}")
        return grow(self.pairs, what, names=names, keep=keep)

    def __repr__(self) -> str:
        """Count what there is."""
        kinds = [kind for pair in self.pairs for kind in pair.kinds]
        counts = (f"{kinds.count(kind)} {kind}" for kind in dict.fromkeys(kinds))
        return f"<Diff: {', '.join(counts) or 'no regions'}>"


def diff(
    a: Table | SystemSnapshot,
    b: Table | SystemSnapshot,
    *,
    names: Iterable[str] = tuple(MAIN.values()),
) -> Diff:
    """Compare what was (`a`) with what is (`b`).

    Both are Snapshot or Table, of one process or of two, or both are SystemSnapshot:
    there a process is the same that has the same pid and name.  Regions are the same by
    what lasts when they grow, are split, merged or moved: ``memc._match`` tells how.
    `names` are the amounts that count where it is asked what is the same.

    Raises TypeError for two that cannot be compared, ValueError for snapshots of totals
    alone, which have no regions.
    """
    return compare(_targets(a, b), _targets(b, a), names)


def compare(
    before: list[Target],
    after: list[Target],
    names: Iterable[str] = tuple(MAIN.values()),
) -> Diff:
    """Compare processes that were read with what they are, as `diff` does."""
    return Diff(pair_up(before, after, tuple(names)))


def _targets(side: object, other: object) -> list[Target]:
    """Return the processes of one side; `other` must be of its kind."""
    if isinstance(side, SystemSnapshot) and isinstance(other, SystemSnapshot):
        return [_target(p.snapshot, p.pid, p.name) for p in side.processes]
    if isinstance(side, Table) and isinstance(other, Table):
        return [_target(side, getattr(side, "pid", None), "")]
    kinds = f"{type(side).__name__} and {type(other).__name__}"
    raise TypeError(
        f"expected two snapshots of one process, or two of all processes, not {kinds}"
    )


def _target(table: Table, pid: int | None, name: str) -> Target:
    if getattr(table, "totals", None):
        raise ValueError("expected a snapshot with regions, not one of totals alone")
    return Target(table, pid, name, proc="", file="")


def _column(name: str, pairs: Sequence[Pair]) -> str:
    """Return the name of a column of amounts; ValueError if it is of nothing."""
    column = MAIN.get(name, name)
    sides = (target for pair in pairs for target, _ in pair.sides)
    if column in KNOWN or any(
        t is not None and column in t.table.columns for t in sides
    ):
        return column
    raise ValueError(f"expected an amount, such as 'pss' or 'anonymous_kb': {name!r}")
