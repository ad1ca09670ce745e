"""A second reading tells the first one again only if the process did nothing since.

A process that does nothing is told again, with the time at which it was read.  Whatever
a process does, and whatever others do to it, no old amount is told as a new one.
"""

import os
import resource
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pytest
from support import children
from support.cases import cases

import memc

pytestmark = pytest.mark.kernel

DETAILS = ["maps", "smaps", "rss", "uss", "totals", "rollup"]
PLACE = ("start", "end", "perm", "pathname")
LONG_MS = 600_000


@pytest.fixture
def told():
    with children.script("told") as child:
        child.stdout.readline()
        yield child


def first(backend, pid, detail="maps"):
    """Take a snapshot that a later one may tell again, of a process that is at rest."""
    for _ in range(50):
        snap = backend.collect(pid, detail, keep_open=True)
        children.settle()
        again = backend.collect(pid, detail, after=snap, max_age_ms=LONG_MS)
        if again.as_of_ms is not None:
            return again
    raise AssertionError("the process is never at rest")


def after(backend, snap, **words):
    words = {"max_age_ms": LONG_MS} | words
    return backend.collect(snap.pid, snap.detail, after=snap, **words)


def rows(snap):
    return [[getattr(region, name) for name in PLACE] for region in snap]


def amounts(snap):
    """Return what only the process itself changes."""
    names = [name for name in ("rss_kb", "size_kb") if name in snap.columns]
    found = [rows(snap), snap.total_rss_kb, snap.total_vsize_kb]
    found += [list(snap.columns[name]) for name in names]
    totals = {k: v for k, v in snap.totals.items() if k in ("rss_anon_kb", "threads")}
    return [*found, totals]


def codes(snap):
    return [note.code for note in snap.notes]


def only(monkeypatch, pids):
    """Let pure Python, which is slow, read no other processes."""
    monkeypatch.setattr("memc.pure.collect.list_pids", lambda _: sorted(pids))


def descriptors():
    return len(os.listdir("/proc/self/fd"))


# ---- nothing happened ----------------------------------------------------------------


@pytest.mark.parametrize("detail", DETAILS)
def test_a_process_at_rest_is_told_again(backend, sleeper, detail):
    children.settle()
    read = backend.collect(sleeper.pid, detail, keep_open=True)
    children.settle()
    again = after(backend, read)
    assert again.as_of_ms == read.timestamp_ms < again.timestamp_ms
    assert amounts(again) == amounts(read)
    assert again.totals == read.totals
    assert "as_of" in codes(again)
    assert set(codes(again)) - {"as_of"} == set(codes(read))
    assert again.started == read.started
    assert read.as_of_ms is None
    third = after(backend, again)
    assert third.as_of_ms == read.timestamp_ms


@pytest.mark.parametrize("full", [False, True])
def test_its_document_says_when_it_was_read(backend, sleeper, full):
    import orjson

    snap = first(backend, sleeper.pid, "smaps")
    document = orjson.loads(snap.to_json(full=full))
    assert document["as_of_ms"] == snap.as_of_ms < document["timestamp_ms"]
    note = document["notes"][-1]
    assert note["code"] == "as_of"
    assert note["text"] == snap.notes[-1].text
    assert snap.to_json(full=full) == memc.document.dumps(
        memc.document.of_snapshot(snap, full=full)
    )


def test_it_is_loaded_with_that_time(backend, sleeper, tmp_path):
    snap = first(backend, sleeper.pid)
    path = tmp_path / "a.json"
    path.write_bytes(snap.to_json())
    loaded = memc.load(str(path))
    assert (loaded.as_of_ms, loaded.notes) == (snap.as_of_ms, snap.notes)


def test_what_is_too_old_is_read(backend, sleeper):
    snap = first(backend, sleeper.pid)
    time.sleep(0.02)
    assert after(backend, snap, max_age_ms=1).as_of_ms is None
    assert after(backend, snap).as_of_ms == snap.as_of_ms


def test_what_was_just_read_is_read_again_and_then_told(backend, sleeper):
    """A thread may run for a tick of the clock until that shows."""
    children.settle()
    began = time.monotonic()
    snap = backend.collect(sleeper.pid, "maps", keep_open=True)
    second = after(backend, snap)
    if time.monotonic() - began < 0.05:
        assert second.as_of_ms is None
    children.settle()
    assert after(backend, second).as_of_ms == (second.as_of_ms or second.timestamp_ms)


def test_samples_that_were_left_out_are_noted_once(backend, sleeper):
    snap = first(backend, sleeper.pid)
    late = after(backend, snap, late=3)
    assert [note.count for note in late.notes if note.code == "late"] == [3]
    assert "late" not in codes(after(backend, late))


NOT_FOR = [
    ("another detail", lambda b, s: b.collect(s.pid, "totals", after=s), "other files"),
    ("another process", lambda b, s: b.collect(os.getpid(), s.detail, after=s), "pid"),
    (
        "nothing kept",
        lambda b, s: after(b, b.collect(s.pid, s.detail)),
        "a plain snapshot has no open files",
    ),
]


@cases(NOT_FOR, why=2)
def test_what_is_not_like_the_last_one_is_read(backend, sleeper, case):
    snap = first(backend, sleeper.pid)
    assert case[1](backend, snap).as_of_ms is None


def test_another_root_is_read_though_the_process_was_at_rest(backend, sleeper, tree):
    snap = first(backend, sleeper.pid)
    system = backend.collect_all("maps", keep_open=True)
    children.settle()
    with pytest.raises(memc.MemcError, match="none"):
        backend.collect(sleeper.pid, "maps", proc=str(tree.path / "none"), after=snap)
    tree.add(sleeper.pid, maps=b"1000-2000 r--p 00000000 00:00 0\n")
    proc = str(tree.path)
    copied = backend.collect(sleeper.pid, "maps", proc=proc, after=snap)
    (process,) = backend.collect_all("maps", proc=proc, after=system).processes
    for found in (copied, process.snapshot):
        assert (len(found), found.as_of_ms) == (1, None)


@pytest.mark.parametrize("after", [5, "x", object()])
def test_what_is_no_snapshot_is_refused(after):
    for name in ("after", "last"):
        with pytest.raises(TypeError, match=f"^{name}: expected a Snapshot"):
            memc.snapshot(os.getpid(), **{name: after})
    with pytest.raises(TypeError, match="after: expected a SystemSnapshot"):
        memc.snapshot_all(after=after)


# ---- something happened --------------------------------------------------------------

CHANGES = [
    ("touch", "more is resident, and the layout stays the same"),
    ("split", "the layout changes, and the sum of all stays the same"),
    ("free", "both change"),
    ("wait", "nothing changes, but a thread ran"),
]


@cases(CHANGES, why=1)
def test_a_process_that_ran_is_read(backend, told, case):
    snap = first(backend, told.pid, "smaps")
    children.tell(told, case[0])
    now = after(backend, snap)
    assert now.as_of_ms is None
    assert (amounts(now) == amounts(snap)) == (case[0] == "wait")


def test_a_process_that_runs_all_the_time_is_never_told_again(backend):
    with children.running("sh", "-c", "echo ready; while :; do :; done") as child:
        snap = backend.collect(child.pid, "maps", keep_open=True)
        for pause in (0, 0.001, 0.06, 0.002, 0.1):
            time.sleep(pause)
            snap = after(backend, snap)
            assert snap.as_of_ms is None


def test_memory_that_another_process_touches_is_read(backend):
    """It writes to /proc/PID/mem: no thread of the process runs."""
    code = (
        "import mmap,ctypes\n"
        "m=mmap.mmap(-1, 1<<20, mmap.MAP_PRIVATE)\n"
        "print('ready', flush=True)\n"
        "print(ctypes.addressof(ctypes.c_char.from_buffer(m)), flush=True)\n"
        "input()"
    )
    with children.running("python3", "-I", "-c", code) as child:
        address = int(child.stdout.readline())
        snap = first(backend, child.pid, "smaps")
        with Path(f"/proc/{child.pid}/mem").open("r+b", buffering=0) as memory:
            memory.seek(address)
            memory.write(b"\1" * (1 << 18))
        now = after(backend, snap)
        assert now.as_of_ms is None
        assert now.total_rss_kb >= snap.total_rss_kb + 250


def test_a_process_that_ended_is_not_told_again(backend):
    with children.waiting() as child:
        snap = first(backend, child.pid)
        child.kill()
        child.wait()
        with pytest.raises(memc.ProcessGone):
            after(backend, snap)


def test_a_zombie_is_not_told_again(backend):
    with children.waiting() as child:
        snap = first(backend, child.pid)
        child.send_signal(signal.SIGKILL)
        children.wait_for_end(child.pid)
        assert len(after(backend, snap)) == 0


@pytest.mark.parametrize("asked", [(), ("cgroups",), ("cgroups", "cmdlines")])
def test_a_process_told_again_has_what_is_asked_now(backend, sleeper, asked):
    """Not what was asked last: some processes of a result would have it, others not."""
    words = {"max_age_ms": LONG_MS, **dict.fromkeys(asked, True)}
    whole = {"cgroups": True, "cmdlines": True}
    for _ in range(50):
        system = backend.collect_all("totals", keep_open=True, **whole)
        children.settle()
        system = backend.collect_all("totals", after=system, **words)
        (process,) = [p for p in system.processes if p.pid == sleeper.pid]
        if process.snapshot.as_of_ms is not None:
            break
    assert process.snapshot.as_of_ms is not None
    assert (process.cgroup is not None) == ("cgroups" in asked)
    assert (process.cmdline is not None) == ("cmdlines" in asked)


def test_a_parent_whose_child_has_its_memory_is_read(backend, tmp_path):
    """It waits in vfork, and the child may do anything meanwhile."""
    with children.between_vfork_and_exec(tmp_path) as (parent, *_):
        snap = backend.collect(parent.pid, "maps", keep_open=True)
        children.settle()
        assert after(backend, snap).as_of_ms is None


def test_processes_with_one_memory_are_read(backend, monkeypatch):
    """Each of two processes may change what the other one has."""
    with children.script("cloner") as child:
        other = int(child.stdout.readline())
        only(monkeypatch, [child.pid, other])
        try:
            system = backend.collect_all("maps", keep_open=True)
            children.settle()
            system = backend.collect_all("maps", after=system, max_age_ms=LONG_MS)
        finally:
            os.kill(other, signal.SIGKILL)
        found = {p.pid: p.snapshot for p in system.processes}
        assert found[child.pid].as_of_ms is None
        assert found[other].same_memory_as == child.pid
        assert found[other].as_of_ms is None


# ---- threads -------------------------------------------------------------------------

THREADS = """
import threading, mmap, sys
word = threading.Event()
held = []
def wait():
    word.wait()
    held.append(mmap.mmap(-1, 1 << 20))
    threading.Event().wait()
threads = [threading.Thread(target=wait, daemon=True) for _ in range(5)]
for thread in threads: thread.start()
print("ready", flush=True)
input()
word.set()
input()
"""


def test_every_thread_counts(backend):
    with children.running("python3", "-I", "-c", THREADS) as child:
        snap = first(backend, child.pid)
        child.stdin.write(b"\n")
        child.stdin.flush()
        children.settle()
        now = after(backend, snap)
        assert now.as_of_ms is None
        assert now.total_vsize_kb >= snap.total_vsize_kb + 5 * 1024


def test_the_first_thread_may_have_ended(backend):
    with children.script("leaderless") as child:
        snap = backend.collect(child.pid, "maps", keep_open=True)
        children.settle()
        again = after(backend, snap)
        assert again.as_of_ms is None
        assert len(again)


# ---- descriptors ---------------------------------------------------------------------


def test_files_are_closed_with_the_last_snapshot(backend, sleeper):
    before = descriptors()
    snap = first(backend, sleeper.pid)
    again = after(backend, snap)
    assert descriptors() == before + 2
    del snap
    assert descriptors() == before + 2
    del again
    assert descriptors() == before


def test_snapshots_of_a_process_that_runs_keep_one_set_of_files(backend, told):
    before = descriptors()
    kept = [first(backend, told.pid)]
    for _ in range(20):
        children.tell(told, "wait")
        kept.append(after(backend, kept[-1]))
    assert descriptors() <= before + 2


def test_half_of_the_descriptors_are_left(backend, monkeypatch):
    """Processes for which there are none are read."""
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    with ExitStack() as stack:
        some = [stack.enter_context(children.waiting()).pid for _ in range(30)]
        only(monkeypatch, some)
        at_rest = descriptors()
        low = 2 * (at_rest + 20)
        resource.setrlimit(resource.RLIMIT_NOFILE, (low, limit[1]))
        try:
            system = backend.collect_all("maps", keep_open=True)
            assert at_rest + 10 < descriptors() <= low // 2 + 1
            children.settle()
            system = backend.collect_all("maps", after=system, max_age_ms=LONG_MS)
            found = [p.snapshot for p in system.processes if p.pid in some]
            assert len(found) == 30
            assert all(len(snap) for snap in found)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, limit)


FEW = """
import resource, memc
memc.snapshot({pid})
resource.setrlimit(resource.RLIMIT_NOFILE, ({limit}, {limit}))
try:
    memc.snapshot({pid}, keep_open=True)
except memc.MemcError as error:
    assert "too many open files" in str(error), error
"""


@pytest.mark.parametrize("limit", [4, 5, 6, 7])
@pytest.mark.parametrize("name", ["native", "pure"])
def test_where_few_files_can_be_open_only_memc_fails(sleeper, name, limit, tmp_path):
    """An import that fails for want of a descriptor is no such error."""
    code = FEW.format(pid=sleeper.pid, limit=limit)
    env = {**os.environ, "MEMC_BACKEND": name}
    subprocess.run([sys.executable, "-c", code], env=env, cwd=tmp_path, check=True)


# ---- samples -------------------------------------------------------------------------


@pytest.mark.parametrize("incremental", [False, True])
def test_a_sampler_reads_a_process_at_rest_again_only_if_not_incremental(
    sleeper, incremental
):
    children.settle()
    sampler = memc.Sampler(sleeper.pid, interval_ms=10, incremental=incremental)
    with sampler:
        while sampler.snapshot_count() < 20 and sampler.is_running():
            time.sleep(0.01)
    snaps = sampler.get_snapshots()
    read = {snap.timestamp_ms: snap for snap in snaps if snap.as_of_ms is None}
    again = [snap for snap in snaps if snap.as_of_ms is not None]
    assert bool(again) == incremental
    assert all(rows(snap) == rows(read[snap.as_of_ms]) for snap in again)
