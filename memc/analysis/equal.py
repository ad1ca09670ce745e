"""Regions that are equal in two tables: all that `match` compares is the same.

Most regions of a process are, so the stages of ``memc.analysis.match`` are for few.
"""

from __future__ import annotations

from memc.table.fields import DELETED, PLACE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeAlias

    from memc.table.region import Table

    # Start, end, permissions, name, and PLACE.
    Row: TypeAlias = tuple[Any, ...]

__all__ = ["NEW", "equal_rows", "rows_of"]

NEW = -1  # in place of the number of a change: the region is in none


def rows_of(table: Table, *, has_place: bool) -> list[Row]:
    """Return what `match` compares of each region."""
    columns = table.columns
    spans = (columns[name].values.tolist() for name in ("start", "end", "perm"))
    names = [str(name).removesuffix(DELETED) for name in columns["pathname"]]
    zeros = [0] * len(names)
    place = (columns[name].values.tolist() if has_place else zeros for name in PLACE)
    return list(zip(*spans, names, *place, strict=True))


def equal_rows(olds: list[Row], news: list[Row]) -> tuple[list[int], list[int]]:
    """Return a number for each row that is equal before and after, NEW for others.

    Regions do not overlap within a table, so equal ones overlap no third one: they are
    in the same change, and no other region is.
    """
    mates = dict(zip(news, range(len(news)), strict=True))
    if len(mates) < len(news) or len(set(olds)) < len(olds):
        return [NEW] * len(olds), [NEW] * len(news)  # of a text that is no process's
    found = list(map(mates.get, olds))
    old_labels, new_labels = [NEW] * len(olds), [NEW] * len(news)
    pairs = [(i, j) for i, j in enumerate(found) if j is not None]
    for label, (i, j) in enumerate(pairs):
        old_labels[i] = new_labels[j] = label
    return old_labels, new_labels
