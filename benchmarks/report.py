"""The tables that a run ends with, in Markdown."""

import os
import platform
import time
from pathlib import Path


def machine():
    """Tell where and with what the figures were taken."""
    import psutil

    import memc

    info = Path("/proc/cpuinfo").read_text(errors="replace").splitlines()
    names = [line.split(":", 1)[1] for line in info if line.startswith("model name")]
    memory_gib = psutil.virtual_memory().total / 2**30
    return (
        f"{names[0].strip() if names else platform.machine()}, "
        f"{len(os.sched_getaffinity(0))} CPUs, {memory_gib:.0f} GiB, "
        f"Linux {platform.release()}, Python {platform.python_version()}, "
        f"psutil {psutil.__version__}, memc {memc.__version__}, "
        f"{time.strftime('%Y-%m-%d')}"
    )


def markdown(head, rows):
    """Make a table; every column but the first holds figures."""
    rule = ["---", *["---:"] * (len(head) - 1)]
    return [f"| {' | '.join(cells)} |" for cells in (head, rule, *rows)]


def digits(ratio):
    return f"{ratio:.3f}" if ratio < 0.1 else f"{ratio:.2f}"


UNKNOWN = "-"
LEGEND = """\
Ratios are medians over rounds in which both sides are timed by turns, and beside them
the ratio of the two minima.  The floor of a file is a C loop that reads it through
64 KiB and drops it.  Regions are of four pages, two of them touched, and nameless
unless they are of files."""


class Report:
    """What was found, in the order it came: ratios, and how a process was stalled.

    A row of ratios is told once with memc's figure and may be told of others' at any
    time; `what` names the row.
    """

    def __init__(self):
        self.ratios = {}
        self.stall_title = ""
        self.stalls = []

    def row(self, what):
        return self.ratios.setdefault(what, {"peers": []})

    def ratio(self, what, rounds, *, goal="", note=""):
        """Tell the ratio of rounds; a note stands behind it."""
        ours, low = map(digits, (rounds.ratio, rounds.ratio_of_minima))
        self.figure(what, ours + note, low=low, goal=goal)

    def figure(self, what, ours, *, low="", goal=""):
        self.row(what).update(ours=ours, low=low, goal=goal)

    def peer(self, what, name, figure):
        self.row(what)["peers"].append(f"{name} {figure}")

    def lines(self, title):
        """Make the whole report."""
        found = [f"{machine()}; {title}"]
        if self.ratios:
            head = ("what / over what", "memc", "by minima", "target", "others")
            found += [
                "",
                LEGEND,
                "",
                *markdown(head, map(self.cells, self.ratios.items())),
            ]
        if self.stalls:
            head = ("reader", "one reading", "mean", "worst", "worst of all")
            found += ["", self.stall_title, "", *markdown(head, self.stalls)]
        return found

    @staticmethod
    def cells(item):
        what, row = item
        figures = (row.get(key) or UNKNOWN for key in ("ours", "low", "goal"))
        return (what, *figures, ", ".join(row["peers"]) or UNKNOWN)
