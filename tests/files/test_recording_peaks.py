"""The largest amounts of a recording, of processes and of sums."""

import pytest
from support.recordings import NOON, Made

from memc.files.recording.recording import Recording


@pytest.fixture
def made(tmp_path):
    found = Made(tmp_path / "a.memc")
    found.run(NOON)
    return found


def rss(kb):
    return {"rss_kb": kb}


def huge(made, t_ms, number, kb):
    made.store.batch.add("_beside", (made.store.segment, number, t_ms, kb, None))


def peak(made, begin, *, begin_ms=NOON, end_ms=None, what="rss"):
    """Return when the sum over all was largest, in ms after NOON, and the parts."""
    made.flush()
    with Recording(made.path) as recording:
        between = recording.between(begin_ms, end_ms or recording.end_ms)
        at_ms, most = between.peak_of_sum(what, begin, recording.processes())
        return at_ms - NOON, most, between.largest(what)


def test_a_sum_is_taken_of_one_time(made):
    one, two = made.start(NOON, 1), made.start(NOON, 2)
    for at, (a, b) in enumerate([(1, 1), (9, 1), (1, 7), (8, 2), (3, 3)]):
        made.tick(NOON + at * 1000, {one: rss(a), two: rss(b)})
    at_ms, most, largest = peak(made, {one: (1, 0), two: (1, 0)})
    assert (at_ms, most) == (1000, {one: (9, 0), two: (1, 0)})
    assert largest == {one: (9, NOON + 1000), two: (7, NOON + 2000)}


def test_the_begin_counts_and_what_was_before_it_does_not(made):
    one = made.start(NOON, 1)
    for at, kb in enumerate([9, 5, 4]):
        made.tick(NOON + at * 1000, {one: rss(kb)})
    begun = {one: (5, 0)}
    assert peak(made, begun, begin_ms=NOON + 1500)[:2] == (1500, begun)


def test_one_ends_in_the_tick_in_which_another_begins(made):
    one = made.start(NOON, 1)
    made.tick(NOON, {one: rss(5)})
    made.end(NOON + 1000, one)
    two = made.start(NOON + 1000, 2)
    made.tick(NOON + 1000, {two: rss(4)})
    made.tick(NOON + 2000, {two: rss(6)})
    assert peak(made, {one: (5, 0)})[:2] == (2000, {two: (6, 0)})


def test_processes_of_a_killed_recorder_are_not_in_later_sums(made):
    one = made.start(NOON, 1)
    made.tick(NOON, {one: rss(5)})
    made.tick(NOON + 1000, {one: rss(6)})
    made.flush()
    made.kill()
    later = Made(made.path)
    later.run(NOON + 9000, boot="boot-2")
    two = later.start(NOON + 9000, 1)
    later.tick(NOON + 9000, {two: rss(5)})
    later.tick(NOON + 10_000, {two: rss(6)})
    assert peak(later, {one: (5, 0)})[:2] == (1000, {one: (6, 0)})


def test_who_lives_when_the_recorder_ends_counts_at_its_last_tick(made):
    one, two = made.start(NOON, 1), made.start(NOON, 2)
    made.tick(NOON, {one: rss(5), two: rss(5)})
    made.tick(NOON + 1000, {one: rss(6)})
    made.close()
    begin = {one: (5, 0), two: (5, 0)}
    with Recording(made.path) as recording:
        between = recording.between(NOON, NOON + 1000)
        found = between.peak_of_sum("rss", begin, recording.processes())
    assert found == (NOON + 1000, {one: (6, 0), two: (5, 0)})


def test_a_segment_tells_all_again_and_adds_nothing(made):
    one, two = made.start(NOON, 1), made.start(NOON, 2)
    made.tick(NOON, {one: rss(5), two: rss(5)})
    made.segment(NOON + 1000, passed_ms=1000)
    made.tick(NOON + 1000, {one: rss(5), two: rss(5)})
    made.tick(NOON + 2000, {one: rss(6)})
    begin = {one: (5, 0), two: (5, 0)}
    assert peak(made, begin)[:2] == (2000, {one: (6, 0), two: (5, 0)})


def test_pages_of_hugetlb_count_with_rss(made):
    one, two = made.start(NOON, 1), made.start(NOON, 2)
    made.tick(NOON, {one: rss(5), two: rss(7)})
    huge(made, NOON + 1000, one, 4)
    made.tick(NOON + 1000, {})
    huge(made, NOON + 2000, one, 0)
    made.tick(NOON + 2000, {one: rss(6)})
    begin = {one: (5, 0), two: (7, 0)}
    assert peak(made, begin)[:2] == (1000, {one: (5, 4), two: (7, 0)})
    assert peak(made, {one: (0, 0)}, what="swap")[1] == {one: (0, 0)}


def test_what_is_not_known_is_no_amount(made):
    one = made.start(NOON, 1)
    made.tick(NOON, {one: {}})
    made.tick(NOON + 1000, {one: {}})
    assert peak(made, {}) == (0, {}, {})
