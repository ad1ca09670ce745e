"""Let the executors of Spark add files to a lake.

Spark promises no task on each host: hosts are collected by what else is there.
"""

from __future__ import annotations

from memc.fleet.gather import File, absent, adder

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

__all__ = ["add"]

ROW = "path string, samples long, skipped long, rows long, reason string"


def add(
    spark: Any,  # noqa: ANN401 - a SparkSession
    paths: Iterable[str] | Mapping[str, str],
    lake: str | os.PathLike[str],
) -> list[File]:
    """Add files to a lake, each by a task, as ``memc.fleet.dask.add`` does.

    Raises MemcError if Spark is not installed.
    """
    try:
        from pyspark.sql import SparkSession
    except ModuleNotFoundError as error:
        raise absent("pyspark", error) from None
    if not isinstance(spark, SparkSession):
        raise TypeError("spark: expected a pyspark.sql.SparkSession")
    names = sorted({*paths})
    if not names:
        return []
    put = adder(paths, lake)
    titles = File._fields

    def run(batches: Iterator[Any]) -> Iterator[Any]:
        for batch in batches:
            made = [put(path) for path in batch.column(0).to_pylist()]
            rows = [dict(zip(titles, row, strict=True)) for row in made]
            if rows:
                yield type(batch).from_pylist(rows)

    frame = spark.createDataFrame([(name,) for name in names], "path string")
    told = frame.repartition(len(names)).mapInArrow(run, ROW).collect()
    return sorted(File(*row) for row in told)
