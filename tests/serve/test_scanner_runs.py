"""A scanner in the background: when it scans, fails, waits and stops."""

import gc
import os
import sys
import threading
from pathlib import Path

import pytest
from support.children import wait_until
from support.family import fill

from memc.errors import MemcError
from memc.serve import Scanner, scanner as module

MS_PER_DAY = 86_400_000


@pytest.fixture
def family(tree):
    return str(fill(tree))


@pytest.fixture
def started():
    """Give a function that starts a scanner, and stop it in the end."""
    kept = []

    def start(scanner, interval_ms):
        kept.append(scanner)
        scanner.start(interval_ms)
        return scanner

    yield start
    for each in kept:
        each.stop()


def test_scans_come_again_until_it_stops(family, started):
    scanner = started(Scanner(proc=family, detail="smaps", duty=None), 1)
    wait_until(lambda: scanner.totals.scans > 3)
    assert scanner.is_running()
    assert scanner.latest().groups["nginx.service"].processes == 2
    scanner.stop()
    scans = scanner.totals.scans
    assert not scanner.is_running()
    assert scanner.totals.scans == scans
    assert scanner.totals.cpu_ns > 0
    scanner.stop()


def test_it_can_start_again_and_twice_is_once(family, started):
    scanner = started(Scanner(proc=family, detail="totals"), MS_PER_DAY)
    wait_until(scanner.latest)
    thread = scanner._run.thread
    scanner.start(1)
    assert scanner._run.thread is thread
    assert scanner.interval_ms == MS_PER_DAY
    scanner.stop()
    scanner.start(MS_PER_DAY)
    wait_until(lambda: scanner.totals.scans == 2)


def test_a_scan_that_takes_more_than_its_share_makes_the_next_one_wait(started):
    scanner = started(Scanner(pid=os.getpid(), duty=0.0001), 1000)
    wait_until(lambda: scanner.interval_ms > 1000)
    assert scanner.interval_ms % 1000 == 0
    assert scanner.totals.scans == 1
    scanner.stop()  # although the next scan is due much later
    assert not scanner.is_running()


def test_a_root_that_fails_is_said_once_and_tried_again(family, started, tmp_path):
    said = []
    root = tmp_path / "mounted"
    scanner = Scanner(
        proc=str(root), detail="smaps", group="name", say=said.append, duty=None
    )
    started(scanner, 1)
    wait_until(lambda: scanner.totals.errors > 2)
    assert len(said) == 1
    assert str(root) in said[0] == scanner.failed
    assert scanner.latest() is None
    os.rename(family, root)
    wait_until(scanner.latest)
    wait_until(lambda: len(said) == 2)
    assert (said[1], scanner.failed) == ("scans work again", "")
    before = scanner.latest()
    os.rename(root, family)
    wait_until(lambda: len(said) == 3)
    assert scanner.is_running()
    assert scanner.latest().groups.keys() == before.groups.keys()


def test_an_error_of_another_kind_does_not_end_it(family, started, monkeypatch):
    scanner = Scanner(proc=family, duty=None)
    monkeypatch.setattr(module, "Reading", lambda *_, **__: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        scanner.scan()
    assert scanner.failed.startswith("ZeroDivisionError: ")
    started(scanner, 1)
    wait_until(lambda: scanner.totals.errors > 2)
    monkeypatch.undo()
    wait_until(scanner.latest)
    assert scanner.failed == ""


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_dies_is_not_running(family, started, monkeypatch):
    scanner = Scanner(proc=family)
    monkeypatch.setattr(module, "Reading", lambda *_, **__: sys.exit())
    started(scanner, 1)
    wait_until(lambda: not scanner.is_running())
    assert scanner.latest() is None
    monkeypatch.undo()
    scanner.start(MS_PER_DAY)
    wait_until(scanner.latest)


def test_stop_does_not_wait_for_a_scan_for_long(family, started, monkeypatch):
    began, go_on = threading.Event(), threading.Event()

    def read(*_, **__):
        began.set()
        go_on.wait()
        raise MemcError("too late")

    monkeypatch.setattr(module, "Reading", read)
    monkeypatch.setattr(module, "STOP_S", 0.01)
    scanner = started(Scanner(proc=family), 1)
    thread = scanner._run.thread
    began.wait()
    scanner.stop()
    assert thread.is_alive()
    assert thread.daemon
    assert not scanner.is_running()
    go_on.set()
    thread.join()


def test_in_a_forked_child_it_can_be_started(family, started):
    scanner = started(Scanner(proc=family, duty=None), 1)
    wait_until(scanner.latest)
    pid = os.fork()
    if not pid:
        try:
            was = scanner.is_running()
            scans = scanner.totals.scans
            scanner.start(1)
            wait_until(lambda: scanner.totals.scans > scans)
            os._exit(0 if not was else 1)
        finally:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def test_a_thousand_scans_take_no_memory(family):
    """Each drops the snapshots of all processes before the next one."""
    scanner = Scanner(proc=family, detail="smaps", owners=True, by_process=3)

    def resident_kb(scans):
        for _ in range(scans):
            scanner.scan()
        gc.collect()
        return int(Path("/proc/self/statm").read_text().split()[1]) * 4

    first = resident_kb(100)
    assert resident_kb(900) - first < 1024
