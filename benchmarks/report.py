"""What a run found, as Markdown: docs/speed.md whole, and the README's table."""

import os
import platform
import re
import textwrap
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
UNKNOWN = "-"
MARKS = "<!-- speed: written by the suite -->", "<!-- end of speed -->"
COMMAND = ".venv/bin/pip install '.[bench]' && .venv/bin/pytest benchmarks --write"

HEAD = """\
# Speed

How fast memc is, measured: over what the kernel itself needs, and beside other
programs. This page is written by the suite in `benchmarks/`. This command runs the
suite, and writes this page and the table of the README. It takes about ten minutes;
with `--quick`, about three:

```
{command}
```

This run: {machine}; `pytest benchmarks{options}`.

- **Floor** of a file: a C loop opens the file, reads it through a buffer of 64 KiB and
  drops what it reads. The kernel makes the text of the file meanwhile. Nobody who reads
  the file can be faster.
- A figure without a unit is a ratio: the time of memc over the time of what stands
  behind the stroke in the first column. Both run by turns, and the figure is the median
  over the rounds. "By minima" is the ratio of the shortest times. If the two differ
  much, the machine was busy.
- Times are CPU time, of a command with all that it starts, unless the row says "wall".
  "Time" is the median of memc alone.
- "Others" are other programs that do the same work, over the same floor. "Not
  installed" means that the program was missing here.
- A region has four pages, two of them touched, and no name, unless the row says
  otherwise.
- A target has the unit of its figure.
- Timings are shown as they are, also where a target is missed or another is faster.
"""


class AbsentError(Exception):
    """Something that a row needs is not on this machine."""


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


def digits(number):
    """Write a number with two or three digits that count."""
    places = 0 if number >= 100 else 1 if number >= 10 else 2 if number >= 0.1 else 3
    return f"{number:,.{places}f}"


def amount(number, unit):
    return f"{digits(number)} {unit}".rstrip()


def best(row):
    return min(row.get("rivals", ()), default=(0, UNKNOWN))[1]


def filled(text):
    """Break paragraphs anew, for the width of a page."""
    return [
        line
        for paragraph in text.strip().split("\n\n")
        for line in ("", *textwrap.wrap(" ".join(paragraph.split()), 120))
    ]


class Report:
    """The rows of every section, in the order of the suite.

    `sections` has a title, a text and the names of rows for each.
    """

    def __init__(self, sections):
        self.sections = sections
        self.rows = {}
        self.tables = {}  # what stands below the rows of a section, by its title

    def row(self, what):
        return self.rows.setdefault(what, {"peers": []})

    def ratio(self, what, rounds, goal):
        """Tell what rounds found."""
        low, took = digits(rounds.ratio_of_minima()), amount(rounds.ms(), "ms")
        self.figure(what, rounds.ratio(), "", goal)
        self.row(what).update(low=low, took=took)

    def figure(self, what, number, unit, goal):
        row = self.row(what)
        row.update(ours=amount(number, unit))
        if goal is not None:
            row.update(goal=f"≤ {goal:.3g}", over=number / goal)

    def absent(self, what, why):
        self.row(what).update(ours=why)

    def peer(self, what, name, number, unit=""):
        """Tell the figure of another program, or why there is none."""
        text = number if isinstance(number, str) else amount(number, unit)
        row = self.row(what)
        row["peers"].append(f"{name} {text}")
        if text != number:
            row.setdefault("rivals", []).append((number, f"{name} {digits(number)}"))

    def missing(self):
        """Name the rows of the suite that this run has not filled."""
        names = (what for _, _, rows in self.sections for what in rows)
        return [what for what in names if "ours" not in self.rows.get(what, ())]

    def targets(self):
        """Tell which targets are missed, and by how much."""
        goals = {what: row for what, row in self.rows.items() if "over" in row}
        missed = {what: row for what, row in goals.items() if row["over"] > 1}
        lines = ["", "## Targets", ""]
        lines += [f"{len(goals) - len(missed)} of {len(goals)} targets are met."]
        if not missed:
            return lines
        lines += ["", "These are missed:", ""]
        return lines + markdown(
            ("missed", "target", "memc", "by"),
            [
                (what, row["goal"], row["ours"], f"{100 * (row['over'] - 1):.0f} %")
                for what, row in missed.items()
            ],
        )

    def section(self, title, text, names):
        rows = [(what, self.rows[what]) for what in names if what in self.rows]
        if not rows:
            return []
        table = markdown(
            ("question", "target", "memc", "by minima", "time", "others"),
            [(what, *self.cells(row)) for what, row in rows],
        )
        below = ["", *self.tables[title]] if title in self.tables else []
        return ["", f"## {title}", *filled(text), "", *table, *below]

    @staticmethod
    def cells(row):
        figures = (row.get(key, UNKNOWN) for key in ("goal", "ours", "low", "took"))
        return (*figures, ", ".join(row["peers"]) or UNKNOWN)

    def page(self, options):
        """Make docs/speed.md, or as much of it as was run."""
        head = HEAD.format(command=COMMAND, machine=machine(), options=options)
        lines = [*head.rstrip().splitlines(), *self.targets()]
        for section in self.sections:
            lines += self.section(*section)
        return "\n".join(lines) + "\n"

    def headlines(self, names):
        """Make the README's table: each row by its shorter name, and the best other."""
        rows = [
            (short, *(row.get(key, UNKNOWN) for key in ("ours", "goal")), best(row))
            for short, what in names.items()
            for row in [self.row(what)]
        ]
        return markdown(("question", "memc", "target", "other"), rows)

    def write(self, options, headlines):
        """Write docs/speed.md and the table of the README."""
        (ROOT / "docs" / "speed.md").write_text(self.page(options))
        readme = ROOT / "README.md"
        table = "\n".join([MARKS[0], *self.headlines(headlines), MARKS[1]])
        between = re.compile(f"{re.escape(MARKS[0])}.*{re.escape(MARKS[1])}", re.DOTALL)
        readme.write_text(between.sub(lambda _: table, readme.read_text()))
