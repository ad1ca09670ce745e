"""Recordings in progress: segments, gaps and clocks, on a clock made for the test."""

import json

import pytest

from memc.record.clock import Clock
from memc.record.plan import Plan
from memc.record.recording import Recording
from memc.record.store import MIN_SIZE, Full, Store

MS = 1_000_000
HOUR = 3_600_000


class Times:
    """Three clocks: of the wall, since boot, and awake; in ms."""

    def __init__(self):
        self.wall = self.boot = self.awake = 10 * HOUR

    def go(self, ms, *, wall=True, awake=True):
        self.boot += ms
        self.wall += ms if wall else 0
        self.awake += ms if awake else 0

    def clock(self):
        return Clock(
            wall=lambda: self.wall * MS,
            boot=lambda: self.boot * MS,
            awake=lambda: self.awake * MS,
        )


class Tick:
    """Adds one row of each tick, and counts how often all is told."""

    def __init__(self, store):
        self.store, self.told, self.times = store, 0, []

    def begin_segment(self, **_):
        self.told += 1

    def run(self, t_ms):
        self.times.append((self.store.segment, t_ms))
        self.store.batch.add("_tick", (self.store.segment, t_ms, 0, 0, 0, 0, 0))

    def event(self, t_ms, kind, detail, _who=None):
        row = (self.store.segment, t_ms, None, kind, detail)
        self.store.batch.add("_event", row)

    def close(self, t_ms):
        pass


class Made:
    def __init__(self, path, **options):
        self.times = Times()
        self.store = Store(path, max_size=MIN_SIZE)
        self.store.begin_run(("1", None, None, "boot", 5, "{}", 0))
        self.tick = Tick(self.store)
        options = {"interval_ms": 1000, "flush_ms": 10_000, "keep_ms": HOUR} | options
        self.recording = Recording(
            self.store,
            self.tick,
            clock=self.times.clock(),
            plan=Plan(2, 1000 * MS),
            **options,
        )

    def run(self, ticks):
        for _ in range(ticks):
            self.recording.step()
            self.times.go(1000)

    def query(self, sql):
        self.store.flush()
        return self.store._db.execute(sql).fetchall()

    def gaps(self):
        rows = self.query("select detail from event where kind='gap'")
        return [
            (d["why"], d["length_ms"]) for d in (json.loads(row[0]) for row in rows)
        ]

    def segments(self):
        return self.query("select began_ms, ended_ms from segment order by id")


@pytest.fixture
def made(tmp_path):
    made = Made(str(tmp_path / "run.memc"))
    yield made
    made.recording.close("done")


def test_ticks_in_time_leave_no_gap(made):
    made.run(30)
    assert made.gaps() == []
    assert made.query("select count(*) from tick") == [(30,)]
    assert made.segments() == [(10 * HOUR, None)]


# How the clocks go between two ticks, and the gap that is told.
LATE = {
    "a tick that comes late": ({"ms": 4000}, [("late", 5000)]),
    "a machine that was suspended": (
        {"ms": 9000, "awake": False},
        [("suspended", 10_000)],
    ),
    "a tick that is a little late": ({"ms": 400}, []),
}


@pytest.mark.parametrize(("how", "gaps"), LATE.values(), ids=LATE)
def test_gap_is_told_with_why_and_how_long(made, how, gaps):
    made.run(2)
    made.times.go(**how)
    made.run(2)
    assert made.gaps() == gaps
    assert made.recording.gaps == len(gaps)


@pytest.mark.parametrize("jump", [HOUR, -HOUR, 1500, -1500])
def test_clock_that_is_set_begins_a_segment_and_no_time_goes_back(made, jump):
    made.run(3)
    made.times.wall += jump
    made.run(3)
    assert made.gaps() == []
    assert [segment for segment, _ in made.tick.times] == [1, 1, 1, 2, 2, 2]
    for number in (1, 2):
        times = [t for segment, t in made.tick.times if segment == number]
        assert times == sorted({*times})
    (_, ended), (began, _) = made.segments()
    assert began - ended == jump  # each by its own clock
    assert began == made.tick.times[3][1]


def test_small_changes_of_the_wall_clock_change_nothing(made):
    made.run(3)
    made.times.wall -= 900
    made.run(3)
    assert [t for _, t in made.tick.times] == [10 * HOUR + 1000 * i for i in range(6)]


def test_segment_ends_after_ten_minutes_and_old_ones_are_dropped(made):
    made.run(3600 + 1250)
    segments = made.segments()
    assert all(end - begin == 600_000 for begin, end in segments[:-1])
    oldest = made.times.wall - segments[0][1]
    assert HOUR - 600_000 <= oldest <= HOUR + 600_000


def test_batch_is_written_every_ten_seconds(made):
    made.run(10)
    assert made.store._db.execute("select count(*) from tick").fetchone() == (0,)
    made.run(1)
    assert made.store._db.execute("select count(*) from tick").fetchone() == (11,)


def test_time_without_room_is_one_gap_after_which_all_is_told(made, monkeypatch):
    made.run(11)
    told, flush = made.tick.told, Store.flush

    def full(_):
        raise Full("no room", "disk full")

    monkeypatch.setattr(Store, "flush", full)
    made.recording.note("deploy 42")
    made.run(30)
    monkeypatch.setattr(Store, "flush", flush)
    made.run(11)
    assert made.tick.told == told + 1
    assert [segment for segment, _ in made.tick.times][-3:] == [1, 2, 2]
    (gap,) = made.gaps()
    assert gap == ("disk full", 40_000)
    assert made.query("select detail from event where kind='note'") == [
        ('{"text":"deploy 42"}',)
    ]


def test_segment_that_is_full_ends_early(made, monkeypatch):
    made.run(3)
    monkeypatch.setattr(Store, "is_segment_full", lambda _: True)
    made.run(1)
    monkeypatch.undo()
    made.run(2)
    assert [segment for segment, _ in made.tick.times] == [1, 1, 1, 2, 2, 2]
    assert made.gaps() == []


def test_what_is_kept_while_the_disk_is_full_is_bounded_and_the_loss_told(
    made, monkeypatch
):
    said = []
    made.recording._say = said.append
    made.run(11)
    flush = Store.flush

    def full(store):
        raise Full(f"{store.path}: the disk is full", "disk full")

    monkeypatch.setattr(Store, "flush", full)
    monkeypatch.setattr("memc.record.batch.EVENTS_MAX", 100)
    rows = []
    for number in range(1000):
        made.recording.note(str(number))
        process = (number, "b", number, 1, 0, 1, 0, "a", None, None, None, 1, 2, 1)
        made.store.batch.add("_process", process)
        made.run(11)
        rows.append(sum(len(some) for some in made.store.batch.rows.values()))
    assert max(rows) < 150  # 100 events and what is of the last seconds
    monkeypatch.setattr(Store, "flush", flush)
    made.run(22)
    kept = made.query("select detail from event where kind='note'")
    assert len(kept) == 100
    assert json.loads(kept[-1][0]) == {"text": "999"}
    (gap,) = made.query("select detail from event where kind='gap'")
    assert json.loads(gap[0])["events_lost"] == 900
    assert [text.partition(": ")[2] for text in said] == [
        "the disk is full: nothing is written until there is room",
        "there is room again: 11010 s are missing",
    ]
