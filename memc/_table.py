"""Rows, as the grammar reads them, made into a table of columns."""

from __future__ import annotations

from array import array

from memc._classify import classify
from memc._grammar import text
from memc.columns import Column, Columns
from memc.fields import CORE, FIELDS, TYPES
from memc.region import Table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping, Sequence
    from typing import Literal, TypeVar

    from memc._grammar import Row
    from memc.columns import Value
    from memc.region import Note

    H = TypeVar("H", bound=Hashable)

NAMES = tuple(name for _, name, _ in FIELDS)
PERMS = tuple(
    "".join(letter if bits >> i & 1 else "-" for i, letter in enumerate("rwx"))
    + ("s" if bits & 8 else "p" if bits & 16 else "-")
    for bits in range(32)
)
EXECUTABLE = 4


def make_table(
    rows: Sequence[Row], seen: Iterable[str], notes: tuple[Note, ...]
) -> Table:
    """Return the table of these rows; `seen` are the columns that their text has."""
    columns = _core(rows)
    extra = [name for name in seen if name not in NAMES]
    for name in (*(name for name in NAMES if name in set(seen)), *extra):
        columns[name] = _counter(rows, name)
    return Table(len(rows), Columns(tuple(columns), columns.__getitem__), notes)


def extend(table: Table, amounts: Mapping[str, Sequence[int | None]]) -> Table:
    """Return a table with these columns behind its own."""
    columns = {name: table.columns[name] for name in table.columns}
    columns |= {name: _column("Q", values) for name, values in amounts.items()}
    made = Columns(tuple(columns), columns.__getitem__)
    return Table(len(table), made, table.notes)


def _core(rows: Sequence[Row]) -> dict[str, Column]:
    paths, ids = _pool(row.pathname for row in rows)
    types: dict[tuple[bytes, int], int] = {}
    for row in rows:
        key = row.pathname, row.perm & EXECUTABLE
        if key not in types:
            types[key] = classify(row.pathname, executable=key[1] != 0)
    kinds = [types[row.pathname, row.perm & EXECUTABLE] for row in rows]
    columns = {
        "start": _column("Q", [row.start for row in rows]),
        "end": _column("Q", [row.end for row in rows]),
        "perm": _column("B", [row.perm for row in rows], PERMS),
        "offset": _column("Q", [row.offset for row in rows]),
        "dev_major": _column("I", [row.dev_major for row in rows]),
        "dev_minor": _column("I", [row.dev_minor for row in rows]),
        "inode": _column("Q", [row.inode for row in rows]),
        "pathname": _column("I", ids, [text(path) for path in paths]),
        "type": _column("B", kinds, TYPES),
        "size_kb": _column("Q", [(row.end - row.start) // 1024 for row in rows]),
    }
    return {name: columns[name] for name in CORE}


def _counter(rows: Sequence[Row], name: str) -> Column:
    values = [row.counters.get(name) for row in rows]
    if name not in ("vm_flags", "name"):
        return _column("Q", [v if isinstance(v, int) else None for v in values])
    meanings, ids = _pool(values)
    held = [None if v is None else i for v, i in zip(values, ids, strict=True)]
    return _column("I", held, meanings)


def _pool(values: Iterable[H]) -> tuple[list[H], list[int]]:
    """Return the different values, and for each the number of its own."""
    ids: dict[H, int] = {}
    numbers = [ids.setdefault(value, len(ids)) for value in values]
    return list(ids), numbers


def _column(
    code: Literal["B", "I", "Q"],
    values: Sequence[int | None],
    meanings: Sequence[Value] | None = None,
) -> Column:
    stored = memoryview(array(code, [value or 0 for value in values])).toreadonly()
    decode = None if meanings is None else meanings.__getitem__
    return Column(stored, _bitmap(values), decode)


def _bitmap(values: Sequence[int | None]) -> memoryview[int] | None:
    if None not in values:
        return None
    bits = bytearray((len(values) + 7) // 8)
    for row, value in enumerate(values):
        if value is not None:
            bits[row >> 3] |= 1 << (row & 7)
    return memoryview(bits).toreadonly()
