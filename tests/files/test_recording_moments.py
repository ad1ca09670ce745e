"""What a recording tells of one time; recordings are made by the store."""

import os

import pytest
from support.recordings import NOON, Made

import memc

S = 1000
BEGIN = NOON


@pytest.fixture
def made(tmp_path):
    return Made(tmp_path / "run.memc")


def opened(made):
    return memc.Recording(made.path)


def kb(recording, t_ms, pid):
    return recording.at(t_ms).snapshot(pid).total_rss_kb


def living(recording, t_ms):
    found = recording.at(t_ms)
    system = found.system()
    assert [p.pid for p in system.processes] == [p.pid for p in found.processes()]
    assert system.timestamp_ms == found.as_of_ms
    return [(p.pid, p.name, p.snapshot.total_rss_kb) for p in system.processes]


def steady(made, begin_ms, ticks, usage=None):
    """Add ticks; all of `usage` is told at the first."""
    for at in range(ticks):
        made.tick(begin_ms + at * S, usage if not at else None)


def test_a_row_holds_until_the_next(made):
    made.run(BEGIN)
    one = made.start(BEGIN, 5)
    made.tick(BEGIN, {one: {"rss_kb": 100}})
    made.tick(BEGIN + 1 * S)
    made.tick(BEGIN + 2 * S, {one: {"rss_kb": 300}})
    made.tick(BEGIN + 3 * S)
    made.close()
    with opened(made) as recording:
        times = [0, 1, 999, 1000, 1999, 2000, 2001, 3000]
        found = [kb(recording, BEGIN + t, 5) for t in times]
        assert found == [100, 100, 100, 100, 100, 300, 300, 300]
        snap = recording.at(BEGIN + 1500).snapshot(5)
        assert (snap.timestamp_ms, snap.as_of_ms) == (BEGIN + 1000, BEGIN)
        assert (recording.begin_ms, recording.end_ms) == (BEGIN, BEGIN + 3 * S)


def test_totals_are_as_they_were_and_the_rest_is_none(made):
    made.run(BEGIN)
    raw = b"\xffa\x1b"
    one = made.start(BEGIN, 5, raw, uid=7, cmdline="a b", cgroup="/x", start_ticks=9)
    made.tick(BEGIN, {one: {"swap_kb": None}, made.start(BEGIN, 2, b"kthreadd"): {}})
    made.close()
    with opened(made) as recording:
        kernel, process = recording.at(BEGIN).system().processes
    snap = process.snapshot
    assert (process.name, snap.name) == ("\udcffa\x1b",) * 2
    assert (process.uid, process.cgroup, process.cmdline) == (7, "/x", "a b")
    assert (snap.pid, snap.started, process.started) == (5, 9, 9)
    assert (snap.detail, snap.total_rss_kb, snap.total_vsize_kb) == (
        "totals",
        100,
        1000,
    )
    told = {name: kb for name, kb in snap.totals.items() if kb is not None}
    assert told == {
        "rss_anon_kb": 60, "rss_file_kb": 30, "rss_shmem_kb": 10, "threads": 1,
        "hugetlb_kb": 0,
    }  # fmt: skip
    assert kernel.snapshot.total_rss_kb is kernel.snapshot.total_vsize_kb is None
    assert {*kernel.snapshot.totals.values()} == {None}
    live = memc.snapshot(os.getpid(), detail="totals")
    assert [*snap.totals] == [*live.totals]


def test_who_lived_when(made):
    made.run(BEGIN)
    one, two = made.start(BEGIN, 5, b"one"), made.start(BEGIN, 6, b"two")
    made.tick(BEGIN, {one: {"rss_kb": 1}, two: {"rss_kb": 2}})
    made.end(BEGIN + 1 * S, one)
    made.tick(BEGIN + 1 * S)
    again = made.start(BEGIN + 2 * S, 5, b"again", start_ticks=99)
    made.tick(BEGIN + 2 * S, {again: {"rss_kb": 3}})
    shell = made.exec(BEGIN + 3 * S, two, b"shell")
    made.tick(BEGIN + 3 * S, {shell: {"rss_kb": 4}})
    made.close()
    with opened(made) as recording:
        assert living(recording, BEGIN + 999) == [(5, "one", 1), (6, "two", 2)]
        assert living(recording, BEGIN + 1 * S) == [(6, "two", 2)]
        assert living(recording, BEGIN + 2 * S) == [(5, "again", 3), (6, "two", 2)]
        assert living(recording, BEGIN + 3 * S) == [(5, "again", 3), (6, "shell", 4)]
        with pytest.raises(memc.ProcessGone, match=r"5 did not live at .*, and from"):
            recording.at(BEGIN + 1 * S).snapshot(5)
        with pytest.raises(memc.ProcessGone, match="no process 77 was recorded"):
            recording.at(BEGIN).snapshot(77)


@pytest.mark.parametrize("after_ms", [0, 1, 400])
def test_the_end_of_the_recorder_is_not_the_end_of_a_process(made, after_ms):
    made.run(BEGIN)
    one, two = made.start(BEGIN, 5), made.start(BEGIN, 6)
    made.tick(BEGIN, {one: {}, two: {}})
    made.end(BEGIN + 1 * S, two)
    made.tick(BEGIN + 1 * S)
    made.close(BEGIN + 1 * S + after_ms)
    with opened(made) as recording:
        assert living(recording, BEGIN + 1 * S) == [(5, "prog", None)]


def test_a_process_that_ended_in_a_later_segment_lived_in_this(made):
    made.run(BEGIN)
    one = made.start(BEGIN, 5)
    made.tick(BEGIN, {one: {}})
    made.tick(BEGIN + 1 * S)
    made.segment(BEGIN - 3600 * S, passed_ms=2 * S)  # the clock was set back
    made.tick(BEGIN - 3600 * S, {one: {"rss_kb": 7}})
    made.end(BEGIN - 3599 * S, one)
    made.tick(BEGIN - 3599 * S)
    made.close()
    with opened(made) as recording:
        assert living(recording, BEGIN + 1 * S) == [(5, "prog", None)]
        assert living(recording, BEGIN - 3600 * S) == [(5, "prog", 7)]
        assert living(recording, BEGIN - 3599 * S) == []


def test_the_newest_segment_tells_a_time_that_two_hold(made):
    made.run(BEGIN)
    one = made.start(BEGIN, 5)
    steady(made, BEGIN, 60, {one: {"rss_kb": 1}})
    made.segment(BEGIN + 30 * S, passed_ms=60 * S)  # 30 seconds back
    steady(made, BEGIN + 30 * S, 10, {one: {"rss_kb": 2}})
    made.close()
    with opened(made) as recording:
        found = [kb(recording, BEGIN + t * S, 5) for t in (29, 30, 39, 40, 59)]
        assert found == [1, 2, 2, 1, 1]
        assert recording.gaps == ()
        assert recording.end_ms == BEGIN + 59 * S
        assert [s.id for s in recording.segments] == [1, 2]


GAPS = {
    "late": lambda made: made.gap(BEGIN + 60 * S, "late", 51 * S),
    "suspended": lambda made: made.gap(BEGIN + 60 * S, "suspended", 51 * S),
    "disk full": lambda made: made.gap(BEGIN + 64 * S, "disk full", 55 * S),
}


@pytest.mark.parametrize(("why", "tell"), GAPS.items(), ids=GAPS)
def test_nothing_is_told_of_a_gap(made, why, tell):
    made.run(BEGIN)
    one = made.start(BEGIN, 5)
    steady(made, BEGIN, 10, {one: {"rss_kb": 1}})
    tell(made)
    steady(
        made, BEGIN + 60 * S, 10, {one: {"rss_kb": 1}} if why == "disk full" else None
    )
    made.close()
    with opened(made) as recording:
        (gap,) = recording.gaps
        assert (gap.begin_ms, gap.end_ms) == (BEGIN + 9 * S, BEGIN + 60 * S)
        assert (gap.why, gap.length_ms) == (why, 51 * S)
        for t_ms in (BEGIN + 9 * S + 1, BEGIN + 30 * S, BEGIN + 60 * S - 1):
            with pytest.raises(memc.MemcError, match=f"a gap from .*09 to .*{why}"):
                recording.at(t_ms)
        assert kb(recording, BEGIN + 9 * S, 5) == kb(recording, BEGIN + 60 * S, 5) == 1


def test_a_little_late_is_no_gap(made):
    made.run(BEGIN, interval_ms=2000)
    one = made.start(BEGIN, 5)
    made.tick(BEGIN, {one: {"rss_kb": 1}})
    made.tick(BEGIN + 3 * S)
    made.tick(BEGIN + 6001)
    made.close()
    with opened(made) as recording:
        assert kb(recording, BEGIN + 2900, 5) == 1
        assert [g.end_ms for g in recording.gaps] == [BEGIN + 6001]
        with pytest.raises(memc.MemcError, match="a gap"):
            recording.at(BEGIN + 6000)


def test_a_clock_that_was_set_forward_leaves_times_that_never_were(made):
    made.run(BEGIN)
    one = made.start(BEGIN, 5)
    steady(made, BEGIN, 10, {one: {"rss_kb": 1}})
    made.segment(BEGIN + 3600 * S, passed_ms=10 * S)
    steady(made, BEGIN + 3600 * S, 10, {one: {"rss_kb": 2}})
    made.close()
    with opened(made) as recording:
        (gap,) = recording.gaps
        assert (gap.why, gap.length_ms) == ("clock set", 1000)
        assert kb(recording, BEGIN + 9999, 5) == 1
        with pytest.raises(memc.MemcError, match="clock set"):
            recording.at(BEGIN + 11 * S)


def test_segments_that_follow_leave_no_gap(made):
    made.run(BEGIN)
    one = made.start(BEGIN, 5)
    steady(made, BEGIN, 10, {one: {"rss_kb": 1}})
    made.segment(BEGIN + 10 * S, passed_ms=10 * S)
    steady(made, BEGIN + 10_004, 10, {one: {"rss_kb": 2}})
    made.close()
    with opened(made) as recording:
        assert recording.gaps == ()
        assert [kb(recording, BEGIN + t, 5) for t in (9999, 10_003)] == [1, 1]
        assert kb(recording, BEGIN + 10_004, 5) == 2


def test_several_runs_and_boots(made):
    made.run(BEGIN, boot="a")
    one = made.start(BEGIN, 5, b"first")
    steady(made, BEGIN, 10, {one: {"rss_kb": 1}})
    made.flush()
    made.kill()
    made = Made(made.path)
    made.run(BEGIN + 100 * S, boot="b", boot_ms=1)
    two = made.start(BEGIN + 100 * S, 5, b"second")
    steady(made, BEGIN + 100 * S, 10, {two: {"rss_kb": 2}})
    made.close(why="term")
    with opened(made) as recording:
        assert [(run.boot, run.why) for run in recording.runs] == [
            ("a", "killed"),
            ("b", "term"),
        ]
        assert living(recording, BEGIN + 9 * S) == [(5, "first", 1)]
        assert living(recording, BEGIN + 100 * S) == [(5, "second", 2)]
        (gap,) = recording.gaps
        assert (gap.why, gap.begin_ms) == ("not recording", BEGIN + 9 * S)
        with pytest.raises(memc.MemcError, match="not recording"):
            recording.at(BEGIN + 50 * S)
        assert [p.boot for p in recording.processes(5)] == ["a", "b"]


def test_outside_the_recording_is_told_with_its_span(made):
    made.run(BEGIN)
    steady(made, BEGIN, 10)
    made.close()
    with opened(made) as recording:
        for t_ms in (BEGIN - 1001, BEGIN + 9 * S + 1):
            with pytest.raises(memc.MemcError, match=r"the recording goes from .* to"):
                recording.at(t_ms)
        assert recording.at("-2s").as_of_ms == BEGIN + 7 * S
        assert recording.at("+2s").as_of_ms == BEGIN + 2 * S


@pytest.mark.parametrize(
    "ask",
    [
        lambda recording, who: recording.usage(who),
        lambda recording, who: recording.growth(pid=who),
        lambda recording, who: recording.at("-0s").snapshot(who),
        lambda recording, who: list(recording.snapshots(who)),
    ],
)
def test_what_is_no_pid_is_told(made, ask):
    made.run(BEGIN)
    number = made.start(BEGIN, 100)
    made.tick(BEGIN, {number: {"rss_kb": 1}})
    made.close()
    with opened(made) as recording:
        for who in ("java", recording.processes()[0]):
            with pytest.raises(TypeError, match=r"expected a pid, not .*processes\(\)"):
                ask(recording, who)


def test_nothing_recorded_yet(made):
    made.run(BEGIN)
    with opened(made) as recording:
        assert recording.segments == recording.gaps == ()
        assert recording.processes() == []
        for ask in ("begin_ms", "end_ms"):
            with pytest.raises(memc.MemcError, match="nothing was recorded yet"):
                getattr(recording, ask)
        with pytest.raises(memc.MemcError, match="nothing was recorded yet"):
            recording.at("-10m")
    made.kill()


def test_a_recording_in_progress_is_seen_to_grow_and_to_lose_its_begin(made):
    made.run(BEGIN)
    one = made.start(BEGIN, 5)
    made.tick(BEGIN, {one: {"rss_kb": 1}})
    made.flush()
    with opened(made) as recording:
        assert recording.end_ms == BEGIN
        first = recording.at(BEGIN)
        made.tick(BEGIN + 1 * S, {one: {"rss_kb": 2}})
        made.flush()
        assert recording.end_ms == BEGIN + 1 * S
        assert kb(recording, "-0.5s", 5) == 1
        made.segment(BEGIN + 2 * S, passed_ms=2 * S)
        made.tick(BEGIN + 2 * S, {one: {"rss_kb": 3}})
        made.flush()
        made.store.drop_older(BEGIN + 2 * S + 1)
        assert recording.begin_ms == BEGIN + 2 * S
        with pytest.raises(memc.MemcError, match="was dropped meanwhile"):
            first.system()
        with pytest.raises(memc.MemcError, match="the recording goes from"):
            recording.at(BEGIN)
    made.kill()


def test_a_frame_is_told_exactly_until_the_next(made):
    made.run(BEGIN)
    pid, details = os.getpid(), ("smaps", "smaps", "rss", "rss")
    snaps = [memc.snapshot(pid, detail=detail) for detail in details]
    one = made.start(BEGIN, pid, start_ticks=snaps[0].started)
    two = made.start(BEGIN, 1 << 22)
    made.tick(BEGIN, {one: {"rss_kb": 8}, two: {"rss_kb": 9}})
    for at, snap in enumerate(snaps):
        made.tick(BEGIN + (2 * at + 1) * S, frames={one: snap})
        made.tick(BEGIN + (2 * at + 2) * S)
    made.close()
    with opened(made) as recording:
        assert recording.at(BEGIN).snapshot(pid).detail == "totals"
        for at, snap in enumerate(snaps):
            for t_ms in (BEGIN + (2 * at + 1) * S, BEGIN + (2 * at + 2) * S):
                found = recording.at(t_ms).snapshot(pid)
                assert found.to_json(full=True) == snap.to_json(full=True)
        moment = recording.at(BEGIN + 2 * S)
        assert moment.snapshot(pid, detail="totals").total_rss_kb == 8
        assert [p.snapshot.detail for p in moment.system().processes] == ["totals"] * 2
        mixed = moment.system(detail="frames").processes
        assert [p.snapshot.detail for p in mixed] == ["smaps", "totals"]


def test_a_closed_recording_says_so(made):
    made.run(BEGIN)
    steady(made, BEGIN, 2)
    made.close()
    recording = opened(made)
    assert repr(recording).startswith(f"<Recording {made.path}: 2026-11-")
    recording.close()
    recording.close()
    with pytest.raises(memc.MemcError, match="the recording was closed"):
        recording.at(BEGIN)
    assert repr(recording) == f"<Recording {made.path}>"


def test_hugetlb_and_the_memory_of_another_process(made):
    made.run(BEGIN)
    one, two = made.start(BEGIN, 5), made.start(BEGIN, 6)
    made.beside(BEGIN, one, hugetlb_kb=2048)
    made.beside(BEGIN, two, same_memory_as=5)
    nothing = dict.fromkeys(("rss_kb", "vsize_kb", "anon_kb", "file_kb", "shmem_kb"))
    made.tick(BEGIN, {one: {"rss_kb": 9}, two: {"threads": 2} | nothing})
    made.beside(BEGIN + 1 * S, one)
    made.beside(BEGIN + 1 * S, two)
    made.tick(BEGIN + 1 * S, {two: {"rss_kb": 7}})
    made.close()
    with opened(made) as recording:
        parent, child = (recording.at(BEGIN).snapshot(pid) for pid in (5, 6))
        assert (parent.totals["hugetlb_kb"], parent.same_memory_as) == (2048, None)
        assert (child.same_memory_as, child.total_rss_kb) == (5, None)
        assert {*child.totals.values()} == {None}
        parent, child = (recording.at(BEGIN + 1 * S).snapshot(pid) for pid in (5, 6))
        assert parent.totals["hugetlb_kb"] == 0
        assert (child.same_memory_as, child.total_rss_kb) == (None, 7)
        first, second = recording.snapshots(6)
        assert (first.same_memory_as, second.same_memory_as) == (5, None)


def test_a_frame_of_another_run_is_not_told_after_the_gap(made):
    snap = memc.snapshot(os.getpid(), detail="rss")
    who = {"pid": snap.pid, "start_ticks": snap.started}
    made.run(BEGIN)
    one = made.start(BEGIN, **who)
    made.tick(BEGIN, {one: {}}, frames={one: snap})
    made.close()
    made = Made(made.path)
    made.run(BEGIN + 60 * S, boot_ms=61_000)
    two = made.start(BEGIN + 60 * S, execs=1, **who)
    made.tick(BEGIN + 60 * S, {two: {}})
    made.close()
    with opened(made) as recording:
        assert recording.at(BEGIN).snapshot(snap.pid).detail == "rss"
        assert recording.at(BEGIN + 60 * S).snapshot(snap.pid).detail == "totals"


def test_an_owner_that_went_while_nothing_could_be_written_is_not_told(made):
    """The recorder tells again what there is after it, and not what is gone."""
    made.run(BEGIN)
    one, two = made.start(BEGIN, 5), made.start(BEGIN, 6)
    held = {one: {"heap": 60, "stack": 8}}
    made.tick(BEGIN, {one: {"rss_kb": 1}, two: {"rss_kb": 2}}, held=held)
    steady(made, BEGIN + 1 * S, 5)
    made.tick(BEGIN + 25 * S, {one: {"rss_kb": 1}}, held={one: {"heap": 60}})
    steady(made, BEGIN + 26 * S, 5)
    made.gap(BEGIN + 30 * S, "disk full", 20 * S)
    made.close()

    def owners(t_ms):
        moment = recording.at(t_ms)
        (process,) = [p for p in moment.processes() if p.pid == 5]
        named = [holding.name for holding in moment.owners(process)[1]]
        assert [row.owner for row in recording.owners(5, t_ms, t_ms)] == named
        grown = recording.growth(t_ms, t_ms, by="owner")
        assert sorted(grown._owners(moment.segment, t_ms, None)) == named
        return named

    with opened(made) as recording:
        assert owners(BEGIN + 5 * S) == ["heap", "stack"]
        assert owners(BEGIN + 25 * S) == ["heap"]
        assert owners(BEGIN + 30 * S) == ["heap"]
        assert [p.pid for p in recording.at(BEGIN + 5 * S).processes()] == [5, 6]
        assert [p.pid for p in recording.at(BEGIN + 30 * S).processes()] == [5]


def test_what_was_read_before_a_gap_is_not_told_after_it(made):
    """The recorder then begins a segment: what it did not read again is not known."""
    snap = memc.snapshot(os.getpid(), detail="rss")
    made.run(BEGIN)
    one = made.start(BEGIN, snap.pid, start_ticks=snap.started)
    held = {one: {"heap": 60}}
    made.tick(BEGIN, {one: {}}, held=held, frames={one: snap})
    for segment, gap in enumerate(["", "late", "reader"], 1):
        begin_ms = BEGIN + 30 * segment * S
        made.segment(begin_ms, passed_ms=30 * S)
        if gap:
            made.gap(begin_ms, gap, 29 * S)
        made.tick(begin_ms, {one: {}})
    made.close()

    def told(segment):
        moment = recording.at(BEGIN + 30 * segment * S)
        (process,) = moment.processes()
        named = [holding.name for holding in moment.owners(process)[1]]
        return named, moment.snapshot(snap.pid).detail

    with opened(made) as recording:
        assert [told(segment) for segment in range(4)] == [(["heap"], "rss")] * 3 + [
            ([], "totals")
        ]
