"""A crowd to record, and recorders on a clock made for the test."""

import subprocess
from contextlib import contextmanager
from pathlib import Path

from memc.files.recording import open as opening
from memc.record.options import RecordOptions
from memc.record.session import Session
from support import children
from support.corpus import CHECKOUT

SECOND_NS = 1_000_000_000
BEGIN_NS = 1_700_000_000 * SECOND_NS
NAMESPACE = ("unshare", "--pid", "--fork", "--mount-proc", "--kill-child")
# Tables with a row for a time, which is that of a tick.
TIMED = ("_machine", "_usage", "_held", "_frame")


def compile_crowd(folder):
    """Compile the program that the benchmarks record, too; return its path."""
    source, made = CHECKOUT / "benchmarks" / "crowd.c", Path(folder) / "crowd"
    subprocess.run(["cc", "-D_GNU_SOURCE", "-O1", "-o", made, source], check=True)
    return str(made)


class People:
    """Processes in a pid namespace of their own; `proc` is their /proc."""

    def __init__(self, child):
        self._child = child
        self.proc = children.proc_below(child)

    def work(self):
        """Let each process do a second of work."""
        self._child.stdin.write(b".")
        self._child.stdin.flush()
        assert self._child.stdout.readline() == b"done\n"


@contextmanager
def people(program, *words):
    """Start a crowd, and kill it in the end."""
    argv = [*NAMESPACE, program, *map(str, words)]
    with subprocess.Popen(argv, stdin=-1, stdout=-1, cwd="/") as child:
        try:
            assert child.stdout.readline() == b"ready\n"
            yield People(child)
        finally:
            child.kill()


class Clocks:
    """Three clocks that only the test moves: of the wall, since boot, and awake."""

    def __init__(self):
        self.wall_ns = self.boot_ns = self.awake_ns = BEGIN_NS

    def go(self, seconds, *, asleep=False):
        ns = int(seconds * SECOND_NS)
        self.wall_ns += ns
        self.boot_ns += ns
        self.awake_ns += 0 if asleep else ns


class Timed(Session):
    """A session whose time is that of `clocks`: each step takes a second of it."""

    def __init__(self, path, **options):
        super().__init__(str(path), RecordOptions(**options))
        self.clocks = Clocks()
        clock = self._recording._clock
        clock._wall = lambda: self.clocks.wall_ns
        clock._boot = lambda: self.clocks.boot_ns
        clock._awake = lambda: self.clocks.awake_ns

    def step(self):
        super().step()
        self.clocks.go(1)


def query(path, sql):
    db = opening.connect(str(path))
    try:
        return db.execute(sql).fetchall()
    finally:
        db.close()


def check(path):
    """Assert that a recording is whole: no damage, and no row but that of a tick."""
    assert query(path, "pragma integrity_check") == [("ok",)]
    ticks = "(segment, t_ms) in (select segment, t_ms from _tick)"
    for table in TIMED:
        assert query(path, f"select count(*) from {table} where not {ticks}") == [(0,)]
