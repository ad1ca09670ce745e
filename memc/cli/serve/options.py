"""What ``memc serve`` and ``memc push`` share: whose memory is told, and how."""

from __future__ import annotations

from memc.cli.common.choose import add_which, named
from memc.cli.common.parser import add_proc, value
from memc.cli.usage import UsageError, one_word
from memc.cli.words import for_target
from memc.human.numbers import duty, interval, milliseconds, number
from memc.serve.names import BY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

    from memc.cli.common.parser import Parser
    from memc.serve.scanner import Scanner
    from memc.targets.choice import Choice

__all__ = ["add_scan_options", "choose", "scanner_of"]

DETAILS = ("auto", "totals", "rss", "uss", "smaps")


def add_scan_options(made: Parser) -> None:
    """Add the options for the processes, their groups, and how they are read."""
    made.add_argument(
        "targets",
        nargs="*",
        metavar="PID",
        help="pids (default: all processes)",
    )
    add_which(made)
    what = made.add_argument_group("what is told of them")
    what.add_argument(
        "--group",
        choices=(*BY,),
        default="service",
        help="what one group is; names are cut so that there cannot be ever new ones "
        "(default: service)",
    )
    what.add_argument(
        "--owners",
        action="store_true",
        help="also tell what the memory of each group is for; needs uss or smaps",
    )
    what.add_argument(
        "--groups",
        type=value(number),
        metavar="N",
        default="100",
        help="tell the N groups with most resident memory, and the sum of the others "
        "(default: 100)",
    )
    what.add_argument(
        "--max-series",
        type=value(number),
        metavar="N",
        default="10000",
        help="never tell more than N values; owners of small groups are summed up "
        "first (default: 10000)",
    )
    how = made.add_argument_group("how processes are read")
    how.add_argument(
        "--interval",
        type=value(interval),
        metavar="TIME",
        default="60s",
        help="time from one scan to the next; a bare number is in milliseconds "
        "(default: 60s)",
    )
    how.add_argument(
        "--detail",
        type=one_word,
        choices=DETAILS,
        default="auto",
        help="totals: sums alone; rss, uss: also mappings, without a long stall; "
        "smaps: also PSS, within --max-stall; auto: what the rights of memc allow "
        "(default)",
    )
    how.add_argument(
        "--max-stall",
        type=value(milliseconds),
        metavar="TIME",
        default="50ms",
        help="read a process more gently if smaps may stall it for longer; a bare "
        "number is in milliseconds (default: 50ms)",
    )
    how.add_argument(
        "--duty",
        type=value(duty),
        metavar="PCT",
        default="5",
        help="scan for at most PCT %% of one CPU: the next scan waits (default: 5)",
    )
    add_proc(how)


def choose(args: Namespace) -> Choice:
    """Return the choice that the options make: all processes if they name none.

    Raises UsageError for a target that is no pid.
    """
    choice = named(args)
    if choice.paths:
        word = choice.paths[0]
        what = for_target(word) or ": memc show reads files"
        raise UsageError(f"'{word}' is no pid, and live processes are told{what}")
    if choice.is_empty():
        choice.every = True
    return choice


def scanner_of(
    args: Namespace,
    choice: Choice,
    *,
    say: Callable[[str], None],
    by_process: int = 0,
) -> Scanner:
    """Return the scanner that the options make; it also tells `by_process` processes.

    Raises UsageError if options do not go together.
    """
    from memc.cli.common.reader import reader
    from memc.serve.details import AUTO
    from memc.serve.scanner import OF_REGIONS, Scanner

    if args.owners and args.detail not in (AUTO, *OF_REGIONS):
        raise UsageError(
            f"--owners is of mappings: --detail uss or smaps, not {args.detail}"
        )
    reader()
    try:
        return Scanner(
            choice,
            detail=args.detail,
            group=args.group,
            owners=args.owners,
            groups=args.groups,
            max_series=args.max_series,
            max_stall_ms=args.max_stall,
            duty=args.duty,
            by_process=by_process,
            say=say,
        )
    except ValueError as error:
        name, _, rest = str(error).partition(": ")
        raise UsageError(f"--{name.replace('_', '-')}: {rest}") from None
