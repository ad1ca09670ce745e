"""Sessions: all that a recorder has open, from the first tick to the close."""

import os
import resource
import subprocess

import pytest

from memc.files.recording import open as opening
from memc.record.options import RecordOptions
from memc.record.session import Session


@pytest.fixture
def child():
    with subprocess.Popen(["sleep", "1000"]) as child:
        yield child
        child.kill()


def query(path, sql):
    db = opening.connect(str(path))
    rows = db.execute(sql).fetchall()
    db.close()
    return rows


def test_session_records_a_named_process(tmp_path, child):
    path = str(tmp_path / "run.memc")
    before = len(os.listdir("/proc/self/fd"))
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    session = Session(path, RecordOptions(pids=[child.pid], duty=100, flush_s=0))
    assert session.wait_s() == 0
    session.step()
    assert 0 < session.wait_s() <= 1
    session.note("deploy 42")
    session.step()
    assert (session.ticks, session.gaps, session.processes) == (2, 0, 1)
    assert session.size() > 0 < session.cpu_ns
    session.close("count")
    assert query(path, "select pid, name from process") == [(child.pid, "sleep")]
    assert query(path, "select count(*) from tick") == [(2,)]
    assert query(path, "select why, began_ms <= ended_ms from run") == [("count", 1)]
    assert query(path, "select count(*) > 0 from _frame") == [(1,)]
    assert len(os.listdir("/proc/self/fd")) == before
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == limits


def test_file_that_was_moved_away_ends_and_another_begins(tmp_path, child):
    path, old = tmp_path / "run.memc", tmp_path / "old.memc"
    session = Session(str(path), RecordOptions(pids=[child.pid], flush_s=0))
    session.step()
    path.rename(old)
    session.reopen()
    session.step()
    session.step()
    assert session.ticks == 3
    session.close("done")
    assert query(old, "select count(*) from tick") == [(1,)]
    assert query(old, "select why from run") == [("reopened",)]
    assert query(path, "select count(*) from tick") == [(2,)]
    assert query(path, "select pid from process") == [(child.pid,)]


def test_frames_of_all_are_kept_once(tmp_path, child):
    path = str(tmp_path / "run.memc")
    session = Session(path, RecordOptions(duty=0, flush_s=0))
    session.step()
    session.frame_all()
    session.step()
    session.step()
    session.close("done")
    ask = "select count(*) from _frame join _process on id=process where pid=?"
    rows = query(path, ask.replace("?", str(child.pid)))
    assert rows == [(1,)]


# Options that make no sense, and a word of the error.
WRONG = {
    "an interval of nothing": ({"interval_ms": 0}, "interval_ms"),
    "an unknown detail": ({"detail": "totals"}, "detail"),
    "a duty above all": ({"duty": 101}, "duty"),
    "a duty that is no number": ({"duty": float("nan")}, "duty"),
    "a file too small": ({"max_size": 1000}, "max_size"),
    "regions of nobody": ({"regions": ["tops:4"]}, "regions"),
    "regions of pid 0": ({"regions": ["0"]}, "regions"),
    "a pattern that is none": ({"regions": ["/(/"]}, "regions"),
    "a pid below one": ({"pids": [0]}, "pid"),
    "to keep nothing": ({"keep_s": 0}, "keep_s"),
    "no stall at all": ({"max_stall_ms": 0}, "max_stall_ms"),
}


@pytest.mark.parametrize(("options", "word"), WRONG.values(), ids=WRONG)
def test_wrong_options_are_told(options, word):
    with pytest.raises(ValueError, match=word):
        RecordOptions(**options)


@pytest.mark.parametrize(
    "options",
    [{"pids": 5}, {"regions": "top:5"}, {"duty": "2"}, {"proc": None}],
    ids=lambda options: next(iter(options)),
)
def test_options_of_another_type_are_told(options):
    with pytest.raises(TypeError, match=next(iter(options))):
        RecordOptions(**options)


def test_the_largest_numbers_are_no_fault(tmp_path, child):
    session = Session(
        str(tmp_path / "run.memc"),
        RecordOptions(
            pids=[child.pid], keep_s=1e300, flush_s=1e300, max_size=1 << 99,
            interval_ms=1 << 99, max_stall_ms=1 << 99,
        ),
    )  # fmt: skip
    session.step()
    session.close("done")
    assert query(tmp_path / "run.memc", "select count(*) from tick") == [(1,)]
