"""What takes samples in C as long as a process does nothing, used by itself."""

import subprocess
import time

import pytest
from support import children
from support.readers import NATIVE

from memc.read.options import Options
from memc.sampling.source import OneProcess

pytestmark = pytest.mark.kernel

MS = 1_000_000
DAY_MS = 86_400_000
MANY = 64


@pytest.fixture
def read(sleeper):
    """Give what read a process that is at rest, and may tell it again for a while."""
    options = Options(keep_open=True, max_age_ms=300)
    while True:
        source = OneProcess(sleeper.pid, options, reader=NATIVE)
        source.read()
        children.settle()
        if source.read().as_of_ms is not None:
            return source


def taken(repeat):
    return [*iter(repeat.take, None)]


def test_it_ends_when_the_reading_is_too_old(read):
    repeat = read.repeat(10 * MS)
    late, due_ns = repeat.run(0, time.monotonic_ns())
    assert (late, time.monotonic_ns() >= due_ns) == (0, True)
    notes = [note for snap, _ in taken(repeat) for note in snap.notes]
    ages = [note.count for note in notes if note.code == "as_of"]
    assert ages
    assert max(ages) <= 300
    assert read.read().as_of_ms is None


def test_samples_that_fall_due_meanwhile_are_left_out_and_counted(read):
    repeat = read.repeat(50 * MS)
    due_ns = time.monotonic_ns() - 120 * MS
    _, next_ns = repeat.run(7, due_ns)
    left_out = [late for _, late in taken(repeat)]
    assert left_out[:2] == [7, 2]
    assert left_out[2:] == [0] * (len(left_out) - 2)
    assert next_ns == due_ns + (len(left_out) + 2) * 50 * MS


def test_it_waits_for_others_to_take_the_snapshots(read):
    repeat = read.repeat(MS)
    late, due_ns = repeat.run(0, time.monotonic_ns())
    assert len(taken(repeat)) == MANY
    assert repeat.run(late, due_ns)[1] > due_ns
    assert taken(repeat)


def test_nothing_is_told_after_the_end(read):
    repeat = read.repeat(MS)
    repeat.end()
    due_ns = time.monotonic_ns()
    assert repeat.run(3, due_ns) == (3, due_ns)
    assert repeat.take() is None


def test_what_nobody_took_is_freed(read):
    repeat = read.repeat(MS)
    repeat.run(0, time.monotonic_ns())
    del repeat
    assert read.read().timestamp_ms


@pytest.mark.parametrize(
    ("why", "keep_open", "interval_ms"),
    [
        ("snapshots keep no files", False, 10),
        ("times would not fit in C", True, DAY_MS + 1),
    ],
)
def test_without_it_each_sample_is_read(sleeper, why, keep_open, interval_ms):
    source = OneProcess(sleeper.pid, Options(keep_open=keep_open), reader=NATIVE)
    assert source.repeat(interval_ms * MS) is None, why


def test_a_process_that_runs_is_read():
    busy = subprocess.Popen(["/bin/sh", "-c", "while :; do :; done"])
    try:
        source = OneProcess(busy.pid, Options(keep_open=True), reader=NATIVE)
        source.read()
        children.settle()
        repeat, due_ns = source.repeat(MS), time.monotonic_ns()
        assert repeat.run(0, due_ns) == (0, due_ns)
        assert repeat.take() is None
    finally:
        busy.kill()
        busy.wait()
