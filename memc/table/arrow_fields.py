"""The fields of an Arrow stream, and how the values of each are made."""

from __future__ import annotations

from array import array
from itertools import accumulate

from memc.table.columns import bitmap
from memc.table.fields import PERMS, TOTALS, TYPES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Literal, TypeAlias

    from memc.ffi.capsules import Dictionary, Pair
    from memc.table.columns import Column
    from memc.table.region import Table
    from memc.table.snapshot import Process

    # Makes the validity and the values of a column, for one part.
    Maker: TypeAlias = Callable[["Part"], Pair]

__all__ = [
    "Field",
    "Part",
    "Strings",
    "exact",
    "odd_paths",
    "process_field",
    "table_field",
    "total_fields",
]

UNREAD = {
    "cgroup": "not read: snapshot_all(cgroups=True) reads it",
    "cmdline": "not read: snapshot_all(cmdlines=True) reads it",
}
FORMATS = {"Q": "L", "I": "I", "B": "C"}


class Part:
    """A table, and in a system snapshot its process."""

    __slots__ = ("process", "rows", "table", "totals")

    def __init__(self, table: Table, process: Process | None = None) -> None:
        self.table = table
        self.process = process
        self.rows = len(table)
        self.totals: dict[str, int | None] = getattr(table, "totals", {})


class Strings:
    """A dictionary of Arrow: texts, numbered in the order of first use."""

    __slots__ = ("numbers",)

    def __init__(self, texts: Iterable[str] = ("",)) -> None:
        self.numbers = {text: number for number, text in enumerate(texts)}

    def number(self, text: str) -> int:
        """Return the number of a text; add the text if it is new."""
        return self.numbers.setdefault(text, len(self.numbers))

    def dictionary(self) -> Dictionary:
        """Return the number of texts, their offsets and their bytes."""
        texts = [text.encode() for text in self.numbers]
        ends = packed("i", [0, *accumulate(map(len, texts))])
        return len(texts), ends, b"".join(texts)


class Field:
    """A column of the stream: its name, Arrow's format, its dictionary, its maker.

    `note` is the metadata of the field under the key "memc", "" for none.
    """

    __slots__ = ("format", "make", "name", "note", "strings")

    def __init__(
        self,
        name: str,
        form: str,
        make: Maker,
        strings: Strings | None = None,
        note: str = "",
    ) -> None:
        self.name = name
        self.format = form
        self.make = make
        self.strings = strings
        self.note = note


def packed(code: Literal["I", "i", "Q"], values: Sequence[int]) -> bytes:
    """Return numbers as bytes, as they are in memory."""
    return array(code, values).tobytes()


def nothing(part: Part) -> Pair:
    """Make a column in which every value is missing."""
    return bytes(part.rows // 8 + 1), bytes(8 * part.rows)


def shown(value: object) -> str:
    """Return the text of a decoded value, with U+FFFD for bytes that are not UTF-8."""
    text = " ".join(value) if isinstance(value, tuple) else str(value)
    if text.isascii():
        return text
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def exact(value: object) -> str:
    """Return the bytes of a value in hex if it is not UTF-8, otherwise ""."""
    text = str(value)
    if text.isascii() or shown(text) == text:
        return ""
    return text.encode("utf-8", "surrogateescape").hex()


def numbers_of(name: str) -> Maker:
    """Return a maker of the stored values of the column `name`."""

    def make(part: Part) -> Pair:
        column = part.table.columns.get(name)
        if column is None:
            return nothing(part)
        valid = None if column.valid is None else column.valid.tobytes()
        return valid, column.values.tobytes()

    return make


def texts_of(name: str, strings: Strings, text_of: Callable[[object], str]) -> Maker:
    """Return a maker of the column `name` as numbers of texts."""

    def make(part: Part) -> Pair:
        column = part.table.columns.get(name)
        if column is None:
            return nothing(part)
        known: dict[object, int] = {None: 0}
        for value in column:
            if value not in known:
                known[value] = strings.number(text_of(value))
        valid = None if column.valid is None else column.valid.tobytes()
        return valid, packed("I", [known[value] for value in column])

    return make


def odd_paths(strings: Strings) -> Maker:
    """Return a maker of the exact bytes of paths that are not UTF-8."""
    make = texts_of("pathname", strings, exact)

    def make_odd(part: Part) -> Pair:
        _, values = make(part)
        numbers = memoryview(values).cast("I")
        present = [number != 0 for number in numbers]
        return None if all(present) else bitmap(present), values

    return make_odd


def process_field(name: str, *, unread: bool) -> Field:
    """Return one of the fields that identify the process of the regions."""
    strings = Strings() if name in ("name", "cgroup", "cmdline") else None
    form = {"pid": "i", "started": "L"}.get(name, "I")
    code: Literal["I", "Q"] = "Q" if form == "L" else "I"

    def make(part: Part) -> Pair:
        value = getattr(part.process, name)
        if value is None:
            return nothing(part)
        number = value if strings is None else strings.number(shown(value))
        return None, packed(code, [number]) * part.rows

    return Field(name, form, make, strings, UNREAD.get(name, "not read") * unread)


def total_field(name: str) -> Field:
    """Return a field with a total of each process."""

    def make(part: Part) -> Pair:
        value = part.totals.get(name)
        if name not in part.totals:
            value = getattr(part.table, name, None)
        return nothing(part) if value is None else (None, packed("Q", [value]))

    return Field(name, "L", make)


def total_fields(parts: Sequence[Part]) -> Iterator[Field]:
    """Yield the fields of snapshots of totals."""
    there = {name for part in parts for name in part.totals}
    yield total_field("total_rss_kb")
    yield total_field("total_vsize_kb")
    yield from (total_field(name) for name, _ in TOTALS if name in there)


def table_field(name: str, key: str, column: Column) -> Field:
    """Return the field called `name`, for the column `key` of tables."""
    fixed = {"perm": PERMS, "type": TYPES}.get(key)
    if fixed is not None:
        return Field(name, "C", numbers_of(key), Strings(fixed))
    if column.decode is None:
        return Field(name, FORMATS[column.values.format], numbers_of(key))
    strings = Strings()
    return Field(name, "I", texts_of(key, strings, shown), strings)
