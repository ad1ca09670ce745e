"""All processes of a user, container, ... as a group, which a gate judges as a sum."""

from __future__ import annotations

from memc.analysis.keys import levels, process_key
from memc.targets.facts import check_told, read_facts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from memc.analysis.keys import Key
    from memc.targets.target import Target

__all__ = ["Group", "Grouping"]


class Group:
    """Processes with the same `keys`, one for each level of `by`."""

    __slots__ = ("by", "keys", "runtime")

    def __init__(self, by: str, target: Target) -> None:
        self.by = [level for level in levels(by) if level is not None]
        self.keys: tuple[Key, ...] = tuple(
            process_key(target, 0, level) for level in self.by
        )
        self.runtime = target.facts.place.runtime if "container" in self.by else None

    def __eq__(self, other: object) -> bool:
        """Tell whether two groups have the same keys."""
        return isinstance(other, Group) and self.keys == other.keys

    def __hash__(self) -> int:
        """Return the same hash for equal groups."""
        return hash(self.keys)

    def __repr__(self) -> str:
        """Show the levels and the keys."""
        return f"<Group {dict(zip(self.by, self.keys, strict=True))}>"


class Grouping:
    """How a gate groups processes.  Raises MemcError if a file does not tell enough."""

    def __init__(self, by: str, needs: list[str]) -> None:
        self.by = by
        self.needs = needs
        self._partial: set[Group] = set()

    def split(self, targets: Iterable[Target]) -> dict[Group, list[Target]]:
        """Return the processes of each group."""
        found: dict[Group, list[Target]] = {}
        targets = list(targets)
        check_told(targets, self.needs)
        for target in targets:
            found.setdefault(Group(self.by, target), []).append(target)
        return found

    def note_unread(self, pids: Iterable[int], proc: str) -> None:
        """Keep the groups of processes that could not be read: their sums lack them."""
        from memc.targets.others import read_others

        others = read_others(dict.fromkeys(pids, ""), proc)
        read_facts(others, self.needs)
        self._partial = {Group(self.by, target) for target in others}

    def is_partial(self, group: Group) -> bool:
        """Tell whether the sum of a group may lack a process.

        If it is not known where an unread process belongs, it may belong to any group.
        """
        unknown = any(None in one.keys for one in self._partial)
        return unknown or group in self._partial
