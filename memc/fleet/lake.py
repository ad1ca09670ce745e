"""A lake: rows about the memory of many hosts, in Parquet files with a log of Delta."""

from __future__ import annotations

import pyarrow as pa

from memc.fleet.schema import COLUMNS, FORMAT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["SCHEMA", "files"]

KINDS = {
    "text": pa.string(),
    "texts": pa.list_(pa.string()),
    "number": pa.int64(),
    "small": pa.int32(),
    "flag": pa.bool_(),
    "time": pa.timestamp("ms", "UTC"),
    "day": pa.date32(),
}


def _schema(columns: Mapping[str, str]) -> pa.Schema:
    from memc._version import version

    told = {"memc.format": str(FORMAT), "memc.version": version()}
    fields = [pa.field(name, KINDS[kind]) for name, kind in columns.items()]
    return pa.schema(fields, told)


# The schema of each table of a lake.  Files of newer kernels have more columns.
SCHEMA = {table: _schema(columns) for table, columns in COLUMNS.items()}


def files(lake: str, table: str) -> list[str]:
    """Return the Parquet files that hold the rows of a table now.

    They are those of the newest commit in the log of Delta.  Read them with union by
    name: a column that only some of them have vanishes otherwise.  `date` is in the
    names of their folders alone.  The list is empty if nothing was added to the table.

    Raises MemcError if there is no lake, if a newer memc made the table, or if the log
    cannot be read.
    """
    from memc.fleet.lake_log import open_log

    log = open_log(lake, table)
    return [] if log is None else log.files()
