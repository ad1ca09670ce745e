"""``memc diff``: how memory changed."""

from __future__ import annotations

from memc.analysis.differences import compare
from memc.cli.common.choose import add_targets, again, choice_of
from memc.cli.common.columns import is_sum, plain
from memc.cli.common.form import (
    add_after,
    add_form,
    by_of,
    level_of,
    names_of,
    shown_names,
    sums_of,
)
from memc.cli.common.look import Look
from memc.cli.common.order import first_rows, ordered, sort_name
from memc.cli.common.parser import Parser
from memc.cli.common.telling import nobody, tell_notes, tell_skipped
from memc.cli.output import print_text
from memc.cli.usage import UsageError
from memc.targets.twice import skipped_by_either

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from memc.analysis.growth import Growth
    from memc.cli.common.span import Span
    from memc.targets.choice import Choice
    from memc.targets.target import Found

__all__ = ["parser", "run"]

SAME, DIFFERENT, TROUBLE = 0, 1, 2

DESCRIPTION = """\
Show how memory changed from A to B, as a table.  The largest change comes
first, the total last.  A and B are two processes or files, one process at two
times (PID --after 10s), several processes at two times (--all, --name, --tree
... --after 10s), the first and the last sample of one file, or two times of a
recording (--since 1h, --from and --to; without them, its begin and its end).

Each amount is the growth: "+1.21 MiB", or "-852 KiB" if memory shrank.  CHANGE
counts regions that appeared, are gone, were split, merged or moved, grew or
shrank (in size, or else in PSS or RSS), or changed otherwise (permissions,
name).  "shared differently" means that other processes map more or less of the
same memory: PSS and PRIVATE changed, RSS did not.  "-" means that one side does
not tell an amount, "+" after an amount that some regions do not tell it.

Of a recording, what grew comes before what shrank.  PER HOUR is how fast the
amount of --sort grew over the whole span, and TREND how it went: from its
lowest to its highest, a dot where it is not known.

With --path, only regions that it finds count.  memc leaves its own process out."""

STATUS = """\
  0  the same: every region has the address, permissions, name, file and offset
     that it had, and no amount that both sides know has changed (PSS, RSS,
     PRIVATE, HUGETLB, SWAP, SIZE; with --wide every amount); without --pss also
     if regions are shared differently
  1  something differs
  2  memc could not tell, or the command line is wrong
"""

EXAMPLES = """\
  memc diff 1234 --after 10s          how process 1234 grew in ten seconds
  memc diff 1234 --after 10s --by region --top 5    and in which regions
  memc --smaps --full 1234 > before.json
  memc diff before.json 1234          how it grew since then
  memc diff before.json after.json --by path --sort rss
  memc diff samples.ndjson            the last sample against the first
  memc diff --tree $$ --after 1m --by process  this shell and its children
  memc diff 1234 5678                 two processes of one program
  memc diff day.memc --since 1h       a recording: what grew, and how fast
  memc diff day.memc 1234 --from 02:00 --to 03:00    which of its owners
  memc diff 1234 --after 10s --path '\\[heap\\]' --json | jq .total
"""


def parser() -> Parser:
    """Return the options and their help."""
    made = Parser("diff", DESCRIPTION, EXAMPLES, STATUS)
    add_targets(made)
    add_after(
        made,
        "read live processes now, and again after TIME: 500ms, 10s, 2m, 1h; a bare "
        "number is in seconds",
    )
    add_form(made)
    made.add_argument(
        "--pss",
        action="store_true",
        help="exit with 1 also if only the sharing with other processes changed",
    )
    return made


def run(argv: list[str]) -> int:
    """Run the command and return its exit status."""
    args = parser().read(argv)
    if args.sort in ("freed", "growth"):
        raise UsageError(f"--sort {args.sort}: every amount of memc diff is a growth")
    before, after, span = _read(args)
    skipped = skipped_by_either(before, after)
    if before.errors or after.errors:
        return TROUBLE
    if not before.targets and not after.targets:
        raise nobody(choice_of(args, others=True), skipped)
    args.by = by_of(args, [*before.targets, *after.targets])
    targets = [*before.targets, *after.targets]
    names = names_of(args, targets)
    alone = args.after is None and span is None  # then somebody named these two
    diff = compare(before.targets, after.targets, names, alone=alone)
    shown = shown_names(args, targets)
    growth = diff.by(args.by, names=shown, keep=args.path and args.path.search)
    is_same = not growth.differs(sharing=args.pss)
    _print(args, growth, (before, after), span, same=is_same)
    tell_skipped(skipped, args.proc)
    return SAME if is_same else DIFFERENT


def _read(args: argparse.Namespace) -> tuple[Found, Found, Span | None]:
    """Read both sides, which may be two times in a span of a recording.

    Raises UsageError if the options do not say which.
    """
    choice = choice_of(args, others=True)
    if choice.recordings and args.after is None:
        from memc.cli.common.span import Span, is_span

        if is_span(args, choice):
            span = Span(args, choice)
            return *span.read(), span
    return *_read_sides(args, choice), None


def _read_sides(args: argparse.Namespace, choice: Choice) -> tuple[Found, Found]:
    if args.after is not None:
        if choice.paths:
            raise UsageError(f"--after reads processes: {choice.paths[0]} is a file")
        # JSON and CSV tell how regions changed.
        sums = "" if args.json or args.csv else sums_of(args, choice)
        return again(
            choice, args.detail, args.after, by=level_of(args, choice), sums=sums
        )
    if choice.every or choice.trees or not args.targets:
        raise UsageError("processes are read twice: how long after? --after 10s")
    if len(args.targets) > 2:
        count = len(args.targets)
        raise UsageError(f"expected two targets, not {count}: --after reads all twice")
    if len(args.targets) == 2:
        from memc.cli.common.sides import read_sides

        return read_sides(args, lambda choice: level_of(args, choice))
    if choice.pids:
        raise UsageError("with what? give another target, or --after TIME")
    return _read_stream(choice)


def _read_stream(choice: Choice) -> tuple[Found, Found]:
    from memc.targets.read_files import read_stream

    before, after = read_stream(choice.paths[0], choice)
    tell_notes(before)
    tell_notes(after)
    return before, after


def _print(
    args: argparse.Namespace,
    growth: Growth,
    found: tuple[Found, Found],
    span: Span | None,
    *,
    same: bool,
) -> None:
    judged = sort_name(args.sort, growth)
    growth.grown_first = span is not None
    trend = None if span is None else span.trend(growth, judged)
    rows = ordered(args, growth, judged)
    look = Look(args, judged=judged, by=args.sort or plain(judged))
    if args.json or args.csv:
        from memc.cli.diff import data as diff_data

        write = diff_data.json_text if args.json else diff_data.csv_text
        rows = look.shown(growth, first_rows(growth, rows, args.top))
        print_text(
            write(
                *(growth, rows),
                sort=judged if is_sum(args.sort) else args.sort,
                found=found,
                same=same,
                commands=args.command,
                wanted=args.columns,
                trend=trend,
            )
        )
    else:
        from memc.cli.diff import text as diff_text

        told = [] if span is None else span.told()
        print_text(diff_text.text(growth, rows, look, trend=trend, told=told))
