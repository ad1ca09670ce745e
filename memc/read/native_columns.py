"""Columns in the memory of C, wrapped for Python."""

from __future__ import annotations

from memc.ffi.lib import ffi, lib, view
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
# The strings and flags of pools: processes that run the same program have equal ones.
_known: dict[object, tuple[dict[int, str], dict[int, tuple[str, ...]]]] = {}


class Strings:
    """The string pool of a snapshot; each string is decoded once, at its first use."""

    __slots__ = ("_bytes", "_decoded", "_flags", "_offsets")

    def __init__(self, handle: CData) -> None:
        pool = lib.memc_snapshot_strings(handle)
        self._offsets = view(handle, pool.offsets, (pool.count + 1) * 4).cast("I")
        self._bytes = view(handle, pool.bytes, self._offsets[pool.count])
        self._decoded: dict[int, str] = {}
        self._flags: dict[int, tuple[str, ...]] = {}
        if len(self._bytes) <= SMALL:
            key = bytes(self._offsets), bytes(self._bytes)
            if len(_known) >= COUNT_MAX and key not in _known:
                _known.clear()
            self._decoded, self._flags = _known.setdefault(key, ({}, {}))

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


def decoder(unit: int, strings: Strings) -> Callable[[int], Value] | None:
    """Return the function that decodes stored numbers; None if none is needed."""
    if unit == lib.MEMC_UNIT_STRING:
        return strings.text
    if unit == lib.MEMC_UNIT_FLAGS:
        return strings.flags
    if unit == lib.MEMC_UNIT_PERM:
        return PERMS.__getitem__
    if unit == lib.MEMC_UNIT_TYPE:
        return TYPE_NAMES.__getitem__
    return None


def columns_of(handle: CData, rows: int) -> Columns:
    """Return the columns of a snapshot; each is wrapped at its first use."""
    count = lib.memc_snapshot_columns(handle)
    found = (lib.memc_snapshot_column(handle, i) for i in range(count))
    numbers = {ffi.string(c.name).decode(): i for i, c in enumerate(found)}
    strings = Strings(handle)

    def make(name: str) -> Column:
        c = lib.memc_snapshot_column(handle, numbers[name])
        values = view(handle, c.values, rows * c.width).cast(TYPECODES[c.width])
        valid = view(handle, c.valid, (rows + 7) // 8) if c.valid else None
        return Column(values, valid, decoder(c.unit, strings))

    return Columns(tuple(numbers), make)


def type_names() -> tuple[str, ...]:
    """Return the names of types; the column `type` has indexes into them."""
    names: list[str] = []
    while name := lib.memc_type_name(len(names)):
        names.append(ffi.string(name).decode())
    return tuple(names)


TYPE_NAMES = type_names()
