"""Scrapes.

What a scrape of `memc serve` takes. The CPU is that of its process for a scrape after
each scan: of 100 groups with six owners each, 2,500 values, packed by gzip. The time to
the answer is that of a machine that does nothing else, while `memc serve` scans 1,000
processes of 60 regions without a pause; the memory is that at 3,000 processes.
"""

import os
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager

from rows import Figure, program

SERVING = b"memc: serving "
TICKS_PER_S = os.sysconf("SC_CLK_TCK")
MANY, MOST = "people 1000 60", "people 3000 60"
# Serves a scan that is another one each time.
ANOTHER = """
import os, sys
sys.path.append(sys.argv[1])
from bench_push import scan
from memc.cli.output import say
from memc.serve.app import App
from memc.serve.listen import address, listen_at
from memc.serve.prom import Collector
from memc.serve.web import Hooks, serve
class Scanner:
    made, failed, interval_ms = scan(), "", 60_000
    class totals:
        scans, errors, cpu_ns = 1, 0, 1
    def latest(self):
        self.made = self.made._replace(timestamp_ms=self.made.timestamp_ms + 1)
        return self.made
sockets = listen_at(address("127.0.0.1:0"))
where = f"http://127.0.0.1:{sockets[0].getsockname()[1]}/metrics"
hooks = Hooks(lambda: say(f"serving {where}"), lambda: None)
app = App(Collector(Scanner()).text, lambda: True)
serve(app, sockets, lambda: (None, None), say=say, hooks=hooks)
os._exit(0)
"""


class Served:
    """A process that serves, and where."""

    def __init__(self, argv):
        self.process = subprocess.Popen(argv, stderr=subprocess.PIPE)
        line = self.process.stderr.readline()
        assert line.startswith(SERVING), line
        self.url = line.removeprefix(SERVING).strip().decode()

    def scrape(self):
        """Return how long an answer takes, in ms."""
        packed = {"Accept-Encoding": "gzip"}
        request = urllib.request.Request(self.url, headers=packed)
        began_ns = time.monotonic_ns()
        with urllib.request.urlopen(request, timeout=60) as answer:
            answer.read()
        return (time.monotonic_ns() - began_ns) / 1e6

    def wait_for_scans(self, count=1):
        """Wait until there were so many scans."""
        told, found = "memc_scans_total ", 0
        while found <= count:
            time.sleep(0.1)
            with urllib.request.urlopen(self.url, timeout=60) as answer:
                lines = answer.read().decode().splitlines()
            line = next(line for line in lines if line.startswith(told))
            found = float(line.removeprefix(told))

    def cpu_ms(self):
        with open(f"/proc/{self.process.pid}/stat") as file:
            words = file.read().rpartition(")")[2].split()
        return sum(map(int, words[11:13])) * 1000 / TICKS_PER_S

    def peak_mib(self):
        with open(f"/proc/{self.process.pid}/status") as file:
            line = next(line for line in file if line.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024


@contextmanager
def served(*argv):
    found = Served(argv)
    try:
        yield found
    finally:
        found.process.terminate()
        found.process.communicate()


def scanning(target):
    """Serve a target, and scan it without a pause."""
    where = ("--listen", "127.0.0.1:0", "--proc", target.proc)
    how = ("--detail", "uss", "--owners", "--interval", "100ms", "--duty", "100")
    return served(program("memc", target.native), "serve", *where, *how)


def cpu_ms(_, times=100):
    argv = (sys.executable, "-P", "-c", ANOTHER, os.path.dirname(__file__))
    with served(*argv) as found:
        found.scrape()
        began = found.cpu_ms()
        for _ in range(times):
            found.scrape()
        return (found.cpu_ms() - began) / times


def p99_ms(target, times=300):
    with scanning(target) as found:
        found.wait_for_scans()
        spent = []
        for _ in range(times):
            spent.append(found.scrape())
            time.sleep(0.02)
    return sorted(spent)[times * 99 // 100]


def peak_mib(target):
    with scanning(target) as found:
        found.wait_for_scans(3)
        return found.peak_mib()


ROWS = {
    "CPU of a scrape, 100 groups with owners": Figure(
        ours=cpu_ms, unit="ms", goal=20, rounds=3
    ),
    "99 of 100 scrapes during scans, 1,000 processes": Figure(
        ours=p99_ms, unit="ms", on=MANY, goal=100
    ),
    "peak of `memc serve`, 3,000 processes": Figure(
        ours=peak_mib, unit="MiB", on=MOST, goal=150
    ),
}


def bench_row(what, row, fill):
    fill(what, row)
