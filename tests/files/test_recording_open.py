"""Open recordings: what memc.load does, folders that nobody may write to, threads."""

import gzip
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading

import pytest
from support.recordings import NOON, Made

import memc

S = 1000
NOBODY = 65534
READ = f"""
import os, sys, memc
memc.Recording, memc.MemcError
if not os.getuid():
    os.setgroups([])
    os.setgid({NOBODY})
    os.setuid({NOBODY})
try:
    with memc.Recording(sys.argv[1]) as recording:
        print(recording.end_ms, len(recording.usage()))
except memc.MemcError as error:
    print(error)
"""


@pytest.fixture
def made(tmp_path):
    made = Made(tmp_path / "a %3f?mode=ro#é run.memc")
    made.run(NOON)
    one = made.start(NOON, 5)
    made.tick(NOON, {one: {"rss_kb": 1}})
    made.flush()
    return made


def test_load_returns_a_recording(made):
    made.close()
    with memc.load(made.path) as recording:
        assert isinstance(recording, memc.Recording)
        assert recording.end_ms == NOON


def test_load_returns_a_recording_in_progress(made):
    with memc.load(made.path) as recording:
        assert recording.end_ms == NOON
    made.kill()


def foreign(path):
    db = sqlite3.connect(path)
    db.execute("create table a(b)")
    db.commit()
    db.close()


def newer(path):
    made = Made(path)
    made.run(NOON)
    made.close(NOON)
    db = sqlite3.connect(path)
    db.execute("pragma user_version=2")
    db.close()


def packed(path):
    made = Made(f"{path}.whole")
    made.run(NOON)
    made.close(NOON)
    with open(f"{path}.whole", "rb") as file:
        data = file.read()
    with gzip.open(path, "wb") as file:
        file.write(data)


def cut(path):
    made = Made(path)
    made.run(NOON)
    for at in range(2000):
        made.tick(NOON + at * S, {1: {"rss_kb": at}})
    made.close()
    os.truncate(path, 50_000)


def header_alone(path):
    cut(path)
    os.truncate(path, 100)


REFUSED = {
    "of another program": (foreign, "an SQLite file, but not a recording of memc"),
    "of a newer memc": (newer, "a recording of version 2, and this memc reads 1"),
    "packed": (packed, "a recording must be a file, not packed"),
    "cut short": (cut, "the recording cannot be read: .*malformed"),
    "nothing but a header": (header_alone, "the recording cannot be read"),
}


@pytest.mark.parametrize(("make", "words"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_recording_is_said(tmp_path, make, words):
    path = str(tmp_path / "run.memc")
    make(path)
    with pytest.raises(memc.MemcError, match=words), memc.load(path) as recording:
        recording.usage()


def test_a_text_is_no_recording(tmp_path):
    path = tmp_path / "text"
    path.write_text("not SQLite")
    with pytest.raises(memc.MemcError, match="not a recording of memc"):
        memc.Recording(path)
    with pytest.raises(FileNotFoundError):
        memc.Recording(tmp_path / "nothing")
    with pytest.raises(IsADirectoryError):
        memc.Recording(tmp_path)


@pytest.fixture
def shared():
    """A folder that everybody may enter; the folders of pytest are private."""
    folder = tempfile.mkdtemp()
    os.chmod(folder, 0o755)
    yield folder
    shutil.rmtree(folder)


def as_nobody(path):
    """Give what somebody sees who may read a file but not write to its folder."""
    folder = os.path.dirname(path)
    for name in os.listdir(folder):
        os.chmod(os.path.join(folder, name), 0o444)
    os.chmod(folder, 0o555)
    command = [sys.executable, "-c", READ, path]
    done = subprocess.run(command, capture_output=True, check=False)
    os.chmod(folder, 0o755)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().strip()


def test_a_whole_recording_is_read_in_a_folder_that_nobody_may_write_to(made, shared):
    made.close()
    shutil.copy(made.path, f"{shared}/run.memc")
    assert as_nobody(f"{shared}/run.memc") == f"{NOON} 1"


def test_one_that_was_killed_there_is_read_or_said(made, shared):
    for end in ("", "-wal"):
        shutil.copy(made.path + end, f"{shared}/run.memc{end}")
    made.kill()
    told = as_nobody(f"{shared}/run.memc")
    assert "memc query FILE --backup OUT" in told or told == f"{NOON} 1"


def test_a_recording_that_goes_on_is_read_anew(made, monkeypatch):
    """A reader that took a file as it is sees when a recorder comes back."""
    from memc.files.recording import open as opening

    made.close()
    connect = opening._connect

    def refuse(name):
        if "immutable" not in name:
            raise sqlite3.OperationalError("unable to open database file")
        return connect(name)

    monkeypatch.setattr(opening, "_connect", refuse)
    with memc.Recording(made.path) as recording:
        assert recording.end_ms == NOON
        monkeypatch.undo()
        again = Made(made.path)
        again.run(NOON + 60 * S)
        again.tick(NOON + 60 * S)
        again.close()
        assert recording.end_ms == NOON + 60 * S


def test_threads_may_share_a_recording(made):
    found = []
    with memc.Recording(made.path) as recording:

        def ask():
            rows = [len(recording.usage()) for _ in range(20)]
            found.append(sum(rows) + len(recording.at(NOON).processes()))

        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert found == [21] * 4
    made.kill()


def test_a_recording_that_was_moved_away_is_read_on(made):
    with memc.Recording(made.path) as recording:
        made.tick(NOON + S)
        made.close()
        os.rename(made.path, made.path + ".1")
        new = Made(made.path)
        new.run(NOON + 60 * S)
        new.tick(NOON + 60 * S)
        new.close()
        assert recording.end_ms == NOON + S
    with memc.Recording(made.path) as recording:
        assert recording.begin_ms == NOON + 60 * S


def test_a_reader_lets_the_recorder_write_and_drop(made):
    """No transaction stays open between two calls, nor while rows are looked at."""
    with memc.Recording(made.path) as recording:
        series = recording.usage()
        snaps = recording.snapshots(5)
        next(snaps)
        moment = recording.at(NOON)
        made.store._db.execute("pragma busy_timeout=0")
        busy = made.store._db.execute("pragma wal_checkpoint(truncate)").fetchone()[0]
        assert busy == 0
        assert [row.rss_kb for row in series] == [1]
        assert moment.snapshot(5).total_rss_kb == 1
    made.kill()


def test_a_recording_that_nobody_has_any_more_is_closed(tmp_path):
    """Python 3.13 warns of a database that is left open."""
    made = Made(tmp_path / "x.memc")
    made.run(NOON)
    made.tick(NOON)
    made.close()
    code = f"import memc; memc.Recording({made.path!r}).processes()"
    argv = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(argv, capture_output=True, check=True, cwd="/")
    assert done.stderr == b""
