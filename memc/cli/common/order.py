"""In which order the lines of a table are, and which of them are shown."""

from __future__ import annotations

from memc.analysis.groups import MAIN
from memc.cli.common import columns
from memc.cli.usage import UsageError
from memc.errors import MemcError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from typing import Any

    from memc.analysis.groups import Groups
    from memc.table.document import Json

__all__ = ["first_rows", "ordered", "sort_name"]


def first_rows(groups: Groups, rows: list[int], top: int | None) -> list[int]:
    """Return the first `top` of these groups; with two levels, the first of each."""
    if top is None or not groups.outer:
        return rows[:top]
    counts: dict[int, int] = {}
    picked = []
    for i in rows:
        outer = groups.outer_of[i]
        counts[outer] = counts.get(outer, 0) + 1
        if len(counts) > top:
            break
        if counts[outer] <= top:
            picked.append(i)
    return picked


def sort_name(sort: str | None, groups: Groups) -> str:
    """Return the amount to sort by.

    Raises MemcError if no region knows the amount that was asked for.
    """
    if sort is None or not columns.is_amount(sort):
        known = (MAIN[name] for name in ("pss", "rss", "size"))
        return next(filter(groups.is_known, known), "size_kb")
    (name,) = columns.asked_amounts([sort])
    if len(groups) and not groups.is_known(name):
        raise MemcError(f"--sort {sort}: not known here, see --detail")
    return name


def ordered(args: argparse.Namespace, groups: Groups, amount: str) -> list[int]:
    """Return the groups in the order of --sort and --reverse.

    Amounts and counts go from the largest to the smallest, names and numbers the other
    way.  Raises UsageError if there is no such column.
    """
    rows = groups.order(amount)
    name = args.sort or ""
    if name and not columns.is_amount(name) and name not in ("freed", "growth"):
        rows = _by_column(groups, rows, name)
    return rows[::-1] if args.reverse else rows


def _by_column(groups: Groups, rows: list[int], name: str) -> list[int]:
    found = columns.pick(_sortable(groups, rows), [name])
    if found is None:
        names = ", ".join(dict.fromkeys(map(columns.plain, _sortable(groups, []))))
        raise UsageError(f"--sort {name}: not by {groups.levels}: amounts, or {names}")
    values: Sequence[Any] = next(iter(found.values()))
    if name in ("address", "start", "end"):
        values = [int(str(value), 16) for value in values]
    is_count = name in columns.COUNTS
    by_row = dict(zip(rows, values, strict=True))
    known = [i for i in rows if by_row[i] is not None]
    known.sort(key=by_row.__getitem__, reverse=is_count)
    made = known + [i for i in rows if by_row[i] is None]
    if not groups.outer:
        return made
    outer = [*dict.fromkeys(groups.outer_of[i] for i in rows)]
    if name in columns.keys_of(groups.outer):
        outer = [*dict.fromkeys(groups.outer_of[i] for i in made)]
    return [i for o in outer for i in made if groups.outer_of[i] == o]


def _sortable(groups: Groups, rows: list[int]) -> dict[str, Sequence[Json]]:
    """Return the columns that are no amounts."""
    from memc.cli.common.data import identity, threads_of

    found = {**identity(groups, rows, commands=True)}
    if groups.by != "region":
        found["regions"] = [groups.region_count((i,)) for i in rows]
    threads = threads_of(groups, rows)
    if threads is not None:
        found["threads"] = threads
    found["processes"] = [groups.processes[i] for i in rows]
    return found
