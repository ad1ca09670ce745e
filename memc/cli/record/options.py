"""What the options of ``memc record`` ask for."""

from __future__ import annotations

import argparse

from memc.cli.check.limits import limits_of
from memc.cli.common.choose import named
from memc.cli.usage import UsageError
from memc.proc.root import is_ours, open_root
from memc.record.options import RecordOptions
from memc.record.room import MIN_SIZE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.limits.limits import AnyLimit
    from memc.targets.choice import Choice

__all__ = ["ends_alone", "record_options"]

BYTES_PER_KB = 1024


def record_options(args: argparse.Namespace, *, tree: int | None) -> RecordOptions:
    """Return the options of the recorder, which follows `tree` too.

    Raises UsageError if one makes no sense.
    """
    choice = _choice(args, tree)
    if args.max_size * BYTES_PER_KB < MIN_SIZE:
        raise UsageError(f"--max-size: expected {MIN_SIZE >> 20}M or more")
    try:
        return RecordOptions(
            choice=choice,
            interval_ms=args.interval,
            detail=args.detail,
            regions=args.regions or ([] if tree is None else [*choice.pids, tree]),
            duty=args.duty,
            max_stall_ms=args.max_stall,
            limits=_limits(args, choice),
            keep_s=args.keep,
            max_size=args.max_size * BYTES_PER_KB,
            flush_s=args.flush,
            proc=args.proc,
        )
    except ValueError as error:
        raise UsageError(_as_option(str(error))) from None


def _as_option(words: str) -> str:
    """Return an error that names the option of the command, not that of Python."""
    name, _, rest = words.partition(": ")
    if name == "limits":
        return f"--{rest}".replace(" detail ", " --detail ").replace("'", "")
    name = name.removesuffix("_ms").removesuffix("_s").replace("_", "-")
    return f"--{name}: {rest}"


def _choice(args: argparse.Namespace, tree: int | None) -> Choice:
    """Return whose past to keep: every process if nobody is named and none begins."""
    choice = named(args)
    if tree is not None:
        choice.trees = [*choice.trees, tree]
    choice.every = choice.every or choice.is_empty()
    if choice.paths:
        word = choice.paths[0]
        hint = f"to run a command: memc record -o FILE -- {word}"
        raise UsageError(f"'{word}' is no pid: memc records processes; {hint}")
    with open_root(choice.proc) as root:
        if tree is not None and not is_ours(root):
            words = "COMMAND has another pid there: it can be recorded in /proc only"
            raise UsageError(f"--proc {choice.proc}: {words}")
    return choice


def ends_alone(choice: Choice) -> bool:
    """Tell whether nobody can join those who are named: their end is the end of all."""
    return not choice.every and not choice.has_tests()


def _limits(args: argparse.Namespace, choice: Choice) -> list[AnyLimit]:
    """Return the limits as ``memc check`` has them, each for a process by itself."""
    names = [name for name in vars(args) if name.startswith(("max_", "min_"))]
    given = [name for name in names if name not in ("max_size", "max_stall")]
    if all(getattr(args, name) is None for name in given) and not args.growth_of:
        return []
    like_check = {"total": False, "by": None, "apart_s": None, "max_size": None}
    values = {name: getattr(args, name) for name in (*given, "growth_of")}
    return limits_of(argparse.Namespace(**values, **like_check), choice)
