"""What two processes hold, side by side."""

from __future__ import annotations

from memc.human.units import width_of
from memc.top.cells import amount, change, fill, style_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from memc.top.cells import Cells
    from memc.top.moment import Details, Line

    Amounts = tuple[str, int | None, int | None]

__all__ = ["compare"]

AMOUNTS = ("rss", "anon", "file", "shmem", "swap", "uss")
AMOUNT, CHANGE = 8, 9


def compare(
    one: Line, other: Line, held: Details, held_other: Details, width: int
) -> list[Cells]:
    """Return lines: the amounts of two processes, of their owners, and the difference.

    What a process does not hold at all counts as 0; what is not known as nothing.
    """
    amounts = [
        (name.upper(), getattr(one, f"{name}_kb"), getattr(other, f"{name}_kb"))
        for name in AMOUNTS
    ]
    made: list[Cells] = [[(f" {_who(one)}", "")], [(f" {_who(other)}", "")], []]
    made += _table("", amounts, width)
    made.append([])
    notes = [
        f" {_who(line)}: {details.note}"
        for line, details in ((one, held), (other, held_other))
        if details.note
    ]
    if notes:
        return made + [[(note, "warn")] for note in notes]
    return made + _table("OWNER", _owners(held, held_other), width)


def _who(line: Line) -> str:
    return f"{line.pid} {line.name}" if line.key > 0 else line.name


def _owners(held: Details, other: Details) -> list[Amounts]:
    """Return the owners of both, those that differ most first."""
    ours = {owner.name: owner.rss_kb for owner in held.owners}
    theirs = {owner.name: owner.rss_kb for owner in other.owners}
    both = [
        (name, ours.get(name, 0), theirs.get(name, 0)) for name in {**ours, **theirs}
    ]
    return sorted(both, key=lambda each: -abs((each[2] or 0) - (each[1] or 0)))


def _table(title: str, amounts: Sequence[Amounts], width: int) -> list[Cells]:
    longest = max((width_of(text) for text, _, _ in amounts), default=0)
    name = min(max(longest, 24), max(width - 2 * AMOUNT - CHANGE - 2, 8))
    heads = f" {fill(title, name)}{'FIRST':>{AMOUNT}}{'SECOND':>{AMOUNT}}"
    heads += f"{'CHANGE':>{CHANGE}}"
    made: list[Cells] = [[(heads, "head")]]
    for text, ours, theirs in amounts:
        differs = None if ours is None or theirs is None else theirs - ours
        shown = change(differs)
        first, second = amount(ours), amount(theirs)
        made.append(
            [
                (f" {fill(text, name)}{first:>{AMOUNT}}{second:>{AMOUNT}}", ""),
                (f"{shown:>{CHANGE}}", style_of(shown)),
            ]
        )
    return made
