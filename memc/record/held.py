"""What the owners in a process hold: sums over the regions of a snapshot."""

from __future__ import annotations

from memc.table.amounts import values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from memc.table.snapshot import Snapshot

    Sums: TypeAlias = dict[str, list[int | None]]

__all__ = ["AMOUNTS", "held_by_owner"]

AMOUNTS = ("rss_kb", "swap_kb", "pss_kb", "uss_kb", "size_kb")
UNTOLD = {"uss_kb": "private_kb"}  # smaps tells it by another name


def held_by_owner(snap: Snapshot) -> Sums:
    """Return for each owner the sums of `AMOUNTS`, in kB, and how many regions it has.

    A sum is None if a region of the owner does not tell the amount.
    """
    found = [owner.owner for owner in snap.find_owners()]
    sums: Sums = {owner: [0] * len(AMOUNTS) for owner in dict.fromkeys(found)}
    for at, name in enumerate(AMOUNTS):
        named = UNTOLD.get(name, name) if name not in snap.columns else name
        for owner, value in zip(found, values(snap, named), strict=False):
            held = sums[owner][at]
            sums[owner][at] = None if held is None or value is None else held + value
    for owner, amounts in sums.items():
        amounts.append(found.count(owner))
    return sums
