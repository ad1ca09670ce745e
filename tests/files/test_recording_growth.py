"""What grew in a recording between two times; recordings are made by the store."""

import pytest
from support.recordings import NOON, Made

import memc

S = 1000
BEGIN = NOON
HOUR = 3600 * S


@pytest.fixture
def recording(tmp_path):
    """Ticks each minute for an hour; one process grows, one shrinks, one comes."""
    made = Made(tmp_path / "run.memc")
    made.run(BEGIN, interval_ms=60 * S)
    leak, calm = made.start(BEGIN, 5, b"leak"), made.start(BEGIN, 6, b"calm")
    falls, kernel = made.start(BEGIN, 7, b"falls"), made.start(BEGIN, 2, b"kthreadd")
    for at in range(61):
        t_ms = BEGIN + at * 60 * S
        usage = {leak: {"rss_kb": 100 + at}}
        held = {leak: {"heap": 60 + at, "stack": 8}} if at % 2 == 0 else {}
        if not at:
            usage |= {calm: {}, falls: {"rss_kb": 90}, kernel: {}}
            held |= {calm: {"heap": 5}, falls: {"stack": 50}}
        if at == 30:
            made.end(t_ms, falls)
            new = made.start(t_ms, 8, b"new")
            usage[new], held[new] = {"rss_kb": 40}, {"text": 40}
        made.tick(t_ms, usage, held=held)
    made.close()
    with memc.Recording(made.path) as recording:
        yield recording


def told(growth):
    return [(g.name, g.before_kb, g.after_kb, g.growth_kb) for g in growth]


def test_processes_that_grew_largest_first(recording):
    growth = recording.growth()
    expected = [("leak", 100, 160, 60), ("new", None, 40, 40), ("falls", 90, None, -90)]
    assert told(growth) == expected
    assert [g.process.pid for g in growth] == [5, 8, 7]
    assert [g.kb_per_hour for g in growth] == [60, 40, -90]
    assert growth.passed_ms == HOUR
    assert (len(growth), growth[0].owner) == (3, None)
    assert repr(growth[0]) == "<Grew: leak +60 kB>"
    assert "by process" in repr(growth)


def test_owners_that_grew(recording):
    expected = [("heap", 65, 125, 60), ("text", None, 40, 40), ("stack", 58, 8, -50)]
    growth = recording.growth(by="owner")
    assert told(growth) == expected
    assert [g.owner for g in growth] == ["heap", "text", "stack"]
    assert told(recording.growth(by="owner", pid=5)) == [("heap", 60, 120, 60)]


def test_between_two_times(recording):
    assert told(recording.growth("+10m", "+20m")) == [("leak", 110, 120, 10)]
    assert recording.growth("+10m", "+20m")[0].kb_per_hour == 60
    assert told(recording.growth("+10m", "+10m")) == []
    assert told(recording.growth("-10m", pid=5)) == [("leak", 150, 160, 10)]


def test_points_of_a_sparkline(recording):
    leak, new, falls = recording.growth()
    assert leak.points(7) == [100, 110, 120, 130, 140, 150, 160]
    assert new.points(5) == [None, None, 40, 40, 40]
    assert falls.points(5) == [90, 90, None, None, None]
    heap, *_ = recording.growth(by="owner")
    assert heap.points(4) == [65, 85, 105, 125]
    assert len(leak.points()) == 24


def test_an_hour_is_an_hour_although_the_clock_was_set(tmp_path):
    made = Made(tmp_path / "run.memc")
    made.run(BEGIN, interval_ms=HOUR)
    one = made.start(BEGIN, 5)
    made.tick(BEGIN, {one: {"rss_kb": 1}})
    made.segment(BEGIN + 5 * HOUR, passed_ms=HOUR)
    made.tick(BEGIN + 5 * HOUR, {one: {"rss_kb": 11}})
    made.close()
    with memc.Recording(made.path) as recording:
        (grew,) = recording.growth()
        assert (grew.growth_kb, grew.kb_per_hour) == (10, 10)
        assert grew.points(6) == [1, 1, None, None, None, 11]


def test_a_process_of_the_same_pid_is_another(tmp_path):
    made = Made(tmp_path / "run.memc")
    made.run(BEGIN)
    one = made.start(BEGIN, 5, b"old")
    made.tick(BEGIN, {one: {"rss_kb": 100}})
    made.end(BEGIN + S, one)
    two = made.start(BEGIN + S, 5, b"new", start_ticks=99)
    made.tick(BEGIN + S, {two: {"rss_kb": 130}})
    three = made.exec(BEGIN + 2 * S, two, b"exec")
    made.tick(BEGIN + 2 * S, {three: {"rss_kb": 10}})
    made.close()
    with memc.Recording(made.path) as recording:
        found = told(recording.growth(end="-1s"))
        assert found == [("new", None, 130, 130), ("old", 100, None, -100)]
        found = told(recording.growth("-1s"))
        assert found == [("exec", None, 10, 10), ("new", 130, None, -130)]


WRONG = {
    "backwards": (
        {"begin": "-1m", "end": "-2m"}, ValueError, "the begin is after the end",
    ),
    "by what": ({"by": "pid"}, ValueError, 'expected by="process" or "owner"'),
    "a process that has ended": ({"pid": 7}, memc.ProcessGone, "7 did not live at"),
    "outside": (
        {"begin": BEGIN - HOUR}, memc.MemcError, "the recording goes from",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("asked", "error", "words"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_told_is_said(recording, asked, error, words):
    with pytest.raises(error, match=words):
        recording.growth(**asked)


def test_fewer_than_two_points_are_none(recording):
    with pytest.raises(ValueError, match="2 points or more"):
        recording.growth()[0].points(1)
