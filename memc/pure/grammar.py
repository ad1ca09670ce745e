"""The lines of maps and smaps: read a line, or find what is wrong with it.

    55d0c8a00000-55d0c8a02000 r--p 00001000 103:02 787212  /usr/bin/cat
    Rss:                  16 kB
    THPeligible:           0
    VmFlags: rd mr mw me sd

A pattern reads a good line.  A line that does not match is checked part by part.
"""

from __future__ import annotations

import re

from memc.table.fields import CORE, FIELDS, PAGES, SMAPS, U32_MAX, U64_MAX

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    Counter: TypeAlias = int | str | tuple[str, ...]

# A key that memc does not know must not get the name of one of these columns.
RESERVED = {*CORE, *SMAPS, *PAGES, "name", "pathname_hex"}

CUT = "the rest of the line: the text is cut short here"
TOO_LONG = "a number of at most 64 bits"

HEADER = re.compile(
    rb"([0-9a-f]+)-([0-9a-f]+) ([r-][w-][x-][sSp-]) ([0-9a-f]+) "
    rb"([0-9a-f]+):([0-9a-f]+) ([0-9]+)(?: +(.*))?\Z",
    re.DOTALL,
)
# The parts of a header: the name, the number or letter, and what must follow it.
PARTS = (
    ("start address", rb"[0-9a-f]+", rb"-"),
    ("end address", rb"[0-9a-f]+", rb" "),
    ("permissions", rb"[r-]", rb""),
    ("permissions", rb"[w-]", rb""),
    ("permissions", rb"[x-]", rb""),
    ("permissions", rb"[sSp-]", rb" "),
    ("offset", rb"[0-9a-f]+", rb" "),
    ("device", rb"[0-9a-f]+", rb":"),
    ("device", rb"[0-9a-f]+", rb" "),
    ("inode", rb"[0-9]+", rb" |\Z"),
)
# Kernels without an MMU print "S" if the memory is shared with the file, and "s" if it
# only may be (nommu_vma_show() in fs/proc/task_nommu.c).
PERM_BITS = (b"r", 1), (b"w", 2), (b"x", 4), (b"s", 8), (b"S", 8), (b"p", 16)

NUMBER = re.compile(rb"[ \t]*([0-9]*)")
AMOUNT = re.compile(rb"[ \t]*([0-9]*)[ \t]*(k(B[ \t]*)?)?")
MAYBE_AMOUNT = re.compile(rb"[ \t]*([0-9]+)([ \t]*kB)?[ \t]*\Z")
KEY = re.compile(rb"[A-Za-z0-9_]{1,126}\Z")
CAPITAL = re.compile(rb"(?<=[a-z0-9])(?=[A-Z])")


class BadLineError(Exception):
    """`what` was expected at `column`, which counts from 1."""

    def __init__(self, what: str, column: int) -> None:
        super().__init__(what, column)
        self.what = what
        self.column = column


class Row:
    """A region: its header line, and the counters that follow it."""

    __slots__ = (
        "counters",
        "dev_major",
        "dev_minor",
        "end",
        "inode",
        "offset",
        "pathname",
        "perm",
        "start",
    )

    def __init__(self, parts: tuple[bytes, ...]) -> None:
        start, end, perm, offset, major, minor, inode, name = parts
        self.start = int(start, 16)
        self.end = int(end, 16)
        self.perm = sum(bit for letter, bit in PERM_BITS if letter in perm)
        self.offset = int(offset, 16)
        self.dev_major = int(major, 16)
        self.dev_minor = int(minor, 16)
        self.inode = decimal(inode)
        self.pathname = name.replace(b"\\012", b"\n") if b"\\" in name else name
        self.counters: dict[str, Counter] = {}


def is_counter(line: bytes) -> bool:
    """Tell whether a line is a counter, not a header."""
    return b"A" <= line[:1] <= b"Z"


def refuse_nul(line: bytes) -> None:
    """Raise BadLineError at a NUL byte."""
    at = line.find(b"\0")
    if at >= 0:
        raise BadLineError("a line without NUL bytes", at + 1)


def read_header(line: bytes) -> Row:
    """Read a header, which is a line of maps.  Raises BadLineError."""
    refuse_nul(line)
    match = HEADER.match(line)
    if match is None:
        raise _header_trouble(line)
    row = Row(match.groups(b""))
    if (
        not row.start <= row.end <= U64_MAX
        or row.offset > U64_MAX
        or row.dev_major > U32_MAX
        or row.dev_minor > U32_MAX
        or row.inode > U64_MAX
    ):
        raise _header_trouble(line)
    return row


def _header_trouble(line: bytes) -> BadLineError:
    """Return the error for the first part of a header that is wrong."""
    at = 0
    start = 0
    for what, pattern, behind in PARTS:
        part = re.compile(pattern).match(line, at)
        if part is None:
            return BadLineError(what, at + 1)
        number = _part(what, part[0])
        if number > U64_MAX:
            return BadLineError(TOO_LONG, at + 1)
        separator = re.compile(behind).match(line, part.end())
        if separator is None:
            return BadLineError(what, part.end() + 1)
        if what == "start address":
            start = number
        if what == "end address" and number < start:
            return BadLineError("an end address not below the start", at + 1)
        if what == "device" and number > U32_MAX:
            return BadLineError("a device number of at most 32 bits", at + 1)
        at = separator.end()
    raise AssertionError(line)


def _part(what: str, part: bytes) -> int:
    if what == "permissions":
        return 0
    return decimal(part) if what == "inode" else int(part, 16)


def read_value(key: bytes, value: bytes, at: int) -> tuple[str, bool, Counter] | None:
    """Read the value after the colon of a counter line.

    `at` is where the value starts in the line, from 1.  Return the name of its column,
    whether the column is in kB, and the value; None if the line makes no column.
    Raises BadLineError.
    """
    known = KNOWN.get(key)
    if known is None:
        return _unknown(key, value, at)
    name, is_kb, read = known
    held = read(value, at)
    return (name, is_kb, held) if name else None


def decimal(digits: bytes) -> int:
    """Return a number; a number over 64 bits may be wrong, but stays over 64 bits."""
    return int(digits.lstrip(b"0")[:21] or b"0")


def _checked(digits: bytes, at: int) -> int:
    number = decimal(digits)
    if number > U64_MAX:
        raise BadLineError(TOO_LONG, at)
    return number


def _amount(value: bytes, at: int) -> int:
    match = AMOUNT.match(value)
    if match is None or not match[1]:
        raise BadLineError("a number", at + (match.end(1) if match else 0))
    number = _checked(match[1], at + match.start(1))
    if match[3] is None or match.end() < len(value):
        raise BadLineError("kB", at + match.end())
    return number


def _number(value: bytes, at: int) -> int:
    match = NUMBER.match(value)
    if match is None or not match[1]:
        raise BadLineError("a number", at + (match.end() if match else 0))
    number = _checked(match[1], at + match.start(1))
    if value[match.end() : match.end() + 1] not in (b"", b" ", b"\t"):
        raise BadLineError("the end of the line", at + match.end())
    return number


def _flags(value: bytes, _at: int) -> tuple[str, ...]:
    words = value.replace(b"\t", b" ").split(b" ")
    return tuple(text(word) for word in words if word)


def _name(value: bytes, _at: int) -> str:
    return text(value.lstrip(b" \t"))


def _unknown(key: bytes, value: bytes, at: int) -> tuple[str, bool, int] | None:
    digits = NUMBER.match(value)
    if digits is None or not digits[1]:
        return None
    number = _checked(digits[1], at + digits.start(1))
    match = MAYBE_AMOUNT.match(value)
    if match is None or KEY.match(key) is None:
        return None
    is_kb = match[2] is not None
    name = text(CAPITAL.sub(b"_", key).lower()) + ("_kb" if is_kb else "")
    if name in RESERVED or name.startswith("region_"):
        return None
    return name, is_kb, number


def text(data: bytes) -> str:
    """Return bytes as text; bytes that are not UTF-8 become surrogate escapes."""
    return data.decode("utf-8", "surrogateescape")


def _known() -> dict[bytes, tuple[str, bool, Callable[[bytes, int], Counter]]]:
    """Return for each key its column, whether it is in kB, and the reader of values."""
    known: dict[bytes, tuple[str, bool, Callable[[bytes, int], Counter]]] = {
        key.encode(): (name, is_kb, _amount if is_kb else _number)
        for key, name, is_kb in FIELDS
    }
    known[b"Size"] = ("", True, _amount)  # no column: the addresses give the size
    known[b"VmFlags"] = ("vm_flags", False, _flags)
    known[b"Name"] = ("name", False, _name)  # vendor kernels of Android
    return known


KNOWN = _known()
