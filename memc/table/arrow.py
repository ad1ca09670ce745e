"""Arrow streams of tables that were made in Python.

The columns and their names are those of the C core's own streams.  Values are copied.
Snapshots of totals have no regions: a stream of them has a row for each process.
"""

from __future__ import annotations

from memc.errors import MemcError
from memc.table.arrow_fields import (
    Field,
    Part,
    Strings,
    exact,
    odd_paths,
    process_field,
    table_field,
    total_fields,
)
from memc.table.fields import CORE, PAGES, SMAPS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from types import ModuleType

    from memc.ffi.capsules import Kind
    from memc.table.columns import Column
    from memc.table.region import Table
    from memc.table.snapshot import SystemSnapshot

__all__ = ["system_schema", "system_stream", "table_schema", "table_stream"]

ORDER = (*CORE, *SMAPS, *PAGES)
FRONT = ("pid", "name", "uid", "cgroup", "started", "cmdline")


def are_totals(parts: Sequence[Part]) -> bool:
    """Tell whether there are only totals; if so, give each part one row."""
    found = bool(parts) and all(part.totals for part in parts)
    if found:
        for part in parts:
            part.rows = 1
    return found


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
    yield from (process_field(name, unread=name in unread) for name in front)
    yield from column_fields(parts, front)


def column_fields(parts: Sequence[Part], taken: Collection[str]) -> Iterator[Field]:
    """Yield the fields of every column that a table has.

    A column that has one of the `taken` names becomes "region_NAME".
    """
    columns: dict[str, Column] = {}
    for part in parts:
        for name in part.table.columns:
            columns.setdefault(name, part.table.columns[name])
    names = [name for name in ORDER if name in columns]
    names += [name for name in columns if name not in ORDER]
    for name in names:
        new = f"region_{name}" if name in taken else name
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
