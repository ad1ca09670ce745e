"""What sub-commands share: the choice of processes, and how it is read."""

from __future__ import annotations

import os

from memc.analysis.keys import OWNED, is_of_processes, needs_of
from memc.cli.common.parser import add_proc, given, number, pattern, wrong
from memc.cli.common.reader import reader as command_reader
from memc.cli.common.recorded import tell_untold
from memc.cli.common.telling import tell_notes
from memc.cli.common.times import add_times, choose_times
from memc.cli.output import STDERR, say
from memc.cli.usage import UsageError, one_word
from memc.errors import ProcessGone
from memc.read.options import Options
from memc.targets.choice import Choice, split_words
from memc.targets.read import read

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from typing import Literal, TypeAlias

    from memc.cli.common.parser import Parser
    from memc.targets.target import Found

    Sums: TypeAlias = Literal["", "sums", "regions"]

__all__ = [
    "DETAILS",
    "add_targets",
    "add_which",
    "again",
    "choice_of",
    "named",
    "read_all",
    "tell_found",
]

DETAILS = ("maps", "rss", "uss", "pss", "smaps")


def _uid(text: str) -> int:
    if text.isascii() and text.isdigit():
        return int(text[:20])
    import pwd

    try:
        return pwd.getpwnam(text).pw_uid
    except (KeyError, ValueError):
        raise wrong(f"no such user: '{text}'") from None


def _container(text: str) -> str:
    if not text.strip():
        from memc.targets.meant import DIGITS_MIN

        raise wrong(f"expected digits of an ID, {DIGITS_MIN} or more, or a name")
    return text


def add_targets(
    parser: Parser,
    *,
    details: bool = True,
    strict: bool = True,
    end: str = "--to",
    samples: str = "its last sample",
) -> None:
    """Add the options that choose processes, and say how to read them.

    Without `details` there is no option --detail: the command chooses the detail.
    Without `strict` there is no option --strict: it means something else there.
    `end` names the option for the end of a span, `samples` what of a file is read.
    """
    parser.add_argument(
        "targets",
        nargs="*",
        metavar="TARGET",
        help=f"a pid, or a file: memc's JSON ({samples}), the text of maps, smaps or "
        "smaps_rollup, also pasted, or packed by gzip, xz or bzip2, the output of "
        "pmap, a copy of /proc, a recording or a bundle; - or /dev/stdin reads from a "
        "pipe",
    )
    add_which(parser)
    add_times(parser, end=end)
    how = parser.add_argument_group("how to read them")
    if details:
        how.add_argument(
            "--detail",
            type=one_word,
            choices=DETAILS,
            default="smaps",
            help="maps: the layout; rss, uss: also resident memory, without a long "
            "stall; pss: as uss, and PSS, for root; smaps: everything, which can stall "
            "a large process (default)",
        )
    if strict:
        how.add_argument(
            "--strict",
            action="store_true",
            help="fail at a bad line of a text; otherwise memc passes it over and says "
            "so",
        )
    add_proc(how)


def add_which(parser: Parser) -> None:
    """Add the options that choose live processes."""
    which = parser.add_argument_group("which processes")
    which.add_argument("--all", action="store_true", help="every process")
    which.add_argument(
        "--tree",
        action="append",
        type=number,
        metavar="PID",
        default=[],
        help="the process PID and its descendants",
    )
    which.add_argument(
        "--name",
        type=pattern,
        metavar="REGEX",
        completes="name",
        help="processes in whose name REGEX is found; a name is the program's, "
        "without arguments",
    )
    which.add_argument(
        "--user",
        action="append",
        type=_uid,
        metavar="NAME|UID",
        default=[],
        help="processes of this user",
    )
    which.add_argument(
        "--cgroup",
        action="append",
        type=given,
        metavar="PATTERN",
        completes="cgroup",
        default=[],
        help="processes in this control group or below: a part of its path "
        "(nginx.service), or a pattern for the whole path (*/docker-*)",
    )
    which.add_argument(
        "--container",
        action="append",
        type=_container,
        metavar="PREFIX",
        completes="container",
        default=[],
        help="processes in the container whose ID begins with PREFIX, four digits or "
        "more, or whose name it is",
    )
    which.add_argument(
        "--match",
        type=pattern,
        metavar="REGEX",
        help="processes in whose command line REGEX is found; never this memc",
    )


def choice_of(
    args: argparse.Namespace, *, others: bool = False, end: str = "--to"
) -> Choice:
    """Return the choice that the parsed options make.

    With `others`, a recording may be compared with another file.  `end` is the option
    for the end of a span.  Raises UsageError if
    a target is wrong or nothing is chosen.
    """
    choice = named(args)
    choice.strict = args.strict
    if choice.is_empty():
        raise UsageError("which process? give a pid, a file, --name REGEX or --all")
    choose_times(args, choice, others=others, end=end)
    return choice


def named(args: argparse.Namespace) -> Choice:
    """Return the choice that the words and the options of `add_which` make."""
    choice = Choice(proc=args.proc)
    choice.every = args.all
    choice.trees = args.tree
    choice.name = args.name
    choice.uids = args.user
    choice.cgroups = args.cgroup
    choice.containers = args.container
    choice.match = args.match
    try:
        split_words(choice, args.targets)
    except ValueError as error:
        raise UsageError(str(error)) from None
    return choice


def read_all(
    choice: Choice,
    detail: str,
    *,
    by: str = "owner",
    may_be_gone: bool = False,
    sums: Sums = "",
    recorded: str = "whole",
    max_stall_ms: int | None = None,
) -> Found:
    """Read a choice; print the errors of named targets, and the notes.

    If groups `by` something hold whole processes, those that memc may not read are
    targets too.  With `may_be_gone`, a process that does not exist is no error.  With
    `sums`, live processes are read as a whole, and their "regions" only if it says so.
    `recorded` says what targets of a recording are.  `max_stall_ms` is that of
    ``memc.snapshot``.
    """
    options = Options(detail, proc=choice.proc, max_stall_ms=max_stall_ms)
    if os.isatty(STDERR):
        from memc.cli.common.progress import Progress

        options.progress = Progress()
    needs = {*needs_of(by), *(("cmdline",) if "process" in by else ())}
    reader = command_reader()
    found = read(
        choice,
        options,
        reader=reader,
        needs=needs,
        others=is_of_processes(by),
        sums=bool(sums),
        recorded=recorded,
    )
    if sums:
        from memc.analysis.twice_mapped import look_closer
        from memc.targets.layouts import read_layouts

        if sums == "regions":
            read_layouts(found.targets, reader, choice.proc)
        look_closer(found.targets, reader)
    if may_be_gone:
        found.errors = [e for e in found.errors if not isinstance(e, ProcessGone)]
    tell_found(found, recorded)
    if not may_be_gone:
        _tell_empty(found, choice)
    return found


def tell_found(found: Found, recorded: str) -> None:
    """Print errors and notes, and what a recording does not tell."""
    tell_untold(found, recorded)
    for error in found.errors:
        say(str(error))
    tell_notes(found)


def _tell_empty(found: Found, choice: Choice) -> None:
    """Say why live processes that the user named have no regions."""
    for target in found.targets:
        pid = target.pid
        if target.same_memory_as is not None or target.is_other:
            continue
        is_empty = target.file is None and not target.sources
        if is_empty and pid in choice.pids:
            from memc.proc.state import why_empty

            who = f"process {pid} {target.name}".rstrip()
            say(f"{who}: {why_empty(pid, target.proc)}")


def again(
    choice: Choice,
    detail: str,
    after_s: float,
    *,
    by: str = "owner",
    sums: Sums = "",
) -> tuple[Found, Found]:
    """Read live processes twice as `read_all` does, `after_s` seconds apart."""
    from memc.targets.twice import read_twice, renamed

    def read_once(choice: Choice, *, may_be_gone: bool = False) -> Found:
        return read_all(choice, detail, by=by, may_be_gone=may_be_gone, sums=sums)

    owners = any(level in OWNED for level in by.split(","))
    found = read_twice(
        choice, after_s, read=read_once, say=_say_on_terminal, owners=owners
    )
    for words in renamed(*(side.targets for side in found)):
        say(words)
    return found


def _say_on_terminal(text: str) -> None:
    if os.isatty(STDERR):
        say(text)
