"""Processes whose memory is not where it seems to be, and what a recording tells."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support import children

from memc.files.recording import open as opening
from memc.pure.stats import AMOUNTS
from memc.record.options import RecordOptions
from memc.record.session import Session
from memc.record.usage import Usage
from memc.targets.choice import Choice

pytestmark = pytest.mark.kernel


def query(path, sql):
    db = opening.connect(str(path))
    rows = db.execute(sql).fetchall()
    db.close()
    return rows


def record(path, ticks=1, **options):
    session = Session(str(path), RecordOptions(flush_s=0, **options))
    for _ in range(ticks):
        session.step()
    return session


def test_process_whose_first_thread_ended_is_told_by_another(tmp_path):
    path = tmp_path / "run.memc"
    with children.script("leaderless") as child:
        record(path, ticks=3, pids=[child.pid], duty=100).close("done")
    rows = query(path, "select rss_kb, vsize_kb, anon_kb, state from usage")
    assert all(rss > 32 << 10 < size and anon for rss, size, anon, _ in rows)
    assert {state for *_, state in rows} <= {"S", "R", "D"}
    assert query(path, "select sum(rss_kb) > 32768 from owner") == [(1,)]
    assert query(path, "select count(*) > 0 from _frame") == [(1,)]
    kinds = {kind for (kind,) in query(path, "select kind from event")}
    assert kinds <= {"started"}  # neither exec nor ended


def test_first_thread_that_ends_is_no_exec(tmp_path):
    path = tmp_path / "run.memc"
    program = """
import ctypes, sys, threading, time
def stay():
    sys.stdin.readline()
    time.sleep(1000)
threading.Thread(target=stay).start()
held = bytearray(40 << 20)
print("ready", flush=True)
time.sleep(0.5)
ctypes.CDLL(None).pthread_exit(None)
"""
    with children.running(sys.executable, "-c", program) as child:
        session = record(path, pids=[child.pid], duty=0)
        stat = Path(f"/proc/{child.pid}/stat")
        children.wait_until(lambda: b") Z " in stat.read_bytes())
        session.step()
        session.step()
        session.close("done")
    assert "exec" not in {kind for (kind,) in query(path, "select kind from event")}
    assert query(path, "select min(rss_kb) > 40000 from usage") == [(1,)]


def test_child_between_vfork_and_exec_has_the_memory_of_its_parent(tmp_path):
    path = tmp_path / "run.memc"
    with children.between_vfork_and_exec(tmp_path) as (shell, child, go_on):
        parent = shell.pid
        pids = [parent, child]
        session = record(path, ticks=2, pids=pids, duty=100)
        go_on()
        session.step()
        session.close("done")
    ask = "select rss_kb is null, anon_kb is null from usage where pid={} order by t_ms"
    assert query(path, ask.format(child))[0] == (1, 1)
    assert query(path, ask.format(child))[-1] == (0, 0)
    assert set(query(path, ask.format(parent))) == {(0, 0)}
    beside = query(path, "select pid, same_memory_as from beside")
    assert beside == [(child, parent)]
    owners = query(path, f"select min(t_ms) from owner where pid={child}")
    ticks = query(path, "select max(t_ms) from tick")
    assert owners == ticks  # none before exec
    kinds = [k for (k,) in query(path, f"select kind from event where pid={child}")]
    assert kinds[-1] == "exec"


def test_zombie_has_ended_once_with_what_it_had(tmp_path):
    path = tmp_path / "run.memc"
    with children.waiting() as child:
        session = record(path, ticks=2, pids=[child.pid], duty=0)
        child.kill()
        children.wait_for_end(child.pid)
        session.step()
        session.step()
        child.wait()
        session.step()
        session.close("done")
    events = query(path, "select kind, detail from event where kind='ended'")
    assert [kind for kind, _ in events] == ["ended"]
    assert '"last_rss_kb":null' not in events[0][1]


def test_process_that_began_and_ended_between_two_looks_is_told_once(tmp_path):
    path = tmp_path / "run.memc"
    choice = Choice()
    choice.trees = [os.getpid()]
    session = record(path, ticks=1, choice=choice, duty=0)
    with children.zombie() as pid:
        session.step()
        session.step()
    session.step()
    session.close("done")
    kinds = query(path, f"select kind from event where pid={pid} order by t_ms")
    assert kinds == [("started",), ("ended",)]


@pytest.mark.parametrize("hugetlb_kb", [0, 2048])
def test_pages_of_hugetlb_stand_beside_usage(tmp_path, monkeypatch, hugetlb_kb):
    path = tmp_path / "run.memc"
    read, at = Usage.read, [*AMOUNTS].index("hugetlb")

    def read_with(*args):
        for followed, amounts in read(*args):
            yield followed, (*amounts[:at], hugetlb_kb, *amounts[at + 1 :])

    monkeypatch.setattr(Usage, "read", read_with)
    with children.waiting() as child:
        record(path, ticks=2, pids=[child.pid], duty=0).close("done")
        rows = query(path, "select pid, hugetlb_kb, same_memory_as from beside")
    assert rows == ([(child.pid, 2048, None)] if hugetlb_kb else [])


def test_status_of_another_process_with_the_pid_is_not_taken(tmp_path, monkeypatch):
    path = tmp_path / "run.memc"
    with children.waiting() as child:
        session = record(path, ticks=0, pids=[child.pid], duty=0)
        monkeypatch.setattr(session._tick._crowd, "is_there", lambda _: False)
        session.step()
        session.close("done")
    assert query(path, "select count(*) from usage") == [(0,)]


def test_run_that_goes_on_knows_its_processes(tmp_path):
    path = tmp_path / "run.memc"
    with children.waiting() as child:
        for _ in range(3):
            record(path, pids=[child.pid]).close("done")
    assert query(path, "select count(*) from process") == [(1,)]
    assert query(path, "select count(*) from usage") == [(3,)]
    assert query(path, "select first_ms < last_ms from process") == [(1,)]


def test_recorder_that_was_killed_ended_with_its_last_tick(tmp_path):
    path = tmp_path / "run.memc"
    program = f"""
from memc.record.options import RecordOptions
from memc.record.session import Session
import os
session = Session({str(path)!r}, RecordOptions(pids=[os.getppid()], flush_s=0))
session.step()
session.flush()
os.kill(os.getpid(), 9)
"""
    subprocess.run([sys.executable, "-c", program], check=False)
    with children.waiting() as child:
        record(path, pids=[child.pid], duty=0).close("done")
    assert query(path, "select why from run") == [("killed",), ("done",)]
    ended = query(path, "select ended_ms from segment")[0]
    (tick,) = query(path, "select max(t_ms) from tick where segment=1")
    assert ended == tick
    assert query(path, "select count(*) from process where last_ms is null") == [(0,)]


@pytest.mark.parametrize(("vsize", "told"), [(40960, 1), (0, 0)])
def test_kernel_thread_that_has_another_name_is_no_event(tmp_path, vsize, told):
    path, folder = tmp_path / "run.memc", tmp_path / "proc" / "7"
    folder.mkdir(parents=True)
    session = None
    for name in (b"kworker/1:0", b"kworker/1:0-events"):
        fields = [b"S", b"2", *[b"0"] * 15, b"1", b"0", b"100", b"%d" % vsize]
        text = b"7 (%s) %s\n" % (name, b" ".join([*fields, *[b"0"] * 30]))
        (folder / "stat").write_bytes(text)
        (folder / "status").write_bytes(b"Name:\tkworker\n")
        session = session or record(path, ticks=0, proc=str(folder.parent), duty=0)
        session.step()
    session.close("done")
    ask = "select count(*) from event where kind='renamed'"
    assert query(path, ask) == [(told,)]
