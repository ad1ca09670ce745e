"""Write an Arrow stream as a Parquet file, by the first package that can."""

from __future__ import annotations

import os

from memc.errors import MemcError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol, TypeAlias

    class Streamed(Protocol):
        """What libraries read as an Arrow stream."""

        def __arrow_c_stream__(self, requested_schema: object = None) -> object:
            """Return a new capsule of the stream."""

    Write: TypeAlias = Callable[[Streamed, int], None]

__all__ = ["writer"]


def writer(option: str) -> Write:
    """Return a function that writes a stream to a descriptor.

    Raises MemcError if no package can: `option` needs one.
    """
    for find in (_of_arro3, _of_pyarrow, _of_duckdb):
        try:
            return find()
        except ImportError:
            continue
    raise MemcError(
        f"{option} needs arro3-io, pyarrow or duckdb: pip install 'memc[parquet]'"
    )


def _of_arro3() -> Write:
    import arro3.io

    def put(streamed: Streamed, fd: int) -> None:
        with os.fdopen(os.dup(fd), "wb") as file:
            arro3.io.write_parquet(streamed, file)

    return put


def _of_pyarrow() -> Write:
    import pyarrow as pa
    import pyarrow.parquet as pq

    def put(streamed: Streamed, fd: int) -> None:
        with os.fdopen(os.dup(fd), "wb") as file:
            pq.write_table(pa.table(streamed), file)

    return put


def _of_duckdb() -> Write:
    import duckdb

    def put(streamed: Streamed, fd: int) -> None:
        with duckdb.connect() as db:
            db.register("answer", streamed)
            how = "format parquet, use_tmp_file false"
            db.execute(f"copy answer to '/proc/self/fd/{fd}' ({how})")

    return put
