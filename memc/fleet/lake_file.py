"""Add one file to a lake, whole or not at all: what ``memc.load`` reads, or rows."""

from __future__ import annotations

import os

import pyarrow as pa
import pyarrow.parquet as pq

from memc.errors import MemcError
from memc.fleet.lake_schema import SCHEMA
from memc.fleet.schema import FORMAT
from memc.fleet.sources import samples_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from memc.fleet.lake_batch import Batch

__all__ = ["add_file", "is_rows"]

MAGIC = b"PAR1"


def add_file(
    batch: Batch, path: str, host: str | None, *, every_ms: int | None = None
) -> None:
    """Add the samples of a file to a batch.

    Raises MemcError or OSError if the file is damaged; then nothing of it is added.
    """
    try:
        if path != "-" and is_rows(path):
            for table, rows in _rows_in(path):
                batch.put(table, rows)
        else:
            found = samples_of(path, host, every_ms=every_ms, wanted=batch.wants)
            for sample in found:
                batch.add(sample)
    except BaseException:
        batch.undo()
        raise
    batch.end()


def is_rows(path: str) -> bool:
    """Tell whether a regular file is one of Parquet."""
    if not os.path.isfile(path):
        return False
    with open(path, "rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def _rows_in(path: str) -> Iterator[tuple[str, pa.Table]]:
    """Yield the rows in a file of Parquet that memc wrote, and their table."""
    try:
        with pq.ParquetFile(path) as file:
            told = file.schema_arrow.metadata or {}
            table = told.get(b"memc.table", b"").decode()
            form = told.get(b"memc.format", b"").decode()
            if table not in SCHEMA:
                raise MemcError(f"{path}: a file of Parquet, but not rows of memc")
            if form != str(FORMAT):
                words = f"its format is {form!r}, and this memc knows {FORMAT}"
                raise MemcError(f"{path}: {words}")
            for number in range(file.num_row_groups):
                yield table, file.read_row_group(number)
    except (pa.ArrowException, UnicodeDecodeError) as error:
        raise MemcError(f"{path}: damaged: {error}") from None
