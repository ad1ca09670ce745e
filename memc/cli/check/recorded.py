"""Which limits ``memc check`` can judge by a recording."""

from __future__ import annotations

from memc.analysis.keys import OF_PROCESSES, is_of_processes
from memc.cli.usage import UsageError
from memc.limits.limits import AMOUNTS, OF_STATUS

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from memc.targets.choice import Choice

__all__ = ["check_recorded"]

LIMITS = (*AMOUNTS, *OF_STATUS, "regions")


def check_recorded(args: argparse.Namespace, choice: Choice) -> None:
    """Raise UsageError for what a recording does not tell."""
    from memc.files.recording.peaks import COLUMNS as KEPT

    told = "a recording tells rss, swap and size"
    for what in LIMITS:
        if what not in KEPT and getattr(args, f"max_{what}") is not None:
            raise UsageError(f"--max-{what.replace('_', '-')}: {told} of processes")
    if args.growth_of not in (None, *KEPT):
        raise UsageError(f"--growth-of {args.growth_of}: {told} of processes")
    is_span = bool(choice.begin or choice.end)
    if args.max_growth is not None and choice.at:
        raise UsageError("--max-growth is of a span: --since, or --from and --to")
    if is_span and len(set(choice.paths)) > 1:
        raise UsageError("--from and --to are of one recording: give one file")
    if args.by:
        _check_by(args.by, args, is_span=is_span)


def _check_by(by: str, args: argparse.Namespace, *, is_span: bool) -> None:
    if not {*by.split(",")} <= {"owner", *OF_PROCESSES}:
        raise UsageError(f"--by {by}: a recording tells processes and owners")
    is_limited = any(getattr(args, f"max_{what}") is not None for what in LIMITS)
    if is_span and not is_of_processes(by) and is_limited:
        raise UsageError(
            f"--by {by}: owners are read now and then: limits judge them --at a time, "
            "and --max-growth in a span"
        )
