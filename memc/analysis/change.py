"""One change from regions before to regions after."""

from __future__ import annotations

from memc.table.amounts import MAIN
from memc.table.fields import FIELDS, PAGES
from memc.table.region import Region

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from memc.analysis.pair import Pair
    from memc.owners import Owner

__all__ = ["Change", "column_of"]

KNOWN = {name for _, name, is_kb in FIELDS if is_kb} | {*PAGES, *MAIN.values()}


class Change:
    """A change from regions before to regions after.

    Most changes have one region before and one after.  A region that appeared has none
    before, and a region that is gone has none after.  A split has more regions after, a
    merge more before.  A Change is a view that is made when it is asked for.
    """

    __slots__ = ("_number", "_pair")

    def __init__(self, pair: Pair, number: int) -> None:
        self._pair = pair
        self._number = number

    @property
    def kind(self) -> str:
        """The kind of the change, the first of these that fits.

        - "appeared", "gone": there is no region before, or none after;
        - "split", "merged": there are more regions after than before, or fewer;
        - "moved": no address is the same, or the same size starts at another address;
        - "same": address, permissions, name, file and offset are equal, and all amounts
          that both sides know;
        - "shared differently": as "same", but others share more or less of the memory:
          PSS and PRIVATE differ, RSS and all that the process itself can change do not;
        - "grew", "shrank": in size; if that is equal in PSS and hugetlb, or in RSS
          without PSS;
        - "changed": anything else.
        """
        return self._pair.kinds[self._number]

    @property
    def before(self) -> tuple[Region, ...]:
        """The regions before, in order of address."""
        return self._regions(0)

    @property
    def after(self) -> tuple[Region, ...]:
        """The regions after, in order of address."""
        return self._regions(1)

    def _regions(self, side: int) -> tuple[Region, ...]:
        target, _ = self._pair.sides[side]
        rows = self._pair.rows(self._number)[side]
        return () if target is None else tuple(Region(target.table, i) for i in rows)

    def growth(self, name: str) -> int | None:
        """Return how much an amount grew, in kB; below 0 if it shrank.

        `name` is the name of a column, or "pss", "rss", "private" (also called USS: the
        column "uss_kb", or the sum of two columns of smaps), "hugetlb", "swap" or
        "size".  A side without regions counts as 0.  None means that a side does not
        know the amount.

        Raises ValueError if `name` is no amount.
        """
        return self._pair.growths(column_of(name, (self._pair,)))[self._number]

    @property
    def start(self) -> int:
        """The first address; that before if the region is gone."""
        return (self.after or self.before)[0].start

    @property
    def end(self) -> int:
        """The first address after the last region; that before if it is gone."""
        return (self.after or self.before)[-1].end

    @property
    def pathname(self) -> str:
        """The name of the first region as the kernel prints it, "" if it has none."""
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
        """The pid of the process; None if a table or file does not hold it."""
        return self._pair.subject.pid

    def __repr__(self) -> str:
        """Show the kind, the addresses, the type and the name."""
        what = f"{self.kind} {self.start:x}-{self.end:x} {self.type} {self.pathname}"
        return f"<Change {what.rstrip()}>"


def column_of(name: str, pairs: Sequence[Pair]) -> str:
    """Return the column of an amount; raise ValueError if there is no such amount."""
    column = MAIN.get(name, name)
    sides = (target for pair in pairs for target, _ in pair.sides)
    if column in KNOWN or any(
        t is not None and column in t.table.columns for t in sides
    ):
        return column
    raise ValueError(f"expected an amount, such as 'pss' or 'anonymous_kb': {name!r}")
