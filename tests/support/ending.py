"""The judge of FREED: a process in its own memory group, killed, and what came back."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path

from support.children import PROGRAMS
from support.groups import enter, live_group

PAGE_KB = os.sysconf("SC_PAGE_SIZE") // 1024


def meminfo_kb(name):
    lines = Path("/proc/meminfo").read_text().splitlines()
    return next(int(x.split()[1]) for x in lines if x.startswith(f"{name}:"))


def free_kb():
    """Return MemFree and what the lists of the CPUs hold: a large exit goes there."""
    free = meminfo_kb("MemFree")
    lines = Path("/proc/zoneinfo").read_text().splitlines()
    counts = [int(x.split()[1]) for x in lines if x.strip().startswith("count:")]
    return free + sum(counts) * PAGE_KB


class Victims:
    """Processes with one kind of memory.

    `usage_kb` gives a number that falls by what comes back.  `is_own` tells whether it
    counts nothing else.
    """

    def __init__(self, pids, group):
        self.pids = pids
        self.is_own = group is not None
        names = ("memory.current", "memory.usage_in_bytes")
        files = [group / name for name in names] if group else []
        self._usage = next((file for file in files if file.exists()), None)
        self._folder = group

    def usage_kb(self):
        """Return the memory of the group, without what is in swap at the same time."""
        if not self.is_own:
            return -free_kb()
        return int(self._usage.read_text()) // 1024 - self._told_kb("swapcached")

    def _told_kb(self, name):
        lines = (self._folder / "memory.stat").read_text().splitlines()
        numbers = dict(line.split() for line in lines)
        return int(numbers.get(name, 0)) // 1024

    def stop(self):
        """Stop all processes, so that two readings tell the same."""
        for pid in self.pids:
            os.kill(pid, signal.SIGSTOP)
        for pid in self.pids:
            while _state(pid) != b"T":
                time.sleep(0.01)

    def kill(self, pids):
        """Kill processes and return when they have no memory any more."""
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        for pid in pids:
            while _has_memory(pid):
                time.sleep(0.01)


@contextmanager
def _own_group(name):
    """Make a memory group of version 1, or else of version 2; None if not allowed."""
    with live_group(name=name) as group:
        if group is not None:
            yield group
            return
    folder = Path("/sys/fs/cgroup") / f"{name}-{os.getpid()}"
    try:
        folder.mkdir()
    except OSError:
        yield None
        return
    try:
        yield folder if (folder / "memory.current").exists() else None
    finally:
        folder.rmdir()


def _state(pid):
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b"X"
    return stat.rpartition(b") ")[2][:1]


def _has_memory(pid):
    return _state(pid) not in (b"Z", b"X")


@contextmanager
def victims(kind, mib, folder, *, uid=(), prefix=()):
    """Run tests/programs/ending.py in a group of its own, where that is allowed."""
    with _own_group(f"memc-{kind}") as group:
        argv = [
            *prefix,
            sys.executable,
            "-I",
            PROGRAMS / "ending.py",
            kind,
            str(mib),
            str(folder),
            *map(str, uid),
        ]
        child = subprocess.Popen(
            argv,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd="/",
            preexec_fn=group and enter(group),  # noqa: PLW1509 - it starts no thread
        )
        pids = [child.pid]
        try:
            assert child.stdout.readline() == b"ready\n", child.stderr.read()
            pids = [int(pid) for pid in child.stdout.readline().split()]
            yield Victims(pids, group)
        finally:
            for pid in pids[1:]:
                _kill(pid)
            child.kill()
            _, said = child.communicate()
            for number in said.split():  # a segment that outlives its process
                if number.isdigit():
                    subprocess.run(["ipcrm", "-m", number], check=False)
            for pid in pids:
                while _has_memory(pid):
                    time.sleep(0.01)
            _remove(f"/dev/shm/memc-test-{pids[0]}")
            _remove(f"{folder}/file.dat")


def _kill(pid):
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _remove(path):
    Path(path).unlink(missing_ok=True)
