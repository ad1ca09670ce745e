"""All processes.

The suite makes machines of their own (pid namespaces) of 100, 1,000, 4,000 and 10,000
processes: six of ten are shells, three sleep, and one has 300 regions. "2 CPUs" is one
of 125 processes and 44,000 regions. Floors read the files of all processes one after
the other.

Beside smaps_rollup, `memc show --all --by process` reads stat twice and the command
line, and asks the kernel which forked processes have one memory. That, the start of
Python and the import of the modules were measured alone: together they take 1.7 of the
floor of 1,000 processes.
"""

import os
import resource
from collections import deque
from functools import partial

from rows import WALL, Ratio

import memc

CPUS = len(os.sched_getaffinity(0))
PSUTIL = """python -c '
import psutil
for process in psutil.process_iter():
    process.{}
'"""
MAPS = PSUTIL.format("memory_maps(grouped=False)")
FULL = PSUTIL.format("memory_full_info()")
RSS = PSUTIL.format("memory_info()")
WHO = {
    "`libproc2`": "libproc2",
    "`ps_mem`": "ps_mem",
    "`smem`": "smem",
    "psutil": FULL,
    "`atop -R`": "atop -R 1 1",
}
# Question: the command, the files of its floor, the targets for 1,000, the peers.
QUESTIONS = (
    ("memc show --all --by process", "smaps_rollup", 1.6, WHO),
    ("memc show --all", "smaps", 1.8, {}),
    ("memc --all --smaps --compact", "smaps", None, {"psutil": MAPS}),
    ("memc --all --compact", "maps", None, {}),
    (
        "memc --all --totals",
        "status and statm",
        None,
        {"`ps`": "ps aux", "psutil": RSS},
    ),
    ("memc machine", "smaps_rollup", None, {"`smem -w`": "smem -w"}),
    ("memc check --all --max-rss 100G", "statm", None, {}),
    ("memc check --all --max-pss 100G", "smaps_rollup", None, {}),
)
SIZES = (100, 1_000, 10_000)


def of_all(command, files, goal, peers, size):
    at = size == 1_000
    return Ratio(
        ours=command,
        over=f"floor {files}",
        on=f"crowd {size}",
        goal=goal if at else None,
        peers=peers if at else {},
    )


def growth(command, many, goal=None):
    return Ratio(
        ours=command, over=command, on=f"crowd {many}", over_on="crowd 1000", goal=goal
    )


def snapshot_all(**options):
    return lambda target: partial(memc.snapshot_all, proc=target.proc, **options)


def second_sample(target):
    """Read all once, and give a function that reads what has changed since."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    hour_ms = 3_600_000  # rounds may be further apart than max_age_ms by default
    read = partial(
        memc.snapshot_all, detail="smaps", proc=target.proc, max_age_ms=hour_ms
    )
    samples = deque([read(keep_open=True)], maxlen=1)
    return lambda: samples.append(read(after=samples[0]))


ROWS = {
    **{
        f"`{command}` / {files} floor, {size:,} processes": of_all(
            command, files, goal, peers, size
        )
        for command, files, goal, peers in QUESTIONS
        for size in SIZES
        if size <= 1_000 or command.startswith(("memc show", "memc --all"))
    },
    "`memc show --all`, 4,000 / 1,000 processes": growth("memc show --all", 4_000, 4.4),
    '`memc.snapshot_all(detail="smaps", jobs=1)` / smaps floor, 1,000 processes': Ratio(
        ours=snapshot_all(detail="smaps", jobs=1), over="floor smaps", on="crowd 1000"
    ),
    "`memc.machine()` / smaps_rollup floor, 1,000 processes": Ratio(
        ours=lambda target: partial(memc.machine, proc=target.proc),
        over="floor smaps_rollup",
        on="crowd 1000",
    ),
    "`snapshot_all(after=last)`, smaps / smaps floor, 1,000 quiet processes": Ratio(
        ours=second_sample, over="floor smaps", on="crowd 1000", goal=0.02
    ),
    "`memc --all --smaps --compact` / smaps floor, wall, 2 CPUs": Ratio(
        ours="memc --all --smaps --compact",
        over="floor smaps",
        on="few",
        goal=0.62,
        clock=WALL,
        peers={"psutil": MAPS},
    ),
}


def bench_row(what, row, fill):
    fill(what, row)
