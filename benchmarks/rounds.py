"""Rounds in which two things are timed by turns, so that both meet the same machine."""

from dataclasses import dataclass
from statistics import median
from time import perf_counter_ns

AT_MOST = 2_000


def timed(function, *args, **options):
    """Return a function that does this call and returns how long it took, in ns."""

    def run():
        start = perf_counter_ns()
        function(*args, **options)
        return perf_counter_ns() - start

    return run


@dataclass(frozen=True)
class Rounds:
    """What was timed and what it is held against, round by round, in ns."""

    ours: list[int]
    other: list[int]

    @property
    def pairs(self):
        return list(zip(self.ours, self.other, strict=True))

    @property
    def ratio(self):
        """The median of the rounds' ratios."""
        return median(ours / other for ours, other in self.pairs)

    @property
    def ratio_of_minima(self):
        return min(self.ours) / min(self.other)

    @property
    def extra_ms(self):
        """The median of the rounds' differences."""
        return median(ours - other for ours, other in self.pairs) / 1e6

    @property
    def extra_ms_of_minima(self):
        return (min(self.ours) - min(self.other)) / 1e6

    @property
    def ours_ms(self):
        return median(self.ours) / 1e6

    @property
    def inverse(self):
        return Rounds(self.other, self.ours)


class Bench:
    """The benchmark fixture, how long a benchmark may take, and where it tells."""

    def __init__(self, benchmark, report, *, seconds, at_least):
        self.benchmark = benchmark
        self.report = report
        self.seconds = seconds
        self.at_least = at_least

    def compare(self, ours, other):
        """Time two functions that return ns; the fixture times the first too."""
        start = perf_counter_ns()
        ours(), other()  # which warms them up, too
        round_ns = perf_counter_ns() - start
        fitting = int(self.seconds * 1e9 / round_ns)
        found = Rounds([], [])
        self.benchmark.pedantic(
            lambda: found.ours.append(ours()),
            setup=lambda: found.other.append(other()),
            rounds=min(max(fitting, self.at_least), AT_MOST),
        )
        self.benchmark.extra_info["ratio"] = found.ratio
        return found

    def ratio(self, what, ours, other, *, goal=""):
        """Compare, and tell the ratio in the row of that name."""
        self.report.ratio(what, self.compare(ours, other), goal=goal)

    def extra_ms(self, what, ours, other, *, goal=""):
        """Compare, and tell how much longer the first takes."""
        found = self.compare(ours, other)
        times = found.extra_ms, found.extra_ms_of_minima
        ours_text, low_text = (f"{ms:.1f} ms" for ms in times)
        self.report.figure(what, ours_text, low=low_text, goal=goal)

    def median(self, function, *, rounds=1):
        """Call a function that returns a number, and give the median of what it did."""
        found = []
        self.benchmark.pedantic(lambda: found.append(function()), rounds=rounds)
        return median(found)
