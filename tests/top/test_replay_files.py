"""Files that change while they are shown, and files that cannot be shown."""

import os
import shutil
import sqlite3

import pytest
from support.recordings import NOON, Made

from memc.errors import MemcError
from memc.files.recording.recording import Recording
from memc.targets.choice import Choice
from memc.targets.recorded import Recorded
from memc.top.replay import RecordingSource

S = 1000


def begin(path, *, began_ms=NOON, rss_kb=100):
    made = Made(path)
    made.run(began_ms)
    number = made.start(began_ms, 10)
    made.tick(began_ms, {number: {"rss_kb": rss_kb}})
    made.flush()
    return made, number


def go_on(made, number, seconds, *, began_ms=NOON):
    for at in seconds:
        made.tick(began_ms + at * S, {number: {"rss_kb": 100 + at}})
    made.flush()


@pytest.fixture
def growing(tmp_path):
    made, number = begin(tmp_path / "run.memc")
    source = RecordingSource(made.path)
    yield made, number, source
    source.close()


def test_end_is_followed(growing):
    made, number, source = growing
    assert source.look().lines[0].rss_kb == 100
    go_on(made, number, (1, 2, 3))
    tell = source.look()
    assert (tell.t_ms, tell.end_ms) == (NOON + 3 * S, NOON + 3 * S)
    assert tell.lines[0].rss_kb == 103


def test_other_times_stay(growing):
    made, number, source = growing
    go_on(made, number, (1, 2, 3))
    source.step(-1)
    assert source.look().lines[0].rss_kb == 102
    go_on(made, number, (4, 5))
    tell = source.look()
    assert (tell.t_ms, tell.end_ms) == (NOON + 2 * S, NOON + 5 * S)
    assert tell.lines[0].rss_kb == 102
    source.step(3)
    assert source.look().lines[0].rss_kb == 105
    go_on(made, number, (6,))
    assert source.look().lines[0].rss_kb == 106


def test_what_did_not_change_is_not_read_again(growing):
    _, _, source = growing
    assert source.look() is source.look()


def test_new_event_is_known(growing):
    made, number, source = growing
    assert source.look().event == ""
    made.event(NOON + S, "note", '{"text":"deploy 42"}')
    go_on(made, number, (1,))
    assert source.look().event.endswith("note: deploy 42")


def test_begin_that_was_dropped_is_left(growing):
    made, number, source = growing
    made.segment(NOON + S, passed_ms=S)
    go_on(made, number, (1, 2))
    source.go("+0s")
    assert source.look().t_ms == NOON
    made.store.drop_older(NOON + S + 1)
    tell = source.look()
    assert (tell.t_ms, tell.begin_ms) == (NOON + S, NOON + S)
    assert "was dropped" in tell.notes[0]
    assert tell.lines[0].rss_kb == 101
    source.step(1)
    assert source.look().notes == []


def test_file_that_begins_anew_is_followed(growing, tmp_path):
    made, number, source = growing
    go_on(made, number, (1,))
    made.close()
    os.rename(made.path, tmp_path / "old.memc")
    assert "moved or deleted" in source.look().notes[0]
    assert source.look().lines[0].rss_kb == 101
    later_ms = NOON + 60 * S
    new, number = begin(made.path, began_ms=later_ms, rss_kb=7)
    tell = source.look()
    assert (tell.begin_ms, tell.t_ms) == (later_ms, later_ms)
    assert tell.lines[0].rss_kb == 7
    assert "begun anew" in tell.notes[0]
    go_on(new, number, (1,), began_ms=later_ms)
    assert source.look().t_ms == later_ms + S


def test_time_that_is_looked_at_is_not_lost_by_a_new_file(growing, tmp_path):
    made, number, source = growing
    go_on(made, number, (1, 2))
    source.step(-1)
    made.close()
    os.rename(made.path, tmp_path / "old.memc")
    begin(made.path, began_ms=NOON + 60 * S, rss_kb=7)
    tell = source.look()
    assert tell.lines[0].rss_kb == 101
    assert "shown after the end" in tell.notes[0]
    source.step(1)
    assert source.look().lines[0].rss_kb == 7


def test_file_that_is_no_recording_any_more_is_not_followed(growing, tmp_path):
    made, _, source = growing
    os.rename(made.path, tmp_path / "old.memc")
    with open(made.path, "w") as file:
        file.write("something else")
    tell = source.look()
    assert tell.lines[0].rss_kb == 100
    assert "without a recording" in tell.notes[0]


def test_what_breaks_while_it_is_shown_is_told(growing):
    made, number, source = growing
    before = source.look()
    go_on(made, number, (1,))
    made.close()
    with open(made.path, "r+b") as file:
        file.write(b"\xff" * os.path.getsize(made.path))
    tell = source.look()
    assert tell.lines == before.lines
    assert made.path in tell.notes[-1]


def write_text(path):
    path.write_text("no recording")


def write_nothing(path):
    path.touch()


def write_sqlite(path):
    db = sqlite3.connect(path)
    db.execute("create table a(b)")
    db.close()


def write_cut(path):
    made, _ = begin(path)
    made.close()
    os.truncate(path, 5000)


def write_empty(path):
    Made(path).close(NOON)


FILES = {
    "a text": write_text,
    "an empty file": write_nothing,
    "another file of SQLite": write_sqlite,
    "a cut file": write_cut,
    "no look": write_empty,
    "no file": lambda _: None,
    "a folder": lambda path: path.mkdir(),
}


@pytest.mark.parametrize("write", FILES.values(), ids=FILES)
def test_file_that_cannot_be_shown_is_refused_as_memc_show_does(tmp_path, write):
    path = tmp_path / "odd.memc"
    write(path)
    with pytest.raises(MemcError) as said:
        Recorded(str(path), Choice()).time()
    with pytest.raises(MemcError) as caught:
        RecordingSource(str(path))
    assert str(caught.value) == str(said.value)
    assert str(path) in str(said.value)


def test_file_of_a_folder_that_is_not_ours_is_read(growing, tmp_path):
    made, number, _ = growing
    go_on(made, number, (1,))
    made.close()
    copy = shutil.copy(made.path, tmp_path / "copy.memc")
    with Recording(copy) as recording:
        end_ms = recording.end_ms
    source = RecordingSource(copy)
    assert source.look().t_ms == end_ms
    source.close()
