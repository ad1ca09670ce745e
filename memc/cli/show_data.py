"""The groups of ``memc show`` for other programs: JSON and CSV, in kB."""

from __future__ import annotations

from memc.document import _shown, dumps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from memc.document import Json
    from memc.groups import Groups
    from memc.owners import Owner
    from memc.snapshot import Skipped
    from memc.targets import Found, Target

__all__ = [
    "csv_of",
    "csv_text",
    "identity",
    "json_of",
    "json_text",
    "notes_of",
    "skipped_of",
    "who",
]


def json_text(groups: Groups, rows: list[int], *, sort: str, found: Found) -> str:
    """Return the JSON document of these groups, the total over all, and a newline."""
    columns = _columns(groups, rows)
    lines = zip(*columns.values(), strict=True)
    total: dict[str, Json] = {name: groups.total(name) for name in groups.amounts}
    total["regions"] = sum(groups.regions)
    total["processes"] = len(found.targets)
    document: dict[str, Json] = {
        "by": groups.by,
        "sort": sort,
        "groups": [dict(zip(columns, line, strict=True)) for line in lines],
        "group_count": len(groups),
        "total": total,
        "skipped_processes": skipped_of(found.skipped),
    }
    notes = notes_of(found)
    if notes:
        document["notes"] = notes
    return json_of(document)


def csv_text(groups: Groups, rows: list[int], *, sort: str, found: Found) -> str:
    """Return these groups as CSV: a line of titles, and one each."""
    del sort, found
    return csv_of(_columns(groups, rows))


def json_of(document: Mapping[str, Json]) -> str:
    """Return the text of a document, and a newline."""
    return dumps(document, pretty=True).decode() + "\n"


def skipped_of(skipped: Iterable[Skipped]) -> list[Json]:
    """Return what tells of processes that could not be read."""
    return [
        {"pid": skip.pid, "name": _shown(skip.name), "reason": skip.reason}
        for skip in skipped
    ]


def notes_of(found: Found) -> list[Json]:
    """Return what kept tables from being whole, and whose."""
    return [
        {**who(target), "code": note.code, "count": note.count, "text": note.text}
        for target in found.targets
        for note in target.table.notes
    ]


def csv_of(columns: Mapping[str, Sequence[Json]]) -> str:
    """Return columns as CSV: a line of titles, and one a row."""
    import csv
    import io

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*(map(_cell, c) for c in columns.values()), strict=True))
    return out.getvalue()


def _cell(value: Json) -> Json:
    if isinstance(value, list):
        return "; ".join(map(str, value))
    return int(value) if isinstance(value, bool) else value


def _columns(groups: Groups, rows: list[int]) -> Mapping[str, Sequence[Json]]:
    """Return by name what tells each of these groups from others, and its sums."""
    columns: dict[str, Sequence[Json]] = {**identity(groups, rows)}
    for name in groups.amounts:
        columns[name] = [groups.value(name, i) for i in rows]
    if groups.by == "region":
        return columns
    columns["partial"] = [_partial(groups, i) for i in rows]
    columns["regions"] = [groups.regions[i] for i in rows]
    if groups.by != "process":
        columns["processes"] = [groups.processes[i] for i in rows]
    return columns


def _partial(groups: Groups, i: int) -> list[Json]:
    """Name the sums that are of a part of the regions, as others are not known."""
    return [
        name
        for name, missing in groups.missing.items()
        if 0 < missing[i] < groups.regions[i]
    ]


def identity(groups: Groups, rows: list[int]) -> Mapping[str, Sequence[Json]]:
    """Return by name what tells each of these groups from others."""
    keys = [groups.keys[i] for i in rows]
    if groups.by == "region":
        return _regions(groups, rows, [key for key in keys if isinstance(key, tuple)])
    if groups.by == "process":
        return _people([groups.targets[key] for key in keys if isinstance(key, int)])
    columns: dict[str, Sequence[Json]] = {groups.by: [_shown(str(key)) for key in keys]}
    if groups.by == "owner":
        columns["guess"] = [any(o.guess for o in groups.owners[i]) for i in rows]
        columns["why"] = [_words(groups, i, lambda owner: owner.why) for i in rows]
    elif groups.by == "path":
        columns["owners"] = [_words(groups, i, lambda owner: owner.owner) for i in rows]
    return columns


def _words(groups: Groups, i: int, word: Callable[[Owner], str]) -> list[Json]:
    return [*sorted({word(owner) for owner in groups.owners[i]})]


def who(target: Target) -> dict[str, Json]:
    """Return who a target is."""
    file = None if target.file is None else _shown(target.file)
    return {"pid": target.pid, "name": _shown(target.name), "file": file}


def _people(targets: list[Target]) -> dict[str, Sequence[Json]]:
    people = {target: who(target) for target in set(targets)}
    return {
        name: [people[target][name] for target in targets]
        for name in ("pid", "name", "file")
    }


def _regions(
    groups: Groups, rows: list[int], keys: list[tuple[int, int]]
) -> dict[str, Sequence[Json]]:
    columns: dict[str, Sequence[Json]] = {}
    columns |= _people([groups.targets[number] for number, _ in keys])
    for name in ("start", "end", "perm", "type", "pathname"):
        lists = [list(target.table.columns[name]) for target in groups.targets]
        values = [lists[number][row] for number, row in keys]
        if name in ("start", "end"):
            columns[name] = [hex(v) for v in values if isinstance(v, int)]
        else:
            columns[name] = [_shown(str(value)) for value in values]
    owners = [owner for i in rows for owner in groups.owners[i]]
    columns["owner"] = [owner.owner for owner in owners]
    columns["guess"] = [owner.guess for owner in owners]
    columns["why"] = [owner.why for owner in owners]
    columns["label"] = [_shown(owner.label) for owner in owners]
    return columns
