"""How long a process is held up while it is read.

The process has one region of 6 GiB, or of a third of the free memory if that is less,
and maps and unmaps a page in a loop. "Worst" is the median over several seconds of the
longest such pair, while another process read without a pause. `memc record` reads the
regions at each tick and keeps them as frames, tick after tick.
"""

import os
import tempfile
import time
from statistics import median

import psutil
import pytest
import targets as processes
from report import markdown
from rounds import timed
from rows import WALL, Figure

import memc
from memc.record.options import RecordOptions
from memc.record.session import Session
from memc.serve import Scanner

GIB = 1 << 30
WINDOWS, WINDOW_S = 5, 1.0
DETAILS = ("maps", "rss", "uss", "pss", "smaps", "rollup")


def snapshot(detail):
    return lambda pid: memc.snapshot(pid, detail=detail)


class Recorder:
    """Records the process; each call is a tick, at which its regions are read."""

    def __init__(self):
        self.session = None

    def __call__(self, pid):
        if self.session is None:
            self.folder = tempfile.TemporaryDirectory()
            path = os.path.join(self.folder.name, "run.memc")
            self.session = Session(path, RecordOptions(pids=[pid]))
        self.session.frame_all()
        self.session.step()

    def close(self):
        self.session.close("done")
        self.session = self.folder.cleanup()


class Server:
    """Scans the process as `memc serve` does; each call is a scan."""

    def __init__(self):
        self.scanner = None

    def __call__(self, pid):
        if self.scanner is None:
            self.scanner = Scanner(pid=pid, detail="smaps", max_stall_ms=50)
        self.scanner.scan()


RECORDER = Recorder()
READERS = {
    "nobody": lambda _: time.sleep(0.01),
    **{f"memc {d}": snapshot(d) for d in DETAILS},
    "memc record": RECORDER,
    "memc serve": Server(),
    "psutil memory_maps": lambda pid: psutil.Process(pid).memory_maps(grouped=False),
    "psutil memory_full_info": lambda pid: psutil.Process(pid).memory_full_info(),
}


class Stalls:
    """The process, and for each reader what it felt, a window of time after another."""

    def __init__(self, child, size):
        self.child = child
        self.size = size
        self.felt_ns = {name: [] for name in READERS}  # pairs of mean and worst
        self.read_ns = {name: [] for name in READERS}

    def ask(self):
        """Ask for the mean and the worst since it was asked last, in ns."""
        self.child.stdin.write(b"\n")
        self.child.stdin.flush()
        _, mean_ns, worst_ns = map(int, self.child.stdout.readline().split())
        return mean_ns, worst_ns

    def watch(self, name, seconds):
        """Let a reader read without a pause, and keep what the process felt."""
        read = timed(READERS[name], self.child.pid, clock=WALL)
        self.ask()
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.read_ns[name].append(read())
        self.felt_ns[name].append(self.ask())

    def worst_ns(self, name):
        """Return the median of the windows' worst."""
        return median(worst for _, worst in self.felt_ns[name])

    def over(self, name, other):
        return self.worst_ns(name) / self.worst_ns(other)

    def table(self):
        """Tell every reader."""
        head = ("reader", "one reading", "mean", "worst", "worst of all")
        title = f"A pair of `mmap` and `munmap` of a page, {self.size / GIB:.1f} GiB:"
        return [title, "", *markdown(head, map(self.cells, READERS))]

    def cells(self, name):
        one_ns = median(self.read_ns[name])
        mean_ns = median(mean for mean, _ in self.felt_ns[name])
        most_ns = max(worst for _, worst in self.felt_ns[name])
        return (
            name,
            "-" if name == "nobody" else f"{one_ns / 1e6:.1f} ms",
            f"{mean_ns / 1e3:.1f} µs",
            f"{self.worst_ns(name) / 1e6:.1f} ms",
            f"{most_ns / 1e6:.1f} ms",
        )


@pytest.fixture(scope="module")
def stalls(native, quick):
    """Start the process and watch it under every reader, by turns."""
    wanted, windows = (GIB, 1) if quick else (6 * GIB, WINDOWS)
    with processes.stall(native, wanted) as (child, size):
        found = Stalls(child, size)
        for _ in range(windows):
            for name in READERS:
                found.watch(name, WINDOW_S)
        RECORDER.close()
        yield found


def worst(name, goal=None, other="memc smaps"):
    return Figure(
        ours=lambda stalls: stalls.over(name, other), unit="", on="stalls", goal=goal
    )


ROWS = {
    "worst `mmap` under `rss` / under `smaps`": worst("memc rss", 0.2),
    "worst `mmap` under `uss` / under `smaps`": worst("memc uss", 0.2),
    "worst `mmap` under `pss` / under `smaps`": worst("memc pss", 0.2),
    "worst `mmap` under `memc record` / under `rss`": worst(
        "memc record", 1.5, "memc rss"
    ),
    "worst `mmap` under `memc serve` / under `smaps`": worst("memc serve", 0.2),
    "worst `mmap` under nobody / under `smaps`": worst("nobody"),
}


def bench_row(what, row, bench, stalls):
    row.fill(what, bench, {"stalls": stalls}.get)
    title = __doc__.partition("\n")[0].rstrip(".")
    bench.report.tables[title] = stalls.table()
