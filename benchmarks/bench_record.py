"""Recording, and reading back.

What `memc record` costs. The processes are those of `crowd.c`, in a pid namespace: of
twenty, 12 do nothing, 4 touch pages, 2 leak, 1 maps and unmaps, and 1 grows and falls;
after each 10th second one ends and another begins. Each has 300 regions. A tick without
a unit of time is timed back to back; "every second" is timed in real time, when the
caches are cold. "Usage" is without regions (`--duty 0`). The recording of a day has 100
processes, of which 20 change at each tick; it is made up.
"""

import json
import os
import subprocess
import sys
import time
from functools import partial
from statistics import median

import pytest
import recorders
from rows import Figure, program

import memc
from memc.files.recording.frames import encode, flatten

DAY, HOUR = 86_400, 3600
LARGE = 57_000
HUNDRED, MANY = "people 100 300", "people 500 300"

PEAK = """
import json, re, sys, time
from memc.record.options import RecordOptions
from memc.record.session import Session
path, options = sys.argv[1], json.loads(sys.argv[2])
session = Session(path, RecordOptions(**options))
for _ in range(20):
    time.sleep(session.wait_s())
    session.step()
session.close("done")
print(int(re.search("VmHWM:\\s*(\\d+)", open("/proc/self/status").read())[1]) / 1024)
"""


def each_tick(target, ticks=60):
    """Return what a tick takes, and what to read all stats takes, in ns, medians."""
    paths = [f"{target.proc}/{pid}/stat" for pid in target.pids()]
    files = [os.open(path, os.O_RDONLY) for path in paths]
    ours, floor = [], []
    with recorders.session(target, duty=0) as session:
        for _ in range(3):
            session.step()
        for _ in range(ticks):
            recorders.work(target)
            floor.append(spent_ns(lambda: [stat_of(file) for file in files]))
            ours.append(spent_ns(session.step))
    for file in files:
        os.close(file)
    return sum(ours) / ticks, median(floor)


def stat_of(file):
    try:
        return os.pread(file, 4096, 0)
    except ProcessLookupError:  # one that ended since
        return b""


def spent_ns(function):
    began_ns = time.process_time_ns()
    function()
    return time.process_time_ns() - began_ns


def tick_over_floor(target):
    ours, floor = each_tick(target)
    return ours / floor


def tick_ms(target):
    return each_tick(target)[0] / 1e6


def share_of_duty(target, ticks=300):
    """Return how much of a CPU the regions took, in percent, at a duty of 2."""
    with recorders.session(target, duty=2) as session:
        for _ in range(ticks):
            recorders.work(target)
            session.step()
    ask = "select sum(read_ns) / 1e7 / count(*) from tick"
    with memc.Recording(session.path) as recording:
        return next(iter(recording._reader.rows(ask)))[0]


def store_tick(target, ticks=2 * recorders.SEGMENT):
    """Return what it takes to keep a tick: ms, kB in the file, kB written."""
    path, before = recorders.path_in(target), recorders.written()
    spent = recorders.keep_day(path, ticks)
    wrote = recorders.written() - before
    return spent / ticks / 1e6, recorders.size(path) / ticks / 1e3, wrote / ticks / 1e3


def frame(target):
    """Return the time of a frame over that of its reading, and its size in kB."""
    pid = max(target.pids())
    ratios, sizes, before = [], [], None
    with recorders.session(target, duty=0) as session:
        session.step()
        strings = session._store.strings
        for _ in range(6):
            recorders.work(target)
            began = time.process_time_ns()
            snap = memc.snapshot(pid, detail="rss", proc=target.proc)
            read = time.process_time_ns()
            now, _ = flatten(snap, strings)
            is_whole, data = encode(before, now)
            if not is_whole:
                ratios.append((time.process_time_ns() - read) / (read - began))
                sizes.append(len(data) / 1000)
            before = now
    return median(ratios), max(sizes)


def peak_mb(target, **options):
    options["proc"] = target.proc
    options["interval_ms"] = 200
    argv = (sys.executable, "-c", PEAK, recorders.path_in(target), json.dumps(options))
    return float(subprocess.check_output(argv, cwd="/"))


def first_commit_ms(target):
    """Return the CPU time of a recorder of one tick: it begins, writes and ends."""
    path = recorders.path_in(target)
    memc_path = program("memc", target.native)
    argv = (memc_path, "record", "--count", "1", "--duty", "0", "--proc", target.proc)
    return target.native.command(*argv, "--output", path, "--quiet")() / 1e6


@pytest.fixture(scope="module")
def day(tmp_path_factory, quick):
    path = str(tmp_path_factory.mktemp("day") / "day.memc")
    recorders.keep_day(path, HOUR if quick else DAY)
    with memc.Recording(path) as recording:
        yield recording


def asked(question, times=3):
    """Return what a question to the recording of a day takes, in ms."""

    def ours(recording):
        return min(spent_ns(lambda: question(recording)) for _ in range(times)) / 1e6

    return ours


def at_middle(recording):
    return recording.at((recording.begin_ms + recording.end_ms) // 2).system()


def grew(recording):
    begin_ms = (recording.begin_ms + recording.end_ms) // 2
    return list(recording.growth(begin_ms, begin_ms + 600_000))


def real(kind, seconds, goal, **options):
    ours = partial(recorders.real_share, seconds=seconds, **options)
    return Figure(ours=ours, unit="% of a CPU", on=kind, goal=goal)


def part(function, number):
    return lambda target: function(target)[number]


def figure(ours, unit, goal, on=HUNDRED):
    return Figure(ours=ours, unit=unit, on=on, goal=goal)


ROWS = {
    "usage of 100 processes every second": real(HUNDRED, 30, 0.2, duty=0),
    "usage of 500 processes every second": real(MANY, 30, 0.9, duty=0),
    "100 processes every second, `--duty 2`": real(HUNDRED, 25, 2.4, duty=2),
    "a tick of 100 processes / `pread` of each stat": figure(tick_over_floor, "", 3.0),
    "a tick of 500 processes / `pread` of each stat": figure(
        tick_over_floor, "", 3.0, MANY
    ),
    "a tick of 100 processes, usage": figure(tick_ms, "ms", 1.2),
    "a tick of 500 processes, usage": figure(tick_ms, "ms", 7, MANY),
    "regions at `--duty 2`, 300 ticks": figure(share_of_duty, "% of a CPU", 2.2),
    "a tick is kept, 20 rows": figure(part(store_tick, 0), "ms", 0.1),
    "a tick in the file, 20 rows": figure(part(store_tick, 1), "kB", 1.3),
    "a tick written to the disk, 20 rows": figure(part(store_tick, 2), "kB", 35),
    "a frame of 57,000 regions / their reading": figure(
        part(frame, 0), "", 0.15, f"people 0 1 {LARGE}"
    ),
    "a frame of 57,000 regions": figure(part(frame, 1), "kB", 8, f"people 0 1 {LARGE}"),
    "peak of a recorder of 100 processes": figure(peak_mb, "MiB", 25),
    "peak of a recorder of 57,000 regions, with frames": figure(
        partial(peak_mb, regions=["/./"]), "MiB", 70, f"people 0 1 {LARGE}"
    ),
    "`memc record --count 1` of 100 processes": figure(first_commit_ms, "ms", 150),
    "a day: RSS of one process": figure(
        asked(lambda day: len(day.usage(1001, columns=["rss_kb"]))), "ms", 150, "day"
    ),
    "a day: all amounts of one process": figure(
        asked(lambda day: len(day.usage(1001))), "ms", None, "day"
    ),
    "a day: all processes at one time": figure(asked(at_middle), "ms", 20, "day"),
    "a day: what grew in ten minutes": figure(asked(grew), "ms", 20, "day"),
    "a day: what the owners held in ten minutes": figure(
        asked(lambda day: len(day.owners(1001, begin="-20m", end="-10m"))),
        "ms",
        20,
        "day",
    ),
}


def bench_row(what, row, fill, request):
    if row.on == "day":
        recording = request.getfixturevalue("day")
        row.fill(what, request.getfixturevalue("bench"), {"day": recording}.get)
    else:
        fill(what, row)
