"""A crowd that changes its memory at random: what is told again was true.

Before each incremental sample every process is read completely.  If the sample tells an
earlier reading again, no thread of the process ran between that reading and the sample,
so the complete reading must be the same in all that the process itself decides.
"""

import ctypes
import os
import random
import signal
import time
from contextlib import ExitStack, suppress

import orjson
import pytest
from support import children

import memc
from memc.read.options import Options

pytestmark = pytest.mark.kernel

CROWD = 8
ROUNDS = 20
PIDFD_OPEN, PROCESS_MADVISE, MADV_PAGEOUT = 434, 440, 21
LIBC = ctypes.CDLL(None, use_errno=True)
PLACE = ("start", "end", "perm", "pathname", "rss_kb", "uss_kb")
OWN = ("rss_anon_kb", "threads", "locked_kb", "data_kb", "stack_kb")


class Range(ctypes.Structure):
    _fields_ = (("start", ctypes.c_void_p), ("size", ctypes.c_size_t))


@pytest.fixture(scope="module")
def crowd():
    with ExitStack() as stack:
        started = [
            stack.enter_context(children.script("churner", seed))
            for seed in range(CROWD)
        ]
        yield [child.pid for child in started]


@pytest.fixture
def halted(crowd):
    """Stop a quarter of the crowd, and let it go on in the end."""
    some = crowd[::4]
    for pid in some:
        os.kill(pid, signal.SIGSTOP)
    yield
    for pid in some:
        os.kill(pid, signal.SIGCONT)


def told(snap):
    """Return what only the process itself decides."""
    names = [name for name in PLACE[:5] if name in snap.columns]
    rows = list(zip(*(snap.columns[name] for name in names), strict=True))
    totals = {name: snap.totals.get(name) for name in OWN}
    return [rows, snap.total_rss_kb, snap.total_vsize_kb, totals]


def press_out(pid, chance):
    """Let the kernel take pages of a process, which does not run for that."""
    with suppress(memc.MemcError):
        snap = memc.snapshot(pid)
        if not len(snap):
            return
        region = chance.choice(list(snap))
        fd = LIBC.syscall(PIDFD_OPEN, pid, 0)
        if fd >= 0:
            part = Range(region.start, region.end - region.start)
            size = ctypes.c_size_t(1)
            LIBC.syscall(PROCESS_MADVISE, fd, ctypes.byref(part), size, MADV_PAGEOUT, 0)
            os.close(fd)


@pytest.mark.usefixtures("halted")
@pytest.mark.parametrize("detail", ["maps", "rss", "smaps", "totals", "rollup"])
def test_what_is_told_again_is_what_a_full_reading_tells(backend, crowd, detail):
    chance = random.Random(detail)
    last = dict.fromkeys(crowd)
    by_time = {pid: {} for pid in crowd}
    again = 0
    for _ in range(ROUNDS):
        time.sleep(chance.choice([0, 0.005, 0.06]))
        for pid in crowd:
            if chance.random() < 0.1:
                press_out(pid, chance)
            full = backend.collect(pid, detail)
            options = Options(detail, keep_open=True, after=last[pid])
            snap = last[pid] = backend.collect(pid, options)
            if snap.as_of_ms is None:
                by_time[pid][snap.timestamp_ms] = told(snap)
                continue
            again += 1
            assert "as_of" in [note.code for note in snap.notes]
            assert told(snap) == by_time[pid][snap.as_of_ms]
            if not codes_of_cut(full):
                assert told(snap) == told(full)
    assert again  # some of the crowd are stopped


def codes_of_cut(snap):
    return [note.code for note in snap.notes if note.code in ("cut", "torn")]


@pytest.mark.usefixtures("halted")
@pytest.mark.parametrize("detail", ["maps", "totals"])
def test_all_processes_at_once(backend, crowd, detail, monkeypatch):
    """A part of the crowd is at rest; pure Python reads nobody else, for it is slow."""
    monkeypatch.setattr("memc.pure.collect.list_pids", lambda _: sorted(crowd))
    last = None
    again = 0
    for _ in range(2):
        children.settle()
        full = {pid: backend.collect(pid, detail) for pid in crowd}
        options = Options(detail, keep_open=True, after=last, max_age_ms=600_000)
        last = backend.collect_all(options)
        found = {p.pid: p.snapshot for p in last.processes}
        for pid in crowd:
            if found[pid].as_of_ms is not None:
                again += 1
                assert told(found[pid]) == told(full[pid])
    assert again
    documents = orjson.loads(last.to_json())["processes"]
    told_again = [d["pid"] for d in documents if "as_of_ms" in d["snapshot"]]
    shown = [p.pid for p in last.processes if p.snapshot.as_of_ms is not None]
    assert told_again == shown
