"""memc.Recorder: a recording in the background."""

import copy
import os
import subprocess
import sys

import pytest
from support import children

import memc
from memc.files.recording import open as opening


def query(path, sql):
    db = opening.connect(str(path))
    rows = db.execute(sql).fetchall()
    db.close()
    return rows


@pytest.fixture
def child():
    with children.waiting() as child:
        yield child


def test_recorder_records_until_it_is_stopped(tmp_path, child):
    path = tmp_path / "run.memc"
    recorder = memc.Recorder(path, pids=[child.pid], interval_ms=10, duty=100)
    assert (recorder.ticks, recorder.is_running()) == (0, False)
    with recorder:
        assert recorder.is_running()
        children.wait_until(lambda: recorder.ticks > 3)
        recorder.mark("deploy 42")
    assert not recorder.is_running()
    assert recorder.error is None
    ticks = recorder.ticks
    assert query(path, "select count(*) from tick") == [(ticks,)]
    assert query(path, "select detail from event where kind='note'") == [
        ('{"text":"deploy 42"}',)
    ]
    assert query(path, "select pid from process") == [(child.pid,)]
    assert query(path, "select count(*) > 0 from _frame") == [(1,)]
    with recorder:
        children.wait_until(lambda: recorder.ticks > ticks)
    assert query(path, "select why from run") == [("stopped",)] * 2
    assert sorted(os.listdir(tmp_path)) == ["run.memc", "run.memc-lock"]


def test_recorder_ends_with_the_processes_that_were_named(tmp_path, child):
    recorder = memc.Recorder(tmp_path / "run.memc", pids=[child.pid], interval_ms=10)
    recorder.start()
    children.wait_until(lambda: recorder.ticks)
    child.kill()
    children.wait_until(lambda: not recorder.is_running())
    assert recorder.error is None


def test_what_is_wrong_is_told_at_the_start(tmp_path):
    (tmp_path / "text").write_text("no recording\n")
    with pytest.raises(memc.MemcError, match="not a recording"):
        memc.Recorder(tmp_path / "text").start()
    with pytest.raises(memc.ProcessGone, match="no such process"):
        memc.Recorder(tmp_path / "run.memc", pids=[children.ended()]).start()
    assert not (tmp_path / "run.memc").exists()
    with pytest.raises(OSError, match="No such file"):
        memc.Recorder(tmp_path / "nowhere" / "run.memc").start()
    with pytest.raises(ValueError, match="interval_ms"):
        memc.Recorder(tmp_path / "run.memc", interval_ms=0)


def test_second_recorder_of_a_file_is_refused(tmp_path, child):
    path = tmp_path / "run.memc"
    first, second = (memc.Recorder(path, pids=[child.pid]) for _ in range(2))
    refused = pytest.raises(memc.MemcError, match=f"process {os.getpid()} records")
    with first, refused:
        second.start()
    with second:
        assert second.is_running()


def test_marks_need_a_recorder_that_runs(tmp_path):
    recorder = memc.Recorder(tmp_path / "run.memc")
    with pytest.raises(RuntimeError, match="does not run"):
        recorder.mark("deploy")
    with pytest.raises(TypeError, match="cannot be copied"):
        copy.copy(recorder)


FORK = """
import os, sys, time, memc
recorder = memc.Recorder(sys.argv[1], pids=[os.getppid()], interval_ms=10)
recorder.start()
while not recorder.ticks:
    time.sleep(0.001)
if os.fork() == 0:
    assert not recorder.is_running()
    time.sleep(0.05)
    os._exit(0)
_, status = os.wait()
assert status == 0
ticks = recorder.ticks
while recorder.ticks == ticks:  # the parent goes on
    time.sleep(0.001)
print(memc.Recording is not None)
"""


def test_forked_child_has_no_recorder_and_exit_writes_what_waits(tmp_path):
    path = tmp_path / "run.memc"
    subprocess.run([sys.executable, "-c", FORK, path], check=True)
    assert query(path, "select why from run") == [("stopped",)]
    assert query(path, "select count(*) > 0 from tick") == [(1,)]
