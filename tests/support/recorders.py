"""``memc record`` as a process of its own, and what it recorded."""

import os
import sqlite3
import subprocess
import time
from contextlib import closing

from memc.errors import MemcError
from memc.files.recording.open import connect
from support.commands import COMMANDS

PATIENCE_S = 60
QUICK = ("--interval", "10ms", "--flush", "1ms", "--duty", "0")


def query(path, sql):
    """Return the rows of a query; none if the recording is not there yet."""
    try:
        with closing(connect(str(path))) as db:
            return db.execute(sql).fetchall()
    except (OSError, MemcError, sqlite3.Error):
        return []


def count(path, table="tick"):
    return (query(path, f"select count(*) from {table}") or [(0,)])[0][0]


def wait_until(is_so):
    """Wait until a function returns what is true, and return that."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        found = is_so()
        if found:
            return found
        time.sleep(0.01)
    raise AssertionError("it never came")


class Recorder:
    """A recorder that was started; `path` is its FILE."""

    def __init__(self, path, *args, command=(), prefix=(), memc="python", **options):
        self.path = path
        words = ["record", "-o", path, *QUICK, *args]
        words += ["--", *command] if command else []
        argv = [*prefix, *COMMANDS[memc].argv, *map(str, words)]
        pipe = subprocess.PIPE
        given = {"stdin": subprocess.DEVNULL, "stdout": pipe, "stderr": pipe} | options
        env = COMMANDS[memc].environment(**given.pop("env", {}))
        self.process = subprocess.Popen(argv, cwd="/", env=env, **given)

    def wait_for_ticks(self, more=1):
        """Wait for this many ticks more in the file that is there now."""
        least = count(self.path) + more
        wait_until(lambda: count(self.path) >= least or self.process.poll() is not None)
        assert self.process.poll() is None, self.process.communicate()

    def send(self, number):
        os.kill(self.process.pid, number)

    def end(self):
        """Wait for the end; return the status, and what is on stdout and stderr."""
        out, err = self.process.communicate(timeout=PATIENCE_S)
        return self.process.returncode, (out or b"").decode(), (err or b"").decode()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()
