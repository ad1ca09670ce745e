"""The changes of groups for other programs: JSON and CSV, in kB."""

from __future__ import annotations

from memc.analysis.document import amounts, counts, spans, total, when, who
from memc.analysis.kinds import KINDS
from memc.cli.common.columns import chosen
from memc.cli.common.data import (
    has_commands,
    identity,
    json_of,
    notes_of,
    skipped_of,
)
from memc.human.csv_text import csv_of
from memc.targets.twice import skipped_by_either

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from memc.analysis.growth import Growth
    from memc.analysis.trend import Trend
    from memc.table.document import Json
    from memc.targets.target import Found

__all__ = ["csv_text", "json_text"]


def json_text(
    growth: Growth,
    rows: list[int],
    *,
    sort: str,
    found: tuple[Found, Found],
    same: bool = False,
    commands: bool = False,
    wanted: Sequence[str] | None = None,
    trend: Trend | None = None,
) -> str:
    """Return the JSON document of these changes, the total over all, and a newline.

    `trend` is how the amount went that they are sorted by, None if nobody kept it.
    """
    columns = chosen(_columns(growth, rows, trend, commands=commands), wanted)
    lines = zip(*columns.values(), strict=True)
    document: dict[str, Json] = {
        "by": growth.levels,
        "sort": sort,
        "before": _side(found[0]),
        "after": _side(found[1]),
        "same": same,
        "changes": [dict(zip(columns, line, strict=True)) for line in lines],
        "change_count": len(growth) - growth.unchanged,
        "unchanged_count": growth.unchanged,
        "total": total(growth),
        "skipped_processes": skipped_of(skipped_by_either(*found)),
    }
    if trend is not None:
        document["total"] = total(growth) | _trend(trend, range(len(growth)))
        document["trend"] = {"of": trend.name, "times_ms": [*trend.times_ms]}
    notes = [note for side in found for note in notes_of(side)]
    if notes:
        document["notes"] = notes
    return json_of(document)


def csv_text(
    growth: Growth,
    rows: list[int],
    *,
    sort: str,
    found: tuple[Found, Found],
    same: bool = False,
    commands: bool = False,
    wanted: Sequence[str] | None = None,
    trend: Trend | None = None,
) -> str:
    """Return these changes as CSV: a line of titles, and a line for each group."""
    del sort, same
    commands = commands or any(has_commands(side.targets) for side in found)
    columns = _columns(growth, rows, trend, commands=commands)
    columns.pop("points_kb", None)  # no cell holds a list of numbers
    return csv_of(chosen(columns, wanted))


def _side(found: Found) -> dict[str, Json]:
    """Return who was read and when, and the number of processes."""
    targets = found.targets
    alone = who(targets[0]) if len(targets) == 1 else {"pid": None, "name": None}
    files = {target.file for target in targets}
    return {
        **alone,
        "file": who(targets[0])["file"] if len(files) == 1 else None,
        "timestamp_ms": when(targets),
        "processes": len(targets),
    }


def _trend(trend: Trend, rows: Sequence[int]) -> dict[str, Json]:
    """Return how fast these groups grew, and their sum at each time."""
    return {"kb_per_hour": trend.rate(rows), "points_kb": [*trend.line(rows)]}


def _columns(
    growth: Growth, rows: list[int], trend: Trend | None, *, commands: bool
) -> dict[str, Sequence[Json]]:
    """Return the columns that tell these groups apart, and their changes, by name."""
    columns: dict[str, Sequence[Json]] = {**identity(growth, rows, commands=commands)}
    if growth.by == "region":
        columns |= spans([growth.changes[i] for i in rows])
    columns |= amounts(growth, rows)
    if trend is not None and growth.by != "region":
        trends = [_trend(trend, (i,)) for i in rows]
        for name in ("kb_per_hour", "points_kb"):
            columns[name] = [each[name] for each in trends]
    columns |= counts(growth, rows)
    if growth.by != "process":
        columns["processes"] = [growth.processes[i] for i in rows]
    if growth.by != "region":
        for kind in KINDS:
            name = kind.replace(" ", "_")
            columns[name] = [growth.kinds[i].get(kind, 0) for i in rows]
    return columns
