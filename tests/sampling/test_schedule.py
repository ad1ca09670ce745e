"""When samples are due, on a clock that the test sets: nothing here waits."""

import time
from itertools import cycle, islice

import pytest
from hypothesis import given, strategies as st
from support.cases import cases

from memc.sampling import duty as module
from memc.sampling.schedule import LONGEST_WAIT_S, Schedule, check_interval

MS = 1_000_000
DAY_MS = 86_400_000


class Clock:
    """A clock that stands still unless it is moved."""

    def __init__(self, now_ms=0):
        self.now_ns = round(now_ms * MS)

    def __call__(self):
        return self.now_ns


# due in ms, missed, why, when the work of the tick at 0 is done in ms; interval 10
ADVANCES = [
    (10, 0, "at once", 0),
    (10, 0, "within the interval", 3),
    (10, 0, "a nanosecond before the next tick", 9.999_999),
    (10, 0, "as the next tick is due: it is not late yet", 10),
    (20, 1, "a nanosecond past it", 10.000_001),
    (20, 1, "within the next interval", 19),
    (20, 1, "as the one after it is due", 20),
    (30, 2, "past two", 25),
    (1000, 99, "after a long time", 1000),
    (DAY_MS + 10, DAY_MS // 10, "after a day and a bit", DAY_MS + 1),
]


@cases(ADVANCES, why=2)
def test_next_tick_is_the_first_that_is_not_past(case):
    due_ms, missed, _, done_ms = case
    schedule = Schedule(10, clock=Clock())
    assert (missed, due_ms * MS) == (
        schedule.advance(round(done_ms * MS)),
        schedule.due_ns,
    )


def test_first_tick_is_due_when_it_is_made_and_when_it_is_started():
    clock = Clock(7)
    schedule = Schedule(10, clock=clock)
    assert (schedule.due_ns, schedule.wait_s()) == (7 * MS, 0)
    clock.now_ns = 99 * MS
    schedule.start()
    assert (schedule.due_ns, schedule.wait_s()) == (99 * MS, 0)


def test_advance_asks_the_clock_unless_it_is_told():
    clock = Clock()
    schedule = Schedule(10, clock=clock)
    clock.now_ns = 25 * MS
    assert (schedule.advance(), schedule.due_ns) == (2, 30 * MS)


# seconds, why, now in ms; the next tick is due at 1000
WAITS = [
    (1.0, "the whole interval", 0),
    (0.25, "a part of it", 750),
    (1e-9, "a nanosecond", 999.999_999),
    (0, "it is due", 1000),
    (0, "it is late", 5000),
]


@cases(WAITS, why=1)
def test_wait_is_what_is_left_and_never_below_zero(case):
    expected, _, now_ms = case
    clock = Clock()
    schedule = Schedule(1000, clock=clock)
    schedule.advance()
    clock.now_ns = round(now_ms * MS)
    assert expected == schedule.wait_s()


def test_wait_is_never_longer_than_what_a_timeout_may_be():
    schedule = Schedule(10**30, clock=Clock())
    schedule.advance()
    assert schedule.wait_s() == LONGEST_WAIT_S


@given(
    st.integers(1, 10**6),
    st.integers(0, 10**18),
    st.lists(st.integers(0, 10**13), max_size=30),
)
def test_ticks_are_multiples_of_the_interval_and_every_one_is_counted(
    interval_ms, begin_ns, costs_ns
):
    clock = Clock()
    clock.now_ns = begin_ns
    schedule = Schedule(interval_ms, clock=clock)
    missed = 0
    for done, cost_ns in enumerate(costs_ns, 1):
        clock.now_ns = max(clock.now_ns, schedule.due_ns) + cost_ns
        missed += schedule.advance()
        assert 0 <= schedule.due_ns - clock.now_ns <= interval_ms * MS
        assert schedule.due_ns == begin_ns + (done + missed) * interval_ms * MS


@given(st.lists(st.tuples(st.integers(0, 3 * MS), st.integers(0, 6 * MS)), min_size=1))
def test_thousand_samples_at_10_ms_drift_by_less_than_one_interval(delays_ns):
    """Each wakes up a little late and takes a while: the delays do not add up."""
    clock = Clock()
    schedule = Schedule(10, clock=clock)
    for delay_ns, cost_ns in islice(cycle(delays_ns), 999):
        clock.now_ns = schedule.due_ns + delay_ns + cost_ns
        assert schedule.advance() == 0
    assert schedule.due_ns == 999 * 10 * MS


def test_real_clock_is_the_monotonic_one():
    before = time.monotonic_ns()
    assert before <= Schedule(1).due_ns <= time.monotonic_ns()


# error, why, interval
REFUSED = [
    (ValueError, "none", 0),
    (ValueError, "negative", -5),
    (TypeError, "a float", 1.5),
    (TypeError, "a text", "10"),
    (TypeError, "nothing", None),
]


@cases(REFUSED, why=1)
@pytest.mark.parametrize("use", [Schedule, check_interval])
def test_bad_interval_raises_and_names_the_argument(case, use):
    error, _, interval_ms = case
    with pytest.raises(error, match="interval_ms: expected"):
        use(interval_ms)


# ticks that are left out, why, the time in ms before which nothing is due
POSTPONED = [
    (0, "it is past", 5),
    (0, "it is the next tick", 10),
    (1, "it lies between two", 11),
    (1, "it is the one behind", 20),
    (99, "it is far off", 1000),
]


@cases(POSTPONED, why=1)
def test_ticks_that_are_put_off_stay_in_time_and_are_not_missed(case):
    left_out, _, earliest_ms = case
    clock = Clock()
    schedule = Schedule(10, clock=clock)
    assert schedule.advance() == 0
    schedule.postpone(earliest_ms * MS)
    assert schedule.due_ns == (10 + 10 * left_out) * MS
    clock.now_ns = schedule.due_ns
    assert schedule.advance() == 0


# when the next sample may begin in ms, why, percentage, CPU time of the last
DUTIES = [
    (100 + 500, "a hundredth", 1, 5),
    (100 + 50, "a tenth", 10, 5),
    (100 + 5, "all of a CPU", 100, 5),
    (100, "it was for nothing", 1, 0),
    (0, "no limit", None, 5),
]


@cases(DUTIES, why=1)
def test_duty_sets_a_sample_off_by_what_the_last_one_cost(monkeypatch, case):
    expected_ms, _, percent, cost_ms = case
    cpu_ns = iter([7 * MS, (7 + cost_ms) * MS])
    monkeypatch.setattr(module.time, "process_time_ns", lambda: next(cpu_ns))
    duty = module.Duty(percent)
    duty.begin(100 * MS)
    assert duty.end() == expected_ms * MS
