"""Shared memory of two processes that is swapped out: row A5 of the trials."""

import json
import mmap
import os
import subprocess
import sys
import time

import pytest
from support import children
from support.swaps import swap_file

import memc

pytestmark = pytest.mark.kernel

PAGES, PAGEOUT = 256, 21
KB = PAGES * mmap.PAGESIZE // 1024
NAME = "/memfd:swapped (deleted)"
HOLD = """
import mmap, os, sys
memory = mmap.mmap(int(sys.argv[1]), 0)
print("ready", flush=True)
sys.stdin.readline()
"""


@pytest.fixture(scope="module")
def pids(tmp_path_factory):
    """Give two processes that map a memfd of which all is swapped out."""
    with swap_file(tmp_path_factory.mktemp("swap")) as is_on:
        if not is_on:
            pytest.skip("no swap could be had")
        fd = os.memfd_create("swapped")
        os.ftruncate(fd, KB * 1024)
        argv = [sys.executable, "-I", "-c", HOLD, str(fd)]
        with (
            children.running(*argv, pass_fds=[fd]) as one,
            children.running(*argv, pass_fds=[fd]) as two,
            mmap.mmap(fd, 0) as memory,
        ):
            for at in range(0, KB * 1024, mmap.PAGESIZE):
                memory[at] = 1
            memory.madvise(PAGEOUT)
            for _ in range(100):
                if swapped(one.pid).swap_kb == KB:
                    break
                time.sleep(0.01)
            else:
                pytest.skip("this machine swaps no shared memory out")
            yield one.pid, two.pid
        os.close(fd)


def swapped(pid, detail="smaps"):
    return next(r for r in memc.snapshot(pid, detail=detail) if r.pathname == NAME)


def test_kernel_counts_it_in_swap_of_each_and_in_no_swap_pss(pids):
    """So sums of SwapPss would lack it: memc adds Swap, and says what it counts."""
    assert [swapped(pid).swap_kb for pid in pids] == [KB, KB]
    assert [swapped(pid).swap_pss_kb for pid in pids] == [0, 0]


@pytest.mark.parametrize("detail", ["rss", "uss"])
def test_page_tables_do_not_tell_it(backend, pids, detail):
    for pid in pids:
        snap = backend.collect(pid, detail, "/proc")
        assert [r.swap_kb for r in snap if r.pathname == NAME] == [None]


def test_totals_tell_it_with_the_rollup_only(backend, pids):
    for pid in pids:
        smaps = backend.collect(pid, "smaps", "/proc")
        rollup = backend.collect(pid, "rollup", "/proc")
        assert rollup.totals["swap_kb"] == sum(r.swap_kb for r in smaps) >= KB
        totals = backend.collect(pid, "totals", "/proc")
        assert totals.totals["swap_kb"] is None
        assert [n.text.partition(":")[0] for n in totals.notes] == [
            "swap_kb is unknown"
        ]


def run(*words):
    argv = [sys.executable, "-m", "memc", *map(str, words)]
    return subprocess.run(argv, capture_output=True, text=True, check=False)


def test_sums_say_that_they_count_it_in_each(pids):
    done = run("show", *pids, "--by", "path")
    assert "SWAP and SIZE count it in each of them" in done.stdout
    found = json.loads(run("show", *pids, "--by", "path", "--json").stdout)["groups"]
    (group,) = [g for g in found if g["path"] == NAME]
    assert group["swap_kb"] == 2 * KB
    done = run("check", *pids, "--total", "--max-swap", "1K")
    assert done.returncode == 1
    assert "(what they share counted in each) is over" in done.stdout
