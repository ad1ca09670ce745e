"""Put each region into its group.  Groups are numbered as their keys appear."""

from __future__ import annotations

from memc.analysis.keys import (
    OWNED,
    is_of_owners,
    is_of_processes,
    levels,
    nested_keys,
    paths,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import TypeAlias

    from memc.analysis.keys import Key
    from memc.table.numbering import Numbers
    from memc.targets.target import Target

    Nested: TypeAlias = tuple[Key, Key]  # on the outer level, None if there is none

__all__ = ["LEFT_OUT", "compact", "holds", "place"]

MANY = 512  # regions, of which each owner is placed once
LEFT_OUT = -1  # in place of a group's number: the region is in no group


def place(
    target: Target,
    who: tuple[int, Sequence[int]],
    by: str,
    *,
    numbers: Numbers[Nested],
    keep: Callable[[str], object] | None = None,
) -> list[int]:
    """Return the group of each source, LEFT_OUT for regions that do not pass `keep`.

    `who` is the number of the target and the numbers of its regions.  Keys that are new
    are added to `numbers`.
    """
    if target.is_sum:
        return _place_sum(target, who, by, numbers=numbers, keep=keep)
    is_owned = keep is not None or any(level in OWNED for level in levels(by))
    owners = target.find_owners() if is_owned else ()
    some = owners
    if len(owners) > MANY and is_of_owners(by):
        some = tuple(dict.fromkeys(owners))
    pairs = nested_keys(target, who, by, some)
    rows = list(map(numbers.__getitem__, pairs))
    if len(some) < len(owners):
        of_owner = dict(zip(some, rows, strict=True))
        rows = list(map(of_owner.__getitem__, owners))
    if keep is None:
        return rows
    names = paths(target.table, owners)
    passed = {path: bool(keep(path)) for path in set(names)}
    named = zip(rows, names, strict=True)
    return [row if passed[path] else LEFT_OUT for row, path in named]


def _place_sum(
    target: Target,
    who: tuple[int, Sequence[int]],
    by: str,
    *,
    numbers: Numbers[Nested],
    keep: Callable[[str], object] | None,
) -> list[int]:
    """Return the group of a process of which only the totals are known."""
    if not is_of_processes(by) or keep is not None:
        return [LEFT_OUT] * target.sources
    pairs = nested_keys(target, who, by, ())
    return list(map(numbers.__getitem__, pairs))


def holds(rows: Iterable[int]) -> bool:
    """Tell whether any of these regions is in a group."""
    return any(row != LEFT_OUT for row in rows)


def compact(places: list[list[int]], numbers: Numbers[Nested]) -> list[Nested]:
    """Drop the groups without regions and renumber the others; return their keys."""
    used = set().union(*places) - {LEFT_OUT}
    if len(used) < len(numbers):
        kept = {row: i for i, row in enumerate(sorted(used))} | {LEFT_OUT: LEFT_OUT}
        places[:] = [[kept[row] for row in rows] for rows in places]
    return [key for key, row in numbers.items() if row in used]
