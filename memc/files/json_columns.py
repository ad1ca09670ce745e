"""Columns that grow while regions are read from memc's JSON.

Each reads many values at once.  If one of them is odd, all are read again one by one:
that tells which it is, or that it is right.
"""

from __future__ import annotations

from array import array
from itertools import repeat

from memc.files.json_values import (
    ADDRESS,
    PERM_NUMBERS,
    TYPE_NUMBERS,
    NotOursError,
    address,
    at,
    boolean_or_none,
    list_of,
    number,
    number_or_none,
    perm,
    region_type,
    text,
    text_or_none,
    u32,
)
from memc.table.columns import Column, bitmap
from memc.table.fields import CORE, PAGES, PERMS, SMAPS, TYPES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Any, Literal

    from memc.table.columns import Value

__all__ = ["Held", "held_as"]

KNOWN = {*CORE, *SMAPS, *PAGES}
ODD = (TypeError, ValueError, KeyError, OverflowError)
BOOLEANS = (False, True)
BOOLEAN_NUMBERS = {False: 0, True: 1}


class Held:
    """A column of numbers, which is also the base of the others.

    `code` is the stored type, as in ``memc.table.build.column``.  `read` reads one
    value and raises NotOursError if it is bad; None is a missing value.
    """

    __slots__ = ("_name", "_present", "_read", "values")

    def __init__(
        self,
        name: str,
        code: Literal["B", "I", "Q"],
        read: Callable[[object], int | None],
    ) -> None:
        self.values = array(code)
        self._name = name
        self._read = read
        self._present: bytearray | None = None  # 1 for each value that is not missing

    def skip(self, count: int) -> None:
        """Begin with missing values.  Raises NotOursError if none may be missing."""
        if count:
            self._read(None)
            self._put([None] * count)

    def add(self, values: Sequence[Any]) -> None:
        """Add values.  Raises NotOursError if one is bad."""
        try:
            numbers = array(self.values.typecode, self._take(values))
        except ODD:
            self._put(self._read_each(values))
            return
        self.values += numbers
        if self._present is not None:
            self._present += b"\1" * len(numbers)

    def column(self) -> Column:
        """Return the column."""
        valid = None if self._present is None else memoryview(bitmap(self._present))
        return Column(memoryview(self.values).toreadonly(), valid, self._decode())

    def _take(self, values: Sequence[Any]) -> Iterable[int]:
        """Return the numbers of values; raise one of `ODD` if any is odd."""
        if {*map(type, values)} != {int}:  # True is an int, too
            raise TypeError
        return values

    def _decode(self) -> Callable[[int], Value] | None:
        return None

    def _read_each(self, values: Sequence[Any]) -> list[int | None]:
        try:
            return [self._read(value) for value in values]
        except NotOursError:
            for i, value in enumerate(values):
                at(self._read, value, f".regions[{i}].{self._name}")
            raise

    def _put(self, numbers: list[int | None]) -> None:
        if None in numbers and self._present is None:
            self._present = bytearray(b"\1" * len(self.values))
        if self._present is not None:
            self._present += bytes(number is not None for number in numbers)
        self.values.extend(number or 0 for number in numbers)


class _Addresses(Held):
    def _take(self, values: Sequence[Any]) -> Iterable[int]:
        if not all(map(ADDRESS, values)):
            raise ValueError
        return list(map(int, values, repeat(16)))


class _Words(Held):
    """A column of words that memc knows, each with its number."""

    __slots__ = ("_numbers", "_words")

    def __init__(
        self,
        name: str,
        read: Callable[[object], int | None],
        words: Sequence[Value],
        numbers: Mapping[Any, int],
    ) -> None:
        super().__init__(name, "B", read)
        self._words = words
        self._numbers = numbers

    def _take(self, values: Sequence[Any]) -> Iterable[int]:
        return list(map(self._numbers.__getitem__, values))

    def _decode(self) -> Callable[[int], Value]:
        return self._words.__getitem__


class _Pool(dict["Value", int]):
    """Numbers of values, in the order in which they are first asked for."""

    def __missing__(self, value: Value) -> int:
        words = value if isinstance(value, tuple) else (value,)
        if not {*map(type, words)} <= {str}:
            raise TypeError
        self[value] = number = len(self)
        return number


class _Texts(Held):
    """A column that holds each different text once."""

    __slots__ = ("_pool",)

    def __init__(self, name: str, read: Callable[[object], Value]) -> None:
        self._pool = _Pool()
        super().__init__(name, "I", lambda value: self._number(read(value)))

    def _number(self, value: Value) -> int | None:
        return None if value is None else self._pool[value]

    def _take(self, values: Sequence[Any]) -> Iterable[int]:
        return list(map(self._pool.__getitem__, values))

    def _decode(self) -> Callable[[int], Value]:
        meanings: list[Value] = list(self._pool)
        return meanings.__getitem__


class _Flags(_Texts):
    """A column that holds each different list of flags once."""

    def _take(self, values: Sequence[Any]) -> Iterable[int]:
        if {*map(type, values)} != {list}:
            raise TypeError
        return super()._take(list(map(tuple, values)))


def held_as(name: str, values: Sequence[Any]) -> Held:
    """Return an empty column of this name, for values such as these."""
    if name in MAKERS:
        return MAKERS[name](name)
    if name not in KNOWN:
        first = next((v for v in values if v is not None), 0)
        if isinstance(first, str):
            return _Texts(name, text_or_none)
        if isinstance(first, bool):
            return _Words(name, boolean_or_none, BOOLEANS, BOOLEAN_NUMBERS)
    return Held(name, "Q", number if name in CORE else number_or_none)


def _flags(value: object) -> tuple[str, ...] | None:
    return None if value is None else tuple(map(text, list_of(value)))


MAKERS: dict[str, Callable[[str], Held]] = {
    "start": lambda name: _Addresses(name, "Q", address),
    "end": lambda name: _Addresses(name, "Q", address),
    "perm": lambda name: _Words(name, perm, PERMS, PERM_NUMBERS),
    "type": lambda name: _Words(name, region_type, TYPES, TYPE_NUMBERS),
    "dev_major": lambda name: Held(name, "I", u32),
    "dev_minor": lambda name: Held(name, "I", u32),
    "pathname": lambda name: _Texts(name, text),
    "vm_flags": lambda name: _Flags(name, _flags),
}
