"""Again and again.

A process that is read every 10 ms, and what 1,000 snapshots of one process hold in
memory. The process is a bash that waits, or one of 300 regions.
"""

import os
import subprocess
import sys
import time

from rows import Figure

import memc

SECONDS = 2
INTERVAL_MS = 10
KEPT = 1_000

# In a new interpreter, for what this one freed would be taken again.
RING = """
import sys, memc
pid, detail, count = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
def rss_kb():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * 4
def samples(count):
    last = None
    for _ in range(count):
        last = {}
        yield last
warm = list(samples(10))
before = rss_kb()
kept = list(samples(count))
print((rss_kb() - before) * 1024 / count / len(kept[0]))
"""
TAKE = "memc.snapshot(pid, detail=detail)"


def sampler(**options):
    """Return how much of a CPU a Sampler takes, beyond an interpreter that sleeps."""

    def percent(target):
        with memc.Sampler(
            target.pid, interval_ms=INTERVAL_MS, max_snapshots=10, **options
        ):
            time.sleep(0.2)  # the first samples open what later ones keep
            start, cpu = time.monotonic(), time.process_time()
            time.sleep(SECONDS)
            return 100 * (time.process_time() - cpu) / (time.monotonic() - start)

    return percent


def psutil_loop(target):
    """The same by hand: what psutil takes to ask for the RSS every 10 ms."""
    import psutil

    process = psutil.Process(target.pid)
    end, cpu = time.monotonic() + SECONDS, time.process_time()
    while time.monotonic() < end:
        process.memory_info()
        time.sleep(INTERVAL_MS / 1e3)
    return 100 * (time.process_time() - cpu) / SECONDS


def ring(detail, take=TAKE):
    """Return how many bytes a region of a kept snapshot takes."""

    def each(target):
        argv = (sys.executable, "-c", RING.format(take), str(target.pid), detail)
        return float(subprocess.check_output([*argv, str(KEPT)], env=os.environ))

    return each


ROWS = {
    f"sampler of bash every 10 ms, {detail}": Figure(
        ours=sampler(detail=detail),
        unit="% of a CPU",
        rounds=3,
        peers={"psutil RSS": psutil_loop} if detail == "totals" else {},
    )
    for detail in ("totals", "maps", "smaps")
} | {
    f"1,000 kept snapshots of {named}, {detail}": Figure(
        ours=ring(detail),
        unit="B a region",
        on=size,
        goal=goal,
    )
    for size, named, detail, goal in (
        (300, "300 regions", "smaps", 115),
        (300, "300 regions", "maps", None),
        ("shell", "bash", "smaps", None),
    )
}


def bench_row(what, row, fill):
    fill(what, row)
