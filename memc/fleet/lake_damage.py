"""Which file of a lake is damaged: asked after an engine failed, as not all say it."""

from __future__ import annotations

import os

from memc.proc.rights import words_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["damaged"]


def damaged(files: Iterable[str]) -> str | None:
    """Read all files; return what is wrong with the first bad one, or None."""
    for path in files:
        try:
            os.stat(path)
        except OSError as error:
            return f"{path}: {words_of(error)}"
        why = _damage(path)
        if why:
            return f"{path}: a damaged Parquet file: {why}"
    return None


def _damage(path: str) -> str:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            for _ in file.iter_batches(batch_size=1 << 16):
                pass
    except (pa.ArrowException, OSError) as error:
        return str(error).strip().partition("\n")[0]
    return ""
