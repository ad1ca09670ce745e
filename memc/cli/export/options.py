"""The options of ``memc export``, and what they ask for."""

from __future__ import annotations

import os

from memc.cli.common import columns
from memc.cli.common.choose import add_targets, choice_of
from memc.cli.common.outfile import check_kept
from memc.cli.common.parser import Parser, value
from memc.cli.common.span import is_span
from memc.cli.output import STDOUT
from memc.cli.usage import UsageError, one_word
from memc.human.numbers import milliseconds, number_or_zero, path
from memc.table.amounts import MAIN

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from memc.targets.choice import Choice

__all__ = [
    "CSV",
    "FOLDED",
    "PARQUET",
    "PERFETTO",
    "amount_of",
    "chosen",
    "out_of",
    "parser",
    "title_of",
]

PERFETTO, FOLDED, PARQUET, CSV = FORMS = ("perfetto", "folded", "parquet", "csv")
BINARY = (PERFETTO, PARQUET)
DRAWN = {PERFETTO: "rss_kb", FOLDED: "pss_kb"}  # and the amount if nobody says it
SHORT = {"rss": "RSS", "pss": "PSS", "private": "USS"}
INTERVAL_MS = 1000
UNTIL = "--until"  # the end of a span: --to names the form

DESCRIPTION = """\
Write what the memory of processes is for, as other programs open it:

  perfetto  a trace for ui.perfetto.dev: the regions of each process, and a
            counter for each of its owners (pip install 'memc[perfetto]')
  folded    a line for each control group, process, owner and file, with kB:
            speedscope, flamegraph.pl and inferno draw a flame graph of it
  parquet   a row for each region, with its owner (pip install 'memc[parquet]')
  csv       the same rows as text

It writes live processes as they are now, --count times, or all samples in
files; of a recording one time, or with --from, --until or --since each time of
a span.  Folded stacks are of one time: that of the last sample of a file.  With
--diff they have two amounts, of A and of B (two files, or a file and a live
process; or a recording, at the begin and at the end of a span).

What is not known is left out, and memc says so; in a table it is null.  It is
never 0."""

EXAMPLES = """\
  memc export --all --to perfetto -o now.pftrace
  memc export 1234 --to perfetto --count 60 --interval 1s -o java.pftrace
  memc export day.memc --since 1h --to perfetto -o hour.pftrace
  memc export --all --to folded -o now.folded
  memc export --all --to folded --of swap | flamegraph.pl > swap.svg
  memc export before.json after.json --to folded --diff -o diff.folded
  memc export --all --to parquet -o now.parquet
  memc export all.json.gz --to csv -o all.csv
"""

STATUS = """\
  0  done; also if processes that you did not name by pid could not be read
  1  a process or file that you named could not be read, no process was found,
     nothing of what the form needs is known, the file could not be written, or
     a package is missing
  2  the command line is wrong
"""


def _amount(text: str) -> str:
    """Return the key of an amount."""
    name = columns.plain(text)
    if not columns.is_amount(name):
        raise ValueError(f"an amount, such as {', '.join(MAIN)} or anonymous")
    return MAIN.get(name, f"{name}_kb")


def parser() -> Parser:
    """Return the options and their help."""
    made = Parser("export", DESCRIPTION, EXAMPLES, STATUS)
    add_targets(made, end=UNTIL, samples="all its samples")
    what = made.add_argument_group("what to write")
    what.add_argument(
        "--to", type=one_word, choices=FORMS, help="the form, which must be given"
    )
    what.add_argument(
        "--output",
        "-o",
        type=value(path),
        metavar="FILE",
        help="write to FILE, whole or not at all; - is stdout (default: stdout)",
    )
    what.add_argument(
        "--of",
        type=value(_amount),
        metavar="AMOUNT",
        help="folded, perfetto: the amount of stacks or counters: pss (default of "
        "folded), rss (of perfetto), uss, swap, size, ...",
    )
    what.add_argument(
        "--diff",
        action="store_true",
        help="folded: two amounts in each line, of A and of B",
    )
    what.add_argument(
        "--count",
        type=value(number_or_zero),
        metavar="N",
        help="read live processes N times (default: 1); 0 means until SIGINT, SIGTERM "
        "or SIGHUP",
    )
    what.add_argument(
        "--interval",
        type=value(milliseconds),
        metavar="TIME",
        help=f"the time between two of --count (default: {INTERVAL_MS // 1000}s); of a "
        "recording, between two times of the span (default: every tick)",
    )
    return made


def amount_of(args: argparse.Namespace) -> str:
    """Return the key of the amount of stacks or counters."""
    given: str | None = args.of
    return given or DRAWN[args.to]


def title_of(args: argparse.Namespace) -> str:
    """Return what people call that amount."""
    stem = amount_of(args).removesuffix("_kb")
    return SHORT.get(stem, stem.replace("_", " "))


def out_of(args: argparse.Namespace) -> str | None:
    """Return the file to write to, None for stdout."""
    given: str | None = args.output
    return None if given == "-" else given


def chosen(args: argparse.Namespace) -> Choice:
    """Return the choice of the options.  Raises UsageError if they do not fit."""
    if not args.to:
        raise UsageError(f"to what? give --to {', '.join(FORMS[:-1])} or {FORMS[-1]}")
    _check_form(args)
    is_pair = args.diff and len(args.targets) == 2
    choice = choice_of(args, others=is_pair, end=UNTIL)
    _check_samples(args, choice)
    if args.diff:
        _check_diff(args, choice)
    elif args.to == FOLDED and (choice.begin or choice.end):
        raise UsageError("folded stacks are of one time: --at TIME, or --diff")
    if out_of(args) is not None:
        check_kept(choice.paths, args.output)
    return choice


def _check_form(args: argparse.Namespace) -> None:
    if args.of and args.to not in DRAWN:
        raise UsageError(f"--of is of folded and perfetto: {args.to} has all amounts")
    if args.diff and args.to != FOLDED:
        raise UsageError("--diff is of folded stacks: --to folded")
    if args.to in BINARY and out_of(args) is None and os.isatty(STDOUT):
        raise UsageError(f"{args.to} is no text for a terminal: give a file: -o FILE")


def _check_samples(args: argparse.Namespace, choice: Choice) -> None:
    is_counted = args.count not in (None, 1)
    is_span_of_time = bool(choice.begin or choice.end)
    if is_counted and args.to == FOLDED:
        raise UsageError("folded stacks are of one time: they take no --count")
    if args.count is not None and not choice.names_live():
        raise UsageError("--count is for live processes: of files all samples are read")
    if args.count is not None and choice.paths:
        raise UsageError("--count is for live processes alone: leave out the files")
    if args.interval is not None and not (is_counted or is_span_of_time):
        raise UsageError("--interval needs --count 2 or more, or a span of a recording")
    if args.interval is None:
        args.interval = 1 if choice.recordings else INTERVAL_MS


def _check_diff(args: argparse.Namespace, choice: Choice) -> None:
    if is_span(args, choice):
        return
    if len(args.targets) != 2 or not choice.paths:
        raise UsageError(
            "--diff compares two: A and B, of which one is a file at least, or a "
            "recording with --from, --until or --since"
        )
    if choice.begin or choice.end:
        raise UsageError("--from and --until are of one recording: give one file")
