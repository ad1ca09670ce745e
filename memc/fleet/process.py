"""A process with its facts and with what its owners have, as a lake has them."""

from __future__ import annotations

from memc.fleet.schema import AMOUNTS, WHOLE
from memc.fleet.texts import plain
from memc.serve.names import name_of
from memc.table.amounts import whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    from memc.owners import Owner
    from memc.targets.recorded_walk import Told
    from memc.targets.target import Target

    # The owner, why, whether that is a guess, how many regions, and `AMOUNTS`.
    Row: TypeAlias = tuple[str | bool | int | None, ...]

__all__ = ["FACTS", "Process"]

FACTS = ("group", "cgroup", "name", "pid", "started", "uid")  # as facts_of has them
# The name of an amount in memc; the others have the same.
NAMES = {"uss_kb": "private_kb"}
WHY = "recorded"


class Process:
    """A process: `rows` has what each owner has, or the whole process as one owner.

    `has_regions` tells whether its table has regions, of which `owners` are the owners.
    """

    __slots__ = (
        "_owners",
        "_rows",
        "detail",
        "facts",
        "has_regions",
        "notes",
        "target",
    )

    def __init__(self, target: Target) -> None:
        self.target = target
        self.facts = facts_of(target)
        counts = getattr(target, "counts", None)  # of a recording: rows are owners
        self.has_regions = not target.is_sum and counts is None
        self.detail: str | None = getattr(target.table, "detail", None)
        self.notes = [note.code for note in target.table.notes] or None
        self._owners: Sequence[Owner] | None = None
        self._rows: list[Row] | None = None

    @property
    def owners(self) -> Sequence[Owner]:
        """The owner of each row of the table."""
        if self._owners is None:
            self._owners = () if self.target.is_sum else self.target.find_owners()
        return self._owners

    @property
    def rows(self) -> list[Row]:
        """What each owner has; an amount is None if it is not known of all of it."""
        if self._rows is None:
            self._rows = self._whole() if self.target.is_sum else self._sums()
        return self._rows

    @classmethod
    def recorded(cls, told: Told) -> Process:
        """Return a process of a recording, of which at most the owners are known."""
        made = cls(told.whole)
        if told.owners:
            made._rows = [
                (name, WHY, False, regions, size, rss, pss, uss, swap)
                for _, _, name, rss, swap, pss, uss, size, regions in told.owners
            ]
            made.notes = ["as_of"] if told.is_old else None
        return made

    def again(self, target: Target) -> Process:
        """Return this process as it was before, at another time."""
        made = Process(target)
        made.has_regions, made._rows = False, self.rows
        made.detail, made.notes = self.detail, self.notes
        return made

    def _whole(self) -> list[Row]:
        table = self.target.table
        amounts = [whole(table, NAMES.get(name, name)) for name in AMOUNTS]
        return [(WHOLE, "totals", False, None, *amounts)]

    def _sums(self) -> list[Row]:
        target, owners = self.target, self.owners
        columns = [[*target.values(NAMES.get(name, name))] for name in AMOUNTS]
        counts = getattr(target, "counts", None)
        places: dict[str, list[int]] = {}
        for row, owner in enumerate(owners):
            places.setdefault(owner.owner, []).append(row)
        made = []
        for name, rows in places.items():
            why = owners[rows[0]].why
            guess = any(owners[row].guess for row in rows)
            count = len(rows) if counts is None else sum(counts[row] for row in rows)
            amounts = [_sum([values[row] for row in rows]) for values in columns]
            made.append((name, why, guess, count, *amounts))
        return made


def _sum(values: list[int | None]) -> int | None:
    return None if None in values else sum(values)  # type: ignore[arg-type] # none


def facts_of(target: Target) -> dict[str, str | int | None]:
    cgroup = target.facts.paths[0] if target.facts.paths else None
    return {
        "group": plain(name_of(target, "service")),
        "cgroup": plain(cgroup),
        "name": plain(target.name),
        "pid": target.pid,
        "started": target.started,
        "uid": target.facts.uid,
    }
