"""Make a table of the rows that the grammar read."""

from __future__ import annotations

from memc.pure.classify import classify
from memc.pure.grammar import text
from memc.pure.pagemap import PSS_COLUMNS
from memc.table.build import column, pool, table
from memc.table.fields import CORE, PERMS, SMAPS, TYPES, U64_MAX

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from memc.pure.grammar import Row
    from memc.table.columns import Column
    from memc.table.region import Note, Table

EXECUTABLE = 4
HUGETLB = ("shared_hugetlb_kb", "private_hugetlb_kb")  # their sum is hugetlb_kb
# How smaps tells what page tables tell: a field with another, or without it.
COMBINED = {
    "uss_kb": ("private_clean_kb", "private_dirty_kb", 1),
    "file_kb": ("rss_kb", "anonymous_kb", -1),
}


def make_table(
    rows: Sequence[Row], seen: Iterable[str], notes: tuple[Note, ...], *, live: bool
) -> Table:
    """Return a table of these rows; `seen` are the counters that the text has.

    With `live`, it has hugetlb_kb, too.
    """
    columns = _core(rows)
    extra = [name for name in seen if name not in SMAPS]
    for name in SMAPS:
        if name in set(seen):
            columns[name] = _counter(rows, name)
    if live and columns.keys() >= {*HUGETLB}:
        shared, own = map(columns.__getitem__, HUGETLB)
        columns["hugetlb_kb"] = _sum(shared, own)
    for name in extra:
        columns[name] = _counter(rows, name)
    return table(len(rows), columns, notes)


def pss_of_smaps(smaps: Table) -> Table:
    """Return a table with the columns of the detail "pss", from all fields of smaps."""
    columns = {name: smaps.columns[name] for name in smaps.columns}
    for name, (first, second, sign) in COMBINED.items():
        if columns.keys() >= {first, second}:
            columns[name] = _sum(columns[first], columns[second], sign)
    names = [name for name in (*CORE, *PSS_COLUMNS) if name in columns]
    return table(len(smaps), {name: columns[name] for name in names}, smaps.notes)


def _core(rows: Sequence[Row]) -> dict[str, Column]:
    paths, ids = pool(row.pathname for row in rows)
    types: dict[tuple[bytes, int], int] = {}
    for row in rows:
        key = row.pathname, row.perm & EXECUTABLE
        if key not in types:
            types[key] = classify(row.pathname, executable=key[1] != 0)
    kinds = [types[row.pathname, row.perm & EXECUTABLE] for row in rows]
    columns = {
        "start": column("Q", [row.start for row in rows]),
        "end": column("Q", [row.end for row in rows]),
        "perm": column("B", [row.perm for row in rows], PERMS),
        "offset": column("Q", [row.offset for row in rows]),
        "dev_major": column("I", [row.dev_major for row in rows]),
        "dev_minor": column("I", [row.dev_minor for row in rows]),
        "inode": column("Q", [row.inode for row in rows]),
        "pathname": column("I", ids, [text(path) for path in paths]),
        "type": column("B", kinds, TYPES),
        "size_kb": column("Q", [(row.end - row.start) // 1024 for row in rows]),
    }
    return {name: columns[name] for name in CORE}


def _sum(left: Column, right: Column, sign: int = 1) -> Column:
    """Return the sum of two columns; a value is missing if one of the two is.

    With the `sign` -1, what the first has more.
    """
    sums = [
        a + sign * b
        if isinstance(a, int) and isinstance(b, int) and 0 <= a + sign * b <= U64_MAX
        else None
        for a, b in zip(left, right, strict=True)
    ]
    return column("Q", sums)


def _counter(rows: Sequence[Row], name: str) -> Column:
    values = [row.counters.get(name) for row in rows]
    if name not in ("vm_flags", "name"):
        return column("Q", [v if isinstance(v, int) else None for v in values])
    meanings, ids = pool(values)
    held = [None if v is None else i for v, i in zip(values, ids, strict=True)]
    return column("I", held, meanings)
