"""Make a table of the regions in memc's JSON."""

from __future__ import annotations

from contextlib import suppress
from itertools import chain
from operator import itemgetter

from memc.files.json_columns import Held, held_as
from memc.files.json_values import NotOursError, at, exact
from memc.table.build import column, table
from memc.table.fields import CORE, PAGES, PLACE, SMAPS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, TypeAlias

    from memc.table.region import Note, Table

    Rows: TypeAlias = list[dict[str, Any]]

__all__ = ["Regions", "table_of"]

KNOWN = (*CORE, *SMAPS, *PAGES)
PATHS = ("pathname", "pathname_hex")  # regions without a name lack both


class Regions:
    """The regions of a document: columns that grow as regions are added.

    `first` has the keys of the first region.
    """

    __slots__ = ("_held", "_last", "_rows", "_seen", "first")

    def __init__(self) -> None:
        self.first: tuple[str, ...] = ()
        self._rows = 0
        self._last = 0  # where the last region ends
        self._seen: dict[str, None] = {}
        self._held: dict[str, Held] = {}

    def __len__(self) -> int:
        """Return the number of regions."""
        return self._rows

    def add(self, rows: Rows) -> None:
        """Add regions behind the others.

        Raises NotOursError for a bad value, and for regions out of order.
        """
        if not rows:
            return
        self.first = self.first or tuple(rows[0])
        found = _by_key(rows)
        self._seen |= dict.fromkeys(key for key in found if key != "pathname_hex")
        for name in _in_order(self._seen):
            values = _paths(rows) if name == "pathname" else found.get(name)
            self._add_column(name, values or (None,) * len(rows))
        self._check_order(len(rows))
        self._rows += len(rows)

    def _add_column(self, name: str, values: Sequence[Any]) -> None:
        held = self._held.get(name)
        if held is None:
            is_missing = values[0] is None and values.count(None) == len(values)
            if is_missing and (name in PLACE or name not in CORE):
                return  # so far: `table` decides
            held = self._held[name] = held_as(name, values)
            held.skip(self._rows)
        held.add(values)

    def _check_order(self, count: int) -> None:
        """Raise unless these regions are in order of address and do not overlap."""
        starts, ends = (self._held[name].values[-count:] for name in ("start", "end"))
        last, self._last = self._last, ends[-1]
        borders = [last, *chain.from_iterable(zip(starts, ends, strict=True))]
        if borders == sorted(borders):
            return
        for i, (start, end) in enumerate(zip(starts, ends, strict=True)):
            if not last <= start <= end:
                where = f".regions[{self._rows + i}]"
                raise NotOursError("a region behind the one before", where)
            last = end

    def table(self, detail: str, notes: tuple[Note, ...]) -> Table:
        """Return a table of the regions, with every column that one of them has."""
        # A column of these that is missing, or null in every region, was not read.
        absent = {*PLACE, *SMAPS} if detail == "smaps" else {*PLACE}
        columns = {}
        for name in _in_order(self._seen):
            if name in self._held:
                columns[name] = self._held[name].column()
            elif not self._rows:
                columns[name] = held_as(name, ()).column()
            elif name not in absent:
                columns[name] = column("Q", [None] * self._rows)
        return table(self._rows, columns, notes)


def table_of(rows: Rows, detail: str, notes: tuple[Note, ...]) -> Table:
    """Return a table of these regions.

    Raises NotOursError for a bad value, and for regions out of order.
    """
    regions = Regions()
    regions.add(rows)
    return regions.table(detail, notes)


def _in_order(keys: dict[str, None]) -> list[str]:
    """Return the names of columns: those of memc, in its order, then the others."""
    names = [*CORE, *(name for name in (*SMAPS, *PAGES) if name in keys)]
    return names + [key for key in keys if key not in KNOWN]


def _by_key(rows: Rows) -> dict[str, Sequence[Any]]:
    """Return the values of each key, None for a region that lacks it."""
    names = [name for name in rows[0] if name not in PATHS]
    named = sum(name in row for name in PATHS for row in rows)
    if len(names) > 1 and len(names) * len(rows) + named == sum(map(len, rows)):
        with suppress(KeyError):  # some have other keys
            lines = map(itemgetter(*names), rows)
            return dict(zip(names, zip(*lines, strict=True), strict=True))
    keys = dict.fromkeys(chain.from_iterable(rows))
    return {key: [row.get(key) for row in rows] for key in keys}


def _paths(rows: Rows) -> list[object]:
    """Return the exact pathname of each region, "" if it has none."""
    paths: list[object] = [row.get("pathname", "") for row in rows]
    for i, row in enumerate(rows):
        if "pathname_hex" in row:
            paths[i] = at(exact, row["pathname_hex"], f".regions[{i}].pathname_hex")
    return paths
