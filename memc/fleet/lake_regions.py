"""The regions of processes as a table of Arrow."""

from __future__ import annotations

import re
from array import array

import pyarrow as pa
import pyarrow.compute as pc

from memc.errors import MemcError
from memc.fleet.lake_schema import KINDS, SCHEMA
from memc.fleet.process import FACTS
from memc.fleet.schema import COLUMNS
from memc.fleet.texts import plain
from memc.table.fields import DELETED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from memc.fleet.process import Process
    from memc.table.columns import Column

__all__ = ["regions_of", "repeated", "spread"]

NUMBER, TEXT = KINDS["number"], KINDS["text"]
LAYOUT = ("start", "end", "perm", "offset", "dev_major", "dev_minor", "inode", "type")
PRIVATE = ("private_clean_kb", "private_dirty_kb")
ODD = re.compile(r"[^a-z0-9_]")  # what names of columns may not have in Delta Lake
MOST_NEW = 100  # columns that no memc knows: a kernel has a few
BITS = {"Q": pa.int64(), "I": pa.uint32(), "B": pa.uint8()}  # Q: two's complement


class _Texts:
    """Texts of regions as a dictionary of Arrow in the making."""

    def __init__(self) -> None:
        self._numbers: dict[str | None, int] = {None: 0}
        self._found = array("i")

    def add(self, values: Iterable[str | None]) -> None:
        """Add these texts."""
        put, known = self._numbers.setdefault, self._numbers
        self._found.extend([put(value, len(known)) for value in values])

    def add_column(self, column: Column | None, rows: int) -> None:
        """Add the values of a column; None if a process has none."""
        if column is None or column.decode is None:
            self._found.extend([0] * rows)
            return
        stored, decode = column.values.tolist(), column.decode
        put, known = self._numbers.setdefault, self._numbers
        of = {n: put(_text(decode(n)), len(known)) for n in {*stored}}
        if column.valid is None:
            self._found.extend(map(of.__getitem__, stored))
            return
        valid = column.valid
        self._found.extend(
            of[n] if valid[i >> 3] >> (i & 7) & 1 else 0 for i, n in enumerate(stored)
        )

    @property
    def texts(self) -> list[str | None]:
        """The different texts, the first of which is None."""
        return [*self._numbers]

    def places(self) -> pa.Array:
        """Return the place of each text among the different ones."""
        data = pa.py_buffer(self._found)
        return pa.Array.from_buffers(pa.int32(), len(self._found), [None, data])

    def array(self) -> pa.Array:
        """Return the texts."""
        return pa.array(map(plain, self.texts), TEXT).take(self.places())


def regions_of(processes: Sequence[Process], front: dict[str, Any]) -> pa.Table:
    """Return a row for each region of the processes whose regions were read."""
    told = [p for p in processes if p.has_regions]
    rows = sum(len(p.target.table) for p in told)
    counts = [len(p.target.table) for p in told]
    made = repeated("regions", front, rows)
    for name in FACTS:
        made[name] = spread("regions", name, [p.facts[name] for p in told], counts)
    made["detail"] = spread("regions", "detail", [p.detail for p in told], counts)
    made |= _owned(told)
    made |= _paths(told)
    for name, (source, kind) in _names(told).items():
        columns = [p.target.table.columns.get(source) for p in told]
        some = [*zip(columns, counts, strict=True)]
        made[name] = _texts(some) if kind == "text" else _numbers(name, some)
    if "uss_kb" in made and {*PRIVATE} <= made.keys():
        both = pc.add(made[PRIVATE[0]], made[PRIVATE[1]])
        made["uss_kb"] = pc.coalesce(made["uss_kb"], both)
    return _in_order(made, rows)


def _in_order(made: dict[str, Any], rows: int) -> pa.Table:
    """Return the columns in the order of the schema, and then the new ones."""
    schema = SCHEMA["regions"]
    new = [name for name in made if name not in schema.names]
    for name in new:
        schema = schema.append(pa.field(name, made[name].type))
    arrays = [
        made[field.name] if field.name in made else pa.nulls(rows, field.type)
        for field in schema
    ]
    return pa.Table.from_arrays(arrays, schema=schema)


def repeated(table: str, values: dict[str, Any], rows: int) -> dict[str, Any]:
    """Return columns that have the same value in all rows."""
    schema = SCHEMA[table]
    return {
        name: pa.repeat(pa.scalar(value, schema.field(name).type), rows)
        for name, value in values.items()
    }


def spread(
    table: str, name: str, values: Sequence[Any], counts: Sequence[int]
) -> pa.Array:
    """Return each value as often as its process has rows."""
    kind = SCHEMA[table].field(name).type
    places = array("i")
    for place, count in enumerate(counts):
        places.extend([place] * count)
    return pa.array(values, kind).take(pa.array(places, pa.int32()))


def _owned(told: Sequence[Process]) -> dict[str, pa.Array]:
    owners = [owner for process in told for owner in process.owners]
    of = {
        "owner": [owner.owner for owner in owners],
        "why": [owner.why for owner in owners],
        "label": [owner.label for owner in owners],
    }
    made = {}
    for name, values in of.items():
        texts = _Texts()
        texts.add(values)
        made[name] = texts.array()
    return {**made, "guess": pa.array([owner.guess for owner in owners], pa.bool_())}


def _paths(told: Sequence[Process]) -> dict[str, pa.Array]:
    """Return the paths as they are told, as files, and their exact bytes if odd."""
    texts = _Texts()
    for process in told:
        table = process.target.table
        texts.add_column(table.columns.get("pathname"), len(table))
    shown = [plain(text) or None for text in texts.texts]
    gone = [text is not None and text.endswith(DELETED) for text in shown]
    paths = [
        text.removesuffix(DELETED) if text is not None and text[:1] == "/" else None
        for text in shown
    ]
    of = {
        "pathname": pa.array(shown, TEXT),
        "pathname_hex": pa.array(map(_exact, texts.texts), TEXT),
        "path": pa.array(paths, TEXT),
        "deleted": pa.array(gone, pa.bool_()),
    }
    places = texts.places()
    return {name: values.take(places) for name, values in of.items()}


def _exact(text: str | None) -> str | None:
    """Return the bytes of a path in hex if it is not UTF-8."""
    if text is None or plain(text) == text:
        return None
    return text.encode("utf-8", "surrogateescape").hex()


def _names(told: Sequence[Process]) -> dict[str, tuple[str, str]]:
    """Return each column to make: its name in memc, and its kind."""
    known = COLUMNS["regions"]
    found = {name: (name, known[name]) for name in LAYOUT}
    new = 0
    for process in told:
        for name, column in process.target.table.columns.items():
            if name in ("pathname", *LAYOUT) or name in found:
                continue
            ours = ODD.sub("_", name.lower())
            if name in known and known[name] in ("number", "text"):
                found[name] = name, known[name]
                continue
            ours = f"region_{ours}" if ours in known or ours in found else ours
            if ours in found:
                if found[ours][0] != name:
                    raise MemcError(f"two columns would be {ours}")
                continue
            new += 1
            if new > MOST_NEW:
                raise MemcError(f"more than {MOST_NEW} columns that memc does not know")
            found[ours] = name, "number" if column.decode is None else "text"
    found.setdefault("uss_kb", ("uss_kb", "number"))
    return found


def _numbers(name: str, columns: Sequence[tuple[Column | None, int]]) -> pa.Array:
    """Return numbers of 64 bits.  Raises MemcError for an amount that needs all."""
    made = _at_once(columns)
    if made is None:
        parts = [_part(column, rows) for column, rows in columns]
        made = pa.concat_arrays(parts) if parts else pa.nulls(0, NUMBER)
    if name.endswith("_kb") and (pc.min(made).as_py() or 0) < 0:
        raise MemcError(f"an amount of {name} is more than any machine has")
    return made


def _at_once(columns: Sequence[tuple[Column | None, int]]) -> pa.Array | None:
    """Return the numbers of columns that are alike; None if they are not."""
    stored = [column.values for column, _ in columns if column is not None]
    if len(stored) < len(columns) or len({values.format for values in stored}) != 1:
        return None
    if any(column and column.valid is not None for column, _ in columns):
        return None
    data = b"".join(stored)
    kind = BITS[stored[0].format]
    rows = sum(rows for _, rows in columns)
    made = pa.Array.from_buffers(kind, rows, [None, pa.py_buffer(data)])
    return made if kind == NUMBER else made.cast(NUMBER)


def _part(column: Column | None, rows: int) -> pa.Array:
    if column is None:
        return pa.nulls(rows, NUMBER)
    valid = None if column.valid is None else pa.py_buffer(column.valid)
    kind = BITS[column.values.format]
    made = pa.Array.from_buffers(kind, rows, [valid, pa.py_buffer(column.values)])
    return made if kind == NUMBER else made.cast(NUMBER)


def _texts(columns: Sequence[tuple[Column | None, int]]) -> pa.Array:
    texts = _Texts()
    for column, rows in columns:
        texts.add_column(column, rows)
    return texts.array()


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return " ".join(map(str, value)) if isinstance(value, tuple) else str(value)
