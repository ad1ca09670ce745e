"""``memc query --parquet``: exact values, with each package that writes Parquet."""

import pyarrow.parquet as pq
import pytest

from memc.cli.query import parquet as query
from memc.errors import MemcError
from memc.files.recording.sql import Answer
from memc.table import parquet

NAMES = ["t_ms", "name", "growth_kb", "rate", "data", "nothing", "empty"]
ROWS = [
    (1, "a\x1b=1", -5, 0.5, b"\0\xff", None, ""),
    (1 << 62, None, 0, None, None, None, None),
]
SHOWN = [
    (1, "a\x1b=1", -5, 0.5, "00ff", None, ""),
    (1 << 62, None, 0, None, None, None, None),
]


@pytest.fixture(params=["arro3", "pyarrow", "duckdb"])
def writer(request, monkeypatch):
    made = getattr(parquet, f"_of_{request.param}")()
    monkeypatch.setattr(query, "writer", lambda _option: made)


@pytest.mark.usefixtures("writer")
def test_values_are_exact_and_null_is_not_zero(tmp_path):
    path = tmp_path / "out.parquet"
    query.write(Answer(NAMES, ROWS), str(path))
    found = pq.read_table(path)
    assert found.column_names == NAMES
    assert [tuple(row.values()) for row in found.to_pylist()] == SHOWN
    assert str(found.schema.field("growth_kb").type) == "int64"
    assert str(found.schema.field("rate").type) == "double"
    assert [*tmp_path.iterdir()] == [path]


@pytest.mark.usefixtures("writer")
def test_no_rows_are_a_file_with_the_columns(tmp_path):
    path = tmp_path / "out.parquet"
    path.write_text("old")
    query.write(Answer(NAMES, []), str(path))
    assert pq.read_table(path).column_names == NAMES


@pytest.mark.usefixtures("writer")
def test_file_that_cannot_be_written_is_told(tmp_path):
    with pytest.raises(MemcError, match=r"cannot write to .*No such file"):
        query.write(Answer(NAMES, ROWS), str(tmp_path / "no" / "out.parquet"))
