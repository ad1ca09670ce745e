"""``memc.diff`` of processes that change when they are told to."""

import os
import signal
import sys

import orjson
import pytest
from support import children
from support.cases import cases
from support.commands import COMMANDS

import memc

pytestmark = pytest.mark.kernel

PAGE_KB = os.sysconf("SC_PAGE_SIZE") // 1024
SHIFT = 500 * PAGE_KB * 1024


@pytest.fixture
def grower():
    """Give a child, and the address of its region."""
    with children.script("told") as child:
        yield child, int(child.stdout.readline())


@pytest.fixture
def memc_command():
    return COMMANDS["python"]


def change_at(diff, start):
    """Find what became of the region that begins, or began, there."""
    found = [c for c in diff if start in {r.start for r in (*c.before, *c.after)}]
    assert len(found) == 1
    return found[0]


# kind, growth of size and of RSS in pages, where to look, what is done before, what to
# do, why
ACTIONS = [
    ("same", 0, 0, 0, (), "wait", "nothing is done"),
    ("grew", 0, 64, 0, (), "touch", "pages are touched: the size is the same"),
    ("grew", 50, 0, 0, ("touch",), "grow", "its end moves"),
    ("split", 0, 0, 0, ("touch",), "split", "a page in it is closed to writing"),
    ("merged", 0, 0, 0, ("split",), "join", "and opened again"),
    ("moved", 0, 0, SHIFT, ("touch",), "move", "mremap() puts it elsewhere"),
    ("gone", -200, -64, 0, ("touch",), "free", "munmap()"),
]


@cases(ACTIONS, why=6)
def test_change_is_told(backend, grower, case):
    kind, size, rss, where, first, action, _ = case
    child, start = grower
    for word in first:
        children.tell(child, word)
    before = backend.collect(child.pid, "smaps", "/proc")
    children.tell(child, action)
    after = backend.collect(child.pid, "smaps", "/proc")
    change = change_at(memc.diff(before, after), start + where)
    assert (change.kind, change.pid) == (kind, child.pid)
    grown = [change.growth(name) for name in ("size", "rss", "private_kb")]
    assert grown == [size * PAGE_KB, rss * PAGE_KB, rss * PAGE_KB]
    assert change.owner.owner == "anonymous"


def test_gentle_details_tell_growth_too(grower):
    child, start = grower
    before = memc.snapshot(child.pid, detail="uss")
    children.tell(child, "touch")
    after = memc.snapshot(child.pid, detail="uss")
    change = change_at(memc.diff(before, after), start)
    grown = [change.growth(name) for name in ("uss_kb", "private", "rss", "pss")]
    assert grown == [64 * PAGE_KB] * 3 + [None]


def test_file_is_compared_with_the_live_process(memc_command, grower, tmp_path):
    child, start = grower
    path = tmp_path / "before.json"
    path.write_bytes(memc_command(child.pid, "--smaps", "--full").out)
    children.tell(child, "touch")
    done = memc_command("diff", path, child.pid, "--by", "region", "--csv")
    assert done.status == 1
    row = next(r for r in done.out.decode().splitlines() if f"{start:x}" in r)
    assert ",grew," in row
    assert f",{64 * PAGE_KB}," in row


def test_process_that_is_not_there_on_one_side_went_or_appeared():
    with children.waiting() as child:
        there = memc.snapshot_all(skip_kernel=True)
    here = memc.snapshot_all(skip_kernel=True)
    for found, kind in (
        (memc.diff(there, here), "gone"),
        (memc.diff(here, there), "appeared"),
    ):
        assert {c.kind for c in found if c.pid == child.pid} == {kind}
        assert found.growth("size") is not None


def test_waiting_is_told_to_terminals_and_ends_by_signals(memc_command, grower):
    child, _ = grower
    ours, theirs = os.openpty()
    started = memc_command.start("diff", child.pid, "--after", "1h", stderr=theirs)
    os.close(theirs)
    said = os.read(ours, 1000)
    started.send_signal(signal.SIGINT)
    assert started.wait() == -signal.SIGINT
    assert said.startswith(b"memc: read once, and again in 3")
    os.close(ours)


def test_leak_is_found_by_the_command(memc_command):
    """It grows all the while, so between any two readings."""
    leak = "x = []; print('ready', flush=True)\nwhile 1: x.append([*range(2000)])"
    with children.running(sys.executable, "-c", leak) as child:
        done = memc_command("diff", child.pid, "--after", "100ms", "--json")
    assert done.status == 1
    assert orjson.loads(done.out)["total"]["rss_growth_kb"] > 0
