"""A row of a table: a question, what is run for the answer, and beside it what others
take for the same.

What is run is written as one of these:

    "memc PID --rss"    a command; PID is the target's
    "floor smaps"       the floor of a file of the target, or of several files of all
                        processes of a machine ("floor status and statm"): see floor.c
    a function          is given the target, and gives the function that is timed here
"""

import os
import shlex
import shutil
import sys
import sysconfig
from dataclasses import dataclass, field
from functools import partial
from statistics import median

from native import CPU, WALL
from report import AbsentError
from rounds import timed

SCRIPTS = sysconfig.get_path("scripts")


@dataclass(frozen=True, kw_only=True)
class Ratio:
    """A ratio of two times: `ours` over `over`; peers are over `over` too."""

    ours: object
    over: object
    on: object = "shell"
    over_on: object = None  # the target of `over`, if that is another
    goal: float | None = None
    peers: dict = field(default_factory=dict)
    clock: int = CPU

    def fill(self, what, bench, targets):
        target = targets(self.on)
        other = targets(self.over_on) if self.over_on else target
        sides, absent = self.peer_sides(target, bench.native)
        make = partial(side, native=bench.native, clock=self.clock)
        found, failed = bench.compare(
            make(self.ours, target), make(self.over, other), **sides
        )
        bench.report.ratio(what, found, self.goal)
        for name in self.peers:
            why = absent.get(name) or ("failed" if name in failed else None)
            bench.report.peer(what, name, why or found.ratio(name))

    def peer_sides(self, target, native):
        """Give the sides of those that are installed, and why others are not there."""
        sides, absent = {}, {}
        for name, how in self.peers.items():
            try:
                sides[name] = side(how, target, native=native, clock=self.clock)
            except AbsentError as why:
                absent[name] = str(why)
        return sides, absent


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A number of a unit: `ours` is given the target and gives it; so are the peers."""

    ours: object
    unit: str
    on: object = "shell"
    goal: float | None = None
    peers: dict = field(default_factory=dict)
    rounds: int = 1

    def fill(self, what, bench, targets):
        several = isinstance(self.on, tuple)
        target = tuple(map(targets, self.on)) if several else targets(self.on)
        number = bench.measure(partial(self.ours, target), self.rounds)
        bench.report.figure(what, number, self.unit, self.goal)
        for name, how in self.peers.items():
            try:
                number = median(how(target) for _ in range(self.rounds))
                bench.report.peer(what, name, number, self.unit)
            except AbsentError as why:
                bench.report.peer(what, name, str(why))


def program(name, native):
    """Give the path of a program that is installed, or that the suite compiles."""
    if name == "python":
        return sys.executable
    if name == "libproc2":
        return native.libproc2()
    path = shutil.which(name, path=f"{SCRIPTS}:{os.environ['PATH']}")
    if not path:
        raise AbsentError("not installed")
    return path


def argv(line, target, native):
    """Make the words of a command on a target."""
    name, *words = shlex.split(line)
    words = [word.replace("PID", str(target.pid)) for word in words]
    return (*target.enter, program(name, native), *words)


def side(how, target, *, native, clock=CPU):
    """Make a side, as rounds.py takes it, of one of the three."""
    if callable(how):
        return timed(how(target), clock=clock)
    if how.startswith("floor "):
        names = [name for name in how.split()[1:] if name != "and"]
        if target.enter:
            return native.floor_of_all(target.proc, *names, clock=clock)
        return native.floor(target.pid, *names, clock=clock)
    return native.command(*argv(how, target, native), clock=clock)


__all__ = ["WALL", "AbsentError", "Figure", "Ratio", "argv", "side"]
