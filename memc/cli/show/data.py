"""The groups of ``memc show`` for other programs: JSON and CSV, in kB."""

from __future__ import annotations

from memc.analysis.document import who
from memc.cli.common.columns import chosen
from memc.cli.common.data import (
    has_commands,
    identity,
    json_of,
    notes_of,
    skipped_of,
    threads_of,
)
from memc.cli.common.recorded import moments_of
from memc.cli.show.anonymous import found_runtimes
from memc.human.csv_text import csv_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from memc.analysis.groups import Groups
    from memc.cli.show.short import Shorts
    from memc.table.document import Json
    from memc.targets.target import Found

__all__ = ["csv_text", "json_text"]


def json_text(
    groups: Groups,
    rows: list[int],
    *,
    sort: str,
    found: Found,
    freed: Json = None,
    near: Shorts = (),
    commands: bool = False,
    wanted: Sequence[str] | None = None,
) -> str:
    """Return the JSON document of these groups, the total over all, and a newline.

    `freed` is what comes back if the processes end, None if nobody asked.
    `near` is what stands out of what can run out.
    """
    columns = chosen(_columns(groups, rows, commands=commands), wanted)
    lines = zip(*columns.values(), strict=True)
    total: dict[str, Json] = {name: groups.total(name) for name in groups.amounts}
    total["regions"] = groups.region_count()
    total["processes"] = len(found.targets)
    document: dict[str, Json] = {
        "by": groups.levels,
        "sort": sort,
        "groups": [dict(zip(columns, line, strict=True)) for line in lines]
        + _shared(groups, columns),
        "group_count": len(groups),
        "total": total,
        "skipped_processes": skipped_of(found.skipped),
    }
    if found.moments:
        document["recorded"] = moments_of(found)
    if freed is not None:
        document["freed"] = freed
    words = found_runtimes(groups)
    if words:
        document["runtimes"] = [*words]
    notes = notes_of(found)
    if notes:
        document["notes"] = notes
    if near:
        from memc.cli.show.risk_data import shorts

        document["risks"] = shorts(near)
    return json_of(document)


def csv_text(
    groups: Groups,
    rows: list[int],
    *,
    found: Found,
    commands: bool = False,
    wanted: Sequence[str] | None = None,
) -> str:
    """Return these groups as CSV: a line of titles, and a line for each group."""
    commands = commands or has_commands(found.targets)
    return csv_of(chosen(_columns(groups, rows, commands=commands), wanted))


def _columns(
    groups: Groups, rows: list[int], *, commands: bool
) -> Mapping[str, Sequence[Json]]:
    """Return the columns that tell these groups apart, and their sums, by name."""
    columns: dict[str, Sequence[Json]] = {**identity(groups, rows, commands=commands)}
    for name in groups.amounts:
        columns[name] = [groups.value(name, i) for i in rows]
    if groups.by == "region":
        columns["processes"] = [groups.processes[i] for i in rows]
        return columns
    columns["partial"] = [_partial(groups, i) for i in rows]
    columns["regions"] = [groups.region_count((i,)) for i in rows]
    threads = threads_of(groups, rows)
    if threads is not None:
        columns["threads"] = threads
    if groups.by != "process":
        columns["processes"] = [groups.processes[i] for i in rows]
    return columns


def _shared(groups: Groups, columns: Mapping[str, Sequence[Json]]) -> list[Json]:
    """Return a group for each process whose memory another one has and counts."""
    if groups.levels != "process":
        return []
    nothing: dict[str, Json] = dict.fromkeys(columns)
    return [
        nothing
        | who(target)
        | {"partial": [], "regions": 0, "same_memory_as": target.same_memory_as}
        for target in groups.targets
        if target.same_memory_as is not None
    ]


def _partial(groups: Groups, i: int) -> list[Json]:
    """Return the amounts that only some of the sources of a group know."""
    return [
        name
        for name, missing in groups.missing.items()
        if 0 < missing[i] < groups.sources[i]
    ]
