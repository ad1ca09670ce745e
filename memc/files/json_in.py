"""Make snapshots of memc's JSON documents."""

from __future__ import annotations

from memc.files.json_regions import Regions
from memc.files.json_values import (
    NotOursError,
    at,
    each,
    list_of,
    member,
    number,
    number_or_none,
    object_of,
    pid_of,
    pid_or_none,
    text,
    text_or_none,
    u32_or_none,
)
from memc.table.amounts import mapped_kb
from memc.table.fields import DETAILS, REASONS, TOTALS
from memc.table.region import Note
from memc.table.snapshot import Process, Reading, Skipped, Snapshot, SystemSnapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, TypeAlias, TypeVar

    from memc.files.json_values import Json

    T = TypeVar("T")
    Loaded: TypeAlias = Snapshot | SystemSnapshot

__all__ = ["any_of"]

LATER = {"hugetlb_kb", "vm_flags"}  # plain documents of memc 1.0.0 have neither
WHOSE = ("uid", "started", "cgroup", "cmdline")  # later than memc 1.0.0, or not plain


def any_of(document: object) -> Loaded:
    """Return what a document tells.  Raises NotOursError if it is not memc's."""
    keys = document if isinstance(document, dict) else {}
    if "processes" in keys:
        return _system(keys)
    if "pid" in keys:
        return _snapshot(keys)
    raise NotOursError("a document of memc")


def _system(keys: Json) -> SystemSnapshot:
    processes = each(member(keys, "processes", list_of), "processes", _process)
    if member(keys, "process_count", number) != len(processes):
        raise NotOursError(f"{len(processes)}, as it has processes,", ".process_count")
    skipped = member(keys, "skipped_processes", list_of)
    told = {name for process in keys["processes"] for name in process}
    return SystemSnapshot(
        member(keys, "timestamp_ms", number_or_none),
        tuple(processes),
        tuple(each(skipped, "skipped_processes", _skipped)),
        _notes(keys),
        tuple(name for name in WHOSE if name not in told),
    )


def _process(value: object) -> Process:
    keys = object_of(value)
    name = member(keys, "name", text)
    started = _optional(keys, "started", number_or_none)
    # A plain document tells both once.
    snapshot = {"name": name, "started": started} | member(keys, "snapshot", object_of)
    return Process(
        member(keys, "pid", pid_of),
        name,
        at(_snapshot, snapshot, ".snapshot"),
        uid=_optional(keys, "uid", u32_or_none),
        started=started,
        cgroup=_optional(keys, "cgroup", text_or_none),
        cmdline=_optional(keys, "cmdline", text_or_none),
    )


def _skipped(value: object) -> Skipped:
    keys = object_of(value)
    reason = member(keys, "reason", text)
    if reason not in REASONS:
        raise NotOursError("a reason", ".reason")
    return Skipped(member(keys, "pid", pid_of), member(keys, "name", text), reason)


def _notes(keys: Json) -> tuple[Note, ...]:
    return tuple(each(at(list_of, keys.get("notes", []), ".notes"), "notes", _note))


def _note(value: object) -> Note:
    keys = object_of(value)
    texts = member(keys, "code", text), member(keys, "text", text)
    return Note(texts[0], member(keys, "count", number), texts[1])


def _snapshot(value: object) -> Snapshot:
    keys = object_of(value)
    reading = Reading(member(keys, "pid", pid_or_none), "maps")
    rows: list[dict[str, Any]] = []
    regions = Regions()
    if "regions" in keys:
        rows, regions = member(keys, "regions", _regions)
        count = len(rows) or len(regions)
        if member(keys, "region_count", number) != count:
            raise NotOursError(f"{count}, as it has regions,", ".region_count")
        reading.detail = _detail(rows[0] if rows else regions.first)
    else:
        known = [name for name, _ in TOTALS if name in keys]
        reading.totals = {name: member(keys, name, number_or_none) for name in known}
        reading.detail = "rollup" if "pss_kb" in keys else "totals"
    reading.total_rss_kb = member(keys, "total_rss_kb", number_or_none)
    reading.total_vsize_kb = member(keys, "total_vsize_kb", number_or_none)
    reading.same_memory_as = _optional(keys, "same_memory_as", pid_or_none)
    reading.as_of_ms = _optional(keys, "as_of_ms", number_or_none)
    reading.timestamp_ms = member(keys, "timestamp_ms", number_or_none)
    reading.name = _optional(keys, "name", text_or_none)
    reading.started = _optional(keys, "started", number_or_none)
    reading.cost_ns = _optional(keys, "cost_ns", number_or_none)
    reading.bytes_read = _optional(keys, "bytes_read", number_or_none)
    notes = _notes(keys)
    regions.add(rows)
    table = regions.table(reading.detail, notes)
    if len(table) and reading.total_vsize_kb == sum(table.columns["size_kb"].values):
        reading.total_vsize_kb = mapped_kb(table)  # memc 1.0.0 added [vsyscall]
    return Snapshot(table, reading)


def _optional(keys: Json, name: str, read: Callable[[object], T]) -> T:
    """Read the value of a key that may be missing.

    Documents of memc 1.0.0, and those without ``--full``, lack some keys.
    """
    return at(read, keys.get(name), f".{name}")


def _regions(value: object) -> tuple[list[dict[str, Any]], Regions]:
    """Return the regions that are still to be read, and those that were read."""
    if isinstance(value, Regions):
        return [], value
    rows = list_of(value)
    return [at(object_of, row, f"[{i}]") for i, row in enumerate(rows)], Regions()


def _detail(keys: Iterable[str]) -> str:
    """Return the detail that was read: the keys of the first region show it."""
    known = {*keys}
    for detail in ("smaps", "pss", "uss", "rss"):
        if known and known >= {*DETAILS[detail]} - LATER:
            return detail
    return "maps"
