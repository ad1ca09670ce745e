"""What memc.freed foretells, and what really comes back when the processes are killed.

Each kind of memory is taken by a process in a memory group of its own, and the fall of
its usage is the truth.  Without such a group it is the rise of free memory, with the
lists of the CPUs.  ``MEMC_TEST_FREED_MIB=100`` takes the amounts of the full table.
"""

import fcntl
import os
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.boxes import IS_ROOT
from support.cases import cases
from support.commands import COMMANDS
from support.ending import meminfo_kb, victims
from support.pages import huge_pages
from support.swaps import swap_file

import memc

pytestmark = pytest.mark.kernel

MIB = int(os.environ.get("MEMC_TEST_FREED_MIB", "24"))
LEAST_KB = 614  # the counter of a group moves in steps of 64 pages for each CPU
PATIENCE_S = 10
HOLES = Path(
    "/sys/kernel/mm/transparent_hugepage/hugepages-2048kB/stats/nr_anon_partially_mapped"
)

# kind, what comes back of all MIB (None: see test), why
KINDS = [
    ("malloc", 1, "many small blocks"),
    ("anon", 1, "a private mapping"),
    ("sparse", 2, "as much again for page tables"),
    ("thp", 1, "huge pages"),
    ("free", 1, "half of it given back by MADV_FREE, and not yet taken"),
    ("fork", 1.5, "a parent and four children, which have half of it in common"),
    ("forkone", 0, "only the parent"),
    ("file", 0, "clean pages of a file stay as cache"),
    ("dirty", 0, "dirty ones, too"),
    ("cowfile", 1, "changed pages of a private mapping of a file"),
    ("shm", 0, "a file in /dev/shm stays"),
    ("delshm", 1, "one without a name does not"),
    ("memfd", 1, "open and mapped"),
    ("memfd0", 1, "open, not mapped"),
    ("memfd2", 1, "mapped twice: it is in no PRIVATE"),
    ("memfdpart", 1, "half of it mapped, and closed"),
    ("memfdone", 0, "open in another process"),
    ("memfdmappedone", 0, "mapped in another process"),
    ("memfdopen", 1, "both end"),
    ("memfdmapped", 1, "both end"),
    ("shanon", 1, "shared anonymous memory"),
    ("sysv", 0, "a segment stays"),
    ("sysvdest", 1, "one that is marked for removal does not"),
    ("threads", None, "stacks in the kernel"),
    ("regions", None, "vm_area_structs and page tables"),
    ("files", None, "open files"),
]
ALONE = ("forkone", "memfdone", "memfdmappedone")


def show(*pids):
    """Return what memc show tells of these processes."""
    words = ["show", *map(str, pids), "--freed"]
    return COMMANDS["native"](*words).out.decode()


def error_kb(foretold_kb, them, pids, *, good):
    """Kill processes; return how much more was foretold than came back."""
    before = them.usage_kb()
    them.kill(pids)
    end = time.monotonic() + PATIENCE_S
    while True:
        fell = before - them.usage_kb()
        error = foretold_kb - fell
        if abs(error) <= good(fell) or time.monotonic() > end:
            return error, good(fell)
        time.sleep(0.05)


def exact(fell):
    return max(LEAST_KB, fell * 0.005)


@cases(KINDS, why=2)
def test_what_comes_back_is_what_was_foretold(case, tmp_path):
    kind, share, _ = case
    for attempt in range(3):
        with victims(kind, MIB, tmp_path) as them:
            pids = them.pids[: 1 if kind in ALONE else None]
            found = memc.freed(pids)
            if not found.is_exact and attempt < 2:  # pages moved between two readings
                continue
            assert found.is_exact, found
            if share is not None:
                expected = share * MIB * 1024
                assert expected <= found.at_least_kb < expected + (16 << 10), found
            good = exact if them.is_own else (lambda fell: max(2048, fell * 0.02))
            error, most = error_kb(found.at_least_kb, them, pids, good=good)
            if abs(error) <= most:
                return
            if them.is_own or attempt == 2:  # a busy machine spoils only the other way
                pytest.fail(f"{kind}: foretold {error} kB too much, {found}")


# kind, who knows it exactly, the bound that holds if nobody does, why
DELETED = [
    ("delfile", "all", 0, "its pages are to be written, and have buffers"),
    ("delfilewritten", "root", 1, "clean pages that were written have buffers, too"),
    ("delfilereadmapped", "root", 0, "clean pages that were read have none"),
    ("delfileread", "nobody", 0, "of pages that are not mapped nobody tells it"),
]


@cases(DELETED, why=3)
def test_deleted_file_comes_back_with_what_its_file_system_keeps(case, tmp_path):
    kind, who, right, _ = case
    with victims(kind, MIB, tmp_path) as them:
        found = memc.freed(them.pids)
        if not them.is_own:
            pytest.skip("no memory group of its own: cache is free memory in part")
        bounds = found.at_least_kb, found.at_most_kb
        if who == "all" or (who == "root" and IS_ROOT):
            assert found.is_exact, found
        assert 0 <= bounds[1] - bounds[0] <= MIB * 1024 * 0.03
        told = any("for clean pages without a name" in text for text in found.notes)
        assert told == (not found.is_exact), found.notes
        error, most = error_kb(bounds[right], them, them.pids, good=exact)
        assert abs(error) <= most, found


# kind, the words of a note, why
MISSES = [
    ("pipes", "data in 194 pipes and sockets", "full pipes"),
    ("inflight", "pipes and sockets", "a file that is on its way to another process"),
    ("holes", "partly unmapped huge pages", "huge pages with holes"),
]


@cases(MISSES, why=2)
def test_what_nobody_can_see_is_told_as_at_least(case, tmp_path):
    kind, note, _ = case
    with victims(kind, 48, tmp_path) as them:
        found = memc.freed(them.pids)
        assert found.at_least_kb < 40 << 10
        if kind == "holes" and not HOLES.exists():
            pytest.skip("before Linux 6.13 nobody tells of holes")
        assert any(note in text for text in found.notes), found.notes
        told = show(*them.pids)
        assert "comes back (at least: pipes, sockets, files in flight" in told


@contextmanager
def one_at_a_time():
    """Let no other test of this file swap: free swap is that of the machine."""
    with open(__file__, "rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


# kind, what comes back of all MIB in memory, and of swap, why
SWAPPED = [
    ("swapped", 0.5, 0.5, "half of it"),
    ("swappedshm", 0.5, 0.5, "of shared memory, which no process tells of"),
    ("swappedfork", 0.5, 1, "of a parent and its children, which changed the rest"),
]


@cases(SWAPPED, why=3)
def test_swap_comes_back_as_swap(case, tmp_path):
    kind, share, swap, _ = case
    pages = 4 * MIB << 20 >> 12
    with one_at_a_time(), swap_file(tmp_path, pages) as is_on:
        if not is_on:
            pytest.skip("no swap could be had")
        with victims(kind, MIB, tmp_path) as them:
            if not them.is_own:
                pytest.skip("no memory group of its own tells of the swap cache")
            found = memc.freed(them.pids)
            if found.swap_kb < MIB << 9:
                pytest.skip(f"the kernel swapped only {found.swap_kb} kB")
            before = meminfo_kb("SwapFree")
            error, most = error_kb(found.at_least_kb, them, them.pids, good=exact)
            swapped = meminfo_kb("SwapFree") - before
    assert abs(error) <= most, found
    assert abs(found.swap_kb - swapped) <= 1024, found
    assert found.at_least_kb >= share * MIB * 1024
    assert swapped <= (swap + 1) * MIB * 1024


@pytest.mark.parametrize("kind", ["hugetlb", "hugeshared", "hugememfd"])
def test_huge_pages_go_back_to_their_pool(kind, tmp_path):
    with huge_pages(MIB // 2) as are_there:
        if not are_there:
            pytest.skip("no huge pages could be had")
        with victims(kind, MIB, tmp_path) as them:
            found = memc.freed(them.pids)
            told = show(*them.pids)
    assert found.hugetlb_kb == MIB << 10
    assert found.at_least_kb < MIB << 10
    assert found.stays == ()
    assert "of huge pages go back to their pool" in told
