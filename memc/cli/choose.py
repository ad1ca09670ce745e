"""What sub-commands share: their parser, which processes are meant, what to say."""

from __future__ import annotations

import argparse
import os
import re  # which argparse needs, too

from memc._backend import backend
from memc.cli.options import UsageError
from memc.cli.output import STDERR, counted, say
from memc.errors import MemcError, ProcessGone
from memc.targets import Choice, read, split_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

    from memc.snapshot import Skipped
    from memc.targets import Found

__all__ = [
    "Parser",
    "add_targets",
    "choice_of",
    "nobody",
    "pattern",
    "positive",
    "read_all",
    "tell_notes",
    "tell_skipped",
]

DETAILS = ("maps", "rss", "uss", "smaps")
NOTES_SHOWN = 5
REASONS = {"denied": "permission denied", "gone": "ended", "error": "error"}


class Parser(argparse.ArgumentParser):
    """A parser whose errors are those of the whole command.

    `status` is what its exit status tells, a line each.
    """

    def __init__(self, name: str, description: str, examples: str, status: str) -> None:
        super().__init__(
            prog=f"memc {name}",
            description=description,
            epilog=f"exit status:\n{status}\nexamples:\n{examples}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        self.status = status
        self.examples = examples

    def error(self, message: str) -> NoReturn:
        """Raise what main() tells."""
        raise UsageError(message)


def positive(text: str) -> int:
    """Return a number from 1."""
    if not (text.isascii() and text.isdigit() and text.strip("0")):
        raise argparse.ArgumentTypeError(f"expected a positive number, not '{text}'")
    return int(text.lstrip("0")[:100])


def pattern(text: str) -> re.Pattern[str]:
    """Return a regular expression."""
    try:
        return re.compile(text)
    except re.error as error:
        raise argparse.ArgumentTypeError(f"no regular expression: {error}") from None


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
        type=positive,
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

    If it `may_be_gone`, a process that there is not is no error.
    """
    progress = None
    if os.isatty(STDERR):
        from memc.cli.progress import Progress

        progress = Progress()
    found = read(choice, detail, backend=backend(warn=say), progress=progress)
    if may_be_gone:
        found.errors = [e for e in found.errors if not isinstance(e, ProcessGone)]
    for error in found.errors:
        say(str(error))
    tell_notes(found)
    return found


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
    counts = {
        words: sum(skip.reason == reason for skip in skipped)
        for reason, words in REASONS.items()
    }
    parts = ", ".join(f"{count} {words}" for words, count in counts.items() if count)
    noun = "process" if len(skipped) == 1 else "processes"
    say(f"{len(skipped)} {noun} not read: {parts}")


def nobody(skipped: Sequence[Skipped]) -> MemcError:
    """Return the error that nobody was read, and say how many were tried."""
    tell_skipped(skipped)
    return MemcError("none was read" if skipped else "no such process")
