"""What is found in whole columns at once, in their bytes: regions that look alike.

20,000 regions are few different ones.  One number for the name, the permissions and
the flags of a region takes a tenth of the time that a tuple of the three takes.
"""

from __future__ import annotations

from sys import byteorder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

# Where the highest byte of 4 bytes is, and the third lowest of 8.
TOP, THIRD = (3, 2) if byteorder == "little" else (0, 5)
STEP = 1 << 16  # the third lowest byte counts these
_tables: dict[int, bytes] = {}  # by the step between the third lowest bytes


def looks(
    names: memoryview[int], flags: memoryview[int], perms: bytearray
) -> list[int]:
    """Return a number for each region; two have the same if these three are equal.

    `names` and `flags` are numbers of 32 bits.
    """
    if not perms:
        return []
    if any(ids.tobytes()[TOP::4].strip(b"\0") for ids in (names, flags)):
        return list(range(len(perms)))  # too many: as if no two were alike
    packed = memoryview(bytearray(8 * len(perms)))
    halves = packed.cast("I")
    halves[0::2], halves[1::2] = names, flags
    packed[TOP::8] = perms
    return packed.cast("Q").tolist()


def rows_with(perms: bytearray, wanted: set[int]) -> list[int]:
    """Return the regions that have one of these permissions."""
    return _marked(perms.translate(_table(wanted))) if wanted else []


def rows_at(starts: memoryview[int], unit: int) -> list[int]:
    """Return the regions that may begin in the first 64 KiB of a multiple of `unit`."""
    third = starts.tobytes()[THIRD::8]
    step = min(unit // STEP, 256)
    if step not in _tables:
        _tables[step] = _table(range(0, 256, step))
    return _marked(third.translate(_tables[step]))


def is_constant(values: memoryview[int]) -> bool:
    """Tell whether all values are equal."""
    raw = values.tobytes()
    return raw == raw[: values.itemsize] * len(values)


def _table(wanted: Iterable[int]) -> bytes:
    """Return what translates these bytes to 1, and the others to 0."""
    table = bytearray(256)
    for byte in wanted:
        table[byte] = 1
    return bytes(table)


def _marked(marks: bytes | bytearray) -> list[int]:
    """Return where the bytes are 1."""
    found = []
    i = marks.find(1)
    while i >= 0:
        found.append(i)
        i = marks.find(1, i + 1)
    return found
