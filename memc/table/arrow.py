"""Arrow streams of tables that were made in Python.

The columns and their names are those of the C core's own streams.  Values are copied.
Snapshots of totals have no regions: a stream of them has a row for each process.
"""

from __future__ import annotations

from array import array
from itertools import accumulate

from memc.errors import MemcError
from memc.table.columns import bitmap
from memc.table.fields import CORE, PAGES, PERMS, SMAPS, TOTALS, TYPES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from types import ModuleType
    from typing import Literal, TypeAlias

    from memc.ffi.capsules import Dictionary, Kind, Pair
    from memc.table.columns import Column
    from memc.table.region import Table
    from memc.table.snapshot import Process, SystemSnapshot

    # Makes the validity and the values of a column, for one part.
    Maker: TypeAlias = Callable[["Part"], Pair]

__all__ = ["system_schema", "system_stream", "table_schema", "table_stream"]

ORDER = (*CORE, *SMAPS, *PAGES)
FRONT = ("pid", "name", "uid", "cgroup", "started", "cmdline")
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


def are_totals(parts: Sequence[Part]) -> bool:
    """Tell whether there are only totals; if so, give each part one row."""
    found = bool(parts) and all(part.totals for part in parts)
    if found:
        for part in parts:
            part.rows = 1
    return found


def table_field(name: str, key: str, column: Column) -> Field:
    """Return the field called `name`, for the column `key` of tables."""
    fixed = {"perm": PERMS, "type": TYPES}.get(key)
    if fixed is not None:
        return Field(name, "C", numbers_of(key), Strings(fixed))
    if column.decode is None:
        return Field(name, FORMATS[column.values.format], numbers_of(key))
    strings = Strings()
    return Field(name, "I", texts_of(key, strings, shown), strings)


def has_odd_path(part: Part) -> bool:
    """Tell whether some path is not UTF-8."""
    column = part.table.columns.get("pathname")
    return column is not None and any(map(exact, set(column)))


def fields_of(
    parts: Sequence[Part], front: Sequence[str], unread: Sequence[str] = ()
) -> Iterator[Field]:
    """Yield the fields of the stream: `front`, and every column that a table has."""
    if are_totals(parts):
        yield from (process_field(name, unread=name in unread) for name in front)
        yield from total_fields(parts)
        return
    columns: dict[str, Column] = {}
    for part in parts:
        for name in part.table.columns:
            columns.setdefault(name, part.table.columns[name])
    names = [name for name in ORDER if name in columns]
    names += [name for name in columns if name not in ORDER]
    yield from (process_field(name, unread=name in unread) for name in front)
    for name in names:
        new = f"region_{name}" if name in front else name
        yield table_field(new, name, columns[name])
        if name == "pathname" and any(map(has_odd_path, parts)):
            strings = Strings()
            yield Field("pathname_hex", "I", odd_paths(strings), strings)


def table_stream(table: Table) -> object:
    """Return a capsule of the columns of a table, as one array."""
    parts = [Part(table)]
    return stream(parts, list(fields_of(parts, ())))


def table_schema(table: Table) -> object:
    """Return a capsule of the schema of that stream."""
    return core().arrow_schema(kinds_of(fields_of([Part(table)], ())))


def system_stream(system: SystemSnapshot) -> object:
    """Return a capsule of the columns of all processes, an array for each process."""
    parts = parts_of(system)
    return stream(parts, list(fields_of(parts, FRONT, system.unread)))


def system_schema(system: SystemSnapshot) -> object:
    """Return a capsule of the schema of that stream."""
    fields = fields_of(parts_of(system), FRONT, system.unread)
    return core().arrow_schema(kinds_of(fields))


def parts_of(system: SystemSnapshot) -> list[Part]:
    """Return the tables with their processes."""
    return [Part(process.snapshot, process) for process in system.processes]


def stream(parts: Sequence[Part], fields: Sequence[Field]) -> object:
    """Return a capsule of these columns, an array for each table."""
    batches = [(p.rows, [f.make(p) for f in fields]) for p in parts]
    return core().arrow_stream(kinds_of(fields), batches)


def kinds_of(fields: Iterable[Field]) -> list[Kind]:
    """Return the schema of each field; its dictionary has the texts known by now."""
    return [
        (
            field.name,
            field.format,
            None if field.strings is None else field.strings.dictionary(),
            field.note,
        )
        for field in fields
    ]


def core() -> ModuleType:
    """Return the module that makes streams with the C core, whichever backend reads.

    Raises MemcError if the C core is missing.
    """
    try:
        from memc.ffi import capsules
    except ImportError as error:
        raise MemcError(f"Arrow streams need the C core of memc: {error}") from error
    return capsules
