"""psutil at the same work, in the same process."""

import psutil
import pytest
from bench_parse import row
from rounds import timed

import memc
from memc import fast


def psutil_maps(pid):
    return timed(psutil.Process(pid).memory_maps, grouped=False)


def bench_psutil_over_memc(bench, target):
    pid = target(20_000)
    rounds = bench.compare(timed(fast.parse_smaps, pid), psutil_maps(pid)).inverse
    what = "psutil `memory_maps(grouped=False)` / `fast.parse_smaps`, 20,000 regions"
    bench.report.ratio(what, rounds, goal="≥ 7.5")


@pytest.mark.parametrize("size", [300, 20_000])
def bench_psutil_over_floor(size, native, target, peer):
    pid = target(size)
    peer(row("smaps", size), "psutil", psutil_maps(pid), native.floor(pid, "smaps"))


def bench_one_rss(bench, target):
    pid = target("shell")
    theirs = timed(psutil.Process(pid).memory_info)
    rounds = bench.compare(timed(memc.rss_kb, pid), theirs)
    what = "`memc.rss_kb(PID)` / psutil `memory_info()`, a shell"
    bench.report.ratio(what, rounds, goal="≤ 1.5")
