"""Frames: the regions of one process at one time, as bytes that give them back exactly.

A frame holds all columns.  It may lean on the frame before: then it holds the rows that
are new, and for each column the bits that changed in the others.  Which rows are new is
told by the addresses::

    before   [ a  b  c  d  e  f ]              head 2, tail 3, rows 6
    now      [ a  b  x  d  e  f ]              middle: x
               head ^     ^^^^ tail

The data, compressed by zlib: head, tail and rows (three 32-bit numbers), then for each
column a byte of flags, the middle, the head and tail as XOR if they changed, and the
validity bitmap if it changed.
"""

from __future__ import annotations

import json
import struct
import zlib
from array import array

from memc.errors import MemcError
from memc.files.recording.strings import (
    pack_flags,
    pack_text,
    unpack_flags,
    unpack_text,
)
from memc.table.build import table
from memc.table.columns import Column
from memc.table.fields import PERMS, TYPES
from memc.table.region import Note
from memc.table.snapshot import Reading, Snapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from memc.files.recording.strings import Strings
    from memc.table.columns import Value

__all__ = ["Frame", "decode", "encode", "flatten", "restore"]

SIZES = struct.Struct("<III")
LEVEL = 1  # of zlib: the frames of 1,000 regions take a third of the time of level 6
SAME, HAS_VALID, SAME_VALID = 1, 2, 4

# How the numbers of a column are meant: the letter in `meta`, and the stored type.
CODES = {
    "Q": "Q",
    "I": "I",
    "B": "B",
    "perm": "B",
    "type": "B",
    "text": "I",
    "flags": "I",
}
WIDTHS = {"Q": 8, "I": 4, "B": 1}
WORDS = {"perm": PERMS, "type": TYPES}
# What the frame keeps of the reading; the process tells the pid and when it started.
KEPT = tuple(name for name in Reading.KEPT if name not in ("pid", "started"))


class Frame:
    """The columns of a snapshot as bytes.

    `columns` has for each name what its numbers mean, the numbers, and the validity
    bitmap; None if no value is missing.
    """

    __slots__ = ("columns", "rows")

    def __init__(
        self, rows: int, columns: dict[str, tuple[str, bytes, bytes | None]]
    ) -> None:
        self.rows = rows
        self.columns = columns

    def shape(self) -> list[tuple[str, str]]:
        """Return the names of the columns, and what their numbers mean."""
        return [(name, meaning) for name, (meaning, _, _) in self.columns.items()]


def flatten(snap: Snapshot, strings: Strings) -> tuple[Frame, str]:
    """Return the frame of a snapshot, and its `meta`: JSON of all the rest."""
    columns = {name: _flat(name, snap.columns[name], strings) for name in snap.columns}
    frame = Frame(len(snap), columns)
    meta: dict[str, Any] = {name: getattr(snap, name) for name in KEPT}
    meta["notes"] = [(note.code, note.count, note.text) for note in snap.notes]
    meta["columns"] = frame.shape()
    return frame, json.dumps(meta, separators=(",", ":"))


def _flat(
    name: str, column: Column, strings: Strings
) -> tuple[str, bytes, bytes | None]:
    valid = None if column.valid is None else bytes(column.valid)
    stored = column.values
    if column.decode is None:
        return stored.format, bytes(stored), valid
    if name in WORDS:
        return name, bytes(stored), valid
    meaning, pack = ("flags", pack_flags) if name == "vm_flags" else ("text", pack_text)
    value = column.decode
    numbers = {number: strings.number(pack(value(number))) for number in {*stored}}
    return meaning, array("I", map(numbers.__getitem__, stored)).tobytes(), valid


def encode(before: Frame | None, now: Frame) -> tuple[bool, bytes]:
    """Return whether the frame stands alone, and its data.

    It leans on the frame `before`, unless there is none or its columns differ.
    """
    if before is None or not before.rows or before.shape() != now.shape():
        parts = [SIZES.pack(0, 0, now.rows)]
        for _, stored, valid in now.columns.values():
            parts += [
                bytes([HAS_VALID if valid is not None else 0]),
                stored,
                valid or b"",
            ]
        return True, zlib.compress(b"".join(parts), LEVEL)
    old, new = before.columns["start"][1], now.columns["start"][1]
    head = _head(old, new)
    tail = _tail(old, new, min(before.rows, now.rows) - head)
    parts = [SIZES.pack(head, tail, now.rows)]
    for name, (meaning, stored, valid) in now.columns.items():
        _, stored_before, valid_before = before.columns[name]
        width = WIDTHS[CODES[meaning]]
        ends = _ends(stored, head * width, tail * width)
        ends_before = _ends(stored_before, head * width, tail * width)
        flags = SAME if ends == ends_before else 0
        flags |= 0 if valid is None else HAS_VALID
        flags |= SAME_VALID if valid == valid_before else 0
        parts += [bytes([flags]), stored[head * width : len(stored) - tail * width]]
        if not flags & SAME:
            parts.append(_xor(ends, ends_before))
        if valid is not None and not flags & SAME_VALID:
            parts.append(valid)
    return False, zlib.compress(b"".join(parts), LEVEL)


def _head(old: bytes, new: bytes) -> int:
    """Return how many numbers of 8 bytes are equal at the begin, by bisection."""
    low, high = 0, min(len(old), len(new)) // 8
    while low < high:
        middle = (low + high + 1) // 2
        if old[low * 8 : middle * 8] == new[low * 8 : middle * 8]:
            low = middle
        else:
            high = middle - 1
    return low


def _tail(old: bytes, new: bytes, high: int) -> int:
    """Return how many numbers of 8 bytes are equal at the end, at most `high`."""
    low, ends_old, ends_new = 0, len(old), len(new)
    while low < high:
        middle = (low + high + 1) // 2
        part_old = old[ends_old - middle * 8 : ends_old - low * 8]
        if part_old == new[ends_new - middle * 8 : ends_new - low * 8]:
            low = middle
        else:
            high = middle - 1
    return low


def _ends(stored: bytes, head: int, tail: int) -> bytes:
    return stored[:head] + stored[len(stored) - tail :]


def _xor(one: bytes, other: bytes) -> bytes:
    bits = int.from_bytes(one, "little") ^ int.from_bytes(other, "little")
    return bits.to_bytes(len(one), "little")


def decode(before: Frame | None, meta: str, data: bytes) -> Frame:
    """Return the frame of `meta` and `data`; `before` is what it leans on, or None.

    Raises MemcError if they are damaged.
    """
    try:
        told = json.loads(meta)["columns"]
        shape = [(str(name), str(meaning)) for name, meaning in told]
        return _decode(before, shape, _Data(zlib.decompress(data)))
    except (zlib.error, struct.error, LookupError, TypeError, ValueError) as error:
        raise MemcError(f"a frame of the recording is damaged: {error}") from None


class _Data:
    """Bytes that are taken from the begin to the end."""

    __slots__ = ("_at", "_bytes")

    def __init__(self, data: bytes) -> None:
        self._bytes = data
        self._at = 0

    def take(self, size: int) -> bytes:
        """Take the next `size` bytes.  Raises ValueError if there are fewer."""
        taken = self._bytes[self._at : self._at + size]
        if len(taken) != size:
            raise ValueError("it is cut short")
        self._at += size
        return taken

    def end(self) -> None:
        """Raise ValueError if bytes are left."""
        if self._at != len(self._bytes):
            raise ValueError("it goes on after its end")


def _decode(before: Frame | None, shape: list[tuple[str, str]], data: _Data) -> Frame:
    head, tail, rows = SIZES.unpack(data.take(SIZES.size))
    if before is None:
        before = Frame(0, {name: (meaning, b"", None) for name, meaning in shape})
    if before.shape() != shape or head + tail > min(rows, before.rows):
        raise ValueError("it does not fit to the frame before")
    columns = {}
    for name, (meaning, stored, valid) in before.columns.items():
        width = WIDTHS[CODES[meaning]]
        flags = data.take(1)[0]
        middle = data.take((rows - head - tail) * width)
        ends = _ends(stored, head * width, tail * width)
        if not flags & SAME:
            ends = _xor(ends, data.take(len(ends)))
        size = (rows + 7) // 8
        if not flags & SAME_VALID:
            valid_now = data.take(size) if flags & HAS_VALID else None
        else:
            valid_now = valid
        if valid_now is not None and len(valid_now) < size:
            raise ValueError("it does not say which values are missing")
        whole = ends[: head * width] + middle + ends[head * width :]
        columns[name] = meaning, whole, valid_now
    data.end()
    return Frame(rows, columns)


def restore(
    frame: Frame, meta: str, strings: Strings, pid: int, started: int | None
) -> Snapshot:
    """Return the snapshot of a frame.  Raises MemcError if the frame is damaged."""
    try:
        told = json.loads(meta)
        notes = tuple(Note(*note) for note in told["notes"])
        reading = Reading(pid, told["detail"])
        for name in KEPT:
            setattr(reading, name, told[name])
        reading.started = started
        columns = {
            name: _column(*column, strings) for name, column in frame.columns.items()
        }
    except (LookupError, TypeError, ValueError) as error:
        raise MemcError(f"a frame of the recording is damaged: {error}") from None
    return Snapshot(table(frame.rows, columns, notes), reading)


def _column(
    meaning: str, stored: bytes, valid: bytes | None, strings: Strings
) -> Column:
    values = memoryview(stored).cast(CODES[meaning])  # type: ignore[call-overload] # B, I or Q
    decode: Callable[[int], Value] | None = None
    if meaning in WORDS:
        words = WORDS[meaning]
        if max(values, default=0) >= len(words):
            raise ValueError(f"{meaning} has a number above {len(words) - 1}")
        decode = words.__getitem__
    elif CODES[meaning] != meaning:
        unpack = unpack_flags if meaning == "flags" else unpack_text
        meanings = {number: unpack(strings.value(number)) for number in {*values}}
        decode = meanings.__getitem__
    return Column(values, None if valid is None else memoryview(valid), decode)
