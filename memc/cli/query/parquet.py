"""An answer as a Parquet file."""

from __future__ import annotations

from memc.cli.output import counted, say
from memc.cli.query.whole import write_whole
from memc.files.recording.series import Series
from memc.table.parquet import writer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.files.recording.sql import Answer

__all__ = ["write"]


def write(answer: Answer, path: str) -> None:
    """Write a Parquet file, whole or not at all.  Raises MemcError if it cannot."""
    put = writer("--parquet")
    series = Series(answer.columns, answer.rows)
    size = write_whole(path, "Parquet", lambda fd: put(series, fd))
    say(f"wrote {counted(len(answer.rows), 'row')}, {counted(size, 'byte')}, to {path}")
