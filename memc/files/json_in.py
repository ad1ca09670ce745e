"""Read snapshots from memc's JSON documents."""

from __future__ import annotations

from memc.errors import FormatError
from memc.files.json_regions import table_of
from memc.files.json_values import (
    BLANKS,
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
from memc.table.notes import bad_line
from memc.table.region import Note
from memc.table.snapshot import Process, Reading, Skipped, Snapshot, SystemSnapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, TypeAlias, TypeVar

    from memc.files.json_values import Json

    T = TypeVar("T")
    Loaded: TypeAlias = Snapshot | SystemSnapshot

__all__ = ["read_documents"]

LATER = {"hugetlb_kb", "vm_flags"}  # plain documents of memc 1.0.0 have neither
WHOSE = ("uid", "started", "cgroup", "cmdline")  # later than memc 1.0.0, or not plain


def read_documents(data: bytes, *, strict: bool) -> Loaded | list[Loaded]:
    """Read one document, or a list of documents if several follow each other.

    A damaged one of several is passed over, and the last that is good has a note which
    counts them; with `strict`, or if none is good, it raises FormatError, with the line
    and column in `data`.
    """
    import orjson

    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        chunks = list(_split(data))
        if len(chunks) < 2:
            raise _json_error(error, 1) from None
        return _read_chunks(chunks, strict=strict)
    before = data[: len(data) - len(data.lstrip(BLANKS))]
    return _read(document, before.count(b"\n") + 1)


def _split(data: bytes) -> Iterator[tuple[bytes, int]]:
    """Yield each document of a stream, and the line at which it begins.

    A document is one line, or it begins with the line "{" and ends with the next line
    that is "}": inside a document memc indents every line.
    """
    begun: list[bytes] = []
    first = 1
    for place, line in enumerate(data.split(b"\n"), 1):
        bare = line.rstrip(b"\r")
        if not begun:
            first = place
            if not bare.strip(BLANKS):
                continue
        begun.append(line)
        if begun[0].rstrip(b"\r") != b"{" or bare == b"}":
            yield b"\n".join(begun), first
            begun = []
    if begun:
        yield b"\n".join(begun), first


def _read_chunks(chunks: list[tuple[bytes, int]], *, strict: bool) -> list[Loaded]:
    found: list[Loaded] = []
    errors: list[FormatError] = []
    for chunk, line in chunks:
        try:
            found.append(_read_chunk(chunk, line))
        except FormatError as error:
            errors.append(error)
    if errors and (strict or not found):
        raise errors[0]
    if errors:
        found[-1].notes += (bad_line(len(errors), errors[0]),)
    return found


def _read_chunk(chunk: bytes, line: int) -> Loaded:
    import orjson

    try:
        document = orjson.loads(chunk)
    except orjson.JSONDecodeError as error:
        raise _json_error(error, line) from None
    return _read(document, line)


def _json_error(error: Any, first: int) -> FormatError:  # noqa: ANN401 - orjson is lazy
    """Turn an error of orjson into a FormatError; `first` is the document's line."""
    what = f"JSON ({error.msg.split(': line')[0]})"
    return FormatError(what, first + error.lineno - 1, error.colno)


def _read(document: object, line: int) -> Loaded:
    """Read a document that begins at `line`."""
    try:
        return _any(document)
    except NotOursError as bad:
        where = (
            f" as {bad.where.removeprefix('.')}, in the document" if bad.where else ""
        )
        raise FormatError(f"{bad.what}{where}", line, 1) from None


def _any(document: object) -> Loaded:
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
    if "regions" in keys:
        rows = each(member(keys, "regions", list_of), "regions", object_of)
        if member(keys, "region_count", number) != len(rows):
            raise NotOursError(f"{len(rows)}, as it has regions,", ".region_count")
        reading.detail = _detail(rows)
    else:
        known = [name for name, _ in TOTALS if name in keys]
        reading.totals = {name: member(keys, name, number_or_none) for name in known}
        reading.detail = "rollup" if "pss_kb" in keys else "totals"
    reading.total_rss_kb = member(keys, "total_rss_kb", number_or_none)
    reading.total_vsize_kb = member(keys, "total_vsize_kb", number_or_none)
    reading.same_memory_as = _optional(keys, "same_memory_as", pid_or_none)
    reading.timestamp_ms = member(keys, "timestamp_ms", number_or_none)
    reading.name = _optional(keys, "name", text_or_none)
    reading.started = _optional(keys, "started", number_or_none)
    reading.cost_ns = _optional(keys, "cost_ns", number_or_none)
    reading.bytes_read = _optional(keys, "bytes_read", number_or_none)
    table = table_of(rows, reading.detail, _notes(keys))
    if rows and reading.total_vsize_kb == sum(table.columns["size_kb"].values):
        reading.total_vsize_kb = mapped_kb(table)  # memc 1.0.0 added [vsyscall]
    return Snapshot(table, reading)


def _optional(keys: Json, name: str, read: Callable[[object], T]) -> T:
    """Read the value of a key that may be missing.

    Documents of memc 1.0.0, and those without ``--full``, lack some keys.
    """
    return at(read, keys.get(name), f".{name}")


def _detail(rows: list[dict[str, Any]]) -> str:
    """Return the detail that was read: the keys of the first region show it."""
    if not rows:
        return "maps"
    for detail in ("smaps", "uss", "rss"):
        if rows[0].keys() >= {*DETAILS[detail]} - LATER:
            return detail
    return "maps"
