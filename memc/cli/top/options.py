"""The options of ``memc top``, and the processes that they choose."""

from __future__ import annotations

from memc.cli.common.choose import add_which, named
from memc.cli.common.parser import add_proc, value
from memc.cli.common.times import DETAIL, choose_times, time_word
from memc.cli.usage import UsageError, one_word
from memc.cli.words import for_target
from memc.errors import MemcError
from memc.human.numbers import duty, interval
from memc.top.view import GROUPS, SORTS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace

    from memc.cli.common.parser import Parser
    from memc.targets.choice import Choice

__all__ = ["DESCRIPTION", "EXAMPLES", "STATUS", "add_options", "choose"]

DETAILS = ("rss", "uss", "pss", "smaps")

DESCRIPTION = """\
Watch processes: how much memory each one has, how that moves, what grows, and
what the selected one holds.  Without a target all processes are shown.  F1
shows the keys; q ends it.  memc sends no signal to any process.

RSS is resident memory, in 1024 bytes and its multiples.  5 MIN is how the RSS
went in the last five minutes, and Δ/min how much it grows in a minute, judged
by these.  FLT/s are page faults in a second, REG is the number of regions.  "-"
means that an amount is not known.  K and --once show the threads of the kernel,
too.

Enter shows the owners of the memory of the selected process, and r its regions.
They are read for at most --duty of one CPU: a large process is read rarely, and
the title says how old its owners are.

In a recording of memc record, j and J go to the next look and the one before, e
and E to events, [ ] { } by minutes and hours, : to a time, and space goes on by
itself.

The live view needs the package textual: pip install 'memc[top]'.  --once does
without."""

EXAMPLES = """\
  memc top                          all processes, the largest first
  memc top 1234                     one process
  memc top --name nginx --sort growth
  memc top --by service             a line for each service
  memc top day.memc --at 03:12      a recording, from this time on
  memc top --once | head -20        plain text
  memc top --once --sort swap --user www-data
"""

STATUS = """\
  0  done
  1  no process was found, a recording could not be read, or textual is missing
  2  the command line is wrong, or this is no terminal
"""


def add_options(parser: Parser) -> None:
    """Add all options of the command."""
    parser.add_argument(
        "targets",
        nargs="*",
        metavar="TARGET",
        help="pids, or one recording of memc record and pids in it (default: all "
        "processes)",
    )
    add_which(parser)
    what = parser.add_argument_group("what to show first: keys change it")
    what.add_argument(
        "--sort",
        choices=SORTS,
        default="rss",
        help="the largest first, or the name or pid in order (default: rss)",
    )
    what.add_argument(
        "--reverse", action="store_true", help="turn the order of the lines around"
    )
    what.add_argument(
        "--by",
        choices=GROUPS,
        default="process",
        help="what one line stands for (default: process)",
    )
    what.add_argument(
        "--once", action="store_true", help="print every process as text, and end"
    )
    when = parser.add_argument_group("when")
    when.add_argument(
        "--interval",
        type=value(interval),
        metavar="TIME",
        default="1s",
        help="time from one look to the next; a bare number is in milliseconds "
        "(default: 1s)",
    )
    when.add_argument(
        "--at",
        type=value(time_word),
        metavar="TIME",
        help="of a recording: the time to begin at, such as 14:03, -10m before its end "
        "or +5s after its begin (default: its end)",
    )
    how = parser.add_argument_group("how to read the selected process")
    how.add_argument(
        "--detail",
        type=one_word,
        choices=DETAILS,
        help="rss: without a long stall (default); uss: also what only it maps; pss: "
        "as uss, and PSS, for root; smaps: everything, which can stall a large process",
    )
    how.add_argument(
        "--duty",
        type=value(duty),
        metavar="PCT",
        default="5",
        help="read regions for at most PCT %% of one CPU (default: 5)",
    )
    add_proc(how)


def choose(args: Namespace) -> Choice:
    """Return the choice that the options make: all processes if they name none.

    Raises UsageError if a target is neither a pid nor a recording, and MemcError for a
    file that cannot be read.
    """
    choice = named(args)
    detail, args.detail = args.detail, args.detail or DETAIL
    args.begin = args.end = args.since = None
    args.strict = False
    choose_times(args, choice)
    args.detail = detail or "rss"
    others = [path for path in choice.paths if path not in choice.recordings]
    if others:
        raise _wrong(others[0])
    if len(choice.recordings) > 1:
        raise UsageError("memc top shows one recording at a time")
    if choice.is_empty():
        choice.every = True
    return choice


def _wrong(path: str) -> Exception:
    """Return the error for a target that is neither a pid nor a recording."""
    from memc.files.recording.header import check_readable
    from memc.proc.rights import words_of

    try:
        check_readable(path)
    except OSError as error:
        return MemcError(f"{path}: {words_of(error)}{for_target(path)}")
    return UsageError(f"{path} is no pid and no recording: memc show reads other files")
