"""What owners held at a time, and how old that is."""

import pytest
from support.recordings import NOON, Made

from memc.files.recording.recording import Recording

HEAP = {"rss_kb": 50, "size_kb": 60, "swap_kb": 1, "regions": 2}
MORE = HEAP | {"rss_kb": 70}
NONE = dict.fromkeys(HEAP, 0)
MINUTE = 60_000


@pytest.fixture
def made(tmp_path):
    found = Made(tmp_path / "a.memc")
    found.run(NOON, interval_ms=MINUTE)
    found.one = found.start(NOON, 1)
    found.tick(NOON, {found.one: {}})
    return found


def tick(made, minute, held, *, segment=False):
    t_ms = NOON + minute * MINUTE
    if segment:
        made.segment(t_ms, passed_ms=minute * MINUTE - made.boot_ms + 1000)
    made.tick(t_ms, {made.one: {}}, held={made.one: held})


def held(made, minute):
    """Return how old what the owners held is, in minutes, and the RSS of each."""
    made.flush()
    with Recording(made.path) as recording:
        moment = recording.at(NOON + minute * MINUTE)
        (process,) = moment.processes()
        read_ms, found = moment.owners(process)
        rss = {holding.name: holding.rss_kb for holding in found}
        return (read_ms and minute - (read_ms - NOON) / MINUTE), rss


def test_owners_that_were_never_read_are_none(made):
    assert held(made, 0) == (0, {})


def test_each_owner_holds_until_its_next_row(made):
    tick(made, 1, {"heap": HEAP, "stack": HEAP})
    tick(made, 2, {"heap": MORE})
    tick(made, 3, {"stack": NONE})
    assert held(made, 1) == (0, {"heap": 50, "stack": 50})
    assert held(made, 2) == (0, {"heap": 70, "stack": 50})
    assert held(made, 3) == (0, {"heap": 70})


def test_what_a_segment_tells_again_is_as_old_as_it_was(made):
    tick(made, 1, {"heap": HEAP})
    tick(made, 2, {"heap": HEAP}, segment=True)
    tick(made, 3, {"heap": HEAP}, segment=True)
    tick(made, 4, {})
    assert held(made, 4) == (3, {"heap": 50})


def test_what_was_read_at_the_first_tick_of_a_segment_is_new(made):
    tick(made, 1, {"heap": HEAP})
    tick(made, 2, {"heap": MORE}, segment=True)
    tick(made, 3, {})
    assert held(made, 3) == (1, {"heap": 70})


def test_an_earlier_segment_tells_what_a_later_one_does_not(made):
    tick(made, 1, {"heap": HEAP})
    tick(made, 2, {}, segment=True)
    tick(made, 3, {}, segment=True)
    assert held(made, 3) == (2, {"heap": 50})


@pytest.mark.parametrize("minute", [1, 2])
def test_what_came_later_is_not_seen(made, minute):
    tick(made, 1, {})
    tick(made, 2, {})
    tick(made, 3, {"heap": HEAP})
    assert held(made, minute) == (0, {})
