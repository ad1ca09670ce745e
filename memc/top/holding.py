"""What a process holds, as a view shows it: its regions, or why it has none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload

from memc.human.units import safe
from memc.record.followed import ZOMBIE
from memc.table.amounts import values
from memc.top.moment import Region

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.table.snapshot import Snapshot
    from memc.top.moment import Line

__all__ = ["Regions", "why_nothing"]


def why_nothing(line: Line) -> str:
    """Return why a line can have no owners; "" if it may have some."""
    if line.key < 0:
        return "a group has no owners: select a process"
    if line.same_as is not None:
        return f"it has the memory of process {line.same_as}"
    if line.is_kernel or line.state in ZOMBIE:
        return "it has no memory of its own"
    return ""


class Regions(Sequence[Region]):
    """The regions of a snapshot, the largest first; each is made when asked for."""

    def __init__(self, snap: Snapshot) -> None:
        self._snap = snap
        self._order: list[int] | None = None

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._snap)

    @overload
    def __getitem__(self, at: int) -> Region: ...
    @overload
    def __getitem__(self, at: slice) -> list[Region]: ...
    def __getitem__(self, at: int | slice) -> Region | list[Region]:
        """Return a region, or some of them."""
        if self._order is None:
            self._rss, self._swap = (
                [*values(self._snap, name)] for name in ("rss_kb", "swap_kb")
            )
            known = [kb or 0 for kb in self._rss]
            self._order = sorted(range(len(known)), key=lambda at: -known[at])
            self._owners = self._snap.find_owners()
        if isinstance(at, slice):
            return [self._make(one) for one in self._order[at]]
        return self._make(self._order[at])

    def _make(self, at: int) -> Region:
        region = self._snap[at]
        return Region(
            start=region.start,
            end=region.end,
            perms=region.perm,
            pathname=safe(region.pathname),
            owner=safe(self._owners[at].owner),
            rss_kb=self._rss[at],
            swap_kb=self._swap[at],
        )
