"""What is swapped out, and what only looks like it: markers of userfaultfd."""

import json
import os
import subprocess
import sys
from contextlib import ExitStack
from types import SimpleNamespace

import pytest
from support import children
from support.swaps import swap_file

pytestmark = pytest.mark.kernel

DETAIL = pytest.mark.parametrize("detail", ["rss", "uss"])
MARKED = ("protected", "poisoned", "protected shared")


@pytest.fixture(scope="module", params=["no swap", "swap"])
def marked(request, tmp_path_factory):
    """Give a process that has markers, and by kind the address of its region."""
    with ExitStack() as stack:
        if request.param == "swap":
            folder = tmp_path_factory.mktemp("swap")
            if not stack.enter_context(swap_file(folder)):
                pytest.skip("no swap could be had")
        child = stack.enter_context(children.script("marked"))
        told = json.loads(child.stdout.readline())
        if not told:
            pytest.skip("userfaultfd is not permitted")
        yield SimpleNamespace(pid=child.pid, told=told)


@DETAIL
def test_marker_is_no_swap(backend, marked, detail):
    rows = {r.start: r for r in backend.collect(marked.pid, detail, "/proc")}
    for kind in MARKED:
        expected = (0, None) if kind == "protected shared" else (0,)
        assert rows[marked.told[kind]].swap_kb in expected, kind


@DETAIL
def test_swap_is_that_of_smaps_or_unknown(backend, marked, detail):
    smaps = {r.start: r.swap_kb for r in backend.collect(marked.pid, "smaps", "/proc")}
    told = {r.start: r.swap_kb for r in backend.collect(marked.pid, detail, "/proc")}
    wrong = {at: kb for at, kb in told.items() if kb not in (None, smaps[at])}
    assert wrong == {}
    assert told[marked.told["plain"]] == smaps[marked.told["plain"]]


STRANGER = """
import ctypes, mmap, os, memc
memc.snapshot(os.getpid(), detail='rss')  # nothing is left to import
os.setgroups([])
os.setgid(65534)
os.setuid(65534)
ctypes.CDLL(None).prctl(4, 1)  # dumpable again
memory = mmap.mmap(-1, 64 * mmap.PAGESIZE, mmap.MAP_PRIVATE)
memory.madvise(15)
for page in range(64):
    memory[page * mmap.PAGESIZE] = 1
memory.madvise(21)
at = ctypes.addressof(ctypes.c_char.from_buffer(memory))
for detail in ("smaps", "rss"):
    rows = {r.start: r.swap_kb for r in memc.snapshot(os.getpid(), detail=detail)}
    print(rows[at] if at in rows else "merged")
"""


@pytest.mark.parametrize("name", ["native", "pure"])
def test_reader_without_rights_knows_swap_by_its_sum_or_not(tmp_path, name):
    """It is not told which entries are markers; VmSwap may be late."""
    with swap_file(tmp_path) as is_on:
        if not is_on:
            pytest.skip("no swap could be had")
        env = {**os.environ, "MEMC_BACKEND": name}
        argv = [sys.executable, "-I", "-c", STRANGER]
        done = subprocess.run(argv, env=env, capture_output=True, check=True, cwd="/")
    smaps, rss = done.stdout.decode().split()
    assert rss in (smaps, "None")


@pytest.mark.parametrize("detail", ["totals", "rollup"])
def test_totals_know_swapped_shared_memory_or_say_that_they_do_not(
    backend, marked, detail
):
    snap = backend.collect(marked.pid, detail, "/proc")
    smaps = backend.collect(marked.pid, "smaps", "/proc")
    swap_kb = sum(r.swap_kb for r in smaps)
    if snap.totals["swap_kb"] is None:
        assert detail == "totals"
        assert [note.code for note in snap.notes] == ["degraded"]
    else:
        assert snap.totals["swap_kb"] == swap_kb
