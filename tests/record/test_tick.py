"""Ticks: what a look at all processes adds to a recording."""

import json
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

import memc
from memc.files.recording import open as opening
from memc.files.recording.frames import decode, restore
from memc.files.recording.strings import Strings
from memc.limits.limits import Limit
from memc.owners import owners
from memc.proc.meminfo import read_kb
from memc.proc.root import open_root
from memc.read.options import Options
from memc.record import machine
from memc.record.batch import KEPT
from memc.record.options import RecordOptions
from memc.record.plan import Plan
from memc.record.store import MIN_SIZE, Full, Store
from memc.record.tick import Tick
from memc.sampling.source import OneProcess
from memc.table.build import table

CHILD = """
import sys
held = []
for line in sys.stdin:
    exec(line)
    print("done", flush=True)
"""
SECOND = 1_000_000_000


class Recording:
    """A recording of one child, ticked by hand."""

    def __init__(self, path, *, detail="rss", duty=100.0, **options):
        pipe = subprocess.PIPE
        self.child = subprocess.Popen(
            [sys.executable, "-c", CHILD], stdin=pipe, stdout=pipe, text=True
        )
        self.run("pass")
        self.path, self.t_ms, self.detail = path, 0, detail
        self.store = Store(path, max_size=MIN_SIZE)
        self.store.begin_run(("1", None, None, "boot", 5, "{}", 0))
        self.store.begin_segment(0, 0)
        self.plan = Plan(duty, SECOND)
        self.root = open_root("/proc")
        self.tick_ = Tick(
            self.store,
            self.root,
            RecordOptions(pids=[self.child.pid], duty=duty, **options),
            boot="boot",
            reading=Options(detail),
            plan=self.plan,
            files_max=100,
        )

    def run(self, line):
        self.child.stdin.write(f"{line}\n")
        self.child.stdin.flush()
        assert self.child.stdout.readline() == "done\n"

    def tick(self):
        self.t_ms += 1000
        self.plan.earn(SECOND)
        self.tick_.run(self.t_ms)
        self.store.flush()

    def query(self, sql):
        db = opening.connect(self.path)
        rows = db.execute(sql).fetchall()
        db.close()
        return rows

    def close(self):
        self.child.kill()
        self.child.communicate()
        self.tick_.close(self.t_ms)
        self.store.close(self.t_ms, "done")
        os.close(self.root.fd)


@pytest.fixture
def recording(request, tmp_path):
    recording = Recording(str(tmp_path / "run.memc"), **getattr(request, "param", {}))
    yield recording
    recording.close()


def test_usage_is_what_status_says_and_only_where_it_changed(recording):
    for _ in range(3):
        recording.tick()
    recording.run("held.append(bytearray(8 << 20))")
    recording.run("held[0][::4096] = b'x' * 2048")
    recording.tick()
    rows = recording.query("select t_ms, rss_kb, anon_kb, threads, state from usage")
    assert [row[0] for row in rows] == [1000, 4000]
    assert rows[1][1] - rows[0][1] >= 8000
    snap = memc.snapshot(recording.child.pid, detail="totals")
    assert rows[1][1:4] == (snap.total_rss_kb, snap.totals["rss_anon_kb"], 1)


@pytest.mark.parametrize(
    "recording", [{"detail": "rss"}, {"detail": "smaps"}], indirect=True
)
def test_frames_are_the_documents_that_were_read(recording):
    for size in (1, 2, 3):
        recording.run(f"held.append(bytearray({size} << 20))")
        recording.tick()
    snap = memc.snapshot(recording.child.pid, detail=recording.detail)
    db = opening.connect(recording.path)
    strings, frame = Strings(db), None
    frames = db.execute("select base, meta, data from _frame order by t_ms").fetchall()
    assert [base for base, _, _ in frames] == [1, 0, 0]
    for base, meta, data in frames:
        frame = decode(None if base else frame, meta, data)
    found = restore(frame, meta, strings, snap.pid, snap.started)
    db.close()
    kinds = {change.kind for change in memc.diff(found, snap)}
    assert kinds <= {"same", "shared differently"}, (
        kinds
    )  # others may share what it maps
    assert found.columns["pathname"][:] == snap.columns["pathname"][:]


def test_sums_are_those_of_the_owners(recording):
    recording.tick()
    snap = memc.snapshot(recording.child.pid, detail="rss")
    sums, regions = Counter(), Counter()
    for owner, region in zip(owners(snap), snap, strict=True):
        sums[owner.owner] += region.rss_kb
        regions[owner.owner] += 1
    rows = recording.query("select owner, rss_kb, regions, pss_kb from owner")
    assert {owner: (rss, count) for owner, rss, count, _ in rows} == {
        owner: (sums[owner], regions[owner]) for owner in regions
    }
    assert {pss for *_, pss in rows} == {None}


def test_owner_that_is_gone_has_a_row_of_zeros(recording):
    recording.run("import mmap; m = mmap.mmap(-1, 1 << 20); m[:] = m[:]")
    recording.tick()
    recording.run("m.close(); held.append(bytearray(1 << 20))")
    recording.tick()
    ask = "select t_ms, rss_kb, regions from owner where owner = 'shared memory'"
    assert recording.query(ask) == [(1000, 1024, 1), (2000, 0, 0)]


def test_each_segment_begins_with_all(recording):
    recording.tick()
    recording.store.begin_segment(recording.t_ms, 0)
    recording.tick_.begin_segment()
    recording.tick()
    ask = "select segment, count(distinct t_ms) from {} group by 1"
    for view in ("usage", "machine", "tick", "owner", "_frame"):
        assert recording.query(ask.format(view)) == [(1, 1), (2, 1)]
    assert recording.query("select first_ms, last_ms from process") == [(1000, None)]


# The limits of a recorder, and whose regions it reads while nothing can be written.
SHORT = {
    "no limits": ([], 0),
    "a limit that usage tells": ([Limit("rss", 1)], 0),
    "a limit that only regions tell": ([Limit("regions", 1)], 1),
}


@pytest.mark.parametrize(("limits", "reads"), SHORT.values(), ids=SHORT)
def test_without_room_only_what_limits_need_is_read(
    tmp_path, monkeypatch, limits, reads
):
    recording = Recording(str(tmp_path / "run.memc"), limits=limits)
    recording.store.keep_events(Full("no room", "reader"))
    taken, read = [], OneProcess.read
    monkeypatch.setattr(OneProcess, "read", lambda one: taken.append(one) or read(one))
    recording.plan.earn(SECOND)
    recording.tick_.frame_all()
    recording.tick_.run(500)
    rows = recording.store.batch.rows
    assert {table for table, some in rows.items() if some} <= {*KEPT}
    kinds = [event[3] for event in rows["_event"]]
    assert kinds == ["started"] + ["over"] * len(limits)
    assert len(taken) == reads
    assert recording.store.strings.rows == []
    recording.store.flush()
    recording.store.begin_segment(recording.t_ms, 0)
    recording.tick_.begin_segment(is_after_gap=True)
    recording.tick()
    assert recording.query("select t_ms from _frame") == [(1000,)]  # that was asked for
    recording.close()


@pytest.mark.parametrize("recording", [{"regions": ["top:1"]}], indirect=True)
def test_after_a_gap_owners_are_told_when_nothing_moved_or_they_are_read(recording):
    recording.tick()
    told = "select count(*) from _held where segment={}"
    for segment, is_told in ((2, True), (3, False)):
        if not is_told:
            recording.run("held.append(b'x' * (9 << 20))")
        recording.store.begin_segment(recording.t_ms, 0)
        recording.tick_.begin_segment(is_after_gap=True)
        recording.plan._credit = -1e12
        recording.tick()
        assert bool(recording.query(told.format(segment))[0][0]) == is_told
    recording.plan._credit = 0
    recording.tick()
    assert recording.query(told.format(3))[0][0]


def test_a_process_that_runs_another_program_is_another_row(recording):
    recording.tick()
    recording.child.stdin.write("import os; os.execv('/bin/cat', ['cat'])\n")
    recording.child.stdin.flush()
    comm = Path(f"/proc/{recording.child.pid}/comm")
    while comm.read_text() != "cat\n":
        time.sleep(0.01)
    recording.tick()
    recording.child.kill()
    recording.child.wait()
    recording.tick()
    rows = recording.query("select name, exec, first_ms, last_ms from process")
    assert rows == [(rows[0][0], 0, 1000, 2000), ("cat", 1, 2000, 3000)]
    events = recording.query("select t_ms, kind, name from event order by 1")
    assert [event[:2] for event in events] == [
        (1000, "started"),
        (2000, "exec"),
        (3000, "ended"),
    ]


def test_a_kill_for_memory_is_told_with_those_who_ended(recording, monkeypatch):
    kills = iter([1, 1, 1, 3])  # read again when somebody ended
    read = machine.Machine.read
    monkeypatch.setattr(
        machine.Machine,
        "read",
        lambda self: (*read(self)[:4], next(kills), *read(self)[5:]),
    )
    recording.tick()
    recording.tick()
    recording.child.kill()
    recording.child.wait()
    recording.tick()
    events = recording.query("select kind, detail from event where t_ms = 3000")
    assert ("oom", '{"kills":2}') in events
    assert '"oom":true' in dict(events)["ended"]


def test_without_credit_no_regions_are_read(tmp_path):
    recording = Recording(str(tmp_path / "run.memc"), duty=0.0)
    recording.tick()
    recording.close()
    assert recording.query("select processes, changed, skipped from tick") == [
        (1, 1, 0)
    ]
    assert recording.query("select count(*) from owner") == [(0,)]


def test_machine_is_what_its_files_say(recording):
    recording.tick()
    (row,) = recording.query("select total_kb, oom_kill from machine")
    assert row[0] == read_kb("MemTotal")
    assert isinstance(row[1], int)


# What a file of the machine tells, and the columns that it fills.
FILES = {
    "the first line": ("meminfo", "MemTotal:  7 kB\nMemFree: 8 kB\n", {0: 7}),
    "all of meminfo": (
        "meminfo",
        "MemTotal: 1 kB\nMemAvailable:2 kB\nSwapFree: 0 kB\nShmem: 4 kB\n",
        {0: 1, 1: 2, 2: 0, 3: 4},
    ),
    "keys inside others": ("meminfo", "XMemTotal: 1 kB\nShmemHugePages: 2 kB\n", {}),
    "a word": ("meminfo", "MemTotal: x kB\nShmem:\n4 kB\n", {}),
    "kills": ("vmstat", "oom_kill_x 1\nnr_oom_kill 2\noom_kill 3\nz 4\n", {4: 3}),
    "no newline at the end": ("vmstat", "a 1\noom_kill 30", {4: 30}),
    "pressure": (
        "pressure/memory",
        "some avg10=0.00 avg60=1.50 total=12\nfull avg10=0.00 total=9\n",
        {5: 12, 6: 9},
    ),
    "no total in the line": ("pressure/memory", "some avg10=1\nfull total=9\n", {6: 9}),
}


@pytest.mark.parametrize(("name", "text", "found"), FILES.values(), ids=FILES)
def test_what_a_file_of_the_machine_tells(tmp_path, name, text, found):
    (tmp_path / "pressure").mkdir()
    (tmp_path / name).write_text(text)
    with open_root(str(tmp_path)) as root:
        files = machine.Machine(root)
        assert files.read() == tuple(found.get(column) for column in range(7))
        files.close()


def test_missing_files_of_the_machine_are_null(tmp_path):
    (tmp_path / "7").mkdir()
    with open_root(str(tmp_path)) as root:
        files = machine.Machine(root)
        assert files.read() == (None,) * 7
        files.close()


def test_largest_need_is_read_first_and_debt_is_paid_back():
    class Process:
        def __init__(self, rss):
            self.rss_pages, self.minflt = rss, 0

    small, large, rest = Process(100), Process(1000), Process(50)
    plan = Plan(10, SECOND)
    assert not plan.has_credit()
    plan.earn(SECOND)
    for each in (small, large, rest):
        plan.pay(each, 0)
    small.rss_pages, large.minflt, rest.rss_pages = 110, 500, 53
    assert plan.due([small, large, rest]) == [large, small]
    plan.pay(large, SECOND)
    assert not plan.has_credit()
    for _ in range(8):
        plan.earn(SECOND)
    assert not plan.has_credit()
    plan.earn(2 * SECOND)
    assert plan.has_credit()
    plan.earn(1000 * SECOND)
    plan.pay(small, SECOND // 2)
    assert not plan.has_credit()


def test_a_process_is_known_by_its_last_name(recording):
    recording.tick()
    for name in ("worker", "a\\xff"):
        recording.run(f"open('/proc/self/comm', 'wb').write(b'{name}')")
        recording.tick()
    rows = recording.query("select name, name_raw from _process")
    assert rows == [("a\ufffd", b"a\xff")]
    details = recording.query("select detail from event where kind='renamed'")
    assert [json.loads(row[0])["to"] for row in details] == ["worker", "a\ufffd"]


def test_what_a_process_held_is_known_after_it_began_to_end(recording, monkeypatch):
    recording.tick()
    ask = "select owner, rss_kb from owner order by t_ms, owner"
    before = recording.query(ask)
    recording.run("held.append(b'x' * (8 << 20))")  # its regions are read again
    read = OneProcess.read
    monkeypatch.setattr(
        OneProcess, "read", lambda self: memc.Snapshot(table(0, {}), read(self))
    )
    recording.tick()
    assert before
    assert recording.query(ask) == before
