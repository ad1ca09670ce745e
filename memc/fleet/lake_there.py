"""Which samples are in a table of a lake: what is added again is left out."""

from __future__ import annotations

import os
from datetime import date, timedelta

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from memc.errors import MemcError
from memc.fleet.lake_log import open_log
from memc.fleet.lake_schema import SCHEMA

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeAlias

    from memc.fleet.lake_log import File, Log

    # The host, the boot, the time in ms, and the part: what tells samples apart.
    Name: TypeAlias = tuple[str, str | None, int, str | None]

__all__ = ["There", "checked", "names_in", "without"]

DAY_MS = 86_400_000
EPOCH = date(1970, 1, 1)
NAMES = ("host", "boot", "ts", "part")


class There:
    """The samples in a table, of the hosts and the days that were asked for."""

    def __init__(self, lake: str, table: str) -> None:
        self._lake = lake
        self._table = table
        self._log: Log | None = None
        self._files: dict[date, list[File]] | None = None
        self._names: set[Name] = set()
        self._read: dict[tuple[str, date], set[str]] = {}

    def has(self, name: Name) -> bool:
        """Tell whether the table has a sample, as it was when it was first asked."""
        if self._files is None:
            self._take(open_log(self._lake, self._table))
        self._learn(name)
        return name in self._names

    def look(self, log: Log, names: Iterable[Name]) -> set[Name]:
        """Return those samples that the table has as a log tells it."""
        self._take(log)
        for name in names:
            self._learn(name)
        return {name for name in names if name in self._names}

    def add(self, names: Iterable[Name]) -> None:
        """Know that samples were added."""
        self._names.update(names)

    def _take(self, log: Log | None) -> None:
        self._log = log
        self._files = {}
        for file in log.listed() if log is not None else ():
            self._files.setdefault(file.day, []).append(file)

    def _learn(self, name: Name) -> None:
        """Read the files that may have samples of a host and a day, each once."""
        host, day = name[0], EPOCH + timedelta(days=name[2] // DAY_MS)
        read = self._read.setdefault((host, day), set())
        for file in (self._files or {}).get(day, ()):
            if file.path not in read and file.may_have(host):
                self._names |= self._names_of(file, host)
                read.add(file.path)

    def _names_of(self, file: File, host: str) -> set[Name]:
        assert self._log is not None  # noqa: S101 - for mypy
        path = os.path.join(self._log.path, file.path)
        try:
            with pq.ParquetFile(path) as opened:
                there = {*opened.schema_arrow.names}
            columns = [name for name in NAMES if name in there]
            of_host = pc.field("host") == host
            rows = pq.read_table(
                path, columns=columns, filters=of_host, partitioning=None
            )
        except (OSError, pa.ArrowException) as error:
            raise MemcError(f"{path}: it cannot be read: {error}") from None
        return names_in(rows)


def names_in(rows: pa.Table) -> set[Name]:
    """Return the samples that rows are of."""
    columns = [name for name in NAMES if name in rows.column_names]
    found = rows.select(columns)
    at = found.column_names.index("ts")
    times = found.column("ts").cast(pa.timestamp("ms", "UTC")).cast(pa.int64())
    found = found.set_column(at, "ts", times).group_by(columns).aggregate([])
    return {tuple(row.get(name) for name in NAMES) for row in found.to_pylist()}


def without(rows: pa.Table, names: set[Name]) -> pa.Table:
    """Return the rows that are of no sample of these."""
    if not names:
        return rows
    there = names_in(rows) & names
    if not there:
        return rows
    columns = [rows.column(name) for name in NAMES[:2]]
    columns.append(rows.column("ts").cast(pa.int64()))
    columns.append(rows.column("part"))
    told = zip(*(column.to_pylist() for column in columns), strict=True)
    return rows.filter(pa.array([name not in there for name in told], pa.bool_()))


def checked(rows: pa.Table, table: str) -> pa.Table:
    """Return rows that were made elsewhere, with the kinds that the table has.

    Raises MemcError if they are no rows of the table.
    """
    from memc.fleet.given import host_name

    for name in ("host", "ts"):
        if name not in rows.column_names or rows.column(name).null_count:
            raise MemcError(f"no rows of {table}: {name} is not known")
    try:
        rows = _cast(rows, SCHEMA[table])
        days = rows.column("ts").cast(pa.date32())
        rows = rows.set_column(rows.column_names.index("date"), "date", days)
        for host in pc.unique(rows.column("host")).to_pylist():
            host_name(host or "")
    except (pa.ArrowException, ValueError) as error:
        raise MemcError(f"no rows of {table}: {error}") from None
    return rows


def _cast(rows: pa.Table, schema: pa.Schema) -> pa.Table:
    """Return rows with all columns of a schema, and those that they have beside."""
    for place, name in enumerate(rows.column_names):
        if name in schema.names:
            field = schema.field(name)
            rows = rows.set_column(place, field, rows.column(name).cast(field.type))
    for field in schema:
        if field.name not in rows.column_names:
            rows = rows.append_column(field, pa.nulls(rows.num_rows, field.type))
    return rows
