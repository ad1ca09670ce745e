"""The C programs of the suite: compiled when needed, never into the tree."""

import ctypes
import os
import shlex
import subprocess
import time
from pathlib import Path

from report import AbsentError

HERE = Path(__file__).parent
FLAGS = ("-std=c11", "-D_GNU_SOURCE", "-O2", "-Wall", "-Wextra", "-pthread")
CPU, WALL = time.CLOCK_PROCESS_CPUTIME_ID, time.CLOCK_MONOTONIC


class CommandError(Exception):
    """A command that is measured did not do its work."""


class Run(ctypes.Structure):
    """How a command went: `struct run` of floor.c."""

    _fields_ = (
        ("wall_ns", ctypes.c_int64),
        ("cpu_ns", ctypes.c_int64),
        ("status", ctypes.c_int),
        ("peak_kb", ctypes.c_long),
    )


class Native:
    """The programs, by path, and the functions of floor.c, in this process.

    What `floor`, `floor_of_all` and `command` give is a function that does the work so
    many times and returns how long it took, in ns: see rounds.py.
    """

    def __init__(self, folder):
        self.folder = Path(folder)
        self.peak = self.compile("floor", "peak")
        self.regions = self.compile("regions")
        self.stall = self.compile("stall")
        self.crowd = self.compile("crowd")
        self.library = ctypes.CDLL(self.compile("floor", "floor.so", "-shared"))
        self.library.floor_file.restype = ctypes.c_int64
        self.library.floor_all.restype = ctypes.c_int64

    def compile(self, source, output=None, *flags):
        path = self.folder / (output or source)
        cc = shlex.split(os.environ.get("CC", "cc"))
        files = ("-fPIC", "-o", path, HERE / f"{source}.c")
        subprocess.run([*cc, *FLAGS, *files, *flags], check=True)
        return str(path)

    def libproc2(self):
        """Compile the peer that needs a library."""
        if not Path("/usr/include/libproc2/pids.h").exists():
            raise AbsentError("not installed")
        return self.compile("libproc2", None, "-lproc2")

    def floor(self, pid, name, clock=CPU):
        """Read a file of a process to its end and drop it."""
        path, read = os.fsencode(f"/proc/{pid}/{name}"), self.library.floor_file
        return lambda times=1: checked(read(path, clock, times), path)

    def floor_of_all(self, proc, *names, clock=CPU):
        """Read these files of every process, one after the other, and drop them."""
        folder, texts, read = os.fsencode(proc), strings(names), self.library.floor_all
        return lambda times=1: sum(
            checked(read(folder, texts, clock), proc) for _ in range(times)
        )

    def command(self, *argv, clock=CPU):
        """Run a command to its end, with its output thrown away."""

        def run(times=1):
            runs = [self.run(argv) for _ in range(times)]
            return sum(run.wall_ns if clock == WALL else run.cpu_ns for run in runs)

        return run

    def run(self, argv):
        run = Run()
        failed = self.library.command_run(strings(argv), b"/", ctypes.byref(run))
        checked(failed, argv[0])
        if run.status:
            code = os.waitstatus_to_exitcode(run.status)
            raise CommandError(f"{shlex.join(map(str, argv))}: exit status {code}")
        return run

    def peak_kb(self, *argv, before=()):
        """Run a command to its end; `before` it stands what it is started by."""
        words = [*before, self.peak, *map(str, argv)]
        return int(subprocess.run(words, check=True, capture_output=True).stdout)


def strings(words):
    """Make a C array of strings that ends in NULL."""
    texts = [os.fsencode(str(word)) for word in words]
    return (ctypes.c_char_p * (len(texts) + 1))(*texts, None)


def checked(result, what):
    if result < 0:
        raise OSError(-result, os.strerror(-result), str(what))
    return result
