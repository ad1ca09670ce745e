"""Processes to read, which the suite starts itself and ends when it is done.

No benchmark reads, signals or stops any other process.
"""

import os
import shutil
import subprocess
import sysconfig
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

SHELL = shutil.which("bash") or "/bin/sh"
NAMESPACE = ("--pid", "--fork", "--mount-proc", "--kill-child")

# A small machine's processes: how many of them, with how many regions each.
SHELLS = 100
POPULATION = ((20, 1_000), (4, 5_000))

# Starts them all, from "COUNT REGIONS" pairs, and waits; they end with it, because it
# is the first process of their world.
INIT = """
exec 3<&0
regions=$1 shell=$2 shells=$3
shift 3
while [ "$shells" -gt 0 ]; do
    "$shell" -c 'echo ready; read x' <&3 &
    shells=$((shells - 1))
done
while [ $# -gt 0 ]; do
    "$regions" "$1" <&3 &
    shift
done
read x <&3
"""


class StartError(Exception):
    """The processes to read could not be started."""


def wait_for(child, ready):
    for _ in range(ready):
        line = child.stdout.readline()
        if line != b"ready\n":
            what = os.path.basename(child.args[0])
            raise StartError(f"{what} did not start its targets")


@contextmanager
def running(*argv, ready=1, **options):
    """Start a program, wait for its lines that say "ready", and kill it in the end."""
    child = subprocess.Popen(
        argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd="/", **options
    )
    try:
        wait_for(child, ready)
        yield child
    finally:
        child.kill()
        with suppress(BrokenPipeError):
            child.communicate()


def start(native, size):
    """Run a process of a size.

    A number: so many nameless regions of four pages, two of them touched.  "files":
    3,000 regions of the standard library's files.  "shell": a shell that waits.
    """
    if size == "shell":
        return running(SHELL, "-c", "echo ready; read x")
    if size != "files":
        return running(native.regions, str(size))
    found = sorted(Path(sysconfig.get_path("stdlib")).glob("*.py"))
    large = (path for path in found if path.stat().st_size >= 4 * 4096)
    return running(native.regions, "3000", *map(str, large))


class System:
    """A pid namespace with processes of its own, seen from outside."""

    def __init__(self, pid):
        self.proc = os.path.join("/proc", str(pid), "root", "proc")
        # A command started by way of this sees that /proc as its own.
        self.enter = ("nsenter", "--target", str(pid), "--mount")
        if os.geteuid() != 0:
            self.enter += ("--user", "--preserve-credentials")

    def pids(self):
        return [int(name) for name in os.listdir(self.proc) if name.isdigit()]

    def regions(self):
        """Count the regions of every process."""
        found = 0
        for pid in self.pids():
            with open(f"{self.proc}/{pid}/maps", "rb") as maps:
                found += len(maps.readlines())
        return found


@contextmanager
def system(native):
    """Start a private system with SHELLS and the POPULATION."""
    user = ("--user", "--map-root-user") if os.geteuid() else ()
    counts = [str(n) for many, n in POPULATION for _ in range(many)]
    init = ("sh", "-c", INIT, "sh", native.regions, SHELL, str(SHELLS), *counts)
    argv = ("unshare", *user, *NAMESPACE, *init)
    with running(*argv, ready=SHELLS + len(counts)) as child:
        yield System(psutil.Process(child.pid).children()[0].pid)


@contextmanager
def stall(native, wanted):
    """Run a process with `wanted` bytes in one region, or a third of what is free.

    Gives it and how many bytes they are.
    """
    third = psutil.virtual_memory().available // 3
    size = min(wanted, third >> 20 << 20)
    with running(native.stall, str(size)) as child:
        yield child, size
