"""An answer as a Parquet file, written by the first package that can."""

from __future__ import annotations

import os

from memc.cli.output import counted, say
from memc.cli.query.whole import write_whole
from memc.errors import MemcError
from memc.files.recording.series import Series

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from memc.files.recording.sql import Answer

    Write: TypeAlias = Callable[[Series, int], None]

__all__ = ["write"]


def write(answer: Answer, path: str) -> None:
    """Write a Parquet file, whole or not at all.  Raises MemcError if it cannot."""
    put = _writer()
    series = Series(answer.columns, answer.rows)
    size = write_whole(path, "Parquet", lambda fd: put(series, fd))
    say(f"wrote {counted(len(answer.rows), 'row')}, {counted(size, 'byte')}, to {path}")


def _writer() -> Write:
    for find in (_of_arro3, _of_pyarrow, _of_duckdb):
        try:
            return find()
        except ImportError:
            continue
    raise MemcError(
        "--parquet needs arro3-io, pyarrow or duckdb: pip install 'memc[parquet]'"
    )


def _of_arro3() -> Write:
    import arro3.io

    def put(series: Series, fd: int) -> None:
        with os.fdopen(os.dup(fd), "wb") as file:
            arro3.io.write_parquet(series, file)

    return put


def _of_pyarrow() -> Write:
    import pyarrow as pa
    import pyarrow.parquet as pq

    def put(series: Series, fd: int) -> None:
        with os.fdopen(os.dup(fd), "wb") as file:
            pq.write_table(pa.table(series), file)

    return put


def _of_duckdb() -> Write:
    import duckdb

    def put(series: Series, fd: int) -> None:
        with duckdb.connect() as db:
            db.register("answer", series)
            how = "format parquet, use_tmp_file false"
            db.execute(f"copy answer to '/proc/self/fd/{fd}' ({how})")

    return put
