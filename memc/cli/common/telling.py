"""Messages about what could not be read, which sub-commands share."""

from __future__ import annotations

from memc.cli.output import by_reason, counted, say
from memc.errors import MemcError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from memc.table.snapshot import Skipped
    from memc.targets.choice import Choice
    from memc.targets.target import Found

__all__ = ["nobody", "tell_notes", "tell_skipped"]

NOTES_SHOWN = 5


def tell_notes(found: Found) -> None:
    """Print why tables are not whole, and together which amounts are older."""
    notes = [
        (target.file or f"process {target.pid}", note)
        for target in found.targets
        for note in target.table.notes
    ]
    ages_ms = [note.count for _, note in notes if note.code == "as_of"]
    if len(ages_ms) > 1:
        notes = [(who, note) for who, note in notes if note.code != "as_of"]
    notes = [*found.notes, *notes]
    for who, note in notes[:NOTES_SHOWN]:
        say(f"{who}: {note.text}")
    if len(notes) > NOTES_SHOWN:
        say(f"… and {counted(len(notes) - NOTES_SHOWN, 'note')} more")
    if len(ages_ms) > 1:
        what = f"the amounts of {len(ages_ms):,} processes were read"
        from memc.human.lengths import length

        say(f"{what} up to {length(max(ages_ms))} before: none of them has run since")


def tell_skipped(skipped: Sequence[Skipped], proc: str = "/proc") -> None:
    """Print which processes could not be read, and why; call this last."""
    if not skipped:
        return
    _tell_who([skip for skip in skipped if skip.reason != "gone"], proc)
    parts = ", ".join(f"{count} {words}" for words, count in by_reason(skipped))
    noun = "process" if len(skipped) == 1 else "processes"
    say(f"{len(skipped):,} {noun} not read: {parts}")


def _tell_who(skipped: list[Skipped], proc: str) -> None:
    """Print who could not be read, what would help, and how much was not seen."""
    if not skipped:
        return
    from memc.cli.common.unread import SHOWN, whose
    from memc.human.units import human
    from memc.targets.unread import users_and_rss

    if len(skipped) <= SHOWN:
        for skip in skipped:
            say(skip.text or f"process {skip.pid} {skip.name}: {skip.reason}")
    else:
        why = skipped[0].text.partition(": ")[2]
        say(f"the first, process {skipped[0].pid} {skipped[0].name}: {why}")
    users, rss_kb = users_and_rss(skipped, proc)
    if len(skipped) > SHOWN:
        say(f"of these are {whose(users)}")
    if rss_kb:
        say(f"not seen: {human(rss_kb)} of resident memory")


def nobody(choice: Choice, skipped: Sequence[Skipped]) -> MemcError:
    """Return the error for a choice without processes; print how many were skipped."""
    tell_skipped(skipped, choice.proc)
    return MemcError("none was read" if skipped else choice.nobody())
