"""The report of a recording: of its span, of one time, or of what changed."""

from __future__ import annotations

from memc.cli.common.telling import nobody
from memc.cli.output import say
from memc.report.span import at, lived_in, put_grown, span, take_run
from memc.targets.recorded import Recorded

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from typing import Any

    from memc.errors import MemcError
    from memc.report.document import Asked
    from memc.targets.choice import Choice

__all__ = ["document"]


def document(
    args: argparse.Namespace, choice: Choice, asked: Asked
) -> tuple[dict[str, Any] | None, int]:
    """Return the document and the exit status; no document if nobody was meant."""
    if args.diff:
        return _diff(args, choice, asked)
    recorded = Recorded(choice.recordings[0], choice)
    with recorded.recording:
        if choice.at is not None:
            return _at(recorded, choice, asked)
        return _span(recorded, choice, asked)


def _at(
    recorded: Recorded, choice: Choice, asked: Asked
) -> tuple[dict[str, Any] | None, int]:
    t_ms = recorded.time()
    found = recorded.found(t_ms, "whole")
    for error in found.errors:
        say(str(error))
    if not found.targets:
        if not found.errors:
            raise nobody(choice, [])
        return None, 1
    asked.notes += map(str, found.errors)
    return at(recorded, t_ms, asked), 1 if found.errors else 0


def _span(
    recorded: Recorded, choice: Choice, asked: Asked
) -> tuple[dict[str, Any] | None, int]:
    recording = recorded.recording
    if recording.begin_ms == recording.end_ms:  # one tick, and no span
        return _at(recorded, choice, asked)
    times = recorded.span()
    lived = lived_in(recorded, *times)
    seen = {one.process.pid for one in lived}
    lost: list[MemcError] = []
    for pid in dict.fromkeys((*choice.pids, *choice.trees)):
        if pid not in seen:
            lost += recorded.why_not(recorded.recording.at(times[1]), pid)
    for error in lost:
        say(str(error))
    if not lived:
        recording.at(times[1])  # an error says it if nothing was recorded then
        if not lost:
            raise nobody(choice, [])
        return None, 1
    asked.notes += map(str, lost)
    return span(recorded, times, lived, asked), 1 if lost else 0


def _diff(
    args: argparse.Namespace, choice: Choice, asked: Asked
) -> tuple[dict[str, Any] | None, int]:
    from memc.analysis.differences import compare
    from memc.cli.common.span import Span
    from memc.report.changes import changes

    kind = type(args)
    sides = Span(kind(**{**vars(args), "by": None, "path": None}), choice)
    before, after = sides.read()
    if after.errors:
        return None, 1
    if not before.targets and not after.targets:
        raise nobody(choice, [])
    times = before.moments[0][1], after.moments[0][1]
    title = f"What changed in {asked.of}"
    diff = compare(before.targets, after.targets)
    recorded = Recorded(choice.recordings[0], choice)
    with recorded.recording:
        take_run(recorded, times[1], asked)
        made = changes(diff, asked, title=title, times_ms=times)
        processes = [one.process for one in lived_in(recorded, *times)]
        made["how"] += put_grown(made, recorded, times, processes, asked)
    return made, 0
