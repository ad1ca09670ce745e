"""Options of ``memc show`` and ``memc diff``: what to show, in which order and form."""

from __future__ import annotations

from memc.analysis.groups import amount_names
from memc.analysis.keys import KEYS, is_of_processes, needs_of, parse_by
from memc.cli.common import columns
from memc.cli.common.look import add_look
from memc.cli.common.parser import duration, number, pattern, value
from memc.cli.common.recorded import default_by
from memc.errors import MemcError
from memc.table.amounts import MAIN, THP
from memc.targets.facts import check_told

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from memc.cli.common.choose import Sums
    from memc.cli.common.parser import Parser
    from memc.targets.choice import Choice
    from memc.targets.target import Target

__all__ = [
    "add_after",
    "add_form",
    "by_of",
    "level_of",
    "names_of",
    "shown_names",
    "sums_of",
]


def add_after(parser: Parser, help_text: str) -> None:
    """Add the option for the time between two readings."""
    parser.add_argument("--after", type=duration, metavar="TIME", help=help_text)


def add_form(parser: Parser) -> None:
    """Add the options for what to show, in which order and form."""
    what = parser.add_argument_group("what to show")
    what.add_argument(
        "--by",
        type=value(parse_by),
        metavar="WHAT",
        words=KEYS,
        several=True,
        help="what one line stands for: owner (default), type, path or region; process "
        "(default for totals, which have no regions), user, name, command, cgroup, "
        "container, pod or service; or two of them, as in cgroup,owner: then a line "
        "for each control group, and below it a line for each owner",
    )
    what.add_argument(
        "--path",
        type=pattern,
        metavar="REGEX",
        help="only regions in whose path REGEX is found; a nameless region has its "
        "owner for a path, as --by path shows it",
    )
    what.add_argument(
        "--sort",
        type=value(columns.sort),
        metavar="COLUMN",
        words=columns.SORTED,
        help="the column to sort by: an amount or a count, the largest first (pss, "
        "rss, private, swap, size, regions, ...), or a name or number, the smallest "
        "first (pid, name, ...); default: pss, or rss or size if pss is not known",
    )
    what.add_argument(
        "--top",
        type=number,
        metavar="N",
        help="at most N lines, and one for the rest; with two levels, on each of them",
    )
    what.add_argument(
        "--wide",
        action="store_true",
        help="every amount that memc read, whole paths, and the rule behind each owner",
    )
    add_look(what)
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON, in kB")
    form.add_argument("--csv", action="store_true", help="print CSV, in kB")
    what.add_argument(
        "--command",
        action="store_true",
        help="--json with --by process: also the command lines, which may hold secrets",
    )
    what.add_argument(
        "--redact",
        action="store_true",
        help="hide the arguments in command lines",
    )


def level_of(args: argparse.Namespace, choice: Choice) -> str:
    """Return what the options need to know of processes, as --by names it.

    --path is of regions, so that processes without them have no part in it.
    """
    by: str = args.by or (default_by(choice) if choice.recordings else "owner")
    return "path" if args.path else by


def sums_of(args: argparse.Namespace, choice: Choice) -> Sums:
    """Return whether smaps_rollup tells all that is shown, or maps is read as well.

    Groups of whole processes need no regions, but for their number.  JSON has it, and
    it is near a limit perhaps, of which memc warns if processes are named.
    """
    by, wanted = level_of(args, choice), args.columns or ()
    asked = columns.asked_amounts([*wanted, args.sort or ""])
    if args.wide or args.detail != "smaps" or not is_of_processes(by):
        return ""
    if not {*asked} <= {*MAIN.values(), THP, "uss_kb"}:
        return ""
    is_listed = "regions" in wanted or not wanted
    is_counted = args.json or "regions" in (args.sort, *wanted)
    is_named = bool(choice.pids) and choice.names_pids()
    return "regions" if is_counted or is_named or (args.csv and is_listed) else "sums"


def by_of(args: argparse.Namespace, targets: Sequence[Target]) -> str:
    """Return what one line stands for, and hide what it must not tell.

    Raises MemcError if that takes regions and a target has only totals, or takes a fact
    of processes that a file does not tell.
    """
    totals = next((t for t in targets if t.is_sum and not t.is_other), None)
    by: str = args.by or ("owner" if totals is None else "process")
    if totals is not None and (args.path or not is_of_processes(by)):
        wrong = "--path" if args.path else f"--by {by}"
        raise MemcError(
            f"{totals.file}: totals have no regions for {wrong}: --by process works"
        )
    check_told([t for t in targets if t.sources], needs_of(by))
    if args.redact:
        for target in targets:
            target.facts.hide_arguments(target.name)
    return by


def names_of(args: argparse.Namespace, targets: Sequence[Target]) -> list[str]:
    """Return the amounts to sum: the main ones, and those that were asked for."""
    names = amount_names(targets, wide=args.wide)
    asked = columns.asked_amounts([*(args.columns or ()), args.sort or ""])
    return [*dict.fromkeys([*names, *asked])]


def shown_names(args: argparse.Namespace, targets: Sequence[Target]) -> list[str]:
    """Return those amounts, and for a table what it shows where it is not 0."""
    names = names_of(args, targets)
    is_table = not (args.json or args.csv or args.columns)
    if is_table and any(t.has("anon_huge_pages_kb") for t in targets):
        names = [*dict.fromkeys([*names, THP])]
    return names
