"""What the rows of smaps tell of the memory that only one process has.

smaps counts Private pages of files and of the process itself in one number.  A private
region in which all file pages are shared with others, or which has none, tells its own
memory exactly; where both kinds may be private, there are bounds.
"""

from __future__ import annotations

from itertools import compress
from operator import add

from memc.table.amounts import values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from memc.table.region import Table

__all__ = ["Own", "cache_kb", "own_of"]

PRIVATE = 16  # the bit in a value of the column `perm`


class Own:
    """The own memory of a process in kB, from its private regions.

    - `least`, `most`: the bounds of its anonymous memory that no other process has;
    - `anonymous`: its anonymous memory, also what other processes have too;
    - `mixed`: the regions where the bounds differ: addresses, and the two bounds;
    - `is_whole`: whether every row tells these amounts.
    """

    __slots__ = ("_table", "anonymous", "is_whole", "least", "mixed", "most")

    def __init__(self, table: Table | None = None) -> None:
        self.least = self.most = self.anonymous = 0
        self.mixed: list[tuple[int, int, int, int]] = []
        self.is_whole = True
        self._table = table

    @property
    def shared(self) -> int:
        """Anonymous memory that another process has too, in kB."""
        return max(0, self.anonymous - self.most)

    @property
    def swap(self) -> int:
        """Its share of swapped pages; before Linux 4.3 all of them."""
        return self._sum("swap_pss_kb") or self._sum("swap_kb")

    @property
    def hugetlb(self) -> int:
        """Its huge pages that no other process has."""
        return self._sum("private_hugetlb_kb")

    @property
    def hugetlb_shared(self) -> int:
        """Its huge pages that other processes have, too."""
        return self._sum("shared_hugetlb_kb")

    @property
    def ksm(self) -> int:
        """Its pages that the kernel merged with equal ones."""
        return self._sum("ksm_kb")

    def _sum(self, name: str) -> int:
        """Return the sum of an amount of the private regions."""
        table = self._table
        if table is None or name not in table.columns:
            return 0
        return sum(compress(_numbers(table, name)[0], _private(table)))


def own_of(table: Table) -> Own | None:
    """Sum up the private regions; None if the table is not that of smaps."""
    needed = ("anonymous_kb", "private_clean_kb", "private_dirty_kb", "rss_kb")
    if any(name not in table.columns for name in needed):
        return None
    made = Own(table)
    columns = [_numbers(table, name) for name in needed]
    made.is_whole = all(is_whole for _, is_whole in columns)
    rows = zip(_private(table), *(numbers for numbers, _ in columns), strict=True)
    for row, (private, anonymous, clean, dirty, rss) in enumerate(rows):
        if private and anonymous:
            alone = clean + dirty
            most = min(anonymous, alone)
            least = max(0, min(most, alone - (rss - anonymous)))
            made.anonymous += anonymous
            made.most += most
            made.least += least
            if least < most:
                start, end = (table.columns[n].values[row] for n in ("start", "end"))
                made.mixed.append((start, end, least, most))
    return made


def _private(table: Table) -> list[int]:
    return [bits & PRIVATE for bits in table.columns["perm"].values]


def _numbers(table: Table, name: str) -> tuple[Iterable[int], bool]:
    """Return an amount of each region, 0 if it is not told, and whether all are."""
    column = table.columns[name]
    if column.valid is None:
        return column.values, True
    found = list(values(table, name))
    return [value or 0 for value in found], None not in found


def cache_kb(table: Table, without: Container[int]) -> int:
    """Return the share of mapped pages of files; the rows in `without` are no files."""
    inodes = table.columns["inode"].values
    pss = list(values(table, "pss_kb"))
    anonymous = list(values(table, "anonymous_kb"))
    private = map(
        add,
        (value or 0 for value in values(table, "private_clean_kb")),
        (value or 0 for value in values(table, "private_dirty_kb")),
    )
    return sum(
        max(0, (pss[row] or 0) - min(anonymous[row] or 0, alone))
        for row, alone in enumerate(private)
        if inodes[row] and row not in without
    )
