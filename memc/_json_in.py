"""The JSON documents of memc, back to snapshots."""

from __future__ import annotations

from array import array
from operator import itemgetter

from memc.columns import Column, Columns
from memc.errors import FormatError
from memc.fields import CORE, DETAILS, FIELDS, PAGES, TOTALS, TYPES
from memc.region import Note, Table
from memc.snapshot import PID_MAX, Process, Reading, Skipped, Snapshot, SystemSnapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Any, Literal, TypeAlias, TypeVar

    from memc.columns import Value

    Json: TypeAlias = Mapping[str, Any]
    T = TypeVar("T")
    Loaded: TypeAlias = Snapshot | SystemSnapshot

__all__ = ["read_documents"]

U64_MAX = 2**64 - 1
BLANKS = b" \t\r\n"
SMAPS = tuple(name for _, name, _ in FIELDS)
KNOWN = (*CORE, *SMAPS, *PAGES)
PLACE = ("offset", "dev_major", "dev_minor", "inode")
CODES: dict[str, Literal["B", "I", "Q"]] = {
    "perm": "B",
    "type": "B",
    "dev_major": "I",
    "dev_minor": "I",
    "pathname": "I",
}
TYPE_NUMBERS = {name: number for number, name in enumerate(TYPES)}
PERMS = [
    "".join(c if bits >> i & 1 else "-" for i, c in enumerate("rwx")) + "-sp"[bits >> 3]
    for bits in range(24)
]
PERM_NUMBERS = {perm: bits for bits, perm in enumerate(PERMS)}
REASONS = ("denied", "gone", "error")


class NotOursError(Exception):
    """A document is JSON and not memc's: `what` was expected in the place `where`."""

    def __init__(self, what: str, where: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where


def read_documents(data: bytes) -> Loaded | list[Loaded]:
    """Read one document, or the list of several behind each other.

    The line and column of an error are those of `data`.
    """
    import orjson

    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        chunks = list(_split(data))
        if len(chunks) < 2:
            raise _json_error(error, 1) from None
        return [_read_chunk(chunk, line) for chunk, line in chunks]
    before = data[: len(data) - len(data.lstrip(BLANKS))]
    return _read(document, before.count(b"\n") + 1)


def _split(data: bytes) -> Iterator[tuple[bytes, int]]:
    """Yield the documents of a stream and the line each begins at.

    A document is one line, or begins with a line "{" and ends with a line "}", as no
    other line of it is.
    """
    begun: list[bytes] = []
    first = 1
    for number, line in enumerate(data.split(b"\n"), 1):
        bare = line.rstrip(b"\r")
        if not begun:
            first = number
            if not bare.strip(BLANKS):
                continue
        begun.append(line)
        if begun[0].rstrip(b"\r") != b"{" or bare == b"}":
            yield b"\n".join(begun), first
            begun = []
    if begun:
        yield b"\n".join(begun), first


def _read_chunk(chunk: bytes, line: int) -> Loaded:
    import orjson

    try:
        document = orjson.loads(chunk)
    except orjson.JSONDecodeError as error:
        raise _json_error(error, line) from None
    return _read(document, line)


def _json_error(error: Any, first: int) -> FormatError:  # noqa: ANN401 - orjson is lazy
    """Return what orjson says, as an error of ours."""
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


# ---- Values --------------------------------------------------------------------------


def _number(value: object, limit: int = U64_MAX) -> int:
    if type(value) is not int or not 0 <= value <= limit:
        raise NotOursError(f"a number from 0 to {limit}")
    return value


def _number_or_none(value: object) -> int | None:
    return None if value is None else _number(value)


def _u32(value: object) -> int:
    return _number(value, 2**32 - 1)


def _pid(value: object) -> int:
    return _number(value, PID_MAX)


def _pid_or_none(value: object) -> int | None:
    return None if value is None else _pid(value)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise NotOursError("a string")
    return value


def _address(value: object) -> int:
    text = value if isinstance(value, str) else ""
    try:
        number = int(text, 16) if text.startswith("0x") else -1
    except ValueError:
        number = -1
    if not 0 <= number <= U64_MAX:
        raise NotOursError('an address such as "0x7f0000001000"')
    return number


def _perm(value: object) -> int:
    number = PERM_NUMBERS.get(value) if isinstance(value, str) else None
    if number is None:
        raise NotOursError('permissions such as "rw-p"')
    return number


def _type(value: object) -> int:
    number = TYPE_NUMBERS.get(value) if isinstance(value, str) else None
    if number is None:
        raise NotOursError("a type of region")
    return number


def _list(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise NotOursError("a list")
    return value


def _object(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise NotOursError("an object")
    return value


READERS: dict[str, Callable[[object], int]] = {
    "start": _address,
    "end": _address,
    "perm": _perm,
    "type": _type,
    "dev_major": _u32,
    "dev_minor": _u32,
}


def _at(read: Callable[[object], T], value: object, where: str) -> T:
    """Read a value, and tell where it is if it is not what it should be."""
    try:
        return read(value)
    except NotOursError as bad:
        bad.where = where + bad.where
        raise


def _member(keys: Json, name: str, read: Callable[[object], T]) -> T:
    if name not in keys:
        raise NotOursError(f'the key "{name}"')
    return _at(read, keys[name], f".{name}")


def _each(values: list[Any], name: str, read: Callable[[object], T]) -> list[T]:
    return [_at(read, value, f".{name}[{i}]") for i, value in enumerate(values)]


# ---- Documents -----------------------------------------------------------------------


def _any(document: object) -> Loaded:
    keys = document if isinstance(document, dict) else {}
    if "processes" in keys:
        return _system(keys)
    if "pid" in keys:
        return _snapshot(keys)
    raise NotOursError("a document of memc")


def _system(keys: Json) -> SystemSnapshot:
    processes = _each(_member(keys, "processes", _list), "processes", _process)
    if _member(keys, "process_count", _number) != len(processes):
        raise NotOursError(f"{len(processes)}, as it has processes,", ".process_count")
    skipped = _member(keys, "skipped_processes", _list)
    return SystemSnapshot(
        _member(keys, "timestamp_ms", _number_or_none),
        tuple(processes),
        tuple(_each(skipped, "skipped_processes", _skipped)),
        _notes(keys),
    )


def _process(value: object) -> Process:
    keys = _object(value)
    return Process(
        _member(keys, "pid", _pid),
        _member(keys, "name", _text),
        _member(keys, "snapshot", _snapshot),
    )


def _skipped(value: object) -> Skipped:
    keys = _object(value)
    reason = _member(keys, "reason", _text)
    if reason not in REASONS:
        raise NotOursError("a reason", ".reason")
    return Skipped(_member(keys, "pid", _pid), _member(keys, "name", _text), reason)


def _notes(keys: Json) -> tuple[Note, ...]:
    return tuple(_each(_at(_list, keys.get("notes", []), ".notes"), "notes", _note))


def _note(value: object) -> Note:
    keys = _object(value)
    texts = _member(keys, "code", _text), _member(keys, "text", _text)
    return Note(texts[0], _member(keys, "count", _number), texts[1])


def _snapshot(value: object) -> Snapshot:
    keys = _object(value)
    pid = _member(keys, "pid", _pid_or_none)
    rows: list[dict[str, Any]] = []
    reading = Reading(pid or 0, "maps", 0)
    if "regions" in keys:
        rows = _each(_member(keys, "regions", _list), "regions", _object)
        if _member(keys, "region_count", _number) != len(rows):
            raise NotOursError(f"{len(rows)}, as it has regions,", ".region_count")
        reading.detail = _detail(rows)
    else:
        known = [name for name, _ in TOTALS if name in keys]
        reading.totals = {name: _member(keys, name, _number_or_none) for name in known}
        reading.detail = "rollup" if "pss_kb" in keys else "totals"
    reading.total_rss_kb = _member(keys, "total_rss_kb", _number_or_none)
    reading.total_vsize_kb = _member(keys, "total_vsize_kb", _number_or_none)
    snap = Snapshot(_table(rows, reading.detail, _notes(keys)), reading)
    snap.pid = pid
    snap.timestamp_ms = _member(keys, "timestamp_ms", _number_or_none)
    snap.cost_ns = _at(_number_or_none, keys.get("cost_ns"), ".cost_ns")
    snap.bytes_read = _at(_number_or_none, keys.get("bytes_read"), ".bytes_read")
    return snap


def _detail(rows: list[dict[str, Any]]) -> str:
    """Tell from a region what was read; the plain documents of each detail differ."""
    if not rows:
        return "maps"
    for detail in ("smaps", "uss", "rss"):
        if rows[0].keys() >= set(DETAILS[detail]):
            return detail
    return "maps"


# ---- Regions -------------------------------------------------------------------------


def _table(rows: list[dict[str, Any]], detail: str, notes: tuple[Note, ...]) -> Table:
    """Return the table of these regions, with the columns that they have."""
    shapes = {tuple(row): 0 for row in rows}
    keys = dict.fromkeys(key for shape in shapes for key in shape)
    names = [*CORE, *(name for name in (*SMAPS, *PAGES) if name in keys)]
    names += [key for key in keys if key not in KNOWN and key != "pathname_hex"]
    # What a document leaves out, or shows as null of every region, was not read.
    absent = {*PLACE, *SMAPS} if detail == "smaps" else {*PLACE}
    if not rows:
        absent = set()
    columns: dict[str, Column] = {}
    for name in names:
        values = _values(rows, name, everywhere=all(name in shape for shape in shapes))
        if name in absent and values.count(None) == len(rows):
            continue
        columns[name] = _column(name, values)
    _check_order(columns)
    return Table(len(rows), Columns(tuple(columns), columns.__getitem__), notes)


def _values(rows: list[dict[str, Any]], name: str, *, everywhere: bool) -> list[Any]:
    """Return a value a region, None where it has none."""
    if name == "pathname":
        return _paths(rows)
    if everywhere:
        return list(map(itemgetter(name), rows))
    return [row.get(name) for row in rows]


def _paths(rows: list[dict[str, Any]]) -> list[object]:
    """Return the exact names; a region that shows none has none."""
    paths: list[object] = [row.get("pathname", "") for row in rows]
    for i, row in enumerate(rows):
        if "pathname_hex" in row:
            paths[i] = _at(_exact, row["pathname_hex"], f".regions[{i}].pathname_hex")
    return paths


def _exact(value: object) -> str:
    try:
        return bytes.fromhex(_text(value)).decode("utf-8", "surrogateescape")
    except ValueError:
        raise NotOursError("bytes in hex") from None


def _column(name: str, values: list[Any]) -> Column:
    if name in ("perm", "type"):
        meanings = PERMS if name == "perm" else TYPES
        numbers = _read_all(name, values, READERS[name])
        return _stored("B", numbers, meanings.__getitem__)
    if name in ("pathname", "vm_flags") or _is_text(name, values):
        return _texts(name, values)
    return _numbers(name, values)


def _is_text(name: str, values: list[Any]) -> bool:
    """Tell a column of text that this package does not know by its first value."""
    if name in KNOWN:
        return False
    return isinstance(next((v for v in values if v is not None), 0), str)


def _numbers(name: str, values: list[Any]) -> Column:
    """Return a column of numbers; those that JSON has as numbers are taken as one."""
    code = CODES.get(name, "Q")
    read = READERS.get(name, _number if name in CORE else _number_or_none)
    allowed = {int} if name in CORE else {int, type(None)}
    if read is not _address and set(map(type, values)) <= allowed:
        try:
            return _stored(code, values)
        except OverflowError:
            pass  # told below, with its place
    return _stored(code, _read_all(name, values, read))


def _texts(name: str, values: list[Any]) -> Column:
    """Give each different text, or list of flags, a number."""
    read: Callable[[object], Value] = _text if name == "pathname" else _text_or_none
    if name == "vm_flags":
        read = _flags
    numbers: dict[Value, int] = {}
    held: list[int | None] = []
    for value in _read_all(name, values, read):
        number = numbers.setdefault(value, len(numbers))
        held.append(None if value is None else number)
    return _stored("I", held, list(numbers).__getitem__)


def _text_or_none(value: object) -> str | None:
    return None if value is None else _text(value)


def _flags(value: object) -> tuple[str, ...] | None:
    if value is None:
        return None
    flags = tuple(_list(value))
    if set(map(type, flags)) <= {str}:
        return flags
    return tuple(map(_text, flags))


def _read_all(name: str, values: list[Any], read: Callable[[object], T]) -> list[T]:
    try:
        return [read(value) for value in values]
    except NotOursError:
        for i, value in enumerate(values):
            _at(read, value, f".regions[{i}].{name}")
        raise


def _stored(
    code: Literal["B", "I", "Q"],
    values: Sequence[int | None],
    decode: Callable[[int], Value] | None = None,
) -> Column:
    valid = None
    if None in values:
        bits = bytearray((len(values) + 7) // 8)
        for row, value in enumerate(values):
            if value is not None:
                bits[row >> 3] |= 1 << (row & 7)
        valid = memoryview(bits).toreadonly()
        values = [value or 0 for value in values]
    held = array(code, values)  # type: ignore[arg-type] # no None is left
    return Column(memoryview(held).toreadonly(), valid, decode)


def _check_order(columns: Mapping[str, Column]) -> None:
    """Raise unless the regions are in order of address and do not overlap."""
    last = 0
    spans = zip(columns["start"].values, columns["end"].values, strict=True)
    for i, (start, end) in enumerate(spans):
        if not last <= start <= end:
            raise NotOursError("a region behind the one before", f".regions[{i}]")
        last = end
