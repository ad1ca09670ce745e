"""Files of rows, sorted, that stand in a lake before a commit names them."""

from __future__ import annotations

import os
from contextlib import suppress
from uuid import uuid4

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from memc.errors import MemcError
from memc.fleet.lake_log import File
from memc.fleet.lake_place import check_folder, folder_of
from memc.fleet.schema import ORDERS
from memc.proc.rights import words_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

__all__ = [
    "joined",
    "no_write",
    "read_parts",
    "remove_parts",
    "write_parts",
    "write_sorted",
]

ZSTD = 3


def write_parts(lake: str, table: str, rows: list[pa.Table]) -> list[File]:
    """Write rows, a file for each day.  Raises MemcError if it cannot be."""
    if not rows:
        return []
    path = folder_of(lake, table)
    whole = joined(rows)
    files: list[File] = []
    try:
        days = pc.unique(whole.column("date")).to_pylist()
        for day in days:
            part = whole
            if len(days) > 1:
                part = whole.filter(pc.equal(whole.column("date"), pa.scalar(day)))
            files.append(_write_day(path, table, day, part.drop_columns("date")))
    except (OSError, pa.ArrowException) as error:
        remove_parts(lake, table, files)
        raise no_write(path, error) from None
    return files


def joined(rows: list[pa.Table]) -> pa.Table:
    """Return rows in one table.  Raises MemcError if a column is of two kinds."""
    try:
        return pa.concat_tables(rows, promote_options="default")
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise MemcError(f"columns differ in their kinds: {error}") from None


def _write_day(path: str, table: str, day: date, rows: pa.Table) -> File:
    folder = f"date={day}"
    check_folder(os.path.join(path, folder))
    os.makedirs(os.path.join(path, folder), exist_ok=True)
    name = os.path.join(folder, f"part-{uuid4().hex}.parquet")
    whole = os.path.join(path, name)
    try:
        write_sorted(rows, table, whole)
        size = os.path.getsize(whole)
    except BaseException:
        with suppress(OSError):
            os.unlink(whole)
        raise
    hosts = pc.min_max(rows.column("host")).as_py()
    times = pc.min_max(rows.column("ts").cast(pa.int64())).as_py()
    return File(
        name,
        day,
        (size, rows.num_rows),
        (hosts["min"], hosts["max"]),
        (times["min"], times["max"]),
    )


def write_sorted(rows: pa.Table, table: str, path: str) -> None:
    """Write rows to a file in the order of their table."""
    rows = rows.sort_by([(column, "ascending") for column in ORDERS[table]])
    pq.write_table(rows, path, compression="zstd", compression_level=ZSTD)


def no_write(path: str, error: Exception) -> MemcError:
    """Return the error for a folder that cannot be written to."""
    words = words_of(error) if isinstance(error, OSError) else str(error)
    return MemcError(f"cannot write to {path}: {words}")


def read_parts(lake: str, table: str, files: Iterable[File]) -> list[pa.Table]:
    """Return the rows of files that were not committed."""
    found = []
    for file in files:
        path = os.path.join(folder_of(lake, table), file.path)
        rows = pq.ParquetFile(path).read()
        day = pa.repeat(pa.scalar(file.day, pa.date32()), rows.num_rows)
        found.append(rows.append_column("date", day))
    return found


def remove_parts(lake: str, table: str, files: Iterable[File]) -> None:
    """Remove files that were not committed."""
    for file in files:
        with suppress(OSError, MemcError):
            os.unlink(os.path.join(folder_of(lake, table), file.path))
