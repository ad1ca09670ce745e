"""Processes that a test starts, stops and ends.  No test touches any other."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

PROGRAMS = Path(__file__).parent.parent / "programs"


@contextmanager
def running(*argv, **options):
    """Start a program, wait for its first line, and kill it in the end."""
    child = subprocess.Popen(
        argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd="/", **options
    )
    try:
        assert child.stdout.readline() == b"ready\n"
        yield child
    finally:
        child.kill()
        child.communicate()


# Touches so many bytes of small pages first, and runs the program then.
HEAVY = """
import mmap, os, runpy, sys
size, *sys.argv = sys.argv[1:]
zero = os.open("/dev/zero", os.O_RDWR)  # nameless memory does not merge with it
ballast = mmap.mmap(zero, int(size), mmap.MAP_PRIVATE)
ballast.madvise(15)  # MADV_NOHUGEPAGE
for i in range(0, int(size), mmap.PAGESIZE):
    ballast[i] = 1
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@contextmanager
def script(name, *args, ballast=0, prefix=(), **options):
    """Run a Python program of tests/programs as `running` does.

    `ballast` is how many bytes the process has beside what the program takes; `prefix`
    is a command that starts it.
    """
    argv = [str(PROGRAMS / f"{name}.py"), *map(str, args)]
    if ballast:
        argv = ["-c", HEAVY, str(ballast), *argv]
    with running(*prefix, sys.executable, "-I", *argv, **options) as child:
        yield child


@contextmanager
def waiting(**options):
    """Run a small program that does nothing."""
    with running("/bin/sh", "-c", "echo ready; read x", **options) as child:
        yield child


def stop(child):
    """Stop a child and return when it has stopped."""
    child.send_signal(signal.SIGSTOP)
    _, status = os.waitpid(child.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status)


def wait_for_end(pid):
    """Return when a child has ended, and leave it a zombie."""
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)


@contextmanager
def between_vfork_and_exec(folder):
    """Give a parent, its child that waits before exec, and what lets the child go on.

    The child has more than 2,000 regions of its parent, and few after exec.
    """
    fifo = str(folder / "fifo")
    os.mkfifo(fifo)
    writers = []

    def go_on():
        writers.append(os.open(fifo, os.O_WRONLY))
        os.write(writers[0], b"go\n")
        wait_until(lambda: b"(sh) S" in Path(f"/proc/{child}/stat").read_bytes())

    with script("spawner", fifo) as parent:
        listed = Path(f"/proc/{parent.pid}/task/{parent.pid}/children")
        wait_until(listed.read_text)
        child = int(listed.read_text())
        try:
            yield parent, child, go_on
        finally:
            if not writers:
                go_on()
            os.close(writers[0])
            parent.wait()


def settle():
    """Wait until a process at rest may be told again: SETTLE_NS in proc/witness.c."""
    time.sleep(0.06)


def wait_until(passes):
    """Return when the function `passes` gives something true."""
    while not passes():
        time.sleep(0.001)


@contextmanager
def zombie():
    """Run a program that has ended, and that nobody has asked for its end."""
    child = subprocess.Popen(["/bin/true"])
    wait_for_end(child.pid)
    try:
        yield child.pid
    finally:
        child.wait()


def ended():
    """Give the pid of a process that is no more."""
    child = subprocess.Popen(["/bin/true"])
    child.wait()
    return child.pid


def tell(child, word):
    """Send a line to a child and wait for its answer, which is the same line."""
    child.stdin.write(word.encode() + b"\n")
    child.stdin.flush()
    assert child.stdout.readline() == word.encode() + b"\n"


def proc_seen_by(pid):
    """Give the /proc that a process sees."""
    return str(Path("/proc", str(pid), "root", "proc"))


def proc_below(child):
    """Give the /proc of the pid namespace that a child, unshare, made for its own."""
    (first,) = Path(f"/proc/{child.pid}/task/{child.pid}/children").read_text().split()
    return proc_seen_by(first)


def vm_size_kb(pid):
    """Give the size of a process, as status says it."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    (size,) = [line.split()[1] for line in lines if line.startswith("VmSize:")]
    return int(size)
