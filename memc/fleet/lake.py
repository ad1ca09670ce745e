"""A lake: rows about the memory of many hosts, in Parquet files with a log of Delta."""

from __future__ import annotations

import os
import time
from glob import glob

import pyarrow as pa

from memc.errors import MemcError
from memc.fleet.lake_schema import SCHEMA
from memc.fleet.schema import INCOMING, TABLES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import TypeAlias

    from memc.fleet.lake_batch import Added
    from memc.fleet.sample import Sample
    from memc.table.snapshot import Snapshot, SystemSnapshot

    Source: TypeAlias = str | os.PathLike[str] | Snapshot | SystemSnapshot

__all__ = ["SCHEMA", "add", "files", "rows", "write"]

NS_PER_MS = 1_000_000


def rows(
    source: Source,
    host: str | None = None,
    table: str = "owners",
    *,
    every_ms: int | None = None,
    received_ms: int | None = None,
) -> pa.RecordBatchReader:
    """Return the rows of a file or a snapshot for a table, without any lake.

    The reader has the columns of ``SCHEMA[table]``, and those that a newer kernel adds.
    `every_ms` keeps one sample in each such time; of a recording it is a minute unless
    it is given.  `received_ms` is the time of adding, now unless it is given.

    Raises MemcError if the file is damaged, and OSError if it cannot be read.
    """
    from memc.fleet.lake_rows import tables_of

    now_ms = time.time_ns() // NS_PER_MS if received_ms is None else received_ms
    found = []
    for sample in _samples(source, host, every_ms):
        made = tables_of(sample, now_ms, (table,)).get(table)
        if made is not None and made.num_rows:
            found.append(made)
    schema = pa.unify_schemas([SCHEMA[table], *(one.schema for one in found)])
    whole = pa.concat_tables([schema.empty_table(), *found], promote_options="default")
    return whole.to_reader()


def _samples(
    source: Source, host: str | None, every_ms: int | None
) -> Iterator[Sample]:
    from memc.fleet.sources import samples_of, samples_of_loaded
    from memc.table.snapshot import Snapshot, SystemSnapshot

    if isinstance(source, (Snapshot, SystemSnapshot)):
        name = host or os.uname().nodename
        now_ms = time.time_ns() // NS_PER_MS
        return samples_of_loaded([[source]], name, now_ms)
    return samples_of(os.fspath(source), host, every_ms=every_ms)


def add(
    lake: str | os.PathLike[str],
    source: Source,
    host: str | None = None,
    *,
    tables: Iterable[str] = TABLES,
    every_ms: int | None = None,
) -> Added:
    """Add a file or a snapshot to a lake, which is made if it does not exist.

    All of it is in the lake afterwards, or nothing.  What the lake has of the same
    host, boot and time is left out; the result counts it.

    Raises MemcError if the file is damaged or the lake cannot be written to, and
    OSError if the file cannot be read.
    """
    from memc.fleet.lake_batch import Batch
    from memc.fleet.sources import samples_of

    batch = Batch(os.fspath(lake), tables)
    try:
        if isinstance(source, (str, os.PathLike)):
            path = os.fspath(source)
            found = samples_of(path, host, every_ms=every_ms, wanted=batch.wants)
        else:
            found = (
                one
                for one in _samples(source, host, every_ms)
                if batch.wants(one.key, one.has_regions)
            )
        for sample in found:
            batch.add(sample)
        batch.end()
        batch.commit()
    except BaseException:
        batch.undo()
        raise
    return batch.added


def write(lake: str | os.PathLike[str], made: Mapping[str, object]) -> Added:
    """Add rows that `rows` made elsewhere; each value is a table or a reader of Arrow.

    What the lake has of the same host, boot and time is left out.  Raises MemcError if
    these are no such rows, or the lake cannot be written to.
    """
    from memc.fleet.lake_batch import Batch

    for name in made:
        if name not in SCHEMA:
            raise MemcError(f"{name} is no table of a lake: {', '.join(SCHEMA)}")
    batch = Batch(os.fspath(lake), made)
    try:
        for name, some in made.items():
            reader = pa.RecordBatchReader.from_stream(some)
            for one in reader:
                batch.put(name, pa.Table.from_batches([one]))
        batch.end()
        batch.commit()
    except BaseException:
        batch.undo()
        raise
    return batch.added


def files(lake: str, table: str) -> list[str]:
    """Return the Parquet files that hold the rows of a table now.

    They are those of the newest commit in the log of Delta.  Read them with union by
    name: a column that only some of them have vanishes otherwise.  `date` is in the
    names of their folders alone.  Without a log they are those in incoming/.  The
    list is empty if nothing was added to the table.

    Raises MemcError if there is no lake, if a newer memc made the table, or if the log
    cannot be read.
    """
    from memc.fleet.lake_log import open_log

    log = open_log(lake, table)
    if log is None:  # a lake of files that hosts brought
        folder = os.path.join(os.path.abspath(lake), INCOMING)
        names = sorted(glob(f"*/*.{table}.parquet", root_dir=folder))
        return [os.path.join(folder, name) for name in names]
    return log.files()
