"""Again and again.

A process that is read every 10 ms, and what 1,000 snapshots of one process hold in
memory: kept by hand, and "sampled" by a Sampler, which shares what has not changed. The
process is a bash that waits, or one of 300 regions that does nothing, or, if they
change, gets a page in half of them before a sample, or gives it back.
"""

import subprocess
import sys
import time

from rows import Figure

import memc

SECONDS = 1.5
INTERVAL_MS = 10
KEPT = 1_000

# In a new interpreter, for what this one freed would be taken again.  -P leaves out the
# memc of the checkout, which has no extension module.
RING = """
import os, sys, time, memc
pid, detail, count, told, tells = int(sys.argv[1]), sys.argv[2], *map(int, sys.argv[3:])
def rss_kb():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * 4
def snapshots(count):
    return [memc.snapshot(pid, detail=detail) for _ in range(count)]
def change(_):
    os.write(told, b"\\n")
    assert os.read(tells, 5) == b"done\\n"
def sampled(count, *callbacks):
    ring = memc.Sampler(pid, detail=detail, interval_ms=1, max_snapshots=count)
    for callback in callbacks:
        ring.on_snapshot(callback)
    with ring:
        while ring.snapshot_count() < count:
            time.sleep(0.02)
    return ring.get_snapshots()
def changing(count):
    return sampled(count, change)
warm = {0}(10)
before = rss_kb()
kept = {0}(count)
print((rss_kb() - before) * 1024 / count / len(kept[0]))
"""


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


def ring(detail, how):
    """Return how many bytes a region of a kept snapshot takes."""

    def each(target):
        argv = [sys.executable, "-P", "-c", RING.format(how), str(target.pid), detail]
        pipes = (target.child.stdin.fileno(), target.child.stdout.fileno())
        argv += map(str, (KEPT, *pipes))
        return float(subprocess.check_output(argv, pass_fds=pipes))

    return each


def sampled(goal=None, peers=None, **options):
    return Figure(
        ours=sampler(**options),
        unit="% of a CPU",
        rounds=3,
        goal=goal,
        peers=peers or {},
    )


ROWS = {
    **{
        f"sampler of bash every 10 ms, {detail}": sampled(detail=detail)
        for detail in ("totals", "maps", "smaps")
    },
    "sampler of bash every 10 ms, smaps, incremental": sampled(
        0.7, {"psutil RSS": psutil_loop}, detail="smaps", incremental=True
    ),
    **{
        f"1,000 {what}, {detail}": Figure(
            ours=ring(detail, how), unit="B a region", on=size, goal=goal
        )
        for how, size, what, detail, goal in (
            ("snapshots", 300, "snapshots of 300 regions", "smaps", None),
            ("snapshots", 300, "snapshots of 300 regions", "maps", None),
            ("snapshots", "shell", "snapshots of bash", "smaps", None),
            ("sampled", 300, "sampled of 300 regions", "smaps", 12),
            ("changing", 300, "sampled of 300 regions that change", "smaps", 115),
        )
    },
}


def bench_row(what, row, fill):
    fill(what, row)
