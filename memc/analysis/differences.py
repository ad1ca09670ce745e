"""Compare two snapshots: the function `diff` and its result."""

from __future__ import annotations

from _collections_abc import Sequence
from itertools import chain, repeat

from memc.analysis.change import Change, column_of
from memc.analysis.pair import pair_up
from memc.table.amounts import MAIN
from memc.table.region import Document, Table
from memc.table.snapshot import SystemSnapshot
from memc.targets.target import Target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import overload

    from memc.analysis.growth import Growth
    from memc.analysis.pair import Pair
    from memc.human.picture import Picture
    from memc.table.document import Json

__all__ = ["Change", "Diff", "compare", "diff"]


class Diff(Sequence["Change"], Document):
    """The result of `diff`: a sequence of Change, one for every region.

    Regions that were split or merged share a Change.  The changes are sorted by process
    and then by address.  Processes that are gone come last.  `pairs` are the processes.
    """

    __slots__ = ("_counts", "pairs")

    def __init__(self, pairs: list[Pair]) -> None:
        self.pairs = pairs
        self._counts = [pair.match.count for pair in pairs]

    def __len__(self) -> int:
        """Return the number of changes, including those of the kind "same"."""
        return sum(self._counts)

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, number: int) -> Change: ...
        @overload
        def __getitem__(self, number: slice) -> list[Change]: ...
        @overload
        def __getitem__(self, number: str) -> Json: ...

    def __getitem__(self, number: int | slice | str) -> Change | list[Change] | Json:
        """Return a change, counted from the end if negative; or a list for a slice.

        A key of the document gives what that has.  Raises TypeError for another text.
        """
        if isinstance(number, str):
            if number in self.keys():
                return Document.__getitem__(self, number)
            raise TypeError(f"expected a number or a key of the document: {number!r}")
        picked = range(len(self))[number]
        if not isinstance(picked, int):
            return [self[i] for i in picked]
        for pair, count in zip(self.pairs, self._counts, strict=True):
            if picked < count:
                return Change(pair, picked)
            picked -= count
        raise IndexError(number)

    def __iter__(self) -> Iterator[Change]:
        """Yield all changes in order."""
        for pair, count in zip(self.pairs, self._counts, strict=True):
            yield from map(Change, repeat(pair), range(count))

    @property
    def is_same(self) -> bool:
        """Whether nothing differs: every change is of the kind "same"."""
        return set(chain.from_iterable(pair.kinds for pair in self.pairs)) <= {"same"}

    def growth(self, name: str) -> int | None:
        """Return the sum of `Change.growth` over all changes; None if one is None."""
        column = column_of(name, self.pairs)
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
        """Group by "owner", "type", "path", "region" or "process", as `memc show` does.

        The other words of ``memc show --by`` work too, and two of them with a comma.
        `names` are the amounts to sum.  Regions whose path does not pass `keep` are
        left out.  Raises ValueError if `what` is none of these words.
        """
        from memc.analysis.growth import grow
        from memc.analysis.keys import parse_by

        try:
            by = parse_by(what)
        except ValueError as error:
            raise ValueError(f"expected {error}, not {what!r}") from None
        return grow(self.pairs, by, names=names, keep=keep)

    def to_dict(self) -> dict[str, Json]:
        """Return the document: what ``memc diff --json --by region`` prints.

        It lacks what only the command knows: which processes could not be read.
        """
        from memc.analysis.document import of_diff

        return of_diff(self)

    def _part(self, key: str | None) -> dict[str, Json]:
        from memc.analysis.document import of_diff

        return of_diff(self, whole=key == "changes")

    def _picture(self) -> Picture:
        from memc.analysis.pictures import of_diff

        return of_diff(self)

    def __repr__(self) -> str:
        """Show how many changes there are of each kind."""
        kinds = [kind for pair in self.pairs for kind in pair.kinds]
        counts = (f"{kinds.count(kind)} {kind}" for kind in dict.fromkeys(kinds))
        return f"<Diff: {', '.join(counts) or 'no regions'}>"


def diff(
    a: Table | SystemSnapshot,
    b: Table | SystemSnapshot,
    *,
    names: Iterable[str] = tuple(MAIN.values()),
) -> Diff:
    """Compare a snapshot before (`a`) with a snapshot after (`b`).

    Both are Snapshot or Table, of one process or of two, or both are SystemSnapshot.
    Processes in two SystemSnapshots are the same if their pids and start times are
    equal, or their pids and names if a start time is not known.
    ``memc.analysis.match`` describes how regions are recognised after they grew, moved,
    or were split or merged.  `names` are the amounts that must be equal for a region to
    be the same.

    Raises TypeError if `a` and `b` are of different kinds, and ValueError for a
    snapshot of totals, which has no regions.
    """
    alone = isinstance(a, Table)  # somebody named these two
    return compare(_targets(a, b), _targets(b, a), names, alone=alone)


def compare(
    before: list[Target],
    after: list[Target],
    names: Iterable[str] = tuple(MAIN.values()),
    *,
    alone: bool = False,
) -> Diff:
    """Compare processes before with processes after, as `diff` does.

    With `alone`, two processes that are the only ones of their sides are compared even
    if they are not the same: somebody named these two.
    """
    return Diff(pair_up(before, after, tuple(names), alone=alone))


def _targets(side: object, other: object) -> list[Target]:
    """Return the processes of one side; raise TypeError if `other` differs in kind."""
    if isinstance(side, SystemSnapshot) and isinstance(other, SystemSnapshot):
        return [_target(p.snapshot, p.pid, p.name, p.started) for p in side.processes]
    if isinstance(side, Table) and isinstance(other, Table):
        return [_target(side, getattr(side, "pid", None), "")]
    kinds = f"{type(side).__name__} and {type(other).__name__}"
    raise TypeError(
        f"expected two snapshots of one process, or two of all processes, not {kinds}"
    )


def _target(
    table: Table, pid: int | None, name: str, started: int | None = None
) -> Target:
    if getattr(table, "totals", None):
        raise ValueError("expected a snapshot with regions, not one of totals alone")
    return Target(table, pid, name, proc="", file="", started=started)
