"""Rows of a recording between two times; recordings are made by the store."""

import os

import pytest
from support.arrow import read
from support.recordings import NOON, USAGE, Made

import memc
from memc.files.recording.series import Series

S = 1000
BEGIN = NOON


@pytest.fixture
def made(tmp_path):
    return Made(tmp_path / "run.memc")


@pytest.fixture
def recording(made):
    """Two processes, one of which ends; a gap; another segment."""
    made.run(BEGIN)
    one, two = made.start(BEGIN, 5, b"one"), made.start(BEGIN, 6, b"\xfftwo")
    held = {one: {"heap": 60, "stack": 8}, two: {"heap": 7}}
    made.tick(BEGIN, {one: {"rss_kb": 1}, two: {}}, held=held)
    made.tick(BEGIN + 1 * S, {one: {"rss_kb": 9}})
    made.tick(BEGIN + 2 * S, {one: {"rss_kb": 2}}, held={one: {"heap": 61}})
    made.end(BEGIN + 3 * S, two)
    gone = {"rss_kb": 0, "size_kb": 0, "regions": 0}
    made.tick(BEGIN + 3 * S, held={one: {"stack": gone}})
    made.gap(BEGIN + 20 * S, "late", 17 * S)
    made.tick(BEGIN + 20 * S)
    made.segment(BEGIN + 21 * S, passed_ms=21 * S)
    # The recorder tells what it read again, with the time at which it read it.
    made._hold(2, one, BEGIN + 2 * S, {"heap": 61})
    made.tick(BEGIN + 21 * S, {one: {"rss_kb": 2}})
    made.tick(BEGIN + 22 * S, {one: {"rss_kb": 3}})
    made.close()
    with memc.Recording(made.path) as recording:
        yield recording


def rss(series):
    return [
        (r.t_ms - BEGIN, r.pid, r.rss_kb) for r in series.rows("t_ms", "pid", "rss_kb")
    ]


# What is asked, and (time, pid, rss_kb) of each row.
ASKED = {
    "all of one": (
        {"pid": 5},
        [(0, 5, 1), (1000, 5, 9), (2000, 5, 2), (21000, 5, 2), (22000, 5, 3)],
    ),
    "what holds at the begin": (
        {"pid": 5, "begin": BEGIN + 1500, "end": BEGIN + 2 * S},
        [(1000, 5, 9), (2000, 5, 2)],
    ),
    "what holds after a gap": (
        {"pid": 5, "begin": BEGIN + 10 * S, "end": BEGIN + 20 * S},
        [(2000, 5, 2)],
    ),
    "nothing changed": ({"pid": 6, "begin": BEGIN + 2 * S}, [(0, 6, None)]),
    "all processes": (
        {"begin": BEGIN + 2 * S, "end": BEGIN + 21 * S},
        [(0, 6, None), (2000, 5, 2), (21000, 5, 2)],
    ),
    "one has ended": ({"begin": BEGIN + 3 * S, "end": BEGIN + 4 * S}, [(2000, 5, 2)]),
    "in steps": (
        {"pid": 5, "step": "2s"},
        [(0, 5, 9), (2000, 5, 2), (4000, 5, None), (20000, 5, 2), (22000, 5, 3)],
    ),
    "in steps of one second": (
        {"pid": 5, "step": 1, "begin": BEGIN + 2 * S},
        [(2000, 5, 2), (3000, 5, 2), (4000, 5, None), (20000, 5, 2), (21000, 5, 2),
         (22000, 5, 3)],
    ),
    "a step of two segments": ({"pid": 5, "step": "1h"}, [(0, 5, 9)]),
}  # fmt: skip


@pytest.mark.parametrize(("asked", "rows"), ASKED.values(), ids=ASKED)
def test_rows_of_usage(recording, asked, rows):
    assert rss(recording.usage(**asked)) == rows
    assert rss(recording.usage(columns=["rss_kb"], **asked)) == rows


def test_rows_are_those_of_the_views(recording):
    for name, series in {
        "usage": recording.usage(),
        "machine": recording.machine(),
        "event": recording.events(),
    }.items():
        names = ",".join(series.columns)
        rows = recording.sql(f"select {names} from {name} order by segment, t_ms")
        assert [*map(tuple, series)] == [*map(tuple, rows)]
        assert [*zip(*(series[n] for n in series.columns), strict=True)] == [
            *map(tuple, rows)
        ]
        assert len(series) == len(rows) > 0


HELD = {
    "all of one": (
        {"pid": 5},
        [(0, "heap", 60), (0, "stack", 8), (2000, "heap", 61), (3000, "stack", 0)],
    ),
    "an owner that is gone does not hold": (
        {"pid": 5, "begin": BEGIN + 3 * S}, [(2000, "heap", 61)],
    ),
    "one owner": (
        {"owner": "heap"}, [(0, "heap", 60), (0, "heap", 7), (2000, "heap", 61)],
    ),
    "of the last segment": (
        {"begin": BEGIN + 21_500}, [(2000, "heap", 61)],
    ),
    "in steps": (
        {"pid": 5, "owner": "heap", "step": 2},
        [(0, "heap", 60), (2000, "heap", 61), (4000, "heap", None), (20000, "heap", 61),
         (22000, "heap", 61)],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("asked", "rows"), HELD.values(), ids=HELD)
def test_rows_of_owners(recording, asked, rows):
    if "step" in asked:  # the row that the second segment tells again is known there
        rows = [row for row in rows if row[0] < 22000]
        found = recording.owners(**asked)
        found = [*found.rows("t_ms", "owner", "rss_kb")]
        assert [(t - BEGIN, o, kb) for t, o, kb in found][: len(rows)] == rows
        return
    found = recording.owners(**asked).rows("t_ms", "owner", "rss_kb")
    assert [(t_ms - BEGIN, owner, kb) for t_ms, owner, kb in found] == rows


def test_events_of_a_kind_and_of_a_process(recording):
    events = recording.events()
    assert [e.kind for e in events] == ["started", "started", "ended", "gap"]
    assert [e.pid for e in recording.events(kind="started")] == [5, 6]
    assert [e.kind for e in recording.events(pid=6)] == ["started", "ended"]
    assert [e.kind for e in recording.events(BEGIN + 4 * S, "-0s")] == ["gap"]
    assert [e.kind for e in recording.events(BEGIN + 4 * S, BEGIN + 5 * S)] == []


WRONG = {
    "a pid that was not recorded": (
        {"pid": 77}, memc.ProcessGone, "no process 77 was recorded",
    ),
    "a process that had ended": (
        {"pid": 6, "begin": BEGIN + 20 * S}, memc.ProcessGone, "6 did not live then",
    ),
    "only a gap": (
        {"begin": BEGIN + 5 * S, "end": BEGIN + 6 * S}, memc.MemcError, "a gap from",
    ),
    "after the end": (
        {"begin": BEGIN + 60 * S}, memc.MemcError, "the recording goes from",
    ),
    "before the begin": (
        {"end": BEGIN - 60 * S}, memc.MemcError, "the recording goes from",
    ),
    "backwards": (
        {"begin": "-1s", "end": "-2s"}, ValueError, "the begin is after the end",
    ),
    "no time": ({"begin": "soon"}, ValueError, "expected a time"),
    "no step": ({"step": "soon"}, ValueError, "expected a step such as"),
    "a step of nothing": ({"step": 0}, ValueError, "expected a step"),
    "no column": ({"columns": ["rss"]}, ValueError, "expected columns of rss_kb"),
}  # fmt: skip


@pytest.mark.parametrize(("asked", "error", "words"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_told_is_said(recording, asked, error, words):
    with pytest.raises(error, match=words):
        recording.usage(**asked)


def test_series_names_its_columns_when_one_is_wrong(recording):
    with pytest.raises(KeyError, match="there are t_ms, pid, name"):
        recording.usage()["rss"]
    assert repr(recording.usage()).startswith("<Series of 6 rows: t_ms, pid,")


def test_sql_asks_the_views_and_only_reads(recording):
    found = recording.sql(
        "select pid, avg(rss_kb) a from usage where pid=? group by 1", (5,)
    )
    assert [tuple(row) for row in found] == [(5, pytest.approx(3.4))]
    for text in ("delete from _tick", "attach 'x' as y", "pragma query_only=off"):
        with pytest.raises(memc.MemcError, match="only read"):
            recording.sql(text)
    numbers = "with recursive n(i) as (select 1 union all select i+1 from n)"
    endless = f"{numbers} select max(i) from n"
    with pytest.raises(memc.MemcError, match=r"stopped after 0.05 s"):
        recording.sql(endless, timeout_s=0.05)


def test_snapshots_of_totals_and_of_frames(made):
    pid = os.getpid()
    snaps = [memc.snapshot(pid, detail="rss") for _ in range(3)]
    made.run(BEGIN)
    one = made.start(BEGIN, pid, start_ticks=snaps[0].started)
    made.tick(BEGIN, {one: {"rss_kb": 1}})
    made.tick(BEGIN + 1 * S, {one: {"rss_kb": 2}})
    made.segment(BEGIN + 2 * S, passed_ms=2 * S)
    for at, snap in enumerate(snaps):
        made.tick(BEGIN + (2 + at) * S, {one: {}}, frames={one: snap})
    made.end(BEGIN + 6 * S, one)
    made.tick(BEGIN + 5 * S)
    made.tick(BEGIN + 6 * S)
    made.close()
    with memc.Recording(made.path) as recording:
        found = [*recording.snapshots(pid)]
        assert [s.total_rss_kb for s in found[:2]] == [1, 2]
        assert [s.to_json(full=True) for s in found[2:]] == [
            s.to_json(full=True) for s in snaps
        ]
        late = [*recording.snapshots(pid, BEGIN + 3500, BEGIN + 5 * S)]
        assert [s.to_json() for s in late] == [s.to_json() for s in snaps[1:]]
        with pytest.raises(memc.ProcessGone, match="did not live then"):
            [*recording.snapshots(pid, BEGIN + 6 * S)]


def test_columns_of_usage_are_those_of_the_test(recording):
    assert set(USAGE) < set(recording.usage().columns)


def test_series_are_arrow_streams(recording):
    for series in (recording.usage(), recording.usage(5, step=1), recording.owners()):
        _, (found,) = read(series)
        assert [*found] == [*series.columns]
        assert {*found["name"]} <= {"one", "\\xfftwo"}  # as the views tell them
        assert found == {name: series[name] for name in series.columns}


NUMBERS = {
    "l": [-1, None, 5],
    "L": [2**64 - 1, 0, None],
    "g": [0.5, -1, None],
    "I": ["a", None, "b"],
}


@pytest.mark.parametrize(("form", "values"), NUMBERS.items(), ids=NUMBERS)
def test_columns_of_sql_are_numbers_or_texts(form, values):
    series = Series(["a", "b"], [(value, 1) for value in values])
    fields, (found,) = read(series)
    assert fields[0][:2] == ("a", form.encode())
    assert found == {"a": values, "b": [1, 1, 1]}


def test_an_empty_series_has_its_columns(recording):
    series = recording.events(kind="oom")
    fields, batches = read(series)
    assert [name for name, *_ in fields] == [*series.columns]
    assert batches == series["detail"] == []
