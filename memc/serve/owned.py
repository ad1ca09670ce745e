"""Sums by group and by what memory is for."""

from __future__ import annotations

from memc.analysis.adding import add_all
from memc.analysis.groups import Groups
from memc.serve.amounts import OwnerAmounts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.analysis.keys import Key
    from memc.targets.target import Target

__all__ = ["sum_owners"]

NAMES = ("rss_kb", "private_kb", "swap_kb")  # in the order of OwnerAmounts


def sum_owners(
    members: dict[str, list[Target]],
) -> tuple[dict[tuple[str, str], OwnerAmounts], set[str]]:
    """Return the sums by group and owner, and the groups that are left out.

    `members` has the processes of each group.  A group is left out if the regions of
    one of its processes are not known, because nobody knows what those are for.
    """
    hidden = {group for group, some in members.items() if any(map(_hides, some))}
    numbers: dict[tuple[Key, Key], int] = {}
    targets: list[Target] = []
    places: list[list[int]] = []
    for group, some in members.items():
        if group in hidden:
            continue
        for target in some:
            pairs = [(group, owner.owner) for owner in target.find_owners()]
            places.append([numbers.setdefault(p, len(numbers)) for p in pairs])
        targets += some
    sums = Groups.of("name,owner", NAMES, targets, [*numbers])
    add_all(sums, targets, places)
    found = {
        (str(group), str(owner)): OwnerAmounts(
            *(None if sums.missing[n][i] else sums.amounts[n][i] for n in NAMES)
        )
        for (group, owner), i in numbers.items()
    }
    return found, hidden


def _hides(target: Target) -> bool:
    is_cut = any(note.code == "cut" for note in target.table.notes)
    return is_cut or (target.is_sum and target.sources > 0)
