"""The options of ``memc report``, and what they ask for."""

from __future__ import annotations

from memc.cli.common.choose import add_targets, choice_of, named
from memc.cli.common.outfile import check_kept
from memc.cli.common.parser import Parser, value
from memc.cli.usage import UsageError, one_word
from memc.files.recording.header import is_recording
from memc.human.numbers import number, path

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from memc.targets.choice import Choice

__all__ = ["BY", "chosen", "is_pair", "parser"]

BY = ("service", "user", "cgroup")
TOP = 50

DESCRIPTION = """\
Write one HTML file that shows what the memory of processes is for.  It opens in
any browser, also without a network, and holds all it needs: send it as it is.

It shows live processes as they are now, files, or what changed from A to B (two
files, or a file and a live process).  Of a recording it shows a span: where
memory was, how it went, and what grew; --at shows one time of it, and --diff
only what changed from its begin to its end.

A map shows where memory is: services, their processes, the owners of memory in
them, and regions.  The same stands in lists, for the keyboard, for readers of
screens and for paper.  What is smaller than 1/20,000 of the whole is summed.
What is not known is told as that: it is not 0."""

EXAMPLES = """\
  memc report --all -o now.html        where the memory of this machine is
  memc report 1234 -o java.html        and that of one process
  memc report --cgroup nginx.service -o nginx.html
  memc report --all --by user -o users.html  the map begins with users
  memc report all.json.gz -o then.html       what memc --all printed
  memc report before.json after.json -o diff.html    what changed
  memc report before.json 1234 -o diff.html  and since then
  memc report day.memc -o day.html     a recording, from begin to end
  memc report day.memc --since 1h -o hour.html  its last hour
  memc report day.memc 1234 --from 02:00 --to 03:00 -o leak.html
  memc report day.memc --at 03:12 -o then.html
  memc report day.memc --since 1h --diff -o diff.html  what changed in it
"""

STATUS = """\
  0  done; also if processes that you did not name by pid could not be read
  1  a process or file that you named could not be read, no process was found,
     the page could not be written, or plotly is missing
  2  the command line is wrong
"""


def parser() -> Parser:
    """Return the options and their help."""
    made = Parser("report", DESCRIPTION, EXAMPLES, STATUS)
    add_targets(made)
    what = made.add_argument_group("what to show")
    what.add_argument(
        "--output",
        "-o",
        type=value(path),
        metavar="OUT.html",
        help="write the page to this file, whole or not at all",
    )
    what.add_argument(
        "--by",
        type=one_word,
        choices=BY,
        default=BY[0],
        help="what the map begins with: service (default; a process in none is one of "
        "its name), user or cgroup",
    )
    what.add_argument(
        "--top",
        type=value(number),
        metavar="N",
        default=TOP,
        help="at most N processes in the list of the largest, and of each list of what "
        f"grew or shrank (default: {TOP})",
    )
    what.add_argument(
        "--diff",
        action="store_true",
        help="of a recording: only what changed from the begin to the end of the span",
    )
    return made


def is_pair(args: argparse.Namespace) -> bool:
    """Tell whether two targets are meant as A and B: one is a file at least.

    Pids beside a recording are processes of it.
    """
    choice = named(args)
    if len(args.targets) != 2 or not choice.paths:
        return False
    return not (choice.pids and is_recording(choice.paths[0]))


def chosen(args: argparse.Namespace) -> Choice:
    """Return the choice of the options.  Raises UsageError if they do not fit."""
    if not args.output:
        raise UsageError("where to? give a file: -o OUT.html")
    choice = choice_of(args, others=is_pair(args))
    check_kept(choice.paths, args.output)
    if len(choice.recordings) > 1 and not is_pair(args):
        raise UsageError("give one recording; two are compared, as A and B")
    if args.diff and (not choice.recordings or is_pair(args)):
        raise UsageError("--diff is of a recording; two files are compared without it")
    if args.diff and choice.at:
        raise UsageError("--at is one time: --diff takes --from and --to, or --since")
    if choice.recordings and (choice.begin or choice.end) and is_pair(args):
        raise UsageError("--from and --to are of one recording: give one file")
    return choice
