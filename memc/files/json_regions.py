"""Make a table of the regions in memc's JSON."""

from __future__ import annotations

from operator import itemgetter

from memc.files.json_values import (
    NotOursError,
    address,
    at,
    exact,
    list_of,
    number,
    number_or_none,
    perm,
    region_type,
    text,
    text_or_none,
    u32,
)
from memc.table.build import column, table
from memc.table.fields import CORE, PAGES, PERMS, PLACE, SMAPS, TYPES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, Literal, TypeVar

    from memc.table.columns import Column, Value
    from memc.table.region import Note, Table

    T = TypeVar("T")

__all__ = ["table_of"]

KNOWN = (*CORE, *SMAPS, *PAGES)
CODES: dict[str, Literal["B", "I", "Q"]] = {
    "perm": "B",
    "type": "B",
    "dev_major": "I",
    "dev_minor": "I",
    "pathname": "I",
}
READERS: dict[str, Callable[[object], int]] = {
    "start": address,
    "end": address,
    "perm": perm,
    "type": region_type,
    "dev_major": u32,
    "dev_minor": u32,
}


def table_of(rows: list[dict[str, Any]], detail: str, notes: tuple[Note, ...]) -> Table:
    """Return a table of these regions, with every column that one of them has.

    Raises NotOursError for a bad value, and for regions out of order.
    """
    shapes = {tuple(row): 0 for row in rows}
    keys = dict.fromkeys(key for shape in shapes for key in shape)
    names = [*CORE, *(name for name in (*SMAPS, *PAGES) if name in keys)]
    names += [key for key in keys if key not in KNOWN and key != "pathname_hex"]
    # A column of these that is missing, or null in every region, was not read.
    absent = {*PLACE, *SMAPS} if detail == "smaps" else {*PLACE}
    if not rows:
        absent = set()
    columns: dict[str, Column] = {}
    for name in names:
        values = _values(rows, name, everywhere=all(name in shape for shape in shapes))
        if name in absent and values.count(None) == len(rows):
            continue
        columns[name] = _column(name, values)
    _check_order(columns)
    return table(len(rows), columns, notes)


def _values(rows: list[dict[str, Any]], name: str, *, everywhere: bool) -> list[Any]:
    """Return the value of a key for each region, None if the region lacks the key."""
    if name == "pathname":
        return _paths(rows)
    if everywhere:
        return list(map(itemgetter(name), rows))
    return [row.get(name) for row in rows]


def _paths(rows: list[dict[str, Any]]) -> list[object]:
    """Return the exact pathname of each region, "" if it has none."""
    paths: list[object] = [row.get("pathname", "") for row in rows]
    for i, row in enumerate(rows):
        if "pathname_hex" in row:
            paths[i] = at(exact, row["pathname_hex"], f".regions[{i}].pathname_hex")
    return paths


def _column(name: str, values: list[Any]) -> Column:
    if name in ("perm", "type"):
        meanings = PERMS if name == "perm" else TYPES
        numbers = _read_all(name, values, READERS[name])
        return column("B", numbers, meanings)
    if name in ("pathname", "vm_flags") or _is_text(name, values):
        return _texts(name, values)
    return _numbers(name, values)


def _is_text(name: str, values: list[Any]) -> bool:
    """Tell by its first value whether a column unknown to memc holds text."""
    if name in KNOWN:
        return False
    return isinstance(next((v for v in values if v is not None), 0), str)


def _numbers(name: str, values: list[Any]) -> Column:
    """Return a column of numbers; if all values are JSON numbers, take all at once."""
    code = CODES.get(name, "Q")
    read = READERS.get(name, number if name in CORE else number_or_none)
    allowed = {int} if name in CORE else {int, type(None)}
    if read is not address and set(map(type, values)) <= allowed:
        try:
            return column(code, values)
        except OverflowError:
            pass  # the line below finds the value that is too large, and its place
    return column(code, _read_all(name, values, read))


def _texts(name: str, values: list[Any]) -> Column:
    """Return a column that holds each different text, or list of flags, once."""
    read: Callable[[object], Value] = text if name == "pathname" else text_or_none
    if name == "vm_flags":
        read = _flags
    numbers: dict[Value, int] = {}
    held: list[int | None] = []
    for value in _read_all(name, values, read):
        number = numbers.setdefault(value, len(numbers))
        held.append(None if value is None else number)
    return column("I", held, list(numbers))


def _flags(value: object) -> tuple[str, ...] | None:
    if value is None:
        return None
    flags = tuple(list_of(value))
    if set(map(type, flags)) <= {str}:
        return flags
    return tuple(map(text, flags))


def _read_all(name: str, values: list[Any], read: Callable[[object], T]) -> list[T]:
    try:
        return [read(value) for value in values]
    except NotOursError:
        for i, value in enumerate(values):
            at(read, value, f".regions[{i}].{name}")
        raise


def _check_order(columns: Mapping[str, Column]) -> None:
    """Raise unless the regions are in order of address and do not overlap."""
    last = 0
    spans = zip(columns["start"].values, columns["end"].values, strict=True)
    for i, (start, end) in enumerate(spans):
        if not last <= start <= end:
            raise NotOursError("a region behind the one before", f".regions[{i}]")
        last = end
