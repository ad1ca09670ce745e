"""``memc record``: keep what the memory of processes was, tick by tick."""

from __future__ import annotations

import gc

from memc.cli.common.choose import DETAILS, add_which
from memc.cli.common.limits import add_limits
from memc.cli.common.parser import Parser, add_proc, value
from memc.cli.output import print_text
from memc.cli.usage import UsageError, one_word
from memc.human.amounts import amount, duration
from memc.human.numbers import milliseconds, number, path
from memc.limits.limits import AMOUNTS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace

__all__ = ["parser", "run"]

DESCRIPTION = """\
Record what the memory of processes is for, until a signal ends it: what was
there at three in the morning, what grew since, when a leak began.

  memc record [TARGET ...] -o FILE [options]
  memc record -o FILE [options] -- COMMAND [ARG ...]

FILE is one SQLite file, which memc query, replay, show, diff and check read,
also while memc records into it.  If it is there, memc goes on in it.
At each tick memc looks at all processes, or at those that are named, and keeps
what changed.  Regions of those that moved most are read within --duty, so that
the recording tells what memory is for.
With COMMAND memc records it and its descendants from before it begins, and ends
with it: with its exit status, and a summary on stderr that begins with "peak".
Signals: INT and TERM end the recording, or are handed on to COMMAND; HUP writes
what waits and opens FILE anew, for logrotate; USR1 keeps the regions of all
processes now."""

EXAMPLES = """\
  memc record -o memc.memc                 everything, a week at most
  memc record 1234 -o 1234.memc --detail smaps  one process, also PSS
  memc record --cgroup web.service -o web.memc --max-rss 2G
  memc record --all -o all.memc --regions top:5 --regions /java/
  memc record -o load.memc --for 10min --interval 500ms
  memc record -o test.memc -- ./load-test --users 100
  memc record --unit > /etc/systemd/system/memc-record.service
for logrotate, in postrotate:
  systemctl reload memc-record
"""

STATUS = """\
  0  the recording ended: by a signal, --for or --count, or because no process
     that was named is left
  1  a process or FILE could not be read, or FILE could not be written; COMMAND
     did not begin
  2  the command line is wrong; COMMAND did not begin
  N  that of COMMAND: 128 and the number of the signal if one ended it, 127 if
     it was not found, 126 if it could not be started
"""


def _duty(text: str) -> float:
    digits = text.replace(".", "", 1)
    percent = float(text) if digits.isascii() and digits.isdigit() else -1
    if not 0 <= percent <= 100:
        raise ValueError("a number from 0 to 100")
    return percent


def parser() -> Parser:
    """Return the options and their help."""
    made = Parser("record", DESCRIPTION, EXAMPLES, STATUS)
    made.runs = True
    made.add_argument(
        "targets",
        nargs="*",
        metavar="TARGET",
        completes="pid",
        help="a pid; without TARGET and the options below, every process",
    )
    add_which(made)
    _add_file(made)
    _add_what(made)
    add_limits(
        made.add_argument_group("limits: to pass one is an event, with its regions"),
        span="between a look and those in the same time before it",
        without="size",  # --max-size is that of FILE
    )
    return made


def _add_file(made: Parser) -> None:
    file = made.add_argument_group("where to, and how much")
    file.add_argument(
        "-o", "--output", metavar="FILE", type=value(path), help="record into FILE"
    )
    file.add_argument(
        "--keep",
        type=value(duration),
        metavar="TIME",
        default="7d",
        help="drop what is older: 12h, 7d (default: 7d)",
    )
    file.add_argument(
        "--max-size",
        type=value(amount),
        metavar="SIZE",
        default="1G",
        help="drop the oldest before FILE takes more than this (default: 1G)",
    )
    file.add_argument(
        "--flush",
        type=value(duration),
        metavar="TIME",
        default="10s",
        help="write this often; that much is lost if the machine fails (default: 10s)",
    )
    file.add_argument(
        "--quiet",
        action="store_true",
        help="no status line, which there is on a terminal, and no summary",
    )
    file.add_argument(
        "--unit",
        action="store_true",
        help="print a unit of systemd that records with these options, and do no more",
    )


def _add_what(made: Parser) -> None:
    what = made.add_argument_group("what to record")
    what.add_argument(
        "--interval",
        type=value(milliseconds),
        metavar="TIME",
        default="1s",
        help="time from one look to the next; a bare number is in milliseconds "
        "(default: 1s)",
    )
    what.add_argument(
        "--for",
        dest="for_s",
        type=value(duration),
        metavar="TIME",
        help="end after this time: 500ms, 10s, 2m, 1h; a bare number is in seconds",
    )
    what.add_argument(
        "--count", type=value(number), metavar="N", help="end after N looks"
    )
    what.add_argument(
        "--detail",
        type=one_word,
        choices=DETAILS,
        default="rss",
        help="how regions are read: maps, rss (default), uss, pss or smaps, as in "
        "memc show; smaps only where a process is not stalled for longer than "
        "--max-stall",
    )
    what.add_argument(
        "--regions",
        action="append",
        type=value(path),
        metavar="WHO",
        completes="pid",
        words=("top:5",),
        default=[],
        help="keep all regions, not only sums, of a pid, of /REGEX/ in names, or of "
        "top:N, the N that grew most in ten minutes; may be repeated (default: of "
        "each pid that is named, and of COMMAND)",
    )
    what.add_argument(
        "--duty",
        type=value(_duty),
        metavar="PCT",
        default="2",
        help="read regions for at most PCT %% of one CPU; 0: none (default: 2)",
    )
    what.add_argument(
        "--max-stall",
        type=value(milliseconds),
        metavar="TIME",
        help="read a process more gently if smaps may stall it for longer; a bare "
        "number is in milliseconds (default: 50ms with smaps)",
    )
    what.add_argument(
        "--growth-of",
        type=one_word,
        choices=AMOUNTS,
        help="the amount of --max-growth (default: rss)",
    )
    add_proc(what)


def run(argv: list[str]) -> int:
    """Run the command and return its exit status."""
    own, command = _split(argv)
    args = parser().read(own)
    if args.unit:
        return _print_unit(args, own, command)
    if args.output is None:
        raise UsageError("which file? give --output FILE")
    if args.output == "-":
        raise UsageError("-o -: a recording is no stream: give a file (./- is one)")
    gc.enable()  # main() turns it off, but this may run for weeks
    from memc.cli.record.start import record, record_command

    return record(args) if command is None else record_command(args, command)


def _split(argv: list[str]) -> tuple[list[str], list[str] | None]:
    """Return our arguments, and the command after "--"; None if there is none."""
    if "--" not in argv:
        return argv, None
    at = argv.index("--")
    if not argv[at + 1 :]:
        raise UsageError("which command? give it after --")
    return argv[:at], argv[at + 1 :]


def _print_unit(args: Namespace, own: list[str], command: list[str] | None) -> int:
    """Print the unit for the options that were given."""
    from memc.cli.record import unit

    if args.output is not None or command is not None:
        raise UsageError(f"--unit records into {unit.FILE}: no --output, no COMMAND")
    print_text(unit.text([word for word in own if word != "--unit"]))
    return 0
