"""``memc.fleet.spark.add``: the executors of Spark add what one process adds."""

import os
import sys

import duckdb
import pytest

import memc
from memc.fleet import lake as kept

pytest.importorskip("pyspark")
pytestmark = pytest.mark.filterwarnings("default")  # Spark has its own
FILES = 4


@pytest.fixture(scope="module")
def spark():
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    made = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .getOrCreate()
    )
    yield made
    made.stop()


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    paths = {}
    for number in range(FILES):
        path = folder / f"{number}.json"
        path.write_bytes(memc.snapshot(os.getpid(), detail="smaps").to_json())
        paths[str(path)] = f"web{number}"
    return paths


def rows(lake):
    made = {}
    for table in ("groups", "owners", "regions"):
        names = [n for n in kept.SCHEMA[table].names if n not in ("received", "date")]
        columns = ", ".join(f'"{name}"' for name in names)
        query = (
            f"SELECT {columns} FROM read_parquet(?, union_by_name=true) ORDER BY ALL"
        )
        found = kept.files(str(lake), table)
        made[table] = [str(row) for row in duckdb.execute(query, [found]).fetchall()]
    return made


def test_executors_add_the_same_rows_as_one_process(spark, paths, tmp_path):
    from memc.fleet.spark import add

    for path, host in paths.items():
        kept.add(tmp_path / "here", path, host)
    made = add(spark, paths, tmp_path / "there")
    assert [file.reason for file in made] == [""] * FILES
    assert rows(tmp_path / "there") == rows(tmp_path / "here")
    again = add(spark, paths, tmp_path / "there")
    assert [(file.samples, file.skipped) for file in again] == [(0, 1)] * FILES


def test_a_file_that_is_refused_is_in_the_result_and_others_go_on(
    spark, paths, tmp_path
):
    from memc.fleet.spark import add

    damaged = tmp_path / "damaged.json"
    damaged.write_text('{"pid": 1,')
    good = next(iter(paths))
    made = add(spark, {good: "web0", str(damaged): "web1"}, tmp_path / "lake")
    assert {file.path: bool(file.reason) for file in made} == {
        good: False,
        str(damaged): True,
    }


def test_nothing_to_add(spark, tmp_path):
    from memc.fleet.spark import add

    assert add(spark, [], tmp_path / "lake") == []
