"""Samplers for long and very often: nothing grows, drifts or goes uncounted.

A minute by default; these are ten at night, and the hour with its figures::

    MEMC_TEST_SECONDS=600 .ci/run
    MEMC_TEST_SECONDS=3600 pytest -rP tests/sampling/test_long_runs.py
"""

import json
import os
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from support import children

pytestmark = pytest.mark.kernel

SECONDS = int(os.environ.get("MEMC_TEST_SECONDS", "60"))
RESTARTS = 10_000
MARKS = 20
WARM = 5  # the first marks: buffers, and what is kept, are filled by then
# What goes up and down where nothing leaks: where the allocations of threads fall, and
# threads that were joined and have not quite left.  A minute has 3,000 ticks from the
# warm figures to the last: 175 bytes a tick are more; in an hour it is 3 bytes.
NOISE = {"uss_kb": 512, "files": 0, "threads": 10}


def measure(pid):
    """Tell how much the process has: kB of private memory, files, threads."""
    proc = Path(f"/proc/{pid}")
    rollup = (proc / "smaps_rollup").read_text()
    private = re.findall(r"Private_\w+: +(\d+) kB", rollup)
    return {
        "uss_kb": sum(map(int, private)),
        "files": len(os.listdir(proc / "fd")),
        "threads": len(os.listdir(proc / "task")),
    }


def follow(child):
    """Measure it at each mark; give the figures and what it found."""
    figures = []
    for _ in range(MARKS):
        assert child.stdout.readline() == b"mark\n"
        figures.append(measure(child.pid))
        child.stdin.write(b"\n")
        child.stdin.flush()
    return figures, json.loads(child.stdout.readline())


def follow_each(work, much):
    """Let each backend do the work on a process of its own, at once; give what each is.

    It is the time that counts, and most of it they wait.
    """
    with ExitStack() as stack:
        started = []
        for backend in ("native", "pure"):
            pid = stack.enter_context(children.waiting()).pid
            env = {**os.environ, "MEMC_BACKEND": backend}
            program = children.script("enduring", work, pid, much, env=env)
            started.append(stack.enter_context(program))
        with ThreadPoolExecutor() as pool:
            return list(pool.map(follow, started))


def assert_no_growth(figures):
    """Compare the end with what there was when it was just warm."""
    for what, noise in NOISE.items():
        values = [one[what] for one in figures]
        sys.stdout.write(f"{what}: {values}\n")
        assert max(values[-WARM:]) <= max(values[WARM : 2 * WARM]) + noise, what


def assert_every_tick_counted(found):
    """Want one begin from which every tick lies where it belongs, and all of them."""
    sys.stdout.write(f"{found}\n")
    after, before = found["begin_ns"]
    started, done = found["start_ns"]
    assert max(after, started) <= min(before, done)
    assert found["error"] == "None"
    assert found["taken"] == found["seen"]
    assert found["taken"] + found["late"] == found["ticks"] > SECONDS * 100


def test_sampler_ends_as_it_began_and_counts_every_tick():
    for figures, found in follow_each("sample", SECONDS):
        assert_no_growth(figures)
        assert_every_tick_counted(found)


def test_sampler_that_is_started_and_stopped_ten_thousand_times_leaves_nothing():
    for figures, found in follow_each("restart", RESTARTS):
        assert_no_growth(figures)
        assert found == {"taken": RESTARTS // 2, "error": "None"}
