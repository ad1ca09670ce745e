"""A process of a recording, of which the sums of its owners are known, not its regions.

Each owner is as one region, so that they are grouped, sorted and compared as regions.
Its address is made up: it tells the same owner of two times.
"""

from __future__ import annotations

from memc.human.lengths import length
from memc.owners import Owner
from memc.table.build import column, table
from memc.table.fields import PERMS, TYPES
from memc.table.region import Note
from memc.table.snapshot import Reading, Snapshot
from memc.targets.target import Target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from memc.files.recording.holding import Holding
    from memc.table.columns import Column
    from memc.table.region import Table

__all__ = ["OwnersTarget"]

WHY = "recorded"
APART = 48  # bits of an address: no process has more for one owner
AMOUNTS = ("rss_kb", "swap_kb", "pss_kb", "uss_kb")
ALWAYS = ("rss_kb", "swap_kb")


class OwnersTarget(Target):
    """A process whose table has a row for each owner.

    `counts` has the number of regions of each.
    """

    __slots__ = ("counts",)

    def __init__(
        self,
        made_of: Table,
        who: Target,
        owners: tuple[Owner, ...],
        counts: Sequence[int],
    ) -> None:
        super().__init__(
            made_of, who.pid, who.name, proc="", file=who.file, started=who.started
        )
        self.facts = who.facts
        self.is_recorded = True
        self.counts = counts
        self._owners = owners

    @classmethod
    def of(cls, who: Target, held: list[Holding], read_ms: int) -> OwnersTarget:
        """Return a process with what its owners held, as it was told at a time.

        The table of `who` tells the amounts of the whole process.
        """
        reading = Reading(who.pid, "totals")
        whole = who.table
        for name in Reading.KEPT:
            setattr(reading, name, getattr(whole, name))
        reading.totals = {}
        age_ms = max((reading.timestamp_ms or read_ms) - read_ms, 0)
        notes = (_note(age_ms),) if age_ms else ()
        owners = tuple(Owner(h.name, WHY, "", guess=False) for h in held)
        made_of = Snapshot(table(len(held), _columns(held), notes), reading)
        return cls(made_of, who, owners, [h.regions for h in held])

    def part(self, rows: Sequence[int]) -> Target:
        """Return this target with these of its owners alone."""
        part = super().part(rows)
        owners = self.find_owners()
        counts = [self.counts[row] for row in rows]
        return OwnersTarget(part.table, self, tuple(owners[i] for i in rows), counts)

    def regions_in(self, places: Sequence[int]) -> dict[int, int]:
        """Return how many regions are in each place, of which each row has one."""
        found: dict[int, int] = {}
        for place, count in zip(places, self.counts, strict=True):
            found[place] = found.get(place, 0) + count
        return found


def _note(age_ms: int) -> Note:
    words = f"its owners are those of {length(age_ms)} before"
    return Note("as_of", age_ms, words)


def _columns(held: list[Holding]) -> dict[str, Column]:
    names = [holding.name for holding in held]
    starts = [holding.number << APART for holding in held]
    ends = [
        start + (holding.size_kb or 0) * 1024
        for start, holding in zip(starts, held, strict=True)
    ]
    nothing = [0] * len(held)
    columns = {
        "start": column("Q", starts),
        "end": column("Q", ends),
        "perm": column("B", nothing, PERMS),
        "offset": column("Q", nothing),
        "dev_major": column("I", nothing),
        "dev_minor": column("I", nothing),
        "inode": column("Q", nothing),
        "pathname": column("I", [*range(len(held))], names),
        "type": column("B", [TYPES.index("unknown")] * len(held), TYPES),
        "size_kb": column("Q", [holding.size_kb for holding in held]),
    }
    for name in AMOUNTS:
        amounts = [getattr(holding, name) for holding in held]
        if name in ALWAYS or any(amount is not None for amount in amounts):
            columns[name] = column("Q", amounts)
    return columns
