"""What real Arrow libraries make of the rows of a recording."""

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from support.recordings import NOON, Made

import memc

S = 1000


def as_duckdb(series):
    """Let SQL find the Python variable `series`."""
    assert series is not None
    names = [row[0] for row in duckdb.sql("DESCRIBE FROM series").fetchall()]
    rows = duckdb.sql("FROM series").fetchall()
    return {name: [row[at] for row in rows] for at, name in enumerate(names)}


def as_pandas(series):
    frame = pd.DataFrame.from_arrow(series)
    return {
        name: [None if pd.isna(value) else value for value in frame[name]]
        for name in frame.columns
    }


READERS = {
    "pyarrow": lambda series: pa.table(series).to_pydict(),
    "polars": lambda series: pl.DataFrame(series).to_dict(as_series=False),
    "pandas": as_pandas,
    "duckdb": as_duckdb,
}


@pytest.fixture
def recording(tmp_path):
    made = Made(tmp_path / "run.memc")
    made.run(NOON)
    one, two = made.start(NOON, 5, b"\xffodd"), made.start(NOON, 2, b"kthreadd")
    made.tick(NOON, {one: {"rss_kb": 1}, two: {}}, held={one: {"heap": 7}})
    made.tick(NOON + S, {one: {"rss_kb": 2, "state": "Z"}})
    made.close()
    with memc.Recording(made.path) as recording:
        yield recording


ASK = {
    "usage": lambda recording: recording.usage(),
    "steps": lambda recording: recording.usage(step="1m"),
    "owners": lambda recording: recording.owners(),
    "events": lambda recording: recording.events(),
    "no events": lambda recording: recording.events(kind="oom"),
    "machine": lambda recording: recording.machine(),
    "negative": lambda recording: recording.sql("select -rss_kb kb from usage"),
    "parts": lambda recording: recording.sql("select rss_kb / 4.0 kb from usage"),
    "numbers and texts": lambda recording: recording.sql("select 1 a union select 'b'"),
    "bytes": lambda recording: recording.sql("select x'ff' a"),
    "nothing known": lambda recording: recording.sql("select null rss_kb"),
}
SHOWN = {b"\xff": "ff", 1: "1"}  # what a column of texts has


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
@pytest.mark.parametrize("ask", ASK.values(), ids=ASK)
def test_libraries_read_all_columns(recording, ask, read):
    series = ask(recording)
    found = read(series)
    assert [*found] == [*series.columns]
    for name in found:
        values = series[name]
        if {type(value) for value in values} not in ({int}, {int, type(None)}):
            values = [SHOWN.get(value, value) for value in values]
        assert [*found[name]] == values
