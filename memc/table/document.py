"""JSON documents: a snapshot as a plain dict, and its bytes.

The dicts here define the documents; the writer in C makes the same bytes.
"""

from __future__ import annotations

from itertools import repeat

from memc.table.fields import CORE, DETAILS, FULL_TOTALS, PAGES, PLACE, SMAPS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import TypeAlias

    from memc.table.columns import Value
    from memc.table.region import Note, Table
    from memc.table.snapshot import Process, Snapshot, SystemSnapshot

    Json: TypeAlias = (
        "int | float | str | list[Json] | tuple[Json, ...] | Mapping[str, Json] | None"
    )

__all__ = [
    "dumps",
    "of_process",
    "of_snapshot",
    "of_system",
    "of_table",
    "shown_text",
]


def of_table(
    table: Table, *, full: bool = False, whole: bool = True
) -> dict[str, Json]:
    """Return regions as a document; without `whole` its list of regions is empty."""
    document: dict[str, Json] = {"region_count": len(table)}
    document["regions"] = list(_regions(table, full=full)) if whole else []
    if table.notes:
        document["notes"] = [_note(note) for note in table.notes]
    return document


def of_snapshot(
    snap: Snapshot, *, full: bool = False, whole: bool = True
) -> dict[str, Json]:
    """Return the document of one process.

    Without `whole` its list of regions is empty.
    """
    document: dict[str, Json] = {"pid": snap.pid}
    if full:
        document |= {"name": _or_null(snap.name), "started": snap.started}
    document |= {
        "timestamp_ms": snap.timestamp_ms,
    }
    if snap.as_of_ms is not None:
        document["as_of_ms"] = snap.as_of_ms
    document |= {
        "total_rss_kb": snap.total_rss_kb,
        "total_vsize_kb": snap.total_vsize_kb,
    }
    if snap.same_memory_as is not None:
        document["same_memory_as"] = snap.same_memory_as
    cost: dict[str, Json] = {}
    if full:
        cost = {"cost_ns": snap.cost_ns, "bytes_read": snap.bytes_read}
    if snap.totals:
        left_out = () if full else FULL_TOTALS
        totals = {n: kb for n, kb in snap.totals.items() if n not in left_out}
        document |= totals | cost
    else:
        document |= {"region_count": snap.region_count} | cost
        document["regions"] = list(_regions(snap, full=full)) if whole else []
    if snap.notes:
        document["notes"] = [_note(note) for note in snap.notes]
    return document


def of_system(
    system: SystemSnapshot, *, full: bool = False, whole: bool = True
) -> dict[str, Json]:
    """Return the document of all processes.

    Without `whole` its list of processes is empty.
    """
    document: dict[str, Json] = {
        "timestamp_ms": system.timestamp_ms,
        "process_count": len(system.processes),
        "skipped": len(system.skipped),
        "processes": [of_process(p, full=full) for p in system.processes if whole],
        "skipped_processes": [
            {"pid": skip.pid, "name": shown_text(skip.name), "reason": skip.reason}
            for skip in system.skipped
        ],
    }
    if system.notes:
        document["notes"] = [_note(note) for note in system.notes]
    return document


def of_process(
    process: Process, *, full: bool = False, whole: bool = True
) -> dict[str, Json]:
    """Return the object of a process in the document of all processes."""
    document: dict[str, Json] = {
        "pid": process.pid,
        "name": shown_text(process.name),
        "uid": process.uid,
        "started": process.started,
    }
    if full:
        document["cgroup"] = _or_null(process.cgroup)
        document["cmdline"] = _or_null(process.cmdline)
    document["snapshot"] = of_snapshot(process.snapshot, full=full, whole=whole)
    return document


def _or_null(text: str | None) -> str | None:
    return None if text is None else shown_text(text)


def dumps(document: Json, *, pretty: bool = False) -> bytes:
    """Return the bytes of a document."""
    from memc.table import json_text

    return json_text.dumps(document, pretty=pretty)


def _regions(snap: Table, *, full: bool) -> Iterator[dict[str, Json]]:
    columns = snap.columns
    names = _names(snap, full=full)
    keys = [shown_text(name) for name in names]
    for start, end, kind, perm, size_kb, pathname, values in zip(
        map(hex, columns["start"].values),
        map(hex, columns["end"].values),
        columns["type"],
        columns["perm"],
        columns["size_kb"],
        columns["pathname"],
        _rows(snap, names),
        strict=True,
    ):
        region: dict[str, Json] = {
            "start": start,
            "end": end,
            "type": kind,
            "perm": perm,
            "size_kb": size_kb,
        }
        region.update(_path(pathname))
        region.update(zip(keys, map(_json, values), strict=True))
        yield region


def _rows(snap: Table, names: tuple[str, ...]) -> Iterable[tuple[Value, ...]]:
    """Return the values of these columns, a tuple for each region."""
    if not names:
        return repeat((), len(snap))
    return zip(
        *(snap.columns.get(name) or repeat(None, len(snap)) for name in names),
        strict=True,
    )


def _names(snap: Table, *, full: bool) -> tuple[str, ...]:
    """Return the columns that a region shows after its name."""
    shown = DETAILS[_detail(snap)]
    if not full:
        return shown
    known = (*SMAPS, *PAGES)
    rest = [
        name
        for name in known
        if name not in shown
        and (name in snap.columns or (shown == DETAILS["smaps"] and name in SMAPS))
    ]
    unknown = [name for name in snap.columns if name not in CORE and name not in known]
    return (*shown, *PLACE, *rest, *unknown)


def _detail(snap: Table) -> str:
    """Return the detail of a snapshot; that of a text goes by its columns."""
    by_columns = "smaps" if "rss_kb" in snap.columns else "maps"
    return getattr(snap, "detail", by_columns)


def _path(pathname: Value) -> dict[str, Json]:
    if not isinstance(pathname, str) or not pathname:
        return {}
    shown = shown_text(pathname)
    if shown == pathname:
        return {"pathname": shown}
    exact = pathname.encode("utf-8", "surrogateescape")
    return {"pathname": shown, "pathname_hex": exact.hex()}


def shown_text(text: str) -> str:
    """Return text that JSON can hold: with U+FFFD in place of surrogate escapes."""
    if text.isascii():
        return text
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _json(value: Value) -> Json:
    if isinstance(value, str):
        return shown_text(value)
    if isinstance(value, tuple):
        return [shown_text(part) for part in value]
    return value


def _note(note: Note) -> dict[str, Json]:
    return {"code": note.code, "count": note.count, "text": note.text}
