"""``memc record`` as a service: what the manager hears, and what befalls FILE."""

import os
import shutil
import signal
import socket

import pytest
from support.commands import COMMANDS
from support.recorders import QUICK, Recorder, count, query, wait_until

ME = os.getpid()


@pytest.fixture
def manager(tmp_path):
    """Give a socket that listens, as that of systemd."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as made:
        made.bind(str(tmp_path / "notify"))
        made.settimeout(60)
        yield made


@pytest.fixture
def path(tmp_path):
    return tmp_path / "x.memc"


def facts(datagram):
    return dict(line.split("=", 1) for line in datagram.decode().splitlines())


def test_manager_hears_of_readiness_after_the_first_commit(manager, path):
    env = {"NOTIFY_SOCKET": manager.getsockname()}
    slow = "--interval", "1h", "--flush", "1h"
    with Recorder(path, ME, *slow, env=env) as recorder:
        assert facts(manager.recv(4096)) == {"READY": "1"}
        assert count(path) == 1, "it is in the file"
        told = facts(manager.recv(4096))
        assert told["WATCHDOG"] == "1"
        assert told["STATUS"].startswith("1 process, ")
        assert told["STATUS"].endswith(", 1 look, 0 gaps")
        recorder.send(signal.SIGTERM)
        assert recorder.end() == (0, "", "")
    assert facts(manager.recv(4096)) == {"STOPPING": "1"}


def test_watchdog_is_told_between_two_looks(manager, path):
    env = {"NOTIFY_SOCKET": manager.getsockname(), "WATCHDOG_USEC": "20000"}
    with Recorder(path, ME, "--interval", "1h", env=env) as recorder:
        heard = [facts(manager.recv(4096)) for _ in range(6)]
        recorder.send(signal.SIGTERM)
        assert recorder.end()[0] == 0
    assert [each.get("WATCHDOG") for each in heard[1:]] == ["1"] * 5
    assert sum("STATUS" in each for each in heard) == 1
    assert count(path) == 1


def test_manager_is_the_commands_own(manager, path):
    env = {"NOTIFY_SOCKET": manager.getsockname()}
    words = ["record", "-o", path, *QUICK, "--quiet", "--", "printenv", "NOTIFY_SOCKET"]
    result = COMMANDS["python"](*words, env=env)
    assert result.out.decode().strip() == manager.getsockname()
    manager.settimeout(0)
    with pytest.raises(BlockingIOError):
        manager.recv(4096)


@pytest.mark.parametrize("command", [(), ("sleep", "1000")])
def test_file_that_cannot_be_opened_anew_is_told(tmp_path, command):
    """The command goes on: its exit status is its own."""
    folder = tmp_path / "folder"
    folder.mkdir()
    path = folder / "x.memc"
    with Recorder(path, ME, command=command) as recorder:
        recorder.wait_for_ticks()
        folder.rename(tmp_path / "moved")
        recorder.send(signal.SIGHUP)
        if command:
            moved = tmp_path / "moved" / "x.memc"
            wait_until(lambda: query(moved, "select 1 from run where why='reopened'"))
            recorder.send(signal.SIGTERM)
        status, out, said = recorder.end()
    assert (status, out) == (128 + signal.SIGTERM if command else 1, "")
    assert said.startswith(f"memc: {path}: ")
    assert "No such file or directory" in said
    assert "Traceback" not in said


def test_folder_that_is_gone_ends_in_words(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    path = folder / "x.memc"
    with Recorder(path, ME) as recorder:
        recorder.wait_for_ticks()
        shutil.rmtree(folder)
        recorder.send(signal.SIGTERM)
        status, out, said = recorder.end()
    assert out == ""
    assert "Traceback" not in said
    assert status in (0, 1)
