"""What changed, as JSON has it: the parts of such documents, and that of a diff."""

from __future__ import annotations

from memc.table.document import shown_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from memc.analysis.differences import Diff
    from memc.analysis.groups import Groups
    from memc.analysis.growth import Growth
    from memc.analysis.pair import Pair
    from memc.table.document import Json
    from memc.targets.target import Target

__all__ = [
    "amounts",
    "counts",
    "names_of",
    "of_diff",
    "people",
    "regions",
    "spans",
    "total",
    "when",
    "who",
]

RANKED = ("pss_kb", "rss_kb", "size_kb")  # sorted by the first that is known


def of_diff(diff: Diff, *, whole: bool = True) -> dict[str, Json]:
    """Return the document of a diff, with an object for each change of regions.

    Without `whole` its list of changes is empty.
    """
    growth = diff.by("region")
    sort = next((name for name in RANKED if growth.is_known(name)), "size_kb")
    columns: dict[str, Sequence[Json]] = {}
    rows = growth.order(sort) if whole else []
    if rows:
        columns |= regions(growth, rows)
        columns |= spans([growth.changes[i] for i in rows])
        columns |= amounts(growth, rows)
        columns |= counts(growth, rows)
        columns["processes"] = [growth.processes[i] for i in rows]
    sides = [[t for pair in diff.pairs if (t := pair.sides[i][0])] for i in (0, 1)]
    lines = zip(*columns.values(), strict=True)
    document: dict[str, Json] = {
        "by": "region",
        "sort": sort,
        "before": _side(sides[0]),
        "after": _side(sides[1]),
        "same": not growth.differs(),
        "changes": [dict(zip(columns, line, strict=True)) for line in lines],
        "change_count": len(growth) - growth.unchanged,
        "unchanged_count": growth.unchanged,
        "total": total(growth),
    }
    notes: list[Json] = [
        {**who(target), "code": note.code, "count": note.count, "text": note.text}
        for side in sides
        for target in side
        for note in target.table.notes
    ]
    return document | ({"notes": notes} if notes else {})


def _side(targets: Sequence[Target]) -> dict[str, Json]:
    alone = who(targets[0]) if len(targets) == 1 else {"pid": None, "name": None}
    return {**alone, "timestamp_ms": when(targets), "processes": len(targets)}


def when(targets: Sequence[Target]) -> int | None:
    """Return when the first of these was read; None if that is not known."""
    times = [getattr(target.table, "timestamp_ms", None) for target in targets]
    return min((time for time in times if time is not None), default=None)


def who(target: Target) -> dict[str, Json]:
    """Return the keys that identify a target: pid, name and file."""
    file = shown_text(target.file) if target.file else None
    return {"pid": target.pid, "name": shown_text(target.name), "file": file}


def people(targets: Sequence[Target]) -> dict[str, Sequence[Json]]:
    """Return the columns that identify targets."""
    known = {target: who(target) for target in set(targets)}
    return {
        name: [known[target][name] for target in targets]
        for name in ("pid", "name", "file")
    }


def regions(groups: Groups, rows: Sequence[int]) -> dict[str, Sequence[Json]]:
    """Return the columns that tell groups by region apart."""
    keys = [key for i in rows if isinstance(key := groups.keys[i], tuple)]
    columns = people([groups.targets[number] for number, _ in keys])
    for name in ("start", "end", "perm", "type", "pathname"):
        lists = [list(target.table.columns[name]) for target in groups.targets]
        values = [lists[number][row] for number, row in keys]
        if name in ("start", "end"):
            columns[name] = [hex(v) for v in values if isinstance(v, int)]
        else:
            columns[name] = [shown_text(str(value)) for value in values]
    owners = [owner for i in rows for owner in groups.owners[i]]
    columns["owner"] = [owner.owner for owner in owners]
    columns["guess"] = [owner.guess for owner in owners]
    columns["why"] = [owner.why for owner in owners]
    columns["label"] = [shown_text(owner.label) for owner in owners]
    return columns


def spans(changes: Sequence[tuple[Pair, int]]) -> dict[str, Sequence[Json]]:
    """Return the kinds of these changes, and their addresses on both sides."""
    columns: dict[str, Sequence[Json]] = {
        "kind": [pair.kinds[change] for pair, change in changes]
    }
    for side, names in enumerate((("start_before", "end_before"), ("start", "end"))):
        found = [_span(pair, change, side) for pair, change in changes]
        columns |= {name: [span[i] for span in found] for i, name in enumerate(names)}
    return columns


def _span(pair: Pair, change: int, side: int) -> tuple[str | None, str | None]:
    target, _ = pair.sides[side]
    rows = pair.rows(change)[side]
    if target is None or not rows:
        return None, None
    columns = target.table.columns
    return hex(columns["start"].values[rows[0]]), hex(columns["end"].values[rows[-1]])


def amounts(growth: Growth, rows: Sequence[int]) -> Mapping[str, Sequence[Json]]:
    """Return the columns of all amounts: before, after, and the growth."""
    columns: dict[str, Sequence[Json]] = {}
    for name in growth.amounts:
        sides = (growth.before, growth.after, growth)
        for column, groups in zip(names_of(name), sides, strict=True):
            columns[column] = [groups.value(name, i) for i in rows]
    return columns


def counts(growth: Growth, rows: Sequence[int]) -> Mapping[str, Sequence[Json]]:
    """Return the columns that count regions, before and after."""
    sides = {"regions_before": growth.before, "regions_after": growth.after}
    return {
        name: [groups.region_count((i,)) for i in rows]
        for name, groups in sides.items()
    }


def total(growth: Growth) -> dict[str, Json]:
    """Return the amounts over all groups."""
    found: dict[str, Json] = {}
    for name in growth.amounts:
        sides = (growth.before, growth.after, growth)
        for column, groups in zip(names_of(name), sides, strict=True):
            found[column] = groups.total(name)
    found["regions_before"] = growth.before.region_count()
    found["regions_after"] = growth.after.region_count()
    found["processes"] = growth.process_count
    return found


def names_of(name: str) -> tuple[str, str, str]:
    """Return the names of the three columns of an amount."""
    stem = name.removesuffix("_kb")
    return f"{stem}_before_kb", f"{stem}_after_kb", f"{stem}_growth_kb"
