"""A night in the life of a machine: a leak is killed, and the recording tells it all.

A program leaks in a control group with a limit, a server forks, and another program
only waits.  Afterwards each question takes one command.
"""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.commands import COMMANDS
from support.groups import enter, live_group

LIMIT = 64 << 20
LEAK = """
import ctypes, os, time
ctypes.CDLL(None).prctl(15, b"leaky")
kept = []
while True:
    kept.append(os.urandom(1 << 20))
    time.sleep(0.06)
"""
FORK = """
import ctypes, os, signal, time
ctypes.CDLL(None).prctl(15, b"forkd")
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
while True:
    if not os.fork():
        held = os.urandom(1 << 20)
        time.sleep(0.3)
        os._exit(0)
    time.sleep(0.2)
"""
WAIT = "import ctypes, signal; ctypes.CDLL(None).prctl(15, b'steady'); signal.pause()"


@pytest.fixture(scope="module")
def memc():
    return COMMANDS["python"]


def start(code, **options):
    argv = [sys.executable, "-c", code]
    return subprocess.Popen(argv, stdin=subprocess.PIPE, cwd="/", **options)


def wait_until_named(child, name):
    """Wait until a child has nothing left to do: before, its memory may still grow."""
    while Path(f"/proc/{child.pid}/comm").read_text() != f"{name}\n":
        time.sleep(0.01)
    time.sleep(0.3)  # so that a tick sees it before the leak begins


@pytest.fixture(scope="module")
def night(tmp_path_factory, memc):
    """Give the recording, and the pids by name."""
    path = tmp_path_factory.mktemp("night") / "night.memc"
    with live_group(LIMIT, "memc-leak") as group:
        if group is None:
            pytest.skip("no memory group can be made here")
        words = ("--interval", "100", "--tree", os.getpid(), "--duty", "100")
        pipe = subprocess.PIPE
        recorder = memc.start("record", "-o", path, "--quiet", *words, stderr=pipe)
        while not path.exists():
            time.sleep(0.01)
        forkd, steady = start(FORK), start(WAIT)
        wait_until_named(steady, "steady")
        leaky = start(LEAK, preexec_fn=enter(group))
        assert leaky.wait() == -signal.SIGKILL
        time.sleep(0.5)  # the recorder has to see that it is gone
        recorder.send_signal(signal.SIGTERM)
        _, said = recorder.communicate()
        assert (recorder.returncode, said) == (0, b""), "it could record all the time"
        for child in (forkd, steady):
            child.kill()
            child.communicate()
        leaky.stdin.close()
    return path, {"leaky": leaky.pid, "forkd": forkd.pid, "steady": steady.pid}


def ask(memc, path, sql):
    (row,) = json.loads(memc("query", path, sql, "--json").out)
    return row


def test_what_was_killed_and_what_held_its_memory(memc, night):
    path, _ = night
    done = memc("query", path, "--events")
    lines = done.out.decode().splitlines()
    (killed,) = [line for line in lines if "leaky" in line and "ended" in line]
    assert "killed" in killed
    assert any(" oom " in line for line in lines)
    assert "held by" in killed


def test_what_grew(memc, night):
    path, pids = night
    pid = pids["leaky"]
    # From when Python had started in it, to before the kill took its memory.
    seen = f"from usage where pid={pid} and rss_kb > 20000"
    row = ask(memc, path, f"select min(t_ms) begin, max(t_ms) end {seen}")
    span = "--from", row["begin"] / 1000, "--to", row["end"] / 1000
    done = memc("diff", path, *span, "--by", "process", "--json")
    assert done.status in (0, 1), done.err
    grown = [change["pid"] for change in json.loads(done.out)["changes"]]
    assert pid in grown
    table = memc("diff", path, *span, "--by", "process").out.decode()
    assert "leaky" in table
    assert "steady" not in table


def test_what_another_looked_like_at_a_time(memc, night):
    path, pids = night
    (at_ms,) = ask(memc, path, "select max(t_ms) - 100 from tick").values()
    row = ask(memc, path, f"select max(t_ms) at from tick where t_ms < {at_ms}")
    done = memc("show", path, pids["steady"], "--at", row["at"] / 1000)
    assert done.status == 0, done.err
    assert b"steady" in done.out
    assert b"library text" in done.out


def test_how_many_children_the_server_had(memc, night):
    path, pids = night
    forked = f"from process where ppid={pids['forkd']}"
    row = ask(memc, path, f"select count(*) n {forked}")
    assert row["n"] >= 2


def test_how_large_it_will_be_in_a_week(memc, night):
    path, _ = night
    done = memc("query", path)
    assert done.status == 0
    assert b"a week" in done.out
    assert memc("query", path, "--check").status == 0
