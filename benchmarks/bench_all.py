"""All processes of a private pid namespace, over reading their files one by one."""

import os
import sys

import pytest
from rounds import timed

import memc

PSUTIL = """
import psutil
for process in psutil.process_iter():
    process.memory_maps(grouped=False)
"""
CPUS = len(os.sched_getaffinity(0))
COMMAND = f"`memc --all --smaps --compact`, {CPUS} CPUs / smaps floor of all, serially"


@pytest.fixture
def floor(native, system):
    """Give a function: how long does it take to read these files of all processes?"""
    return lambda *names: native.floor_of_all(system.proc, *names)


def bench_command(bench, command, floor, native, system):
    argv = (*system.enter, command, "--all", "--smaps", "--compact")
    bench.ratio(COMMAND, native.command(*argv), floor("smaps"), goal="≤ 0.65")


def bench_psutil(floor, native, peer, system):
    argv = (*system.enter, "--pid", sys.executable, "-c", PSUTIL)
    peer(COMMAND, "psutil", native.command(*argv), floor("smaps"))


def bench_smem(floor, native, peer, system):
    theirs = native.command(*system.enter, "smem")
    peer(COMMAND, "`smem`", theirs, floor("smaps"), program="smem")


@pytest.mark.parametrize("jobs", [1, None])
def bench_snapshot_all(jobs, bench, floor, system):
    ours = timed(memc.snapshot_all, detail="smaps", proc=system.proc, jobs=jobs)
    what = f'`memc.snapshot_all(detail="smaps", jobs={jobs})` / smaps floor of all'
    bench.ratio(what, ours, floor("smaps"))


@pytest.mark.parametrize("jobs", [1, None])
def bench_totals(jobs, bench, floor, system):
    ours = timed(memc.snapshot_all, detail="totals", proc=system.proc, jobs=jobs)
    what = (
        f'`memc.snapshot_all(detail="totals", jobs={jobs})` / status and statm of all'
    )
    bench.ratio(what, ours, floor("status", "statm"), goal="" if jobs else "≤ 1.5")
