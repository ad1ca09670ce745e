"""Start of the library.

What `import memc` costs, more than an interpreter that does nothing.
"""

import subprocess
import sys

from rows import Figure, Ratio

CLOCK = """
import os, time
start = time.process_time_ns()
{}
print(time.process_time_ns() - start)
"""


def clocked(statement):
    """Return a function: how many ms does a new interpreter take for this alone?"""
    argv = [sys.executable, "-c", CLOCK.format(statement)]
    return lambda _: int(subprocess.check_output(argv, cwd="/")) / 1e6


PSUTIL = {"psutil": clocked("import psutil; psutil.Process().memory_maps()")}
ROWS = {
    "`import memc`": Figure(
        ours=clocked("import memc"),
        unit="ms",
        rounds=9,
        peers={"psutil": clocked("import psutil")},
    ),
    "`import memc` and a first snapshot of itself": Figure(
        ours=clocked("import memc; memc.snapshot(os.getpid())"),
        unit="ms",
        rounds=9,
        peers=PSUTIL,
    ),
    "`python -m memc PID` / `python -c pass`": Ratio(
        ours="python -m memc PID", over="python -c pass"
    ),
}


def bench_row(what, row, fill):
    fill(what, row)
