"""The C programs of the suite: compiled when needed, never into the tree."""

import ctypes
import os
import shlex
import subprocess
from pathlib import Path

HERE = Path(__file__).parent
FLAGS = ("-std=c11", "-D_GNU_SOURCE", "-O2", "-Wall", "-Wextra", "-pthread")


class CommandError(Exception):
    """A command that is measured did not do its work."""


class Native:
    """The programs, by path, and the functions of floor.c, in this process.

    What `floor`, `floor_of_all` and `command` give is a function that does the work
    and returns how long it took, in ns.
    """

    def __init__(self, folder):
        self.folder = Path(folder)
        self.peak = self.compile("floor", "peak")
        self.regions = self.compile("regions")
        self.stall = self.compile("stall")
        self.library = ctypes.CDLL(self.compile("floor", "floor.so", "-shared"))
        for name in ("floor_file", "floor_all", "command_run"):
            getattr(self.library, name).restype = ctypes.c_int64

    def compile(self, source, output=None, *flags):
        path = self.folder / (output or source)
        cc = shlex.split(os.environ.get("CC", "cc"))
        files = ("-fPIC", "-o", path, HERE / f"{source}.c")
        subprocess.run([*cc, *FLAGS, *flags, *files], check=True)
        return str(path)

    def floor(self, pid, name):
        """Read a file of a process to its end and drop it."""
        path = os.fsencode(f"/proc/{pid}/{name}")
        return lambda: checked(self.library.floor_file(path), path)

    def floor_of_all(self, proc, *names):
        """Read these files of every process, one after the other, and drop them."""
        folder, texts = os.fsencode(proc), strings(names)
        return lambda: checked(self.library.floor_all(folder, texts), proc)

    def command(self, *argv, folder="/"):
        """Run a command to its end, with its output thrown away."""
        return lambda: self.run(argv, folder)

    def run(self, argv, folder):
        status, peak_kb = ctypes.c_int(), ctypes.c_long()
        took_ns = self.library.command_run(
            strings(argv),
            os.fsencode(folder),
            ctypes.byref(status),
            ctypes.byref(peak_kb),
        )
        checked(took_ns, argv[0])
        if status.value:
            code = os.waitstatus_to_exitcode(status.value)
            raise CommandError(f"{shlex.join(map(str, argv))}: exit status {code}")
        return took_ns

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
