"""What was read, in words for a report: which files, how, and why it is not whole."""

from __future__ import annotations

import os

from memc.cli.common.unseen import unseen
from memc.cli.output import by_reason
from memc.human.counts import counted_processes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from memc.report.document import Asked
    from memc.table.snapshot import Skipped
    from memc.targets.choice import Choice
    from memc.targets.target import Found

__all__ = ["base_name", "put"]

NOTES = 20


def put(asked: Asked, found: Sequence[Found], choice: Choice) -> None:
    """Tell a report how whole it is what was `found`, on one side or two."""
    skipped = {skip.pid: skip for each in found for skip in each.skipped}
    asked.skipped = len(skipped)
    targets = [target for each in found for target in each.targets]
    details = {getattr(target.table, "detail", "") for target in targets}
    asked.detail = details.pop() if len(details) == 1 else ""
    if not choice.paths and choice.proc == "/proc":
        asked.host, asked.kernel = os.uname().nodename, os.uname().release
    notes = [*_skips([*skipped.values()])]
    for each in found:
        notes += unseen(each, choice, asked.by)
        notes += (str(error) for error in each.errors)
        notes += (f"{base_name(path)}: {note.text}" for path, note in each.notes)
        for target in each.targets:
            who = f"process {target.pid} {target.name}".rstrip()
            who = who if target.pid is not None else base_name(target.file or "")
            notes += (f"{who}: {note.text}" for note in target.table.notes)
    asked.notes = [*dict.fromkeys(notes)]
    if len(asked.notes) > NOTES:
        more = len(asked.notes) - NOTES
        asked.notes[NOTES:] = [f"… and {more:,} more notes"]


def _skips(skipped: list[Skipped]) -> Iterator[str]:
    if skipped:
        parts = ", ".join(f"{count:,} {words}" for words, count in by_reason(skipped))
        yield f"{counted_processes(len(skipped))} not read: {parts}"


def base_name(path: str) -> str:
    """Return the name of a file without its folder: those may tell too much."""
    return path.rstrip("/").rpartition("/")[2] or path
