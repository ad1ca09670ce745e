"""Groups of processes for monitoring.

What `memc.serve.Scanner` takes for 3,000 processes of 60 regions each, which are those
of `crowd.c`, as in the section on recording: beside `memc.snapshot_all` of the same
detail, which it calls.
"""

import json
import subprocess
import sys
from functools import partial

from rows import Figure, Ratio

import memc

MANY, FEW = "people 3000 60", "people 20 60"
MIB = 2**20
# Prints the resident memory in bytes after so many scans, and after all.
SCANS = """
import gc, json, os, sys
from memc.serve import Scanner
proc, detail, owners, first, more = json.loads(sys.argv[1])
scanner = Scanner(proc=proc, detail=detail, owners=owners)
def resident(scans):
    for _ in range(scans):
        scanner.scan()
    gc.collect()
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
print(json.dumps([resident(first), resident(more)]))
"""


def scan(target, **options):
    from memc.serve import Scanner

    return Scanner(proc=target.proc, duty=None, **options).scan


def snapshots(target, detail):
    def read():
        memc.snapshot_all(detail=detail, proc=target.proc, skip_kernel=True)

    return read


def resident_mib(target, first, more, detail="uss"):
    """Return the memory after the first scans and after more, in MiB."""
    words = json.dumps([target.proc, detail, True, first, more])
    argv = [sys.executable, "-c", SCANS, words]
    done = subprocess.run(argv, check=True, capture_output=True, cwd="/")
    return [size / MIB for size in json.loads(done.stdout)]


def grown_mib(target):
    first, last = resident_mib(target, 100, 1_000)
    return max(0, last - first)


def ratio(detail, goal, **options):
    return Ratio(
        ours=partial(scan, detail=detail, **options),
        over=partial(snapshots, detail=detail),
        on=MANY,
        goal=goal,
    )


ROWS = {
    "a scan, `rss` / `snapshot_all`, 3,000 processes": ratio("rss", 1.5),
    "a scan, `uss` and owners / `snapshot_all`, 3,000 processes": ratio(
        "uss", 3, owners=True
    ),
    "memory after ten scans, `uss` and owners, 3,000 processes": Figure(
        ours=lambda target: resident_mib(target, 9, 1)[1], unit="MiB", on=MANY, goal=150
    ),
    "growth in 1,000 scans, `uss` and owners, 20 processes": Figure(
        ours=grown_mib, unit="MiB", on=FEW, goal=1
    ),
}


def bench_row(what, row, fill):
    fill(what, row)
