"""The memory of a user, container, owner, ..., which a gate judges as a sum."""

from __future__ import annotations

from memc.analysis.adding import add
from memc.analysis.groups import Groups
from memc.analysis.keys import (
    NEEDS,
    OF_PROCESSES,
    is_of_processes,
    needs_of,
    process_key,
)
from memc.analysis.places import place
from memc.errors import MemcError
from memc.table.numbering import Numbers
from memc.targets.facts import check_told, knows, read_facts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from memc.analysis.keys import Key
    from memc.analysis.places import Nested
    from memc.targets.target import Target

__all__ = ["Group", "Grouping"]


class Group:
    """A group of memory: group `i` of `groups`, as others know it from its keys.

    `keys` has the level and the key of each level.  A process is known by its file and
    pid, and a region also by its first address.
    """

    __slots__ = ("groups", "i", "keys")

    def __init__(self, groups: Groups, i: int) -> None:
        self.groups = groups
        self.i = i
        keys: list[tuple[str, Hashable]] = []
        if groups.outer:
            outer = groups.outer_keys[groups.outer_of[i]]
            keys.append((groups.outer, _lasting(groups, groups.outer, outer)))
        keys.append((groups.by, _lasting(groups, groups.by, groups.keys[i])))
        self.keys = tuple(keys)

    def __eq__(self, other: object) -> bool:
        """Tell whether two groups have the same keys."""
        return isinstance(other, Group) and self.keys == other.keys

    def __hash__(self) -> int:
        """Return the same hash for equal groups."""
        return hash(self.keys)

    def __repr__(self) -> str:
        """Show the levels and the keys."""
        return f"<Group {dict(self.keys)}>"


class Grouping:
    """How a gate groups memory.  `of_regions` tells whether groups split processes."""

    def __init__(self, by: str) -> None:
        self.by = by
        self.needs = needs_of(by)
        self.of_regions = not is_of_processes(by)
        self._unread: list[Target] = []

    def split(self, targets: Iterable[Target]) -> dict[Group, list[Target]]:
        """Return of each group the processes, or the part of each that is in it.

        Raises MemcError if a file does not tell enough.
        """
        targets = list(targets)
        check_told(targets, self.needs)
        if not self.of_regions:
            targets = [target.summed() for target in targets]
        numbers: Numbers[Nested] = Numbers()
        places = []
        for i, target in enumerate(targets):
            if target.is_sum and self.of_regions:
                raise MemcError(
                    f"{target.file or target.pid}: totals have no regions for --by "
                    f"{self.by}: --by process works"
                )
            who = i, range(target.sources)
            places.append(place(target, who, self.by, numbers=numbers))
        groups = Groups.of(self.by, (), targets, [*numbers])
        for target, rows in zip(targets, places, strict=True):
            add(groups, target, rows)
        made = [Group(groups, i) for i in range(len(groups))]
        found: dict[Group, list[Target]] = {group: [] for group in made}
        for target, rows in zip(targets, places, strict=True):
            inside: dict[int, list[int]] = {}
            for row, number in enumerate(rows):
                inside.setdefault(number, []).append(row)
            for number, members in inside.items():
                part = target.part(members) if self.of_regions else target
                found[made[number]].append(part)
        return found

    def note_unread(self, pids: Iterable[int], proc: str) -> None:
        """Keep the processes that could not be read: the sums of groups lack them."""
        from memc.targets.others import read_others

        self._unread = read_others(dict.fromkeys(pids, ""), proc)
        read_facts(self._unread, self.needs)

    def is_partial(self, group: Group) -> bool:
        """Tell whether the sum of a group may lack a process.

        What is not known of an unread process may be what the group is of.
        """
        return any(
            all(_may_be(target, level, key) for level, key in group.keys)
            for target in self._unread
        )


def _may_be(target: Target, level: str, key: Hashable) -> bool:
    """Tell whether an unread process may have memory in a group with this key."""
    if level in ("process", "region"):
        return False  # such a group is of a process that was read
    if level not in OF_PROCESSES or not knows(target, NEEDS[level]):
        return True
    return process_key(target, 0, level) == key


def _lasting(groups: Groups, level: str, key: Key) -> Hashable:
    """Return a key that a later reading has, too."""
    number, row = key if isinstance(key, tuple) else (key, None)
    if level not in ("process", "region") or not isinstance(number, int):
        return key
    target = groups.targets[number]
    who = target.file, target.pid
    return who if row is None else (*who, target.table.columns["start"][row])
