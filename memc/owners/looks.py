"""What is found in whole columns at once, in their bytes: regions that look alike.

20,000 regions are few different ones.  What follows from their looks is worked out once
for each look, and then spread over the regions.
"""

from __future__ import annotations

from itertools import compress
from sys import byteorder

from memc.table.numbering import Numbers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import TypeVar

    T = TypeVar("T")

__all__ = ["Looks", "OfLook", "is_constant", "rows_at", "rows_of"]

THIRD = 2 if byteorder == "little" else 5  # where the third lowest of 8 bytes is
STEP = 1 << 16  # the third lowest byte counts these
BYTE = 256
_tables: dict[int, bytes] = {}  # by the step between the third lowest bytes


class Looks:
    """The looks of regions: regions with the same name, flags and permissions are one.

    `of` has the number of the look of each region, from 0, and `first` the first region
    of each look.
    """

    __slots__ = ("first", "of")

    def __init__(
        self, names: memoryview[int], flags: memoryview[int], perms: bytearray
    ) -> None:
        """Tell looks apart; `names` and `flags` are numbers of 32 bits."""
        numbers: Numbers[int] = Numbers()
        of = list(map(numbers.__getitem__, _keys(names, flags, perms)))
        self.of: Sequence[int] = of if len(numbers) > BYTE else bytes(of)
        self.first = _first(self.of, len(numbers))

    def spread(self, values: Sequence[T]) -> list[T]:
        """Return the value of each region; `values` are those of the looks."""
        return list(map(values.__getitem__, self.of))

    def each(self, values: Sequence[T]) -> list[T] | OfLook[T]:
        """Return what has the value of each region, for those who ask for few."""
        is_few = len(self.first) * 4 < len(self.of)
        return OfLook(self, values) if is_few else self.spread(values)

    def spread_bytes(self, values: Iterable[int]) -> bytes:
        """Do so with values that fit into a byte."""
        table = bytes(values)
        if isinstance(self.of, bytes):
            return self.of.translate(table.ljust(BYTE, b"\0"))
        return bytes(map(table.__getitem__, self.of))

    def rows(self, wanted: Iterable[object]) -> list[int]:
        """Return the regions of the looks for which `wanted` has something true."""
        return _marked(self.spread_bytes(map(bool, wanted)))


class OfLook(dict[int, "T"]):
    """What each region has, which is what its look has; filled as it is asked for."""

    __slots__ = ("_of", "_values")

    def __init__(self, looks: Looks, values: Sequence[T]) -> None:
        super().__init__(zip(looks.first, values, strict=True))
        self._of = looks.of
        self._values = values

    def __missing__(self, i: int) -> T:
        value = self[i] = self._values[self._of[i]]
        return value


def _keys(
    names: memoryview[int], flags: memoryview[int], perms: bytearray
) -> Sequence[int]:
    """Return a number for each region; two have the same if these three are equal.

    One number takes a tenth of the time that a tuple of the three takes.  It is made of
    the bytes that are not 0 everywhere.
    """
    rows = len(perms)
    ids = [x.tobytes()[byte::4] for x in (names, flags) for byte in range(4)]
    used = [perms, *(x for x in ids if x.count(0) < rows)]
    width = 4 if len(used) <= 4 else 8
    if len(used) > width:
        return range(rows)  # too many: as if no two were alike
    packed = bytearray(width * rows)
    for at, values in enumerate(used):
        packed[at::width] = values
    return memoryview(packed).cast("I" if width == 4 else "Q").tolist()


def _first(of: Sequence[int], count: int) -> list[int]:
    """Return the first region of each look."""
    if isinstance(of, bytes):
        return list(map(of.index, range(count)))
    rows = range(len(of) - 1, -1, -1)
    first = dict(zip(reversed(of), rows, strict=True))
    return list(map(first.__getitem__, range(count)))


def rows_of(values: bytes | bytearray, wanted: Iterable[int]) -> list[int]:
    """Return the regions that have one of these values."""
    return _marked(values.translate(_table(wanted)))


def rows_at(starts: memoryview[int], unit: int) -> list[int]:
    """Return the regions that may begin in the first 64 KiB of a multiple of `unit`."""
    third = starts.tobytes()[THIRD::8]
    step = min(unit // STEP, BYTE)
    if step not in _tables:
        _tables[step] = _table(range(0, BYTE, step))
    return _marked(third.translate(_tables[step]))


def is_constant(values: memoryview[int]) -> bool:
    """Tell whether all values are equal."""
    return values[1:] == values[:-1]


def _table(wanted: Iterable[int]) -> bytes:
    """Return what translates these bytes to 1, and the others to 0."""
    table = bytearray(BYTE)
    for byte in wanted:
        table[byte] = 1
    return bytes(table)


def _marked(marks: bytes | bytearray) -> list[int]:
    """Return where the bytes are 1."""
    if marks.count(1) > len(marks) // 16:
        return list(compress(range(len(marks)), marks))
    found = []
    i = marks.find(1)
    while i >= 0:
        found.append(i)
        i = marks.find(1, i + 1)
    return found
