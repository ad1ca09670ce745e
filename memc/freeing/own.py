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
    - `swap`: its share of swapped pages;
    - `hugetlb`, `hugetlb_shared`: its huge pages, and those that others have too;
    - `ksm`: pages that the kernel merged with equal ones;
    - `mixed`: the regions where the bounds differ: addresses, and the two bounds;
    - `is_whole`: whether every row tells its amounts.
    """

    __slots__ = (
        "anonymous",
        "hugetlb",
        "hugetlb_shared",
        "is_whole",
        "ksm",
        "least",
        "mixed",
        "most",
        "swap",
    )

    def __init__(self) -> None:
        self.least = self.most = self.anonymous = 0
        self.swap = self.hugetlb = self.hugetlb_shared = self.ksm = 0
        self.mixed: list[tuple[int, int, int, int]] = []
        self.is_whole = True

    @property
    def shared(self) -> int:
        """Anonymous memory that another process has too, in kB."""
        return max(0, self.anonymous - self.most)


def own_of(table: Table) -> Own | None:
    """Sum up the private regions; None if the table is not that of smaps."""
    needed = ("anonymous_kb", "private_clean_kb", "private_dirty_kb", "rss_kb")
    if any(name not in table.columns for name in needed):
        return None
    made = Own()
    columns = [_numbers(table, name, made) for name in needed]
    is_private = [bits & PRIVATE for bits in table.columns["perm"].values]
    rows = zip(is_private, *columns, strict=True)
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
    for name, column in (
        ("swap", "swap_pss_kb"),
        ("hugetlb", "private_hugetlb_kb"),
        ("hugetlb_shared", "shared_hugetlb_kb"),
        ("ksm", "ksm_kb"),
    ):
        if column in table.columns:
            numbers = _numbers(table, column, made)
            setattr(made, name, sum(compress(numbers, is_private)))
    if "swap_pss_kb" not in table.columns:  # before Linux 4.3: Swap counts them whole
        made.swap = sum(compress(_numbers(table, "swap_kb", made), is_private))
    return made


def _numbers(table: Table, name: str, made: Own) -> Iterable[int]:
    """Return an amount of each region, 0 where the kernel did not tell it."""
    column = table.columns.get(name)
    if column is not None and column.valid is None:
        return column.values
    found = list(values(table, name))
    made.is_whole = made.is_whole and None not in found
    return [value or 0 for value in found]


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
