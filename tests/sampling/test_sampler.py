"""The sampler on made-up trees; the clock is moved by the test where time matters."""

import functools
import gc
import os
import signal
import threading
import weakref

import pytest
from support.cases import cases
from support.readers import PURE
from support.sampling import TIMEOUT_S, Clock, Seen, threads, wait_for_end
from support.tables import rows
from support.text import page, record

import memc
from memc.errors import AccessDenied, MemcError, ProcessGone
from memc.sampling import run as module, source
from memc.sampling.schedule import Schedule

HOUR_MS = 3_600_000
BACKENDS = ["native", "pure"]


@pytest.fixture(autouse=True)
def _no_thread_is_left():
    yield
    wait_for_end()


@pytest.fixture(params=BACKENDS)
def proc(request, tree, monkeypatch):
    """Give a tree with process 7, for each backend."""
    monkeypatch.setenv("MEMC_BACKEND", request.param)
    tree.add(7, maps=page(1), smaps=record(0x1000, 0x3000, b"Rss: 8 kB"))
    return tree


@pytest.fixture
def clock(monkeypatch):
    """Let samplers live by a clock that stands still unless it is moved."""
    clock = Clock()
    schedule = functools.partial(Schedule, clock=clock)
    monkeypatch.setattr(module, "Schedule", schedule)
    return clock


@pytest.fixture
def make(proc):
    """Give a function that makes samplers of process 7; they are stopped in the end."""
    made = []

    def make(*callbacks, pid=7, interval_ms=1, **options):
        made.append(
            memc.Sampler(pid, proc=str(proc), interval_ms=interval_ms, **options)
        )
        for callback in callbacks:
            made[-1].on_snapshot(callback)
        return made[-1]

    yield make
    for one in made:
        one.stop()


class Times:
    """A callback that does something at its first calls, and then stops the sampler."""

    def __init__(self, *actions):
        self.actions = [*actions]
        self.sampler = None

    def __call__(self, _):
        if self.actions:
            self.actions.pop(0)()
        else:
            self.sampler.stop()


def run(sampler, *actions):
    """Start it, do one action after each sample, and return after one more sample."""
    times = Times(*actions)
    times.sampler = sampler
    sampler.on_snapshot(times)
    sampler.start()
    wait_for_end()


# error, named, why, arguments
REFUSED = [
    (TypeError, "pid", "a pid that is no number", {"pid": "7"}),
    (TypeError, "pid", "no pid", {"pid": None}),
    (ValueError, "pid", "pid 0", {"pid": 0}),
    (ValueError, "pid", "a negative pid", {"pid": -1}),
    (ProcessGone, "no such process", "over any pid", {"pid": 2**31}),
    (ValueError, "detail", "an unknown detail", {"detail": "everything"}),
    (ValueError, "interval_ms", "no interval", {"interval_ms": 0}),
    (ValueError, "interval_ms", "a negative one", {"interval_ms": -5}),
    (TypeError, "interval_ms", "a part of a millisecond", {"interval_ms": 0.5}),
    (TypeError, "interval_ms", "an interval of text", {"interval_ms": "5"}),
    (ValueError, "max_snapshots", "less than none", {"max_snapshots": -1}),
    (TypeError, "max_snapshots", "half a snapshot", {"max_snapshots": 1.5}),
    (TypeError, "max_snapshots", "None for all", {"max_snapshots": None}),
]


@cases(REFUSED, why=2)
def test_bad_argument_raises_and_is_named(case):
    error, named, _, arguments = case
    with pytest.raises(error, match=named):
        memc.Sampler(**{"pid": 7, **arguments})


def test_before_the_start_there_is_nothing(make):
    sampler = make()
    assert (
        sampler.get_snapshots(),
        sampler.get_latest(),
        sampler.snapshot_count(),
    ) == ([], None, 0)
    assert (sampler.late_ticks, sampler.taken, sampler.error) == (0, 0, None)
    assert not sampler.is_running()
    assert repr(sampler) == "<Sampler of process 7: maps, every 1 ms, stopped>"


def test_defaults_are_those_of_the_design():
    sampler = memc.Sampler(7)
    assert (
        sampler.detail,
        sampler.interval_ms,
        sampler.max_snapshots,
        sampler.proc,
    ) == ("maps", 1000, 0, "/proc")


@pytest.mark.parametrize("detail", ["maps", "smaps"])
def test_first_sample_is_taken_at_once_and_is_a_snapshot(make, proc, detail):
    seen = Seen()
    sampler = make(seen, detail=detail, interval_ms=HOUR_MS)
    sampler.start()
    (snap,) = seen.wait(1)
    expected = memc.snapshot(7, detail=detail, proc=str(proc))
    assert (7, detail, rows(expected)) == (snap.pid, snap.detail, rows(snap))
    assert snap.cost_ns > 0
    assert snap.notes == ()
    assert [snap] == sampler.get_snapshots()
    assert snap is sampler.get_latest()


def test_samples_go_on_until_the_stop(make):
    seen = Seen()
    sampler = make(seen)
    sampler.start()
    assert sampler.is_running()
    assert repr(sampler) == "<Sampler of process 7: maps, every 1 ms, running>"
    snapshots = seen.wait(5)
    sampler.stop()
    assert not sampler.is_running()
    assert snapshots == sampler.get_snapshots()[:5]
    times = [snap.timestamp_ms for snap in snapshots]
    assert sorted(times) == times


@pytest.mark.parametrize("interval_ms", [1, HOUR_MS, 10**30])
def test_stop_ends_the_thread_whatever_the_interval(make, interval_ms):
    seen = Seen()
    sampler = make(seen, interval_ms=interval_ms)
    sampler.start()
    seen.wait(1)
    sampler.stop()
    wait_for_end()
    assert sampler.error is None


# kept, why, max_snapshots; of 5 that were taken
BUFFERS = [
    ([0, 1, 2, 3, 4], "0 is all", 0),
    ([4], "the last alone", 1),
    ([2, 3, 4], "the last three", 3),
    ([0, 1, 2, 3, 4], "just enough", 5),
    ([0, 1, 2, 3, 4], "more than there are", 100),
]


@cases(BUFFERS, why=1)
def test_the_last_snapshots_are_kept(make, case):
    expected, _, max_snapshots = case
    seen = Seen()
    sampler = make(seen, max_snapshots=max_snapshots)
    run(sampler, *[lambda: None] * 4)
    taken = seen.wait(5)
    assert [taken[i] for i in expected] == sampler.get_snapshots()
    assert (len(expected), 5) == (sampler.snapshot_count(), sampler.taken)
    assert taken[4] is sampler.get_latest()


def test_what_was_given_out_does_not_change(make):
    seen = Seen()
    sampler = make(seen)
    sampler.start()
    seen.wait(1)
    given = sampler.get_snapshots()
    count = len(given)
    seen.wait(count + 3)
    assert len(given) == count
    given.clear()
    assert sampler.snapshot_count() > count


def test_late_ticks_are_counted_and_noted_and_not_made_up_for(make, clock):
    seen = Seen()
    sampler = make(seen, interval_ms=10)
    slow, quick = (lambda: clock.move(40)), (lambda: clock.move(10))
    run(sampler, slow, slow, quick, lambda: clock.move(20))
    notes = [[(note.code, note.count) for note in snap.notes] for snap in seen.wait(5)]
    assert notes == [[], [("late", 3)], [("late", 3)], [], [("late", 1)]]
    assert (sampler.late_ticks, sampler.taken) == (7, 5)


def test_late_ticks_are_those_of_the_notes_when_it_is_stopped_before_the_next(
    make, clock
):
    sampler = make(interval_ms=10)

    def slow_and_last(_):
        clock.move(40)
        sampler.stop()

    sampler.on_snapshot(slow_and_last)
    sampler.start()
    wait_for_end()
    assert sampler.late_ticks == 0


def test_callbacks_run_in_order_on_the_sampling_thread(make):
    calls = []

    def note(name):
        return lambda _: calls.append((name, threading.current_thread().name))

    sampler = make(note("first"), note("second"))
    run(sampler, lambda: None)
    names = [("first", "memc sampler 7"), ("second", "memc sampler 7")]
    assert calls == names * 2


def test_callback_may_come_before_and_after_the_start_and_from_a_callback(make):
    before, after, inner = Seen(), Seen(), Seen()
    sampler = make(before)
    sampler.start()
    before.wait(1)
    sampler.on_snapshot(after)
    first = after.wait(1)
    sampler.on_snapshot(Times(lambda: sampler.on_snapshot(inner), *[bool] * 10**6))
    inner.wait(2)
    assert first[0] in before.snapshots


def test_callback_that_is_none_raises(make):
    with pytest.raises(TypeError, match="callback: expected a function, not 5"):
        make().on_snapshot(5)


def test_callback_sees_its_snapshot_in_the_sampler(make):
    found = []
    sampler = make(lambda snap: found.append(snap is sampler.get_latest()))
    run(sampler, lambda: None)
    assert found == [True, True]


RAISED = [ValueError("odd value"), SystemExit(3), KeyboardInterrupt(), MemoryError()]


@pytest.mark.parametrize("error", RAISED, ids=lambda error: type(error).__name__)
def test_callback_that_raises_is_reported_and_stops_nothing(make, capfd, error):
    def odd_callback(_):
        raise error

    seen = Seen()
    sampler = make(odd_callback, seen)
    run(sampler, lambda: None)
    assert len(seen.wait(2)) == 2
    assert sampler.error is None
    said = capfd.readouterr().err
    assert said.count("memc: process 7: callback ") == 2
    assert said.count("odd_callback raised, and sampling goes on\nTraceback (") == 2
    assert said.count(f"\n{type(error).__name__}") == 2


def test_callback_without_a_name_is_called_by_its_type(make, capfd):
    run(make(functools.partial(int, "x")))
    said = capfd.readouterr().err
    assert said.startswith("memc: process 7: callback partial raised")


@pytest.mark.parametrize("stderr", [None, "closed"])
def test_callback_that_raises_stops_nothing_without_stderr(
    make, monkeypatch, stderr, tmp_path
):
    if stderr is not None:
        stderr = (tmp_path / "stderr").open("w")
        stderr.close()
    monkeypatch.setattr("sys.stderr", stderr)
    monkeypatch.setattr("sys.__stderr__", stderr)
    seen = Seen()
    run(make(functools.partial(int, "x"), seen), lambda: None)
    seen.wait(2)


def test_stop_in_a_callback_ends_it_after_this_one(make):
    after = Seen()
    sampler = make()
    stopped = []

    def stop(_):
        sampler.stop()
        stopped.append(sampler.is_running())

    sampler.on_snapshot(stop)
    sampler.on_snapshot(after)
    sampler.start()
    wait_for_end()
    assert stopped == [False]
    assert after.snapshots == []
    assert (sampler.taken, sampler.error) == (1, None)


def test_stop_does_not_wait_for_a_callback_that_blocks(make):
    entered, leave = threading.Event(), threading.Event()
    after = Seen()

    def block(_):
        entered.set()
        assert leave.wait(TIMEOUT_S)

    sampler = make(block, after)
    sampler.start()
    assert entered.wait(TIMEOUT_S)
    sampler.stop()
    assert not sampler.is_running()
    leave.set()
    wait_for_end()
    assert after.snapshots == []
    assert sampler.taken == 1


def test_start_goes_on_while_an_old_callback_still_blocks(make):
    entered, leave = threading.Event(), threading.Event()
    seen = Seen()

    def block_once(_):
        if not entered.is_set():
            entered.set()
            assert leave.wait(TIMEOUT_S)

    sampler = make(block_once, seen)
    sampler.start()
    assert entered.wait(TIMEOUT_S)
    sampler.stop()
    sampler.start()
    seen.wait(3)
    assert len(threads()) == 2
    leave.set()
    sampler.stop()
    wait_for_end()


class SlowReader:
    """A backend whose readings block until they are let go, and then say `answer`."""

    def __init__(self, answer):
        self.entered, self.leave = threading.Event(), threading.Event()
        self.answer = answer

    def collect(self, pid, options):
        self.entered.set()
        assert self.leave.wait(TIMEOUT_S)
        if isinstance(self.answer, Exception):
            raise self.answer
        return PURE.collect(pid, options)

    def share_columns(self, snap, earlier):
        PURE.share_columns(snap, earlier)


@pytest.mark.parametrize("answer", ["a snapshot", AccessDenied("no", 7)], ids=repr)
def test_reading_that_ends_after_the_stop_is_dropped(make, monkeypatch, answer):
    reader = SlowReader(answer)
    monkeypatch.setattr(source, "backend", lambda: reader)
    seen = Seen()
    sampler = make(seen)
    sampler.start()
    assert reader.entered.wait(TIMEOUT_S)
    sampler.stop()
    reader.leave.set()
    wait_for_end()
    assert (sampler.taken, sampler.error, seen.snapshots) == (0, None, [])


def test_start_and_stop_may_be_called_again_and_do_nothing(make):
    seen = Seen()
    sampler = make(seen, interval_ms=HOUR_MS)
    sampler.stop()
    sampler.start()
    sampler.start()
    assert len(threads()) == 1
    seen.wait(1)
    sampler.stop()
    sampler.stop()
    assert sampler.taken == 1


def test_restart_keeps_what_there_is_and_begins_at_once(make):
    seen = Seen()
    sampler = make(seen, interval_ms=HOUR_MS, max_snapshots=3)
    for count in (1, 2, 3, 4):
        sampler.start()
        seen.wait(count)
        assert sampler.is_running()
        sampler.stop()
    assert seen.wait(4)[1:] == sampler.get_snapshots()
    assert (sampler.taken, sampler.late_ticks) == (4, 0)


def test_restart_in_a_callback_begins_a_new_run(make):
    sampler = make(interval_ms=HOUR_MS)
    seen = Seen()

    def restart():
        sampler.stop()
        sampler.start()

    sampler.on_snapshot(Times(restart, *[bool] * 10))
    sampler.on_snapshot(seen)
    sampler.start()
    seen.wait(1)
    assert sampler.is_running()
    assert sampler.taken == 2


def test_several_samplers_run_at_once(make, proc):
    seen = {}
    for pid in range(100, 110):
        proc.add(pid, maps=page(pid))
        seen[pid] = Seen()
        make(seen[pid], pid=pid).start()
    for pid, one in seen.items():
        (expected,) = memc.snapshot(pid, proc=str(proc))
        found = {(snap.pid, snap[0].start) for snap in one.wait(3)}
        assert found == {(pid, expected.start)}


def test_two_samplers_of_one_process_do_not_meet(make):
    first, second = Seen(), Seen()
    one, two = make(first), make(second, detail="smaps")
    one.start()
    two.start()
    assert {"maps"} == {snap.detail for snap in first.wait(3)}
    one.stop()
    count = len(second.snapshots)
    assert {"smaps"} == {snap.detail for snap in second.wait(count + 3)}
    assert two.is_running()


def test_context_manager_starts_and_stops(make):
    seen = Seen()
    sampler = make(seen)
    with sampler as same:
        assert same is sampler
        assert sampler.is_running()
        seen.wait(1)
    assert not sampler.is_running()
    with pytest.raises(ZeroDivisionError), sampler:
        _ = 1 / 0
    assert not sampler.is_running()


def test_many_threads_may_use_it(make):
    seen = Seen()
    sampler = make(seen, max_snapshots=5)
    counts = []

    def use():
        for _ in range(100):
            sampler.start()
            counts.append(len(sampler.get_snapshots()))
            sampler.stop()

    users = [threading.Thread(target=use) for _ in range(4)]
    for user in users:
        user.start()
    for user in users:
        user.join(TIMEOUT_S)
    assert max(counts) <= 5
    assert not sampler.is_running()


# When it ends by itself.


def test_no_process_to_start_with_raises(make, proc):
    sampler = make(pid=8)
    with pytest.raises(ProcessGone, match="process 8: no such process"):
        sampler.start()
    assert not sampler.is_running()
    proc.add(8, maps=page(1))
    run(sampler)
    assert sampler.taken == 1


def test_no_proc_to_start_with_raises(tmp_path):
    sampler = memc.Sampler(7, proc=str(tmp_path / "nowhere"))
    with pytest.raises(MemcError, match="not a proc file system"):
        sampler.start()


def test_no_backend_to_start_with_raises(make, monkeypatch):
    monkeypatch.setenv("MEMC_BACKEND", "odd")
    sampler = make()
    with pytest.raises(MemcError, match="MEMC_BACKEND"):
        sampler.start()
    assert not sampler.is_running()


def test_no_thread_to_start_with_raises(make, monkeypatch):
    def refuse(_):
        raise RuntimeError("can't start new thread")

    sampler = make()
    start = module.Thread.start
    monkeypatch.setattr(module.Thread, "start", refuse)
    with pytest.raises(RuntimeError, match="new thread"):
        sampler.start()
    monkeypatch.setattr(module.Thread, "start", start)
    assert not sampler.is_running()
    run(sampler)
    assert sampler.taken == 1


def test_process_that_ends_stops_it_and_what_there_is_stays(make, proc):
    sampler = make()
    run(sampler, bool, lambda: proc.remove(7))
    assert (sampler.is_running(), sampler.snapshot_count()) == (False, 2)
    assert isinstance(sampler.error, ProcessGone)
    assert (str(sampler.error), sampler.error.pid) == ("process 7: ended", 7)


def replace(proc):
    """Let the pid be another process's."""
    proc.remove(7)
    proc.add(7, maps=page(99))


def test_pid_given_to_another_process_between_samples_ends_it(make, proc):
    sampler = make()
    run(sampler, bool, lambda: replace(proc))
    assert isinstance(sampler.error, ProcessGone)
    assert str(sampler.error) == "process 7: ended"
    assert sampler.taken == 2
    with pytest.raises(ProcessGone, match="process 7: ended"):
        sampler.start()


def test_pid_given_to_another_process_between_stop_and_start_ends_it(make, proc):
    sampler = make()
    run(sampler, bool)
    replace(proc)
    with pytest.raises(ProcessGone, match="process 7: ended"):
        sampler.start()
    assert (sampler.is_running(), sampler.taken) == (False, 2)
    assert len(memc.snapshot(7, proc=str(proc))) == 1


# has it ended?, why, stat: "pid (comm) state ppid pgrp session tty_nr tpgid flags ..."
STATS = [
    (True, "a zombie", b"7 (sh) Z 1 7 7 0 -1 4228108 81 0\n"),
    (True, "on its way, without memory", b"7 (sh) R 1 7 7 0 -1 4194308 81 0\n"),
    (True, "a zombie with an odd name", b"7 (a) R 1 2 3 4 5 0) Z 1 7 7 0 -1 4 81\n"),
    (False, "a kernel thread", b"7 (kswapd0) S 2 0 0 0 -1 2166848 0 0\n"),
    (False, "with an odd name", b"7 (a) Z 1 7 7 0 -1 4) I 2 0 0 0 -1 69238880 0\n"),
    (False, "a copy that has no stat", None),
    (False, "a copy that is cut short", b"7 (sh) Z 1 7"),
    (False, "a copy that is none", b"7 (sh) Z 1 7 7 0 -1 x 81 0\n"),
]


@cases(STATS, why=1)
def test_process_without_memory_has_ended_or_is_the_kernel_s(make, proc, case):
    expected, _, stat = case

    def lose_memory():
        (proc.path / "7" / "maps").write_bytes(b"")
        if stat is not None:
            (proc.path / "7" / "stat").write_bytes(stat)

    sampler = make()
    run(sampler, lose_memory)
    found = (str(sampler.error), sampler.taken)
    assert found == (("process 7: ended", 1) if expected else ("None", 2))


class Reader:
    """A backend that reads as the pure one, and raises at the third reading."""

    def __init__(self, error):
        self.answers = [None, None, error]

    def collect(self, pid, options):
        answer = self.answers.pop(0) if self.answers else None
        if answer is not None:
            raise answer
        return PURE.collect(pid, options)

    def share_columns(self, snap, earlier):
        PURE.share_columns(snap, earlier)


def test_reading_that_is_refused_ends_it_and_it_can_be_started_again(
    make, monkeypatch, capfd
):
    error = AccessDenied("process 7: maps: permission denied", 7)
    reader = Reader(error)
    monkeypatch.setattr(source, "backend", lambda: reader)
    sampler = make()
    sampler.start()
    wait_for_end()
    assert (False, error, 2) == (sampler.is_running(), sampler.error, sampler.taken)
    run(sampler)
    assert (sampler.error, sampler.taken) == (None, 3)
    assert capfd.readouterr().err == ""


def test_reading_that_is_refused_because_it_is_another_process_says_so(
    make, monkeypatch, proc
):
    reader = Reader(AccessDenied("process 7: maps: permission denied", 7))
    monkeypatch.setattr(source, "backend", lambda: reader)
    sampler = make()
    run(sampler, bool, lambda: replace(proc))
    assert (str(sampler.error), sampler.taken) == ("process 7: ended", 2)
    assert isinstance(sampler.error, ProcessGone)


def test_reading_that_fails_unexpectedly_ends_it_and_is_reported(make, monkeypatch):
    error = MemoryError("no more")
    reader = Reader(error)
    monkeypatch.setattr(source, "backend", lambda: reader)
    reported = []
    monkeypatch.setattr("threading.excepthook", lambda args: reported.append(args[1]))
    sampler = make()
    sampler.start()
    wait_for_end()
    assert (False, error, 2) == (sampler.is_running(), sampler.error, sampler.taken)
    assert [error] == reported


# What it holds.


@pytest.mark.parametrize("ends", [False, True], ids=["stopped", "ended"])
def test_it_is_freed_with_its_last_reference(proc, ends):
    gc.collect()
    gc.disable()
    try:
        sampler = memc.Sampler(7, proc=str(proc), interval_ms=1)
        run(sampler, *[lambda: proc.remove(7)] * ends)
        assert ends == (sampler.error is not None)
        sampler._callbacks = ()
        gone = weakref.ref(sampler)
        del sampler
        assert gone() is None
    finally:
        gc.enable()


def open_files():
    return len(os.listdir("/proc/self/fd"))


def test_open_directory_is_closed_when_the_process_ends_or_it_is_freed(make, proc):
    before = open_files()
    sampler = make()
    run(sampler)
    assert open_files() == before + 1
    proc.remove(7)
    with pytest.raises(ProcessGone):
        sampler.start()
    assert open_files() == before
    proc.add(8, maps=page(1))
    other = memc.Sampler(8, proc=str(proc), interval_ms=HOUR_MS)
    other.start()
    other.stop()
    wait_for_end()
    del other
    assert open_files() == before


def test_signal_handler_may_stop_it_while_it_is_locked(make):
    """The main thread may hold the lock when the handler interrupts it."""
    sampler = make()
    sampler.start()
    old = signal.signal(signal.SIGUSR1, lambda *_: sampler.stop())
    try:
        with sampler._lock:
            signal.raise_signal(signal.SIGUSR1)
    finally:
        signal.signal(signal.SIGUSR1, old)
    assert not sampler.is_running()
