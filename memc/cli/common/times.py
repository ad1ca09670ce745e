"""Options that say which time of a recording is meant."""

from __future__ import annotations

from time import time_ns

from memc.cli.common.parser import value
from memc.cli.root import default_proc
from memc.cli.usage import UsageError
from memc.errors import MemcError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from memc.cli.common.parser import Parser
    from memc.cli.common.quick import Group
    from memc.targets.choice import Choice

__all__ = ["add_span", "add_times", "choose_times", "take_since", "time_word"]

DETAIL = "smaps"  # the default of --detail
FORMS = "14:03, 14:03:05, 2026-11-27T14:03, -10m before its end, or +5s after its begin"


def time_word(text: str) -> str:
    """Return a time as it was given; it must not be empty."""
    if not text.strip():
        raise ValueError(f"a time: {FORMS}")
    return text


def _since(text: str) -> str:
    """Return the time before the end that is so long ago."""
    from memc.human.amounts import duration

    try:
        duration(text)
    except ValueError:
        words = "how long before the end, as in 10m or 1h (--from takes a time)"
        raise ValueError(words) from None
    return f"-{text}" if text[-1].isalpha() else f"-{text}s"


def add_times(parser: Parser, *, end: str = "--to") -> None:
    """Add the options for the time of a recording; `end` names that of an end."""
    times = parser.add_argument_group("which time of a recording (memc record)")
    times.add_argument(
        "--at",
        type=value(time_word),
        metavar="TIME",
        help=f"the state at this time: {FORMS}; without a time, its end",
    )
    add_span(times, end=end)


def add_span(
    group: Group,
    *,
    begin: str = "without it, the begin of the recording",
    end: str = "--to",
) -> None:
    """Add --from, --to and --since; `begin` says what else of a begin.

    `end` is another name for --to, where that has another meaning.
    """
    group.add_argument(
        "--from",
        dest="begin",
        type=value(time_word),
        metavar="TIME",
        help=f"the begin of a span; {begin}",
    )
    group.add_argument(
        end,
        dest="end",
        type=value(time_word),
        metavar="TIME",
        help="the end of a span; without it, the end of the recording",
    )
    group.add_argument(
        "--since",
        type=value(_since),
        metavar="TIME",
        help="the last TIME of the recording: --since 1h is --from -1h",
    )


def take_since(args: argparse.Namespace) -> None:
    """Let --since be the begin of a span.  Raises UsageError if --from is there too."""
    if args.since and args.begin:
        raise UsageError("--since 1h is --from -1h: give one of them")
    args.begin = args.begin or args.since


def choose_times(
    args: argparse.Namespace,
    choice: Choice,
    *,
    others: bool = False,
    end: str = "--to",
) -> None:
    """Give a choice its recordings, and the time that is meant.

    With `others`, other files may stand beside a recording.  `end` is what --to is
    called.  Raises UsageError if the
    options do not fit the files, or each other, and MemcError if a file for which a
    time is given cannot be read.
    """
    choice.recordings = _recordings_in(choice.paths)
    times = ("at", args.at), ("from", args.begin), (end.lstrip("-"), args.end)
    given = [f"--{name}" for name, time in (*times, ("since", args.since)) if time]
    rest = [path for path in choice.paths if path not in choice.recordings]
    if given and (not choice.recordings or (rest and not others)):
        _check_readable(rest)
        what = f"{rest[0]} is no recording" if rest else "live processes have no past"
        raise UsageError(f"{given[0]}: {what}: memc record makes one")
    if args.at and given[1:]:
        raise UsageError(f"--at is one time, and {given[1]} is of a span: one of them")
    take_since(args)
    if choice.recordings and rest and not others and (choice.pids or choice.trees):
        raise UsageError(
            f"beside a recording a pid is one of it: {rest[0]} is another file"
        )
    if choice.recordings and not rest:
        _refuse_others(args)
    for name, time in (*times, ("since", args.since)):
        if time:
            _check_form(name, time)
    choice.at = args.at
    choice.begin, choice.end = args.begin, args.end


def _check_readable(paths: list[str]) -> None:
    """Raise MemcError for a file that cannot be read: it may be a recording."""
    from memc.files.recording.header import check_readable
    from memc.proc.rights import words_of

    for path in paths:
        try:
            check_readable(path)
        except OSError as error:
            raise MemcError(f"{path}: {words_of(error)}") from None


def _refuse_others(args: argparse.Namespace) -> None:
    """Raise UsageError for an option that says how to read what is no recording."""
    if getattr(args, "detail", DETAIL) != DETAIL:
        raise UsageError(
            f"--detail {args.detail}: memc record --detail said what is in a recording"
        )
    if args.strict:
        raise UsageError("--strict is for texts: a recording has no lines")
    if args.proc != default_proc():
        raise UsageError("--proc is for live processes: memc record --proc takes it")


def _check_form(name: str, time: str) -> None:
    """Raise UsageError for a text that is no time of any recording."""
    from memc.files.recording.times import parse_time

    now_ms = time_ns() // 1_000_000
    try:
        parse_time(time, 0, now_ms, now_ms)
    except ValueError as error:
        raise UsageError(f"--{name}: {error}") from None


def _recordings_in(paths: Sequence[str]) -> list[str]:
    if not paths:
        return []
    from memc.files.recording.header import is_recording

    return [path for path in paths if is_recording(path)]
