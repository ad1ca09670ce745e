"""Columns in the memory of C, wrapped for Python."""

from __future__ import annotations

from memc.ffi.lib import ffi, lib, view, words
from memc.table.columns import Column, Columns
from memc.table.fields import PERMS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Literal

    from memc.ffi.lib import CData
    from memc.table.columns import Value

__all__ = ["columns_of", "type_names"]

TYPECODES: dict[int, Literal["B", "I", "Q"]] = {1: "B", 4: "I", 8: "Q"}


SMALL, COUNT_MAX = 8192, 64  # of the pools whose strings are kept, in bytes
_known: dict[object, Pool] = {}  # processes that run the same program have equal ones
# The numbers of columns by name, by all names: most tables have the same.
_numbers: dict[str, dict[str, int]] = {}
# The number, width and unit of columns by name, by what columns a small table has.
_shapes: dict[bytes, dict[str, tuple[int, int, int]]] = {}


class Pool:
    """The strings and flags of all snapshots with the same pool, as far as decoded."""

    __slots__ = ("flags", "texts")

    def __init__(self) -> None:
        self.texts: dict[int, str] = {}
        self.flags: dict[int, tuple[str, ...]] = {}


class Strings:
    """The string pool of a snapshot; each string is decoded once, at its first use.

    Two snapshots with one object for `pool` number their strings alike.  It is None if
    there is too much of them to know another that is equal.
    """

    __slots__ = ("_bytes", "_decoded", "_flags", "_offsets", "pool")

    def __init__(self, handle: CData) -> None:
        pool = lib.memc_snapshot_strings(handle)
        size = (pool.count + 1) * 4
        length = pool.offsets[pool.count]
        self.pool: Pool | None = None
        if length > SMALL:
            self._offsets = view(handle, pool.offsets, size).cast("I")
            self._bytes = view(handle, pool.bytes, length)
        else:
            key = ffi.buffer(pool.offsets, size)[:], ffi.buffer(pool.bytes, length)[:]
            self._offsets = memoryview(key[0]).cast("I")
            self._bytes = memoryview(key[1])
            self.pool = _pool(key)
        mine = self.pool or Pool()
        self._decoded, self._flags = mine.texts, mine.flags

    def text(self, number: int) -> str:
        """Return string `number`; bytes not in UTF-8 become surrogate escapes."""
        text = self._decoded.get(number)
        if text is None:
            raw = self._bytes[self._offsets[number] : self._offsets[number + 1]]
            text = str(raw, "utf-8", "surrogateescape")
            self._decoded[number] = text
        return text

    def flags(self, number: int) -> tuple[str, ...]:
        """Return the mnemonics that string `number` lists."""
        flags = self._flags.get(number)
        if flags is None:
            text = self.text(number)
            flags = self._flags[number] = tuple(text.split(" ")) if text else ()
        return flags


def _pool(key: object) -> Pool:
    """Return the pool with these bytes."""
    found = _known.get(key)
    if found is None:
        if len(_known) >= COUNT_MAX:
            _known.clear()
        found = _known[key] = Pool()
    return found


def decoder(unit: int, strings: Callable[[], Strings]) -> Callable[[int], Value] | None:
    """Return the function that decodes stored numbers; None if none is needed."""
    if unit == STRING:
        return strings().text
    return strings().flags if unit == FLAGS else DECODERS.get(unit)


def columns_of(handle: CData, rows: int) -> Columns:
    """Return the columns of a snapshot; each is wrapped at its first use."""
    made: list[Strings] = []

    def strings() -> Strings:
        """Return the strings, which amounts do not need."""
        if not made:
            made.append(Strings(handle))
        return made[0]

    return _columns_in_one(handle, rows, strings) or _columns(handle, rows, strings)


def _columns_in_one(
    handle: CData, rows: int, strings: Callable[[], Strings]
) -> Columns | None:
    """Return columns that are parts of one view; None for what is no small table.

    To wrap memory of C takes ten times as long as to take a part of what is wrapped.
    """
    count = lib.memc_snapshot_columns(handle)
    found, size = ffi.new("struct memc_place[]", count), ffi.new("size_t *")
    start = lib.memc_snapshot_memory(handle, found, size)
    if start == ffi.NULL:
        return None
    whole = view(handle, start, size[0])
    wholes = {width: whole.cast(code) for width, code in TYPECODES.items()}
    places = memoryview(ffi.buffer(found)).cast("I")
    shape = places[2::3].tobytes()
    known = _shapes.get(shape)
    if known is None:
        if len(_shapes) >= COUNT_MAX:
            _shapes.clear()  # another thread may do so at any time
        known = _shapes[shape] = {
            ffi.string(c.name).decode(): (i, c.width, c.unit)
            for i in range(count)
            for c in (lib.memc_snapshot_column(handle, i),)
        }

    def make(name: str) -> Column:
        i, width, unit = known[name]
        at, valid = places[3 * i] // width, places[3 * i + 1]
        return Column(
            wholes[width][at : at + rows],
            whole[valid : valid + (rows + 7) // 8] if valid else None,
            decoder(unit, strings),
        )

    return Columns(known, make)


def _columns(handle: CData, rows: int, strings: Callable[[], Strings]) -> Columns:
    """Return columns that are wherever they are."""
    names = words(lib.memc_snapshot_column_names, handle)
    numbers = _numbers.get(names)
    if numbers is None:
        if len(_numbers) >= COUNT_MAX:
            _numbers.clear()
        numbers = {name: i for i, name in enumerate(names.split("\n"))}
        _numbers[names] = numbers

    def make(name: str) -> Column:
        c = lib.memc_snapshot_column(handle, numbers[name])
        values = view(handle, c.values, rows * c.width).cast(TYPECODES[c.width])
        valid = view(handle, c.valid, (rows + 7) // 8) if c.valid else None
        return Column(values, valid, decoder(c.unit, strings))

    return Columns(numbers, make)


def type_names() -> tuple[str, ...]:
    """Return the names of types; the column `type` has indexes into them."""
    names: list[str] = []
    while name := lib.memc_type_name(len(names)):
        names.append(ffi.string(name).decode())
    return tuple(names)


STRING, FLAGS = lib.MEMC_UNIT_STRING, lib.MEMC_UNIT_FLAGS
DECODERS = {
    lib.MEMC_UNIT_PERM: PERMS.__getitem__,
    lib.MEMC_UNIT_TYPE: type_names().__getitem__,
}
