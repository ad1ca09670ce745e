"""What regions have in common: the keys of groups.

A group holds the regions of one owner, path, ..., or those of all processes of a user,
container, ....  A key is a pair: that of the outer level and that of the inner level.
"""

from __future__ import annotations

from itertools import repeat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import TypeAlias

    from memc.owners import Owner
    from memc.table.region import Table
    from memc.targets.target import Target

    # That of a process is the number of its target, and that of a region this and its
    # own number.  None is for what is not known, or in no container, pod or service.
    Key: TypeAlias = str | int | tuple[int, int] | None

__all__ = [
    "BY",
    "KEYS",
    "NEEDS",
    "OF_PROCESSES",
    "OWNED",
    "PLACES",
    "is_of_owners",
    "is_of_processes",
    "levels",
    "needs_of",
    "nested_keys",
    "parse_by",
    "paths",
    "process_key",
]

BY = ("owner", "type", "path", "region", "process")
PLACES = ("container", "pod", "service")
# Groups of whole processes: these need no regions, so totals are enough.
OF_PROCESSES = ("process", "user", "name", "command", "cgroup", *PLACES)
KEYS = (*BY, *OF_PROCESSES[1:])
OWNED = ("owner", "path", "region")  # groups by these know the owners of their regions
# The fact that a process must tell.
NEEDS = {
    "user": "uid",
    "name": "name",
    "command": "cmdline",
    **dict.fromkeys(("cgroup", *PLACES), "cgroup"),
}


def levels(by: str) -> tuple[str | None, str]:
    """Return the outer and the inner level; the outer is None if there is one level."""
    outer, _, inner = by.rpartition(",")
    return outer or None, inner


def needs_of(by: str) -> list[str]:
    """Return the facts that every process must tell for these groups."""
    return [NEEDS[level] for level in by.split(",") if level in NEEDS]


def is_of_processes(by: str) -> bool:
    """Tell whether groups hold whole processes."""
    return all(level in OF_PROCESSES for level in by.split(","))


def is_of_owners(by: str) -> bool:
    """Tell whether the owner of a region tells its group, inside of a process."""
    others = {*by.split(",")} - {*OF_PROCESSES}
    return others == {"owner"}


def parse_by(text: str) -> str:
    """Return what groups are by: one level, or two with a comma between them.

    Raises ValueError.
    """
    given = [word.strip() for word in text.split(",")]
    for word in given:
        if word not in KEYS:
            raise ValueError(f"one of {', '.join(KEYS)}, or two as in cgroup,owner")
    if len(given) > 2 or given[0] in given[1:]:
        raise ValueError("one level or two different ones, as in cgroup,owner")
    if given[0] == "region" and given[1:]:
        raise ValueError("a region inside of something, as in cgroup,region")
    return ",".join(given)


def nested_keys(
    target: Target, who: tuple[int, Sequence[int]], by: str, owners: tuple[Owner, ...]
) -> Iterable[tuple[Key, Key]]:
    """Return the keys of each region: on the outer level, None without one; and inside.

    `who` is the number of the target and the numbers of its regions.
    """
    outer, inner = levels(by)
    above: Iterable[Key] = repeat(None)
    if outer is not None:
        above = _keys(target, who, outer, owners)
    return zip(above, _keys(target, who, inner, owners), strict=False)


def _keys(
    target: Target, who: tuple[int, Sequence[int]], by: str, owners: tuple[Owner, ...]
) -> Iterable[Key]:
    """Return the key of each region on one level."""
    number, labels = who
    rows = target.sources
    if by in OF_PROCESSES:
        return repeat(process_key(target, number, by), rows)
    if by == "region":
        return zip(repeat(number, rows), labels, strict=True)
    if by == "owner":
        return [owner.owner for owner in owners]
    table = target.table
    return map(str, table.columns["type"]) if by == "type" else paths(table, owners)


def process_key(target: Target, number: int, by: str) -> Key:
    """Return the key of a process, whose number is `number`, on one level."""
    facts = target.facts
    if by == "process":
        return number
    if by == "user":
        return facts.uid
    if by == "name":
        return target.name or None
    if by == "command":
        command = facts.command(target.name)
        return None if command is None else command.key
    if by == "cgroup":
        return facts.paths[0] if facts.paths else None
    place: Key = getattr(facts.place, by)
    return place


def paths(table: Table, owners: tuple[Owner, ...]) -> list[str]:
    """Return the path of each region: its file, or "(owner)" if it is nameless.

    The bss after the data of a file belongs to that file.
    """
    nameless = {
        owner: owner.label if owner.owner.endswith(" bss") else f"({owner.owner})"
        for owner in set(owners)
    }
    names = map(str, table.columns["pathname"])
    return [name or nameless[owner] for name, owner in zip(names, owners, strict=True)]
