"""Spark answers as DuckDB does: in one process, and with two executors.

The lake is one of 20 hosts over a day, with all that `fleet_lakes` has.
"""

import socket

import pyarrow.parquet as pq
import pytest
from support.fleet_cases import CASES, shown, table_of
from support.fleet_lakes import make_lake

from memc import fleet
from memc.errors import MemcError
from memc.fleet.asking import QUESTIONS
from memc.fleet.engines import engine

pytest.importorskip("pyspark")
pytestmark = pytest.mark.filterwarnings("default")  # Spark has its own

HOUR_S = 3600
TOLD = [
    {},
    {"since_s": 6 * HOUR_S, "hosts": ["host-00*", "host-011"], "groups": ["*service"]},
]
# Beside these: what shrank, all that grew, and other amounts.
MORE = {
    "growth": [{"least_kb": -(10**9), "top": 10_000}, {"of": "rss", "least_kb": 1}],
    "leaks": [{"least_hosts": 1, "least_kb": 1}],
    "budget": [{"top": 2}, {"by": "group", "of": "uss"}],
    "limits": [{"top": 10_000, "limit": 1000}],
}
ASKED = [
    (question, {**told, **({"path": "lib*"} if question == "holders" else {})})
    for question in QUESTIONS
    for told in [*TOLD, *MORE.get(question, [])]
]


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    return make_lake(tmp_path_factory.mktemp("fleet"), hosts=20, hours=24)


@pytest.fixture(scope="module", params=["local[2]", "local-cluster[2,1,1024]"])
def spark(request):
    """Start Spark once: while a session is there, it is asked."""
    with engine(request.param) as made:
        yield made


@pytest.mark.parametrize(
    ("question", "told"), ASKED, ids=[f"{q}-{i}" for i, (q, _) in enumerate(ASKED)]
)
def test_spark_answers_as_duckdb_does(lake, spark, question, told):
    here = fleet.ask(str(lake), question, **told)
    there = fleet.ask(str(lake), question, engine=spark.name, **told)
    assert there.rows == here.rows
    assert here.rows
    assert (there.columns, there.is_cut) == (here.columns, here.is_cut)
    assert there.notes == here.notes


@pytest.mark.parametrize("case", CASES, ids=[f"{c[0]}: {c[1]}" for c in CASES])
def test_spark_answers_each_case(spark, case, tmp_path):
    question, why, rows, choices, expected = case
    if "cluster" in spark.name:
        pytest.skip("one process is enough for the smallest tables")
    name = QUESTIONS[question].table
    path = tmp_path / "rows.parquet"
    pq.write_table(table_of(name, rows), path, compression="zstd")
    source = spark.table(name, [str(path)])
    found = spark.rows(getattr(fleet, question)(source, **choices))
    assert shown(found, expected) == expected, why


def test_a_master_that_is_not_there_is_told_at_once(lake):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(MemcError, match="cannot reach it"):
        fleet.ask(str(lake), "growth", engine=f"spark://127.0.0.1:{port}")
