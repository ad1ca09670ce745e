"""Make tables of Python numbers, with columns in Arrow's layout."""

from __future__ import annotations

from array import array

from memc.table.columns import Column, Columns, bitmap
from memc.table.region import Table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping, Sequence
    from typing import Literal, TypeVar

    from memc.table.columns import Value
    from memc.table.region import Note

    H = TypeVar("H", bound=Hashable)

__all__ = ["column", "extend", "pick", "pool", "table"]


def table(
    rows: int, columns: Mapping[str, Column], notes: tuple[Note, ...] = ()
) -> Table:
    """Return a table of these columns; each has `rows` values."""
    return Table(rows, Columns(tuple(columns), columns.__getitem__), notes)


def extend(old: Table, amounts: Mapping[str, Sequence[int | None]]) -> Table:
    """Return a table with the columns of `old`, and then these amounts."""
    columns = {name: old.columns[name] for name in old.columns}
    columns |= {name: column("Q", values) for name, values in amounts.items()}
    return table(len(old), columns, old.notes)


def pick(old: Table, rows: Sequence[int]) -> Table:
    """Return a table of some regions of another, with its notes."""

    def make(name: str) -> Column:
        column = old.columns[name]
        stored = array(column.values.format, map(column.values.__getitem__, rows))
        valid = column.valid
        if valid is not None:
            valid = memoryview(bitmap(valid[i >> 3] >> (i & 7) & 1 for i in rows))
        return Column(memoryview(stored).toreadonly(), valid, column.decode)

    return Table(len(rows), Columns(tuple(old.columns), make), old.notes)


def column(
    code: Literal["B", "I", "Q"],
    values: Sequence[int | None],
    meanings: Sequence[Value] | None = None,
) -> Column:
    """Return a column of these numbers; None is a missing value.

    `code` is the stored type: "B" has 8 bits, "I" 32 and "Q" 64.  With `meanings` the
    numbers are indexes into that sequence.  Raises OverflowError if a number does not
    fit.
    """
    valid = None
    if None in values:
        valid = memoryview(bitmap([value is not None for value in values]))
        values = [value or 0 for value in values]
    stored = array(code, values)  # type: ignore[arg-type] # no None is left
    decode = None if meanings is None else meanings.__getitem__
    return Column(memoryview(stored).toreadonly(), valid, decode)


def pool(values: Iterable[H]) -> tuple[list[H], list[int]]:
    """Return the different values, and for each value its index among them."""
    ids: dict[H, int] = {}
    numbers = [ids.setdefault(value, len(ids)) for value in values]
    return list(ids), numbers
