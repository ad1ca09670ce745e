"""Recordings of random lives, against a model that keeps what each tick saw."""

import random
from itertools import pairwise

import pytest
from support.recordings import NOON, Made

import memc

TICKS = 60
LATE_MS = 1500
STEPS_MS = (1000, 1000, 1000, 1200, 900, 5000)  # between two ticks


class Model:
    """Makes a recording; `ticks` have what each saw: {pid: rss_kb}."""

    def __init__(self, made, seed):
        self.made = made
        self.random = random.Random(seed)
        self.living = {}  # the number and the amount of each pid
        self.ticks = []
        self.t_ms, self.passed_ms = NOON, 0
        made.run(NOON)
        for _ in range(TICKS):
            self.tick()
        if self.happens(0.5):
            made.close()
        else:
            made.flush()
            made.kill()

    def happens(self, chance):
        return self.random.random() < chance

    def tick(self):
        told = self.begin()
        usage = {}
        for pid, (number, kb) in [*self.living.items()]:
            if pid in told or self.happens(0.3):
                now = self.random.randint(1, 99) if self.happens(0.7) else kb
                self.living[pid] = number, now
                usage[number] = {"rss_kb": now}
        self.made.tick(self.t_ms, usage)
        seen = {pid: kb for pid, (_, kb) in self.living.items()}
        self.ticks.append((self.t_ms, seen))
        step_ms = self.random.choice(STEPS_MS)
        self.t_ms += step_ms
        self.passed_ms += step_ms

    def begin(self):
        """Begin segments, end processes and start some; return whom to tell of."""
        told = set()
        if self.happens(0.1):
            self.made.segment(self.t_ms, passed_ms=self.passed_ms)
            self.passed_ms, told = 0, {*self.living}
        for pid in [pid for pid in self.living if self.happens(0.05)]:
            self.made.end(self.t_ms, self.living.pop(pid)[0])
        pid = self.random.randint(1, 5)
        if pid not in self.living and self.happens(0.4):
            number = self.made.start(self.t_ms, pid, start_ticks=self.t_ms)
            self.living[pid] = number, 0
            told.add(pid)
        return told

    def gaps(self):
        times = [t_ms for t_ms, _ in self.ticks]
        return [(a, b) for a, b in pairwise(times) if b - a > LATE_MS]

    def at(self, t_ms):
        """Return what was seen, None in a gap."""
        if any(begin < t_ms < end for begin, end in self.gaps()):
            return None
        return [seen for seen_ms, seen in self.ticks if seen_ms <= t_ms][-1]

    def steps(self, pid, step_ms):
        """Return the largest amount of a pid in each step."""
        found = {}
        for t_ms, seen in self.ticks:
            if pid in seen:
                found.setdefault(t_ms // step_ms * step_ms, []).append(seen[pid])
        return {t_ms: max(some) for t_ms, some in found.items()}

    def pids(self):
        return {pid for _, seen in self.ticks for pid in seen}


@pytest.fixture(params=range(12))
def model(tmp_path, request):
    return Model(Made(tmp_path / "run.memc"), request.param)


@pytest.fixture
def recording(model):
    with memc.Recording(model.made.path) as recording:
        yield recording


def seen_at(recording, t_ms):
    """Return what a recording tells of a time, None in a gap."""
    try:
        system = recording.at(t_ms).system()
    except memc.MemcError as error:
        return None if "a gap" in str(error) else error
    return {p.pid: p.snapshot.total_rss_kb for p in system.processes}


def test_each_time_is_as_the_tick_saw_it(model, recording):
    assert [(g.begin_ms, g.end_ms) for g in recording.gaps] == model.gaps()
    for t_ms in range(NOON, model.ticks[-1][0] + 1, 333):
        assert seen_at(recording, t_ms) == model.at(t_ms)


@pytest.mark.parametrize("step_ms", [1000, 7000, 60_000])
def test_each_step_has_the_largest_that_a_tick_saw(model, recording, step_ms):
    for pid in model.pids():
        found = {}
        for t_ms, kb in recording.usage(pid, step=step_ms / 1000).rows(
            "t_ms", "rss_kb"
        ):
            if kb is not None:  # a step may have two processes of a pid
                found[t_ms] = max(kb, found.get(t_ms, 0))
        assert found == model.steps(pid, step_ms)


@pytest.mark.parametrize("tick", [0, 20, 40])
def test_growth_is_the_difference_of_two_ticks(model, recording, tick):
    (begin_ms, old), (end_ms, new) = model.ticks[tick], model.ticks[-1]
    growth = recording.growth(begin_ms, end_ms)
    before = {p.id: old[p.pid] for p in growth.before.processes()}
    after = {p.id: new[p.pid] for p in growth.after.processes()}
    changes = {n: after.get(n, 0) - before.get(n, 0) for n in before | after}
    found = {grew.process.id: grew.growth_kb for grew in growth}
    assert found == {number: kb for number, kb in changes.items() if kb}
    assert [*found.values()] == sorted(found.values(), reverse=True)


def test_rows_between_two_times_are_the_last_that_hold_and_those_until_the_end(
    model, recording
):
    (begin_ms, seen), (end_ms, last) = model.ticks[15], model.ticks[45]
    held = {}
    for row in recording.usage(begin=begin_ms, end=begin_ms):
        held[row.pid] = row.rss_kb
    assert held == seen
    for row in recording.usage(begin=begin_ms, end=end_ms):
        assert row.t_ms <= end_ms
        held[row.pid] = row.rss_kb
    assert {pid: held[pid] for pid in last} == last
