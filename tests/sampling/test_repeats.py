"""An incremental sampler without callbacks: samples that nobody waits for."""

import os
import signal
import time
from itertools import pairwise

import pytest
from support import children
from support.sampling import Seen, wait_for_end

import memc
from memc.errors import ProcessGone

pytestmark = pytest.mark.kernel

BACKENDS = ["native", "pure"]
INTERVAL_MS = 10
MS = 1_000_000
MANY = 64  # as many snapshots may wait in C
HOUR_MS = 3_600_000


@pytest.fixture(params=BACKENDS, autouse=True)
def _backend(request, monkeypatch):
    monkeypatch.setenv("MEMC_BACKEND", request.param)
    yield
    wait_for_end()


@pytest.fixture
def told():
    with children.script("told") as child:
        child.stdout.readline()
        yield child


@pytest.fixture
def sleeper():
    with children.waiting() as child:
        children.wait_until(lambda: is_at_rest(child.pid))
        yield child


def is_at_rest(pid):
    last = memc.snapshot(pid, keep_open=True)
    children.settle()
    return memc.snapshot(pid, after=last).as_of_ms is not None


def sampler(child, **words):
    words = {"interval_ms": INTERVAL_MS, "incremental": True} | words
    return memc.Sampler(child.pid, **words)


def wait_for(sampler, count):
    children.wait_until(lambda: sampler.taken >= count)


def rows(snap):
    return [(region.start, region.end, region.pathname) for region in snap]


def test_each_sample_is_a_snapshot_of_its_own_time(sleeper):
    with sampler(sleeper) as running:
        wait_for(running, 3 * MANY)
    kept = running.get_snapshots()
    again = [snap for snap in kept if snap.as_of_ms is not None]
    assert len(again) > 2 * MANY
    times = [snap.timestamp_ms for snap in kept]
    assert times == sorted(times)
    # Each tick is one snapshot or a sample left out, and no tick is both.
    ticks = len(kept) + running.late_ticks
    assert abs((times[-1] - times[0]) / INTERVAL_MS - ticks) < 0.1 * ticks + 10
    read = {snap.timestamp_ms: snap for snap in kept if snap.as_of_ms is None}
    assert all(rows(snap) == rows(read[snap.as_of_ms]) for snap in again)
    assert running.taken == len(kept) == running.snapshot_count()
    notes = [note for snap in kept for note in snap.notes if note.code == "late"]
    assert running.late_ticks == sum(note.count for note in notes)


def test_only_the_newest_are_kept(sleeper):
    with sampler(sleeper, max_snapshots=5) as running:
        wait_for(running, 40)
        assert running.snapshot_count() == 5
        latest = running.get_latest()
        kept = running.get_snapshots()
    assert latest in kept
    assert latest.timestamp_ms > kept[0].timestamp_ms


def test_what_changed_is_read_at_the_next_sample(told):
    with sampler(told) as running:
        for order in (b"grow\n", b"touch\n"):
            wait_for(running, running.taken + 9)
            children.wait_until(lambda: running.get_latest().as_of_ms)
            told.stdin.write(order)
            told.stdin.flush()
            told.stdout.readline()
            done_ms = time.time_ns() // MS
            wait_for(running, running.taken + 2)
            newest = running.get_latest()
            assert (newest.as_of_ms or newest.timestamp_ms) >= done_ms


def test_a_callback_gets_every_snapshot_from_then_on(sleeper):
    seen = Seen()
    with sampler(sleeper) as running:
        wait_for(running, 10)
        running.on_snapshot(seen)
        first = seen.wait(1)[0]
        seen.wait(10)
    kept = running.get_snapshots()
    assert seen.snapshots == kept[kept.index(first) :]


def test_stop_is_at_once_and_the_last_word(sleeper):
    for interval_ms in (1, HOUR_MS):
        with sampler(sleeper, interval_ms=interval_ms) as running:
            wait_for(running, 1)
        taken = running.taken
        wait_for_end()
        assert (running.taken, running.snapshot_count()) == (taken, taken)


def test_it_can_be_started_again(sleeper):
    running = sampler(sleeper)
    for _ in range(3):
        with running:
            wait_for(running, running.taken + 20)
    assert running.taken == running.snapshot_count() >= 60


def test_the_end_of_the_process_is_told(sleeper):
    running = sampler(sleeper)
    running.start()
    wait_for(running, 20)
    sleeper.kill()
    sleeper.wait()
    children.wait_until(lambda: not running.is_running())
    assert isinstance(running.error, ProcessGone)
    assert running.taken == running.snapshot_count() >= 20


def test_a_child_of_a_fork_has_what_was_taken_before_it(sleeper):
    with sampler(sleeper) as running:
        wait_for(running, 20)
        pid = os.fork()
        if not pid:
            count = running.snapshot_count()
            is_whole = running.taken == count == len(running.get_snapshots()) >= 20
            os._exit(0 if is_whole and not running.is_running() else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def test_a_signal_handler_may_look_at_any_time(sleeper):
    looks = []
    running = sampler(sleeper, interval_ms=1)
    before = signal.signal(signal.SIGALRM, lambda *_: looks.append(running.taken))
    signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
    try:
        with running:
            while running.taken < 300:
                running.get_latest()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert looks
    kept = running.get_snapshots()
    assert running.taken == len(kept)
    assert all(a.timestamp_ms <= b.timestamp_ms for a, b in pairwise(kept))


def test_memory_does_not_grow_with_samples(sleeper):
    def pages():
        with open("/proc/self/statm") as statm:
            return int(statm.read().split()[1])

    with sampler(sleeper, interval_ms=1, max_snapshots=10) as running:
        wait_for(running, 300)
        before = pages()
        wait_for(running, 2300)
        assert pages() - before < 400
