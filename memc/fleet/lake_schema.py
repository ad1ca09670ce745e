"""The schemas of the tables of a lake, as Arrow has them."""

from __future__ import annotations

import pyarrow as pa

from memc.fleet.schema import COLUMNS, FORMAT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["KINDS", "SCHEMA"]

KINDS = {
    "text": pa.string(),
    "texts": pa.list_(pa.string()),
    "number": pa.int64(),
    "small": pa.int32(),
    "flag": pa.bool_(),
    "time": pa.timestamp("ms", "UTC"),
    "day": pa.date32(),
}


def _schema(table: str, columns: Mapping[str, str]) -> pa.Schema:
    from memc._version import version

    told = {
        "memc.table": table,
        "memc.format": str(FORMAT),
        "memc.version": version(),
    }
    fields = [pa.field(name, KINDS[kind]) for name, kind in columns.items()]
    return pa.schema(fields, told)


# The schema of each table of a lake.  Files of newer kernels have more columns.
SCHEMA = {table: _schema(table, columns) for table, columns in COLUMNS.items()}
