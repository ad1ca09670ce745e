"""``memc show``: what the memory of processes is for."""

from __future__ import annotations

from memc.analysis.groups import FREED, GROWTH, group
from memc.cli.common.choose import add_targets, again, choice_of, read_all
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
from memc.cli.common.recorded import kind_of, when
from memc.cli.common.telling import nobody, tell_skipped
from memc.cli.common.unseen import unseen
from memc.cli.output import print_text, say
from memc.cli.show import short
from memc.cli.usage import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from memc.analysis.groups import Groups
    from memc.table.document import Json
    from memc.table.snapshot import Skipped
    from memc.targets.choice import Choice
    from memc.targets.target import Found

__all__ = ["parser", "run"]

OTHERS = {"growth": GROWTH, "freed": FREED}  # amounts that smaps does not tell
GROWTH_S = 1.0  # the time between two readings of --sort growth without --after

DESCRIPTION = """\
Show what the memory of processes is for, as a table.  The largest line comes
first, the total last.

RSS is resident memory.  PSS divides each shared page among the processes that
map it.  PRIVATE is resident and mapped only once: what one process maps twice
is not in it, and a line says so.  SIZE is mapped, resident or not.  None of
these is what comes back if a process is killed: --freed and --sort freed tell
that.  Amounts are rounded to three digits (1 KiB = 1024 bytes); --json and
--csv print them in kB.  "-" means that an amount is not known: what was read
does not tell it.  "+" means that some regions do not tell it, so that it is
that much or more.  An owner with "?" is a guess, by the shape and place of its
regions."""

EXAMPLES = """\
  memc show 1234                     what the memory of process 1234 is for
  memc show 1234 --by path --top 10  the ten files and heaps that have most
  memc show 1234 --by region --wide  each region, with its owner's rule
  memc show --tree $$ --by process   this shell and its children
  memc show --name '^nginx' --user www-data
  memc show --all --path libcrypto --by process  who maps a library, its
                                     cost, shared (PSS) and in each (RSS)
  memc show --cgroup nginx.service --sort swap
  memc show --all --by service,owner --top 3  which services, and what for
  memc show --container 3f2a1b4c --by process   a container, by its ID
  memc show --all --by process --sort growth --after 10s  which grow
  memc show 1234 --freed             what comes back if it is killed
  memc show --all --sort freed --top 10  which process frees most
  memc show 1234 --risk              will it be killed?  what can run out
  memc show --all --risk --top 10    who is nearest to a limit
  memc show smaps.txt                a text from a bug report
  memc show day.memc --at 03:12      a recording: what there was at 03:12
  memc show day.memc 1234 --at -2m   one process, 2 minutes before the end
  memc show 1234 --csv > owners.csv
"""

STATUS = """\
  0  done; also if processes that you did not name by pid could not be read
  1  a process or file that you named could not be read, or no process was found
  2  the command line is wrong
"""


def parser() -> Parser:
    """Return the options and their help."""
    made = Parser("show", DESCRIPTION, EXAMPLES, STATUS)
    add_targets(made)
    add_form(made)
    made.add_argument(
        "--freed",
        action="store_true",
        help="show what comes back if these processes are killed, all of them "
        "together, instead of the table (with --by, --sort, --top, --path or --wide: "
        "below it)",
    )
    add_after(
        made,
        "read live processes twice, TIME apart, and show how much the amount of --sort "
        "grew in each line (with --sort growth: its default amount, after 1s); 500ms, "
        "10s, 2m, 1h; a bare number is in seconds",
    )
    made.add_argument(
        "--risk",
        action="store_true",
        help="what can run out: limits, and how near each process is; the nearest "
        "first",
    )
    return made


def run(argv: list[str]) -> int:
    """Run the command and return its exit status."""
    args = parser().read(argv)
    choice = choice_of(args)
    if args.risk:
        from memc.cli.show import risk

        return risk.run(args, choice)
    if choice.recordings:
        _check_recorded(args, choice)
    elif choice.paths and (args.after is not None or args.sort == "growth"):
        raise UsageError(f"{choice.paths[0]} does not grow: memc diff compares files")
    if args.freed or args.sort == "freed":
        from memc.cli.show import freed

        freed.check(args, choice)
        if args.freed:
            return freed.run(args, choice, _shown)
    before, found = _read(args, choice)
    if not found.targets:
        if not found.errors:
            raise nobody(choice, found.skipped)
        return 1
    print_text(_shown(args, choice, found, before))
    tell_skipped(_untold(args, choice, found), choice.proc)
    return 1 if found.errors else 0


def _read(args: argparse.Namespace, choice: Choice) -> tuple[Found | None, Found]:
    """Read what is shown; and before that, what its growth is counted from."""
    if choice.begin or choice.end:
        from memc.cli.common.span import Span

        return Span(args, choice).read()
    by = level_of(args, choice)
    sums = "" if args.sort == "freed" else sums_of(args, choice)
    after_s = args.after or (GROWTH_S if args.sort == "growth" else None)
    if after_s is not None:
        return again(choice, args.detail, after_s, by=by, sums=sums)
    kind = kind_of(args, by)
    return None, read_all(choice, args.detail, by=by, sums=sums, recorded=kind)


def _check_recorded(args: argparse.Namespace, choice: Choice) -> None:
    """Raise UsageError if an option is for live processes alone."""
    if args.after is not None:
        raise UsageError("--after reads processes: --from and --to are of a recording")
    if args.sort == "growth" and not (choice.begin or choice.end):
        raise UsageError("--sort growth of a recording: since when? --since 10m")


def _untold(args: argparse.Namespace, choice: Choice, found: Found) -> list[Skipped]:
    """Return the skipped processes that no line of the table tells of."""
    if args.json or args.csv:
        for line in unseen(found, choice, args.by):
            say(line)
        return found.skipped
    told = {target.pid for target in found.targets if target.is_other}
    return [skip for skip in found.skipped if skip.pid not in told]


def _shown(
    args: argparse.Namespace,
    choice: Choice,
    found: Found,
    before: Found | None = None,
    freed: Json = None,
) -> str:
    """Return the groups in the form that was asked for.

    `freed` is what comes back if the processes end, None if nobody asked.
    """
    args.by = by_of(args, found.targets)
    groups = _group(args, found, before)
    if args.sort == "freed":
        from memc.cli.show.freed import add_column

        add_column(groups, choice)
    is_live = not (args.csv or args.freed or choice.recordings)
    near = short.find(choice, found) if is_live else []
    judged = OTHERS.get(args.sort) or sort_name(args.sort, groups)
    rows = ordered(args, groups, judged)
    look = Look(args, judged=judged, by=args.sort or plain(judged))
    if args.json or args.csv:
        from memc.cli.show import data as show_data

        what = groups, look.shown(groups, first_rows(groups, rows, args.top))
        how = {"found": found, "commands": args.command, "wanted": args.columns}
        if args.csv:
            return show_data.csv_text(*what, **how)
        sort = judged if is_sum(args.sort) else args.sort
        return show_data.json_text(*what, sort=sort, freed=freed, near=near, **how)
    from memc.cli.show import text as show_text

    told = [*unseen(found, choice, args.by), *when(found)]
    table = show_text.text(groups, rows, look, unseen=told)
    return short.heading(near, look.style) + table


def _group(args: argparse.Namespace, found: Found, before: Found | None) -> Groups:
    names = shown_names(args, found.targets)
    keep = args.path and args.path.search
    if before is None:
        return group(found.targets, args.by, names=names, keep=keep)
    from memc.analysis.differences import compare
    from memc.analysis.growth import with_growth

    growth = compare(before.targets, found.targets, names_of(args, found.targets))
    grown = growth.by(args.by, names=names, keep=keep)
    return with_growth(grown, sort_name(_amount(args.sort), grown))


def _amount(sort: str | None) -> str | None:
    """Return the amount of --sort; growth is that of the default amount."""
    return None if sort in OTHERS else sort
