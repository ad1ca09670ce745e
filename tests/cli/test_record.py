"""``memc record``: how long it records, what it says, and what it takes for wrong."""

import os
import signal
import subprocess
import sys
from stat import S_IMODE

import pytest
from support.cases import cases
from support.commands import COMMANDS
from support.recorders import QUICK, Recorder, count, query, wait_until

ME = os.getpid()


def memc(*args, **options):
    return COMMANDS["python"]("record", *args, **options)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "x.memc"


@pytest.mark.parametrize("ticks", [1, 3])
def test_count_ends_the_recording_after_so_many_looks(path, ticks):
    result = memc(ME, "-o", path, *QUICK, "--count", ticks)
    assert (result.status, result.out, result.err) == (0, b"", b"")
    assert count(path) == ticks
    assert query(path, "select why from run") == [("count",)]
    assert S_IMODE(path.stat().st_mode) == 0o600


def test_for_ends_the_recording_after_a_time(path):
    result = memc(ME, "-o", path, "--interval", "1h", "--for", "50ms")
    assert (result.status, result.err) == (0, b"")
    assert query(path, "select why from run") == [("time",)]
    assert count(path) == 1


def test_recording_goes_on_in_its_file(path):
    for _ in range(2):
        assert memc(ME, "-o", path, *QUICK, "--count", 2).status == 0
    assert count(path) == 4
    assert query(path, "select distinct run from segment") == [(1,), (2,)]


def test_native_command_hands_it_on(path):
    result = COMMANDS["native"]("record", ME, "-o", path, *QUICK, "--count", 1)
    assert (result.status, result.err) == (0, b"")
    assert count(path) == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_ends_the_recording_with_status_0(path, number):
    with Recorder(path, ME) as recorder:
        recorder.wait_for_ticks()
        recorder.send(number)
        assert recorder.end() == (0, "", "")
    assert query(path, "select why from run") == [(number.name,)]
    assert query(path, "select count(*) from run where ended_ms is null") == [(0,)]


def test_ignored_sigint_stays_ignored(path):
    """As for a job that a shell starts in the background."""

    def ignore():
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    with Recorder(path, ME, preexec_fn=ignore) as recorder:
        recorder.wait_for_ticks()
        recorder.send(signal.SIGINT)
        recorder.wait_for_ticks(3)
        recorder.send(signal.SIGTERM)
        assert recorder.end()[0] == 0
    assert query(path, "select why from run") == [("SIGTERM",)]


def test_sighup_goes_on_in_a_new_file_after_the_old_one_was_moved(path, tmp_path):
    moved = tmp_path / "x.memc.1"
    with Recorder(path, ME) as recorder:
        recorder.wait_for_ticks(2)
        path.rename(moved)
        recorder.send(signal.SIGHUP)
        recorder.wait_for_ticks(2)
        recorder.send(signal.SIGTERM)
        assert recorder.end() == (0, "", "")
    assert query(moved, "select why from run") == [("reopened",)]
    assert query(path, "select why from run") == [("SIGTERM",)]
    last = query(moved, "select max(t_ms) from tick")[0][0]
    first = query(path, "select min(t_ms) from tick")[0][0]
    assert last < first
    assert query(path, "select distinct pid from usage") == [(ME,)]


def test_sighup_of_a_terminal_that_is_gone_ends_the_recording(path):
    """Else a recorder would be left behind by each terminal that is closed."""
    code = (
        "import fcntl, os, sys, termios\n"
        "fcntl.ioctl(0, termios.TIOCSCTTY, 0)\n"
        "os.execv(sys.argv[1], sys.argv[1:])"
    )
    prefix = (sys.executable, "-c", code)
    ours, theirs = os.openpty()
    options = dict.fromkeys(("stdin", "stdout", "stderr"), theirs)
    with Recorder(
        path, ME, prefix=prefix, start_new_session=True, **options
    ) as recorder:
        os.close(theirs)
        recorder.wait_for_ticks()
        os.close(ours)  # the kernel sends SIGHUP
        assert recorder.process.wait(60) == 0
    assert query(path, "select why from run") == [("SIGHUP",)]


def test_sigusr1_keeps_the_regions_of_all(path):
    with Recorder(path, ME, "--regions", "/nobody/") as recorder:
        recorder.wait_for_ticks(2)
        assert count(path, "_frame") == 0
        recorder.send(signal.SIGUSR1)
        wait_until(lambda: count(path, "_frame"))
        recorder.send(signal.SIGTERM)
        assert recorder.end() == (0, "", "")


@pytest.mark.parametrize("option", [(), ("--tree",)])
def test_recording_ends_with_the_last_process_that_was_named(path, option):
    child = subprocess.Popen(["sleep", "1000"])
    with Recorder(path, *option, child.pid) as recorder:
        recorder.wait_for_ticks()
        child.kill()
        child.wait()
        status, _, said = recorder.end()
    assert status == 0
    assert said.startswith("memc: no process that was named is left, after ")
    assert query(path, "select why from run") == [("ended",)]
    assert query(path, "select kind from event where pid is not null") == [("ended",)]


def test_process_that_is_not_there_is_told(path):
    gone = 2**22 + 1
    result = memc(gone, "-o", path, "--count", 1)
    assert (result.status, result.err) == (
        1,
        f"memc: process {gone}: no such process\n".encode(),
    )
    assert not path.exists()
    result = memc("--tree", gone, "-o", path, "--count", 1)
    assert result.status == 1
    assert not path.exists()
    result = memc(gone, ME, "-o", path, *QUICK, "--count", 1)
    assert result.status == 0
    assert result.err.count(b"no such process") == 1


def test_second_recorder_is_refused(path):
    with Recorder(path, ME) as recorder:
        recorder.wait_for_ticks()
        result = memc(ME, "-o", path, "--count", 1)
        assert result.status == 1
        said = f"{path}: process {recorder.process.pid} records into it"
        assert said in result.err.decode()
        recorder.wait_for_ticks()


# what memc says, why, the arguments
WRONG = [
    ("which file? give --output FILE", "no file", ["1"]),
    ("-o -: a recording is no stream", "standard output", ["1", "-o", "-"]),
    ("which command? give it after --", "no command", ["-o", "x", "--"]),
    ("to run a command: memc record -o FILE -- sleep", "a command without --",
     ["-o", "x", "sleep", "5"]),
    ("'a.json' is no pid", "a file", ["a.json", "-o", "x"]),
    ("--interval: expected 1 ms or more", "no interval", ["-o", "x", "--interval=0"]),
    ("--duty: expected a number from 0 to 100", "too much", ["-o", "x", "--duty=101"]),
    ("--duty: expected a number from 0 to 100", "below 0", ["-o", "x", "--duty=-1"]),
    ("--duty: expected a number from 0 to 100", "no number", ["-o", "x", "--duty=."]),
    ("--max-size: expected 4M or more", "a size that holds nothing",
     ["-o", "x", "--max-size", "1M"]),
    ("--max-size: expected an amount", "no size", ["-o", "x", "--max-size", "1"]),
    ("--keep: expected a time", "no time", ["-o", "x", "--keep", "1y"]),
    ("--count: expected a positive number", "none", ["-o", "x", "--count", "0"]),
    ("--regions: expected a pid, /a pattern for names/, or top:5, not 'x'",
     "nobody", ["-o", "x", "--regions", "x"]),
    ("--regions: /(/: ", "no pattern", ["-o", "x", "--regions", "/(/"]),
    ("--detail: invalid choice: 'totals'", "no detail", ["-o", "x", "--detail=totals"]),
    ("--max-pss needs --detail pss or smaps\n", "PSS is not read", ["-o", "x",
     "--max-pss", "1G"]),
    ("--max-uss needs a duty above 0\n", "no regions are read",
     ["-o", "x", "--max-uss", "1G", "--detail=uss", "--duty=0"]),
    ("--growth-of need --max-growth", "of what", ["-o", "x", "--growth-of", "rss"]),
    ("unknown option '--intervall': did you mean '--interval'", "a typo",
     ["-o", "x", "--intervall", "5"]),
]  # fmt: skip


@cases(WRONG, why=1)
def test_wrong_words_are_2_and_record_nothing(case, tmp_path):
    said, _, args = case
    words = [tmp_path / "x" if word == "x" and args[i - 1] == "-o" else word
             for i, word in enumerate(args)]  # fmt: skip
    result = memc(*words)
    assert (result.status, result.out) == (2, b"")
    assert said in result.err.decode()
    assert list(tmp_path.iterdir()) == []


# what memc says, why, FILE
PLACES = [
    ("not a recording of memc", "another file", "text"),
    ("Is a directory", "a folder", "folder"),
    ("No such file or directory", "no folder", "nothing/x.memc"),
]


@cases(PLACES, why=1)
def test_file_that_cannot_be_a_recording_is_1_and_left_alone(case, tmp_path):
    said, _, name = case
    (tmp_path / "text").write_text("a text")
    (tmp_path / "folder").mkdir()
    result = memc(ME, "-o", tmp_path / name, "--count", 1)
    assert (result.status, result.out) == (1, b"")
    assert said in result.err.decode()
    assert str(tmp_path / name) in result.err.decode()
    assert (tmp_path / "text").read_text() == "a text"
