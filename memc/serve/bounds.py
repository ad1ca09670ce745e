"""Keep the number of groups and series within bounds.

Each name of a group is a time series for good, so a group that is the 100th now and the
101st then must not come and go: it stays while it is among the first 200.
"""

from __future__ import annotations

from memc.serve.amounts import OwnerAmounts, add, add_owners
from memc.serve.scan import OTHER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, TypeAlias

    from memc.serve.amounts import Amounts

    Groups: TypeAlias = dict[str, Amounts]
    Owned: TypeAlias = dict[str, OwnerAmounts]  # by owner
    Owners: TypeAlias = dict[tuple[str, str], OwnerAmounts]

__all__ = ["FIXED", "MAX_SERIES", "MIN_SERIES", "OF_GROUP", "Bounds"]

FIXED = 40  # series that are not of a group, at most
OF_GROUP = 9  # of each group: an amount, or how many processes do not tell it
MAX_SERIES, MIN_SERIES = 10_000, 100
FAR = 2  # times the groups that are told: so far down a group stays


class Bounds:
    """Chooses which groups are told; the others are added to "other"."""

    def __init__(self, groups: int, max_series: int) -> None:
        room = max(1, (max_series - FIXED) // OF_GROUP - 1)  # without "other"
        self._most = min(groups, room)
        self._max_series = max_series
        self._kept: set[str] = set()
        self._owned: set[str] = set()

    def fold(self, members: Mapping[str, list[Amounts]]) -> tuple[Groups, int]:
        """Return the groups that are told, the largest first, and how many are not.

        `members` has the processes of each group.
        """
        sizes = {name: sum(map(_size, some)) for name, some in members.items()}
        order = sorted(members, key=lambda name: (-sizes[name], name))
        order = [name for name in order if name != OTHER]
        self._kept = {*_first(order, self._kept, self._most)[: self._most]}
        told = {name: add(members[name]) for name in order if name in self._kept}
        left = [some for name, some in members.items() if name not in self._kept]
        if left:
            told[OTHER] = add(each for some in left for each in some)
        return told, len(left)

    def fold_owners(
        self, groups: Groups, owners: Owners, *, hidden: set[str]
    ) -> tuple[Owners, int]:
        """Return the owners that are told, and how many amounts are not.

        `groups` are those that `fold` returned.  Owners of the smallest groups are
        added to those of "other" until there is room for all.  The owners of the groups
        in `hidden` are not known, so those of "other" are not with one of these in it.
        """
        told: dict[str, Owned] = {name: {} for name in groups if name != OTHER}
        other: Owned = {}
        for (group, owner), amounts in owners.items():
            if group in told:
                told[group][owner] = amounts
            else:
                _add(other, owner, amounts)
        room = self._max_series - FIXED - OF_GROUP * len(groups)
        rest = Rest({} if hidden - {*told} else other, room, is_open=hidden <= {*told})
        order = [name for name in told if told[name]]
        fitting = len(rest.fit(order, told)[0])
        order = _first(order, self._owned, fitting)
        kept, other = rest.fit(order, told)
        self._owned = {*kept}
        found = {(n, o): a for n in told if n in kept for o, a in told[n].items()}
        found |= {(OTHER, owner): amounts for owner, amounts in other.items()}
        asked = sum(_series(told[name]) for name in order) + _series(rest.owned)
        return found, max(0, asked - _series(found))


class Rest:
    """The owners of "other", which those of groups without room are added to.

    `room` is how many amounts may be told.  Without `is_open` they cannot be added.
    """

    def __init__(self, owned: Owned, room: int, *, is_open: bool) -> None:
        self.owned = owned
        self._room = room
        self._is_open = is_open

    def fit(self, order: list[str], told: dict[str, Owned]) -> tuple[list[str], Owned]:
        """Return the first names whose owners have room, and the owners of "other"."""
        kept, other = [*order], {**self.owned}
        count = sum(_series(told[name]) for name in kept)
        while kept and count + _series(other) > self._room:
            last = told[kept.pop()]
            count -= _series(last)
            for owner, amounts in last.items() if self._is_open else ():
                _add(other, owner, amounts)
        while other and count + _series(other) > self._room:
            del other[min(other, key=lambda owner: (_size(other[owner]), owner))]
        return kept, other


def _first(order: list[str], before: set[str], most: int) -> list[str]:
    """Return the names in order, but first those of `before` that are still near."""
    near = [name for name in order[: FAR * most] if name in before][:most]
    known = {*near}
    return [*near, *(name for name in order if name not in known)]


def _add(owned: Owned, owner: str, amounts: OwnerAmounts) -> None:
    known = owned.get(owner)
    owned[owner] = amounts if known is None else add_owners((known, amounts))


def _series(owners: Mapping[Any, OwnerAmounts]) -> int:
    """Return how many amounts are told: those above 0."""
    return sum(bool(amount) for each in owners.values() for amount in each)


def _size(amounts: Amounts | OwnerAmounts) -> int:
    return amounts.resident_kb or 0
