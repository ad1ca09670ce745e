"""What commands say of a recording: which time it was, and what it does not tell."""

from __future__ import annotations

from memc.analysis.keys import OF_PROCESSES, is_of_processes
from memc.cli.output import say
from memc.errors import MemcError
from memc.human.units import human, safe
from memc.table.amounts import whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from memc.table.document import Json
    from memc.targets.choice import Choice
    from memc.targets.target import Found

__all__ = ["default_by", "kind_of", "moments_of", "tell_untold", "when"]

CURES = {
    "owners": "memc record reads them unless --duty is 0; --by process works",
    "regions": "memc record --regions keeps them; --by process works",
}


def default_by(choice: Choice) -> str:
    """Return what groups of a recording are by, if nobody says it.

    A recording knows all processes as a whole, and owners of some: so processes that
    were named by pid are shown by owner, and others by process.
    """
    is_named = choice.names_pids() and choice.pids
    return "owner" if is_named else "process"


def kind_of(args: argparse.Namespace, by: str) -> str:
    """Return what targets of a recording must be for groups `by` something."""
    if is_of_processes(by):
        return "whole"
    if not args.by and not args.path:
        return "best"
    return "owners" if {*by.split(",")} <= {"owner", *OF_PROCESSES} else "regions"


def tell_untold(found: Found, kind: str) -> None:
    """Say how much a recording does not tell.

    If it tells nothing of what was asked for, that is an error.
    """
    if not found.untold:
        return
    path = found.untold[0].file
    if not found.targets:
        words = f"no {kind} were recorded of these processes until then"
        found.errors.append(MemcError(f"{path}: {words}: {CURES[kind]}"))
        return
    rss = human(sum(whole(target.table, "rss_kb") or 0 for target in found.untold))
    from memc.human.counts import counted_processes

    who = counted_processes(len(found.untold))
    say(f"{path}: left out: {who} with {rss} of RSS, whose {kind} were not recorded")


def when(found: Found) -> list[str]:
    """Return a line for each recording: at which time it was looked at."""
    if not found.moments:
        return []
    from memc.files.recording.times import show_time

    return [f"{safe(path)} at {show_time(ms)}" for path, ms in found.moments]


def moments_of(found: Found) -> list[Json]:
    """Return an object for each recording: at which time it was looked at."""
    from memc.table.document import shown_text

    return [{"file": shown_text(path), "at_ms": ms} for path, ms in found.moments]
