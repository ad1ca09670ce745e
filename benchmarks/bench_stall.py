"""How long a process that is read is held up: 6 GiB in one region, mapping memory."""

import time
from statistics import median

import psutil
import pytest
import targets
from report import UNKNOWN
from rounds import timed

import memc

GIB = 1 << 30
WINDOWS, WINDOW_S = 5, 1.0

READERS = {
    "nobody": lambda _: time.sleep(0.01),
    "memc maps": memc.snapshot,
    "memc rss": lambda pid: memc.snapshot(pid, detail="rss"),
    "memc uss": lambda pid: memc.snapshot(pid, detail="uss"),
    "memc smaps": lambda pid: memc.snapshot(pid, detail="smaps"),
    "memc rollup": lambda pid: memc.snapshot(pid, detail="rollup"),
    "psutil memory_maps": lambda pid: psutil.Process(pid).memory_maps(grouped=False),
    "psutil memory_full_info": lambda pid: psutil.Process(pid).memory_full_info(),
}


class Stalls:
    """The process, and for each reader what it felt, a window of time after another."""

    def __init__(self, child, size):
        self.child = child
        self.size = size
        self.means_ns = {name: [] for name in READERS}
        self.worsts_ns = {name: [] for name in READERS}

    def felt(self):
        """Ask for the mean and the worst since it was asked last, in ns."""
        self.child.stdin.write(b"\n")
        self.child.stdin.flush()
        _, mean_ns, worst_ns = map(int, self.child.stdout.readline().split())
        return mean_ns, worst_ns

    def watch(self, name, seconds):
        """Let a reader read without a pause, and keep what the process felt."""
        read = READERS[name]
        self.felt()
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            read(self.child.pid)
        mean_ns, worst_ns = self.felt()
        self.means_ns[name].append(mean_ns)
        self.worsts_ns[name].append(worst_ns)

    def worst_ns(self, name):
        """Return the median of the windows' worst."""
        return median(self.worsts_ns[name])

    def cells(self, name):
        """Give the figures of a row."""
        return (
            f"{median(self.means_ns[name]) / 1e3:.1f} µs",
            f"{self.worst_ns(name) / 1e6:.1f} ms",
            f"{max(self.worsts_ns[name]) / 1e6:.1f} ms",
        )


@pytest.fixture(scope="module")
def stalls(native, quick):
    """Start the process and watch it under every reader, by turns."""
    wanted, windows = (GIB, 1) if quick else (6 * GIB, WINDOWS)
    with targets.stall(native, wanted) as (child, size):
        found = Stalls(child, size)
        for _ in range(windows):
            for name in READERS:
                found.watch(name, WINDOW_S)
        yield found


@pytest.fixture
def title(stalls, report, quick):
    """Say above the table what was read."""
    size_gib = stalls.size / GIB
    less = (
        "" if quick or size_gib >= 6 else " (6 are more than a third of what is free)"
    )
    report.stall_title = (
        f"How long `mmap` and `munmap` of a page took a process of {size_gib:.1f} GiB "
        f"in one region{less}, while it was read without a pause; "
        f"worst: the median of {len(stalls.means_ns['nobody'])} times {WINDOW_S:g} s"
    )


@pytest.mark.usefixtures("title")
@pytest.mark.parametrize("name", READERS)
def bench_reading(name, bench, stalls):
    pid = stalls.child.pid
    took_ns = bench.median(timed(READERS[name], pid), rounds=bench.at_least)
    one = UNKNOWN if name == "nobody" else f"{took_ns / 1e6:.1f} ms"
    bench.report.stalls.append((name, one, *stalls.cells(name)))


@pytest.mark.parametrize("detail", ["rss", "uss"])
def bench_worst(detail, bench, stalls):
    """The fixture has nothing to time here: the windows are over."""
    worst_ns = bench.median(lambda: stalls.worst_ns(f"memc {detail}"))
    smaps_ns, idle_ns = stalls.worst_ns("memc smaps"), stalls.worst_ns("nobody")
    bench.report.figure(
        f"worst `mmap` under `{detail}` / under `smaps`, {stalls.size / GIB:.1f} GiB",
        f"{worst_ns / smaps_ns:.2f} (idle {idle_ns / smaps_ns:.2f})",
        goal="≤ 0.2",
    )
