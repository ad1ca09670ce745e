"""The columns of a table: which of them there are, and which are shown."""

from __future__ import annotations

from memc.cli.common.columns import keys_of, no_column
from memc.cli.usage import UsageError
from memc.human.sheet import Head, fit
from memc.human.units import safe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Grid"]

# The columns that are left out if a terminal is narrow, the highest number first.  The
# SIZE of a region has the rank of AREA, because the address shows the size, too.
RANKS = {
    "RSS": 1,
    "SIZE": 2,
    "PRIVATE": 3,
    "PROCESSES": 4,
    "REGIONS": 5,
    "THP": 6,
    "SWAP": 7,
    "AREA": 8,
    "PERM": 9,
}


class Grid:
    """Columns of cells, each with its `heads`.

    It begins with a number of `lines`; others that sum up can be inserted, and what
    those are called is in the column `label`.
    """

    def __init__(self, lines: int, *, by_region: bool) -> None:
        self.heads: list[Head] = []
        self.columns: list[list[str]] = []
        self.label = 0
        self._sums = [""] * lines  # the words of lines that sum up
        self._by_region = by_region

    def put(
        self,
        name: str,
        cells: list[str],
        *,
        right: bool = False,
        shrinks: bool = False,
    ) -> None:
        """Add a column after the others; its title may come from a file."""
        name = safe(name)
        rank = RANKS.get("AREA" if self._by_region and name == "SIZE" else name, 0)
        self.heads.append(Head(name, right=right, shrinks=shrinks, rank=rank))
        self.columns.append(cells)

    def insert(self, cells: list[str], words: str, at: int | None) -> None:
        """Insert a line that sums up, with its first cells and what it is called.

        It comes before line `at`, or at the end.
        """
        cells = [*cells, *[""] * (len(self.columns) - len(cells))]
        cells[self.label] = words
        self._sums.insert(len(self._sums) if at is None else at, words)
        for column, cell in zip(self.columns, cells, strict=True):
            column.insert(len(column) if at is None else at, cell)

    def fit(self, width: int | None, sort: str) -> list[str]:
        """Leave out columns that do not fit; return a line that names them.

        The column that the groups are sorted by stays.
        """
        for head in self.heads:
            head.rank *= sort not in keys_of(head.title)
        kept = fit(self.heads, self.columns, width)
        titles = [head.title for i, head in enumerate(self.heads) if i not in kept]
        self.heads = [self.heads[i] for i in kept]
        self.columns = [self.columns[i] for i in kept]
        return [f"{' '.join(titles)}: no room here, see --wide"] if titles else []

    def pick(self, wanted: Sequence[str]) -> None:
        """Leave out the columns that nobody wants; raise UsageError if one is missing.

        What lines that sum up are called comes last, if its column is not wanted.
        """
        places: dict[str, int] = {}
        for i, head in enumerate(self.heads):
            head.rank = 0
            for key in keys_of(head.title):
                places.setdefault(key, i)
        for name in wanted:
            if name not in places:
                known = [keys_of(head.title)[0] for head in self.heads]
                raise UsageError(no_column(name, known))
        kept = [places[name] for name in wanted]
        heads = [self.heads[i] for i in kept]
        columns = [self.columns[i] for i in kept]
        if self.label not in kept:
            heads.append(Head(""))
            columns.append(self._sums)
        self.heads, self.columns = heads, columns

    def has(self) -> set[str]:
        """Return the titles, and the marks "+" and "?" if a cell ends with them."""
        found = {head.title for head in self.heads}
        for head, column in zip(self.heads, self.columns, strict=True):
            if head.right and any(cell.endswith("+") for cell in column):
                found.add("+")
            if "OWNER" in head.title and any(cell.endswith("?") for cell in column):
                found.add("?")
        return found
