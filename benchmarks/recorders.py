"""Recorders to measure, and a recording of a day that is made up."""

import os
import time
from contextlib import contextmanager, suppress
from itertools import count

from memc.record.options import RecordOptions
from memc.record.session import Session
from memc.record.store import Store

SECOND_NS = 1_000_000_000
SEGMENT = 600  # ticks
BEGIN_MS = 1_700_000_000_000
NUMBERS = count()


def work(target):
    """Let the processes do a second of work."""
    target.child.stdin.write(b".")
    target.child.stdin.flush()
    target.child.stdout.readline()


def path_in(target):
    return str(target.folder / f"run{next(NUMBERS)}.memc")


@contextmanager
def session(target, *, is_real=False, **options):
    """Give a session of the target; each step is a second later, if it is not real."""
    made = Session(path_in(target), RecordOptions(proc=target.proc, **options))
    clock, seconds = made._recording._clock, count(BEGIN_MS // 1000)
    if not is_real:
        made.now_ns, step = next(seconds) * SECOND_NS, made.step
        clock._wall = clock._boot = clock._awake = lambda: made.now_ns

        def go():
            step()
            made.now_ns = next(seconds) * SECOND_NS

        made.step = go
    yield made
    made.close("done")


def real_share(target, seconds, **options):
    """Return how much of a CPU a recorder takes that looks every second, in percent."""
    with session(target, is_real=True, **options) as made:
        spent_ns = 0
        for tick in range(seconds + 3):
            work(target)
            began_ns = time.process_time_ns()
            time.sleep(made.wait_s())
            made.step()
            if tick >= 3:  # the first ones read everything
                spent_ns += time.process_time_ns() - began_ns
    return 100 * spent_ns / seconds / SECOND_NS


def written():
    """Return how many bytes this process has had written to disks."""
    with open("/proc/self/io") as lines:
        return int(dict(line.split(": ") for line in lines)["write_bytes"])


def keep_day(path, ticks, *, processes=100, active=20):
    """Write a recording of so many ticks; return the CPU time that took, in ns.

    The active processes change at each tick, as in the crowd: 4 touch, 2 leak...
    """
    store = Store(path, max_size=1 << 40)
    store.begin_run(("1", "6", "host", "boot", 1, "{}", BEGIN_MS))
    began_ns = time.process_time_ns()
    for tick in range(ticks):
        t_ms = BEGIN_MS + 1000 * tick
        is_first = tick % SEGMENT == 0
        if is_first:
            store.flush()
            store.begin_segment(t_ms, tick * SECOND_NS)
            add_processes(store, processes)
        add_tick(store, t_ms, tick, processes if is_first else active, active)
        if tick % 10 == 9:
            store.flush()
    store.flush()
    spent_ns = time.process_time_ns() - began_ns
    store.close(t_ms, "done")
    return spent_ns


def add_processes(store, processes):
    for number in range(1, processes + 1):
        name = f"worker-{number}"
        store.batch.add(
            "_process",
            (number, "boot", 1000 + number, 5, 0, 1, 0, name, None, name, "/",
             BEGIN_MS, None, store.segment),
        )  # fmt: skip


def add_tick(store, t_ms, tick, changed, active):
    add, segment = store.batch.add, store.segment
    rows = []
    for number in range(1, changed + 1):
        rss = 30_000 + number * 100 + (tick if number == active else tick * number % 97)
        rows.append(
            (segment, number, t_ms, rss, 3 * rss, rss - 4000, 4000, 0, 0,
             tick * number, 0, 4, "S"),
        )  # fmt: skip
    store.batch.add_numbers("_usage", rows)
    add("_machine", (segment, t_ms, 24 << 20, 20 << 20, 0, 9000, 0, 0, 0))
    add("_tick", (segment, t_ms, 10**6, 0, 100, changed, 0))
    if tick % 15 == 0:
        add_held(store, t_ms, tick // 15 % active + 1, tick)


def add_held(store, t_ms, number, tick):
    for owner, name in enumerate(("malloc main heap", "anonymous", "library text"), 1):
        if tick == 0:
            store.batch.add("_owner", (owner, name))
        amounts = 1000 * owner + tick % 50, 0, None, None, 4000, owner
        store.batch.add("_held", (store.segment, number, t_ms, owner, *amounts))


def size(path):
    found = 0
    for end in ("", "-wal"):
        with suppress(FileNotFoundError):
            found += os.stat(path + end).st_size
    return found
