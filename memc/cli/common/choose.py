"""What sub-commands share: which processes are meant, what to say of those unread."""

from __future__ import annotations

import argparse
import os

from memc.cli.common.parser import pattern, value
from memc.cli.output import STDERR, by_reason, counted, say
from memc.cli.usage import UsageError
from memc.errors import MemcError, ProcessGone
from memc.human.numbers import number
from memc.read.backend import backend
from memc.read.options import Options
from memc.targets.choice import Choice, split_words
from memc.targets.read import read
from memc.targets.twice import read_twice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from memc.cli.common.parser import Parser
    from memc.table.snapshot import Skipped
    from memc.targets.target import Found

__all__ = [
    "add_targets",
    "again",
    "choice_of",
    "nobody",
    "read_all",
    "tell_notes",
    "tell_skipped",
]

DETAILS = ("maps", "rss", "uss", "smaps")
NOTES_SHOWN = 5


def _uid(text: str) -> int:
    if text.isascii() and text.isdigit():
        return int(text[:20])
    import pwd

    try:
        return pwd.getpwnam(text).pw_uid
    except (KeyError, ValueError):
        raise argparse.ArgumentTypeError(f"no such user: '{text}'") from None


def add_targets(parser: Parser, *, details: bool = True) -> None:
    """Add the options that tell which processes are meant, and how to read them.

    A command that knows by itself what to read has no choice of `details`.
    """
    parser.add_argument(
        "targets",
        nargs="*",
        metavar="TARGET",
        help="a pid, or a file: memc's JSON (the last sample), maps or smaps text, a "
        "copied /proc tree; /dev/stdin for what is piped in",
    )
    which = parser.add_argument_group("which processes")
    which.add_argument("--all", action="store_true", help="every one")
    which.add_argument(
        "--tree",
        action="append",
        type=value(number),
        metavar="PID",
        default=[],
        help="that one, and all that descend from it",
    )
    which.add_argument(
        "--name",
        type=pattern,
        metavar="REGEX",
        help="those in whose name (the program, no arguments) this is found",
    )
    which.add_argument(
        "--user",
        action="append",
        type=_uid,
        metavar="NAME|UID",
        default=[],
        help="those of this user",
    )
    which.add_argument(
        "--cgroup",
        action="append",
        metavar="PATTERN",
        default=[],
        help="those in such a control group, or below: a part of its path "
        "(nginx.service), or with wildcards all of it (*/docker-*)",
    )
    how = parser.add_argument_group("how to read them")
    if details:
        how.add_argument(
            "--detail",
            choices=DETAILS,
            default="smaps",
            help="maps: the layout; rss, uss: what is resident too, gently; smaps: "
            "all, which holds up the process longer (default)",
        )
    how.add_argument(
        "--proc", metavar="PATH", default="/proc", help="another root than /proc"
    )


def choice_of(args: argparse.Namespace) -> Choice:
    """Return what the parsed options mean; UsageError if that is nobody."""
    choice = Choice(proc=args.proc)
    choice.every = args.all
    choice.trees = args.tree
    choice.name = args.name
    choice.uids = args.user
    choice.cgroups = args.cgroup
    try:
        split_words(choice, args.targets)
    except ValueError as error:
        raise UsageError(str(error)) from None
    if choice.is_empty():
        raise UsageError("which process? give a pid, a file, --name REGEX or --all")
    return choice


def read_all(choice: Choice, detail: str, *, may_be_gone: bool = False) -> Found:
    """Read what is meant, and say what could not be read of what was named.

    If it `may_be_gone`, a process that does not exist is no error.
    """
    options = Options(detail, proc=choice.proc)
    if os.isatty(STDERR):
        from memc.cli.common.progress import Progress

        options.progress = Progress()
    found = read(choice, options, reader=backend(warn=say))
    if may_be_gone:
        found.errors = [e for e in found.errors if not isinstance(e, ProcessGone)]
    for error in found.errors:
        say(str(error))
    tell_notes(found)
    return found


def again(choice: Choice, detail: str, after_s: float) -> tuple[Found, Found]:
    """Read live processes twice, `after_s` seconds apart; as `read_all` in the rest."""

    def read_once(choice: Choice, *, may_be_gone: bool = False) -> Found:
        return read_all(choice, detail, may_be_gone=may_be_gone)

    return read_twice(choice, after_s, read=read_once, say=_say_on_terminal)


def _say_on_terminal(text: str) -> None:
    if os.isatty(STDERR):
        say(text)


def tell_notes(found: Found) -> None:
    """Say what kept the tables from being whole."""
    notes = [
        (target.file or f"process {target.pid}", note.text)
        for target in found.targets
        for note in target.table.notes
    ]
    for who, text in notes[:NOTES_SHOWN]:
        say(f"{who}: {text}")
    if len(notes) > NOTES_SHOWN:
        say(f"… and {counted(len(notes) - NOTES_SHOWN, 'note')} more")


def tell_skipped(skipped: Sequence[Skipped]) -> None:
    """Say, last, how many processes could not be read."""
    if not skipped:
        return
    parts = ", ".join(f"{count} {words}" for words, count in by_reason(skipped))
    noun = "process" if len(skipped) == 1 else "processes"
    say(f"{len(skipped)} {noun} not read: {parts}")


def nobody(skipped: Sequence[Skipped]) -> MemcError:
    """Return the error that nobody was read, and say how many were tried."""
    tell_skipped(skipped)
    return MemcError("none was read" if skipped else "no such process")
