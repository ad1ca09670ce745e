"""Rounds in which things are timed by turns, so that all meet the same machine.

A side is a function that does its work so many times and returns how long that took,
in ns.  A turn repeats work that is short until it fills a millisecond.
"""

import time
from functools import partial
from statistics import median

from native import CPU, CommandError

AT_MOST = 1_000
TURN_NS = 1_000_000
WARM_NS = 100_000_000
LONG_S = 2


def timed(function, *args, clock=CPU, **options):
    """Make a side of a call in this process."""
    call = partial(function, *args, **options)
    now = partial(time.clock_gettime_ns, clock)

    def run(times=1):
        turns = range(times)
        start = now()
        for _ in turns:
            call()
        return now() - start

    return run


class Rounds:
    """What each side took, round by round, in ns; each is compared with `over`."""

    def __init__(self, names):
        self.took_ns = {name: [] for name in names}

    def pairs(self, name):
        return zip(self.took_ns[name], self.took_ns["over"], strict=True)

    def ratio(self, name="ours"):
        """Return the median of the rounds' ratios."""
        return median(side / over for side, over in self.pairs(name))

    def ratio_of_minima(self, name="ours"):
        return min(self.took_ns[name]) / min(self.took_ns["over"])

    def ms(self, name="ours"):
        return median(self.took_ns[name]) / 1e6


class Sides:
    """Sides by name, and how often each repeats its work in a turn."""

    def __init__(self, sides):
        self.sides = dict(sides)
        self.times = {}
        self.failed = []
        for name, side in sides.items():
            try:
                once_ns = side()  # which warms it up, too
                if once_ns < WARM_NS:
                    once_ns = side()
            except CommandError:
                if name in ("ours", "over"):
                    raise
                self.failed.append(name)
                del self.sides[name]
            else:
                self.times[name] = max(1, min(TURN_NS // max(once_ns, 1), AT_MOST))

    def turn_ns(self, name):
        return self.sides[name](self.times[name]) / self.times[name]


class Bench:
    """The benchmark fixture, how long a benchmark may take, and where it tells."""

    def __init__(self, benchmark, report, native, *, seconds, at_least):
        self.benchmark = benchmark
        self.report = report
        self.native = native
        self.seconds = seconds
        self.at_least = at_least

    def compare(self, ours, over, **peers):
        """Time sides by turns; the fixture times ours too.  Also give who failed."""
        sides = Sides({"over": over, "ours": ours, **peers})
        found = Rounds(sides.sides)

        def others():
            for name in sides.sides:
                if name != "ours":
                    found.took_ns[name].append(sides.turn_ns(name))

        def us():
            found.took_ns["ours"].append(sides.turn_ns("ours"))

        start = time.perf_counter()
        others(), us()
        round_s = time.perf_counter() - start
        at_least = min(3, self.at_least) if round_s > LONG_S else self.at_least
        rounds = min(max(int(self.seconds / round_s), at_least), AT_MOST)
        self.benchmark.pedantic(us, setup=others, rounds=rounds - 1)
        self.benchmark.extra_info["ratio"] = found.ratio()
        return found, sides.failed

    def measure(self, function, rounds=1):
        """Call a function that returns a number, and give the median of what it did."""
        found = []
        self.benchmark.pedantic(lambda: found.append(function()), rounds=rounds)
        return median(found)
