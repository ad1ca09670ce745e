"""Read what is left of a damaged document: the regions and processes that are whole.

A document is cut in pieces at the starts of its processes and regions, which no string
can hold: there a quote has a backslash before it.  A piece that is no JSON, or not
memc's, is passed over and counted.
"""

from __future__ import annotations

import json
import re
from itertools import pairwise

from memc.files.json_in import any_of
from memc.files.json_regions import table_of
from memc.files.json_values import NotOursError, number_or_none, pid_or_none
from memc.table import notes as noted
from memc.table.fields import TOTALS
from memc.table.json_plain import find_half
from memc.table.json_text import NotJsonError, loads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, TypeAlias

    from memc.errors import FormatError
    from memc.table.snapshot import Snapshot, SystemSnapshot

    Loaded: TypeAlias = Snapshot | SystemSnapshot
    Keys: TypeAlias = dict[str, Any]

__all__ = ["mend"]

PROCESS = re.compile(r'\{\s*"pid"\s*:\s*\d+\s*,\s*"name"\s*:')
SNAPSHOT = re.compile(r'"snapshot"\s*:\s*\Z')
REGION = re.compile(r'\{\s*"start"\s*:')
VALUE = re.compile(r'"(\w+)"\s*:\s*(\d{1,20}(?![\w.])|null|"[^"\\]*(?:\\.[^"\\]*)*")')
NOTES = re.compile(r'"notes"\s*:\s*')
RAW = re.compile("[\udc80-\udcff]")  # a byte that is not UTF-8
BETWEEN = " \t\r\n,]}"
SYSTEM = '"processes"'
NUMBERS = ("total_rss_kb", "total_vsize_kb", "timestamp_ms", "started")
SIZES = (*NUMBERS, "cost_ns", "bytes_read", *(name for name, _ in TOTALS))


def mend(data: bytes, error: FormatError) -> Loaded | None:
    """Read a document that has an error; None if nothing of it is left.

    A note on each snapshot that has lost something counts what was passed over.
    """
    text = data.decode("utf-8", "surrogateescape")
    try:
        document = loads(data)
    except NotJsonError:
        document = None
    try:
        if SYSTEM in text[: text.find('"regions"')]:
            return _system(text, document, error)
        keys = _snapshot(text) if document is None else _checked(document)
        return any_of(_noted(keys, error)) if keys.get("bad") else None
    except NotOursError:
        return None


def _system(text: str, document: object, error: FormatError) -> Loaded | None:
    head = dict(_values(text[: text.find(SYSTEM)]))
    found, bad = _pieces(text) if document is None else _listed(document)
    processes: list[Keys] = []
    skipped: list[Keys] = []
    for keys in found:
        if "reason" in keys:
            skipped.append(keys)
            continue
        mended = _process(keys, error)
        bad += mended is None
        processes += [mended] if mended is not None else []
    if not processes:
        return None
    is_noted = any("bad" in keys["snapshot"] for keys in processes)
    bad = bad or int(not is_noted)
    keys = {
        "timestamp_ms": _number(head.get("timestamp_ms")),
        "process_count": len(processes),
        "processes": processes,
        "skipped": len(skipped),
        "skipped_processes": skipped,
    }
    return any_of(_noted(keys | {"bad": bad}, error))


def _pieces(text: str) -> tuple[list[Keys], int]:
    """Return the processes in a text that is no JSON, and how many are damaged."""
    starts = [m.start() for m in PROCESS.finditer(text)]
    starts = [at for at in starts if not SNAPSHOT.search(text[max(at - 64, 0) : at])]
    found = []
    bad = 0
    for begin, end in pairwise([*starts, len(text)]):
        piece = text[begin:end]
        keys, rest = _decode(piece)
        if keys is None:
            inner = piece.find('"snapshot"')
            keys = dict(_values(piece[:inner] if inner >= 0 else ""))
            try:
                keys["snapshot"] = _snapshot(piece[inner:])
            except NotOursError:
                bad += 1
                continue
        found.append(keys)
        bad += rest
    return found, bad


def _listed(document: object) -> tuple[list[Keys], int]:
    """Return the processes in a document that is JSON, and how many are damaged."""
    keys = document if isinstance(document, dict) else {}
    values = [keys.get("processes"), keys.get("skipped_processes")]
    both = [one for value in values if isinstance(value, list) for one in value]
    found = [one for one in both if isinstance(one, dict)]
    return found, len(both) - len(found)


def _process(keys: Keys, error: FormatError) -> Keys | None:
    """Return a process that can be read, without what is damaged; None if none is."""
    try:
        any_of(_alone(keys))
    except NotOursError:
        snapshot = keys.get("snapshot")
        if not isinstance(snapshot, dict):
            return None
        snapshot = snapshot if "bad" in snapshot else _checked(snapshot)
        mended = keys | {"snapshot": _noted(snapshot, error)}
        for name in ("uid", "started", "cgroup", "cmdline"):
            try:
                any_of(_alone(mended))
            except NotOursError:
                mended = {k: v for k, v in mended.items() if k != name}
        try:
            any_of(_alone(mended))
        except NotOursError:
            return None
        return mended
    return keys


def _alone(process: Keys) -> Keys:
    """Return the document of one process."""
    return {
        "timestamp_ms": None,
        "process_count": 1,
        "processes": [process],
        "skipped_processes": [],
    }


def _snapshot(text: str) -> Keys:
    """Return the keys of a snapshot in a text that is no JSON."""
    starts = [m.start() for m in REGION.finditer(text)]
    begin = starts[0] if starts else len(text)
    keys = dict(_values(text[:begin]))
    notes = NOTES.search(text, 0, begin)
    listed, _ = _decode(text[notes.end() :]) if notes else (None, 0)
    keys["notes"] = listed if isinstance(listed, list) else []
    bad = 0
    rows = []
    for at, end in pairwise([*starts, len(text)]):
        row, rest = _decode(text[at:end])
        bad += rest
        if row is not None:
            rows.append(row)
    if starts or "region_count" in keys or '"regions"' in text:
        keys["regions"] = rows
    return _checked(keys | {"bad": max(bad, 1)})


def _decode(text: str) -> tuple[Any, int]:
    """Return the value at the start of a text, and how many damaged ones follow it.

    A value that is damaged itself is None, and counts.
    """
    try:
        value, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return None, 1
    if _has_no_text(text[:end]):
        return None, 1
    return value, int(text[end:].strip(BETWEEN) != "" and '"skipped' not in text[end:])


def _values(text: str) -> Iterator[tuple[str, object]]:
    """Yield the keys of a text, with their numbers and strings."""
    for match in VALUE.finditer(text):
        if _has_no_text(match[2]):
            continue
        try:
            yield match[1], json.loads(match[2])
        except ValueError:
            continue


def _has_no_text(value: str) -> bool:
    """Tell whether JSON holds what is no text: other bytes, or half of a pair."""
    return RAW.search(value) is not None or find_half(value) >= 0


def _checked(keys: object) -> Keys:
    """Return the keys of a snapshot without those that cannot be read; "bad" counts."""
    if not isinstance(keys, dict) or "pid" not in keys:
        raise NotOursError("a document of memc")
    bad = keys.get("bad", 0)
    mended: Keys = {**keys, "pid": _number(keys["pid"], pid_or_none)}
    for name in SIZES:
        if name in NUMBERS[:3] or name in keys:
            mended[name] = _number(keys.get(name))
    if not isinstance(keys.get("name"), str):
        mended.pop("name", None)
    if not isinstance(mended.get("notes", []), list):
        mended["notes"] = []
    if "regions" in keys:
        listed = keys["regions"]
        listed = listed if isinstance(listed, list) else []
        rows = _whole_rows(listed)
        mended |= {"regions": rows, "region_count": len(rows)}
        bad += len(listed) - len(rows)
    elif all(mended.get(name) is None for name, _ in TOTALS):
        raise NotOursError("a total")
    return mended | {"bad": max(bad, 1)}


def _whole_rows(listed: list[Any]) -> list[Keys]:
    """Return the regions that can be read, in order of address.

    Raises NotOursError if there is none.
    """
    rows = []
    last = 0
    for row in listed:
        if not isinstance(row, dict):
            continue
        try:
            columns = table_of([row], "maps", ()).columns
        except NotOursError:
            continue
        start, end = columns["start"].values[0], columns["end"].values[0]
        if start >= last:
            rows.append(row)
            last = end
    if not rows:
        raise NotOursError("a region")
    return rows


def _noted(keys: Keys, error: FormatError) -> Keys:
    """Return the keys with a note if something was passed over."""
    if not keys.get("bad"):
        return keys
    note = noted.bad_line(keys["bad"], error)
    told = {"code": note.code, "count": note.count, "text": note.text}
    return keys | {"notes": [*keys.get("notes", []), told]}


def _number(value: object, read: Any = number_or_none) -> Any:  # noqa: ANN401
    """Return a number, None for what is none."""
    try:
        return read(value)
    except NotOursError:
        return None
