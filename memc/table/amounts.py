"""The amounts of regions: columns in kB, and one amount that may be a sum of two."""

from __future__ import annotations

from itertools import repeat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeAlias

    from memc.table.region import Table

    Values: TypeAlias = Iterable[int | None]

__all__ = [
    "JUDGED",
    "MAIN",
    "THP",
    "THP_PARTS",
    "is_known",
    "mapped_kb",
    "parts",
    "values",
    "whole",
]

# The amounts that every summary has; "private" is the sum of two columns of smaps.
MAIN = {
    "pss": "pss_kb",
    "rss": "rss_kb",
    "private": "private_kb",
    "hugetlb": "hugetlb_kb",
    "swap": "swap_kb",
    "size": "size_kb",
}
# The amounts that a snapshot has for its whole process, and the attributes.
WHOLE = {"rss_kb": "total_rss_kb", "size_kb": "total_vsize_kb"}

# Memory in transparent huge pages, which is also in RSS; smaps tells it in three parts.
THP = "thp_kb"
THP_PARTS = ("anon_huge_pages_kb", "shmem_pmd_mapped_kb", "file_pmd_mapped_kb")

# Amounts that are the sum of two columns, in tables that have no column for them.
SUMS = {
    "private_kb": ("private_clean_kb", "private_dirty_kb"),
    "hugetlb_kb": ("shared_hugetlb_kb", "private_hugetlb_kb"),
}

# The amounts that leave out pages of hugetlb: sorting and limits add those to them.
JUDGED = ("rss_kb", "pss_kb", "private_kb", "uss_kb")


def parts(table: Table, name: str) -> list[Values | None]:
    """Return columns whose sum is an amount of each region; None if none knows it."""
    columns = table.columns
    name = "uss_kb" if name == "private_kb" and _is_uss(table) else name
    if name == THP:
        known = [columns[part] for part in THP_PARTS if part in columns]
        if known and all(column.valid is None for column in known):
            return [column.values for column in known]
    if name in columns or name not in SUMS:
        is_known = name in columns or name == THP
        return [values(table, name) if is_known else None]
    summands = [columns.get(part) for part in SUMS[name]]
    if None in summands:
        return [None]
    if any(column and column.valid is not None for column in summands):
        return [values(table, name)]
    return [column.values for column in summands if column is not None]


def values(table: Table, name: str) -> Values:
    """Return an amount of each region, in kB; None if it is not known."""
    column = table.columns.get(name)
    if name == "private_kb" and _is_uss(table):
        return values(table, "uss_kb")
    if name in SUMS and column is None:
        return _sum(table, *SUMS[name])
    if name == THP:
        return _transparent(table)
    if column is None:
        return repeat(None, len(table))
    if column.valid is None:
        return column.values
    return [value if isinstance(value, int) else None for value in column]


def _is_uss(table: Table) -> bool:
    """Tell whether memory that only the process maps is one column, not two."""
    return "private_kb" not in table.columns and "uss_kb" in table.columns


def _sum(table: Table, *names: str) -> Values:
    left, right = map(table.columns.get, names)
    if left is None or right is None:
        return repeat(None, len(table))
    if left.valid is None and right.valid is None:
        return (a + b for a, b in zip(left.values, right.values, strict=True))
    return [
        a + b if isinstance(a, int) and isinstance(b, int) else None
        for a, b in zip(left, right, strict=True)
    ]


def _transparent(table: Table) -> Values:
    """Return memory in transparent huge pages; old kernels tell only some parts."""
    parts = [values(table, name) for name in THP_PARTS if name in table.columns]
    if not parts:
        return repeat(None, len(table))
    return [
        sum(known) if (known := [v for v in each if v is not None]) else None
        for each in zip(*parts, strict=True)
    ]


def mapped_kb(table: Table) -> int:
    """Return the size of the whole process, in kB, as VmSize in status tells it.

    [vsyscall] is a page of the kernel that maps lists for every process (gate_vma in
    arch/x86/entry/vsyscall/vsyscall_64.c), and no memory of the process.
    """
    sizes, types = table.columns["size_kb"].values, table.columns["type"]
    return sum(s for s, t in zip(sizes, types, strict=True) if t != "vsyscall")


def is_known(table: Table, name: str) -> bool:
    """Tell whether any region knows this amount, or there is no region."""
    return not len(table) or any(v is not None for v in values(table, name))


def whole(table: Table, name: str) -> int | None:
    """Return an amount of the whole process, in kB; None if it is not known."""
    attribute = WHOLE.get(name)
    if attribute is not None and hasattr(table, attribute):
        known: int | None = getattr(table, attribute)
        return known
    totals: dict[str, int | None] = getattr(table, "totals", {})
    if totals:
        return totals.get("uss_kb" if name == "private_kb" else name)
    if name == "size_kb":
        return mapped_kb(table)
    total = 0
    for part in parts(table, name):
        if isinstance(part, memoryview):
            total += sum(part)
            continue
        for value in repeat(None, len(table)) if part is None else part:
            if value is None:
                return None
            total += value
    return total
