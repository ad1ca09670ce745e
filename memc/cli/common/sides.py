"""Two targets, each of which is one side of a comparison."""

from __future__ import annotations

from memc.cli.common.choose import choice_of, read_all
from memc.cli.common.recorded import kind_of
from memc.cli.output import say
from memc.errors import MemcError
from memc.files.recording.header import is_recording

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from memc.targets.choice import Choice
    from memc.targets.target import Found

__all__ = ["read_sides"]


def read_sides(
    args: argparse.Namespace, by_of: Callable[[Choice], str]
) -> tuple[Found, Found]:
    """Read the two targets of a command line; `by_of` says what groups are by.

    If one is a live process, only the same process counts in the other.  Raises
    MemcError if a side has no process.
    """
    before, after = (_read_side(args, word, by_of) for word in args.targets)
    _narrow(before, after)
    _narrow(after, before)
    _tell_another(before, after)
    return before, after


def _read_side(
    args: argparse.Namespace, word: str, by_of: Callable[[Choice], str]
) -> Found:
    one = choice_of(_only(args, word))
    by = by_of(one)
    found = read_all(one, args.detail, by=by, recorded=kind_of(args, by))
    if not found.targets and not found.errors:
        raise MemcError(f"{word}: no process that is meant")
    return found


def _only(args: argparse.Namespace, word: str) -> argparse.Namespace:
    times = {} if is_recording(word) else {"at": None}
    return type(args)(**{**vars(args), **times, "targets": [word]})


def _narrow(side: Found, other: Found) -> None:
    """Keep only the process of the other side, if that is one live process."""
    alone = other.targets[0] if len(other.targets) == 1 else None
    if alone is not None and alone.file is None and len(side.targets) > 1:
        file = side.targets[0].file
        side.targets = [t for t in side.targets if t.pid == alone.pid]
        if not side.targets:
            raise MemcError(f"{file}: tells of no process {alone.pid}")


def _tell_another(before: Found, after: Found) -> None:
    """Say so if the two have one pid, but are not the same process."""
    sides = [(a, b) for a in before.targets[:1] for b in after.targets[:1]]
    for first, second in sides:
        known = first.started is not None and second.started is not None
        if known and first.pid == second.pid and first.started != second.started:
            where = f"in {first.file}" if first.file else "before"
            words = f"process {first.pid} is another one than {where}"
            say(f"{words}: it started at another time")
