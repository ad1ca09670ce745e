"""Engines that answer questions: DuckDB here, Spark, or a database with the tables.

An engine gives a table of Ibis for the Parquet files of a table of a lake.  What is
asked of that is the same on all of them.
"""

from __future__ import annotations

import os
from contextlib import contextmanager

from memc.errors import MemcError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any, TypeAlias

    import ibis.expr.types as ir

    Backend: TypeAlias = Any  # of Ibis, which has no types

__all__ = ["Engine", "engine", "first_line", "view_of"]

MIB = 1 << 20
MOST_MIB, LEAST_MIB = 3072, 256  # what DuckDB may have; it spills what is more
REACH_S = 5
PORT = 7077
JAVA = "Spark needs Java 17 or later: set JAVA_HOME, or install one"


class Engine:
    """A connection of Ibis.  Leave it by `engine`, which closes it.

    `reads_files` tells whether it reads the files of a lake; otherwise it has tables.
    """

    reads_files = False

    def __init__(self, backend: Backend, name: str) -> None:
        self.backend = backend
        self.name = name

    def table(self, name: str, files: Sequence[str]) -> ir.Table:
        """Return a table that is in these files, or that the database has."""
        del files
        try:
            return self.backend.table(name)
        except Exception as error:  # noqa: BLE001 - each database has its own
            words = f"{self.name}: no table {name!r} there: {first_line(error)}"
            raise MemcError(words) from None

    def has(self, name: str) -> bool:
        """Tell whether a database has a table of this name."""
        try:
            self.backend.table(name)
        except Exception:  # noqa: BLE001 - each database has its own
            return False
        return True

    def rows(self, asked: ir.Table) -> list[dict[str, Any]]:
        """Return the rows of an answer.  Raises MemcError."""
        try:
            return self._rows(asked)
        except Exception as error:  # each engine has its own
            raise MemcError(f"{self.name}: {first_line(error)}") from error

    def _rows(self, asked: ir.Table) -> list[dict[str, Any]]:
        return list(self.backend.to_pyarrow(asked).to_pylist())


class Duck(Engine):
    """DuckDB, with tables of its own."""

    def _rows(self, asked: ir.Table) -> list[dict[str, Any]]:
        found = self.backend.con.sql(self.backend.compile(asked))
        kinds = asked.schema().to_pyarrow()  # a sum is of 128 bits in DuckDB
        return list(found.to_arrow_table().cast(kinds).to_pylist())


class DuckDB(Duck):
    """DuckDB in this process: it reads the files without a server."""

    reads_files = True

    def table(self, name: str, files: Sequence[str]) -> ir.Table:
        """Return a table that is in these files: columns go together by name."""
        del name
        paths = [*map(_escaped, files)]
        try:
            return self.backend.read_parquet(
                paths, union_by_name=True, hive_partitioning=False
            )
        except Exception as error:
            raise MemcError(f"{self.name}: {first_line(error)}") from error


class Spark(Engine):
    """Spark, which must reach the files under the same paths as this machine."""

    reads_files = True

    def table(self, name: str, files: Sequence[str]) -> ir.Table:
        """Return a table that is in these files: columns go together by name."""
        session = self.backend._session
        reader = session.read.option("mergeSchema", "true")
        paths = ["file://" + _escaped(path, "\\") for path in files]
        try:
            reader.parquet(*paths).createOrReplaceTempView(name)
        except Exception as error:
            raise MemcError(f"{self.name}: {first_line(error)}") from error
        return self.backend.table(name)

    def _rows(self, asked: ir.Table) -> list[dict[str, Any]]:
        found = self.backend._session.sql(self.backend.compile(asked))
        if not hasattr(found, "toArrow"):  # PySpark 3
            return super()._rows(asked)
        return list(found.toArrow().to_pylist())


@contextmanager
def engine(name: str = "duckdb") -> Iterator[Engine]:
    """Yield the engine of a name, and close it.

    "duckdb"; "spark://HOST:PORT", or another master of Spark as "local[2]"; or what
    `ibis.connect` takes, for a database that has the tables of a lake.  Raises
    MemcError if it is not installed, or cannot be reached.
    """
    if name == "duckdb":
        with _duckdb() as made:
            yield made
    elif name.startswith(("spark://", "local", "yarn", "k8s://")):
        with _spark(name) as made:
            yield made
    elif "://" in name:
        yield _other(name)
    else:
        raise MemcError(
            f"no engine {name!r}: duckdb, spark://HOST:PORT, local or a URL"
        )


@contextmanager
def _duckdb() -> Iterator[DuckDB]:
    import tempfile

    import ibis

    with tempfile.TemporaryDirectory(prefix="memc-ask-") as folder:
        backend = ibis.duckdb.connect(
            threads=len(os.sched_getaffinity(0)),
            memory_limit=f"{_room_mib()}MiB",
            temp_directory=folder,
            preserve_insertion_order=False,
            autoinstall_known_extensions=False,  # that would be a download
        )
        try:
            backend.raw_sql("SET TimeZone = 'UTC'")
            yield DuckDB(backend, "duckdb")
        finally:
            backend.disconnect()


def _room_mib() -> int:
    """Return how much memory DuckDB may take: half of what is free, at most 3 GiB."""
    with open("/proc/meminfo", "rb") as file:
        facts = dict(line.split(b":", 1) for line in file if b":" in line)
    free = int(facts.get(b"MemAvailable", b"0 kB").split()[0]) // 1024
    return max(LEAST_MIB, min(MOST_MIB, free // 2))


@contextmanager
def _spark(master: str) -> Iterator[Spark]:
    try:
        from pyspark.sql import SparkSession
    except ModuleNotFoundError:
        raise MemcError("Spark needs pyspark: pip install pyspark") from None
    import ibis

    if master.startswith("spark://"):
        _check_reach(master)
    settings = {
        "spark.app.name": "memc lake ask",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.ansi.enabled": "true",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "ERROR",
    }
    if master.startswith("local"):
        here = {
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
        }
        settings |= here | {"spark.sql.shuffle.partitions": "8"}
    if SparkSession.getActiveSession():  # somebody else's: it stays
        yield Spark(ibis.pyspark.connect(SparkSession.getActiveSession()), master)
        return
    builder = SparkSession.builder.master("local[*]" if master == "local" else master)
    for key, value in settings.items():
        builder = builder.config(key, value)
    try:
        session = builder.getOrCreate()
    except Exception as error:  # noqa: BLE001 - of Java, as PySparkRuntimeError and others
        why = JAVA if "JAVA" in str(error) else first_line(error)
        raise MemcError(f"{master}: {why}") from None
    try:
        yield Spark(ibis.pyspark.connect(session), master)
    finally:
        session.stop()


def _check_reach(master: str) -> None:
    """Raise MemcError if nobody listens there: Spark itself would try for a minute."""
    import socket

    host, _, port = master.removeprefix("spark://").split(",")[0].rpartition(":")
    try:
        where = (host.strip("[]"), int(port))
        socket.create_connection(where, REACH_S).close()
    except ValueError:
        raise MemcError(f"{master}: expected spark://HOST:PORT") from None
    except OSError as error:
        why = error.strerror or str(error)
        raise MemcError(f"{master}: cannot reach it: {why}") from None


def _other(url: str) -> Engine:
    import ibis

    kind = url.partition("://")[0]
    try:
        backend = ibis.connect(url)
    except ImportError:
        words = f"pip install 'ibis-framework[{kind}]'"
        raise MemcError(f"{kind} is not installed for Ibis: {words}") from None
    except Exception as error:  # noqa: BLE001 - each database has its own
        raise MemcError(f"{url}: cannot reach it: {first_line(error)}") from None
    return (Duck if kind == "duckdb" else Engine)(backend, kind)


def view_of(name: str, files: Sequence[str]) -> str:
    """Return the SQL of DuckDB that makes a view of these files."""
    texts = ("'{}'".format(_escaped(path).replace("'", "''")) for path in files)
    listed = ",\n  ".join(texts)
    how = "union_by_name = true, hive_partitioning = false"
    return (
        f'CREATE OR REPLACE TEMP VIEW "{name}" AS FROM read_parquet([\n  {listed}\n],'
        f" {how});\n"
    )


def first_line(error: BaseException) -> str:
    """Return the line of what an engine said that tells most: the last cause."""
    lines = str(error).strip().splitlines()
    causes = [line for line in lines if line.startswith("Caused by: ")]
    return [*lines[:1], type(error).__name__, *causes][-1 if causes else 0]


def _escaped(path: str, mark: str = "") -> str:
    """Return a path in which no character stands for others."""
    if mark:
        return "".join(f"{mark}{c}" if c in "[]*?{}" else c for c in path)
    return "".join(f"[{c}]" if c in "[*?" else c for c in path)
