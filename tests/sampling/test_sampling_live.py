"""Samplers of live processes, and in interpreters that fork, exit and lack rights."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from support import children
from support.boxes import NAMESPACE, WITHOUT_RIGHTS
from support.cases import cases
from support.sampling import TIMEOUT_S, Seen, wait_for_end

import memc
from memc.errors import ProcessGone

pytestmark = pytest.mark.kernel

HOUR_MS = 3_600_000
REMAPS = 'echo ready; read x; exec /bin/sh -c "echo again; read x"'
KERNEL_THREADS = [
    int(path.parent.name)
    for path in Path("/proc").glob("2/comm")
    if path.read_bytes() == b"kthreadd\n"
]
# What every script below begins with.
HEAD = """
import os, subprocess, sys, threading, warnings
import memc
warnings.simplefilter("ignore", DeprecationWarning)  # fork with threads: on purpose
seen = threading.Semaphore(0)
sampler = memc.Sampler(os.getpid(), interval_ms=1)
sampler.on_snapshot(lambda snap: seen.release())
def wait(count):
    for _ in range(count):
        assert seen.acquire(timeout=60)
def ended(pid):
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
"""


@pytest.fixture(params=["native", "pure"], autouse=True)
def _backend(request, monkeypatch):
    """Choose each backend, here and in what is started."""
    monkeypatch.setenv("MEMC_BACKEND", request.param)


@pytest.fixture
def script():
    """Give a function that runs Python code and returns status, stdout and stderr."""

    def script(code, *prefix, head=HEAD):
        code = head + textwrap.dedent(code)
        done = subprocess.run(
            [*prefix, sys.executable, "-c", code],
            check=False,
            capture_output=True,
            cwd="/",
            text=True,
            timeout=TIMEOUT_S,
        )
        return done.returncode, done.stdout, done.stderr

    return script


@pytest.fixture
def start():
    """Give a function that starts samplers; they are stopped in the end."""
    started = []

    def start(pid, *callbacks, **options):
        started.append(memc.Sampler(pid, **{"interval_ms": 1, **options}))
        for callback in callbacks:
            started[-1].on_snapshot(callback)
        started[-1].start()
        return started[-1]

    yield start
    for one in started:
        one.stop()
    wait_for_end()


@pytest.mark.parametrize("detail", ["maps", "smaps"])
def test_live_process_is_sampled(start, detail):
    seen = Seen()
    with children.waiting() as child:
        sampler = start(child.pid, seen, detail=detail)
        snapshots = seen.wait(10)
        assert sampler.is_running()
    assert {(snap.pid, snap.detail) for snap in snapshots} == {(child.pid, detail)}
    assert all(snap.total_rss_kb > 0 and snap.cost_ns > 0 for snap in snapshots)


def test_several_processes_are_sampled_at_once_and_this_one_too(start):
    seen = [Seen() for _ in range(3)]
    with children.waiting() as one, children.waiting() as other:
        pids = (one.pid, other.pid, os.getpid())
        for pid, callback in zip(pids, seen, strict=True):
            start(pid, callback)
        found = [{snap.pid for snap in callback.wait(5)} for callback in seen]
    assert found == [{pid} for pid in pids]


def test_process_that_ends_stops_it_with_what_there_is(start):
    seen = Seen()
    with children.waiting() as child:
        sampler = start(child.pid, seen)
        seen.wait(3)
    wait_for_end()
    assert not sampler.is_running()
    assert isinstance(sampler.error, ProcessGone)
    assert str(sampler.error) == f"process {child.pid}: ended"
    assert sampler.get_snapshots() == seen.snapshots


def test_process_that_ends_and_is_a_zombie_still_stops_it(start):
    seen = Seen()
    with children.waiting() as child:
        sampler = start(child.pid, seen)
        seen.wait(3)
        child.kill()
        children.wait_for_end(child.pid)
        wait_for_end()
        assert str(sampler.error) == f"process {child.pid}: ended"
        assert all(len(snap) or snap.notes for snap in sampler.get_snapshots())
        with pytest.raises(ProcessGone):
            sampler.start()


def test_zombie_and_process_that_is_no_more_cannot_be_started_with():
    with children.zombie() as pid, pytest.raises(ProcessGone, match="ended"):
        memc.Sampler(pid).start()
    with pytest.raises(ProcessGone, match="no such process"):
        memc.Sampler(children.ended()).start()


def test_process_that_calls_exec_is_the_same_process(start):
    seen = Seen()
    with children.running("/bin/sh", "-c", REMAPS) as child:
        sampler = start(child.pid, seen)
        seen.wait(1)
        child.stdin.write(b"\n")
        child.stdin.flush()
        assert child.stdout.readline() == b"again\n"
        seen.wait(len(seen.snapshots) + 3)
        assert sampler.is_running()
    first, last = seen.snapshots[0], seen.snapshots[-1]
    assert first.columns["start"].values[0] != last.columns["start"].values[0]


def test_kernel_thread_has_no_memory_and_goes_on(start):
    """Where there is one to see: not in a pid namespace."""
    seen = Seen()
    for pid in KERNEL_THREADS:
        start(pid, seen)
        assert {len(snap) for snap in seen.wait(3)} == {0}


def test_reused_pid_is_not_sampled_as_the_old_process(script):
    code = """
        def child():
            return subprocess.Popen(["sleep", "60"])
        def reuse(_):
            global new
            old.kill()
            old.wait()
            with open("/proc/sys/kernel/ns_last_pid", "w") as file:
                file.write(str(old.pid - 1))
            new = child()
        old = child()
        sampler = memc.Sampler(old.pid, interval_ms=1)
        sampler.on_snapshot(reuse)
        sampler.start()
        for thread in threading.enumerate()[1:]:
            thread.join(60)
        print(new.pid - old.pid, sampler.taken, sampler.is_running())
        print(str(sampler.error).replace(str(old.pid), "N"))
        print(len(memc.snapshot(new.pid)) > 0)
        os._exit(os.system("kill -9 %d" % new.pid))
        """
    box = (*NAMESPACE, "--pid", "--fork", "--mount-proc", "--kill-child")
    code = code.replace("os._exit", "sys.stdout.flush(); os._exit")
    expected = "0 1 False\nprocess N: ended\nTrue\n"
    assert script(code, *box) == (0, expected, "")


def test_process_that_may_not_be_read_any_more_ends_it(script):
    code = f"""
        more = "import ctypes, sys; print('ready', flush=True); sys.stdin.readline();"
        more += "ctypes.CDLL(None).prctl(4, 0, 0, 0, 0); print('ready', flush=True);"
        more += "sys.stdin.readline()"
        pipes = dict(stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        child = subprocess.Popen([{sys.executable!r}, "-c", more], **pipes)
        child.stdout.readline()
        def seal(_):
            child.stdin.write(b"\\n")
            child.stdin.flush()
            child.stdout.readline()
        sampler = memc.Sampler(child.pid, interval_ms=1)
        sampler.on_snapshot(seal)
        sampler.start()
        for thread in threading.enumerate()[1:]:
            thread.join(60)
        print(sampler.taken, sampler.is_running(), type(sampler.error).__name__)
        child.kill()
        child.communicate()
        """
    assert script(code, *WITHOUT_RIGHTS) == (0, "1 False AccessDenied\n", "")


# why, code: what happens in the child of a fork; it prints what is wrong, if anything
FORKS = [
    (
        "it is not running and keeps what there is",
        """
        sampler.start(); wait(3)
        if pid := os.fork():
            sys.exit(ended(pid))
        assert not sampler.is_running()
        assert sampler.snapshot_count() == len(sampler.get_snapshots()) >= 3
        assert sampler.get_latest() is sampler.get_snapshots()[-1]
        assert sampler.error is None
        sampler.stop()
        """,
    ),
    (
        "it can be started anew",
        """
        sampler.start(); wait(3)
        if pid := os.fork():
            sys.exit(ended(pid))
        seen = threading.Semaphore(0)
        parent = memc.Sampler(os.getppid(), interval_ms=1)
        parent.on_snapshot(lambda snap: seen.release())
        for one in (sampler, parent):
            one.start()
            wait(3)
            assert one.is_running()
            one.stop()
        """,
    ),
    (
        "its lock was held by another thread",
        """
        held, leave = threading.Event(), threading.Event()
        def hold():
            with sampler._lock:
                held.set()
                leave.wait(60)
        threading.Thread(target=hold).start()
        held.wait(60)
        pid = os.fork()
        leave.set()
        if pid:
            sys.exit(ended(pid))
        sampler.start(); wait(3); sampler.stop()
        """,
    ),
    (
        "many times, at any moment",
        """
        sampler.start(); wait(1)
        for _ in range(50):
            if pid := os.fork():
                assert ended(pid) == 0
            else:
                sampler.get_snapshots(); sampler.stop()
                assert not sampler.is_running()
                os._exit(0)
        sampler.stop()
        """,
    ),
    (
        "in a callback, where it goes on in the parent alone",
        """
        children = []
        def fork(snap):
            if pid := os.fork():
                children.append(pid)
            else:
                os._exit(sampler.is_running())
        sampler.on_snapshot(fork)
        sampler.start(); wait(5); sampler.stop()
        assert len(children) >= 4
        assert {ended(pid) for pid in children} == {0}
        """,
    ),
    (
        "in a callback, whose thread then ends in the child",
        """
        child = threading.Event()
        pids = []
        def fork(snap):
            if not pids:
                pids.append(os.fork())
        sampler.on_snapshot(fork)
        sampler.start(); wait(3)
        assert ended(pids[0]) == 0
        sampler.stop()
        """,
    ),
]


@cases(FORKS, why=0)
def test_in_a_forked_child(script, case):
    assert script(case[1]) == (0, "", "")


BLOCK = "sampler.on_snapshot(lambda snap: threading.Event().wait())\n"
LOOP = "def loop(snap):\n while True: pass\nsampler.on_snapshot(loop)\n"
AT_EXIT = "import atexit\ndef stop(): sampler.stop(); print('stopped')\n"
AT_EXIT += "atexit.register(stop)\n"
# stdout, why, code: how an interpreter exits
EXITS = [
    ("", "while it runs", "sampler.start(); wait(3)"),
    ("", "just after the start", "sampler.start()"),
    ("", "in a context", "sampler.__enter__(); wait(3)"),
    ("", "with an interval of an hour", "S(interval_ms=3600000).start()"),
    ("", "while ten run", "for _ in range(10): S().start()\nwait(30)"),
    ("", "while nobody holds it", "S(detail='smaps').start(); wait(3)"),
    ("", "while a callback blocks", BLOCK + "sampler.start(); wait(1)"),
    ("", "while a callback computes", LOOP + "sampler.start(); wait(1)"),
    ("stopped\n", "and is stopped by then", AT_EXIT + "sampler.start(); wait(3)"),
]


@cases(EXITS, why=1)
def test_interpreter_exits_cleanly(script, case):
    out, _, code = case
    make = "def S(**o):\n s = memc.Sampler(os.getpid(), **{'interval_ms': 1, **o})\n"
    make += " s.on_snapshot(lambda snap: seen.release())\n return s\n"
    assert script(make + code) == (0, out, "")


def test_no_sampler_runs_into_an_interpreter_that_goes_away(script):
    """What is registered first runs last."""
    code = "import atexit\natexit.register(lambda: print(sampler.is_running()))"
    assert script("sampler.start(); wait(3)", head=code + HEAD) == (0, "False\n", "")


def test_interpreter_exits_cleanly_while_a_callback_writes(script):
    code = """
        def chat(snap):
            sys.stderr.write("RSS\\n" * 1000)
            print("RSS\\n" * 1000)
        sampler.on_snapshot(chat)
        sampler.start(); wait(20)
        """
    status, out, err = script(code)
    assert (status, set(out.split()), set(err.split())) == (0, {"RSS"}, {"RSS"})


def test_interrupted_script_exits_cleanly(script):
    code = """
        import signal
        def interrupt(snap):
            if not interrupted.is_set():
                interrupted.set()
                os.kill(os.getpid(), signal.SIGINT)
        signal.signal(signal.SIGINT, signal.default_int_handler)  # it may be ignored
        interrupted = threading.Event()
        sampler.on_snapshot(interrupt)
        try:
            sampler.start()
            threading.Event().wait(60)
        except KeyboardInterrupt:
            print("interrupted")
        """
    assert script(code) == (0, "interrupted\n", "")


def test_collector_samples_a_live_process():
    seen = Seen()
    with children.waiting() as child:
        collector = memc.DataCollector(child.pid, use_smaps=True, interval_ms=1)
        collector.on_snapshot(seen)
        assert collector.collect_once().total_rss_kb > 0
        with collector:
            seen.wait(3)
        assert f'"pid": {child.pid},' in collector.to_json(seen.snapshots[0])
    with pytest.raises(ProcessGone):
        collector.collect_once()
    wait_for_end()
