"""The rows of a sample, as tables of Arrow: its regions, its owners and its groups."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from memc.errors import MemcError
from memc.fleet.lake_regions import regions_of, repeated, spread
from memc.fleet.lake_schema import SCHEMA
from memc.fleet.process import FACTS, Process
from memc.fleet.schema import AMOUNTS
from memc.fleet.texts import plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from memc.fleet.sample import Sample

__all__ = ["tables_of"]

ROW = ("owner", "why", "guess", "regions", *AMOUNTS)  # of a row of a process
WIDE = pa.decimal128(38)  # a sum of 64 bits would overflow silently
NULLS, ALL = pc.ScalarAggregateOptions(skip_nulls=False), pc.CountOptions(mode="all")


def tables_of(
    sample: Sample, received_ms: int, tables: Iterable[str]
) -> dict[str, pa.Table]:
    """Return the rows of a sample for each of the tables.

    Raises MemcError if an amount is more than any machine has.
    """
    wanted = {*tables}
    found: dict[str, pa.Table] = {}
    processes = sample.told
    if processes is None:
        processes = [Process(target) for target in sample.targets if target.sources]
    front = _front(sample, received_ms)
    if "regions" in wanted and sample.has_regions:
        framed = sample.framed
        if framed is not None:
            framed = [one for one in framed if one.target.sources]
        found["regions"] = regions_of(processes if framed is None else framed, front)
    if wanted & {"owners", "groups"}:
        owners = _owners(processes, front, sample.memory_kb)
        if "owners" in wanted:
            found["owners"] = owners
        if "groups" in wanted:
            found["groups"] = _groups(owners, front, sample.memory_kb)
    return found


def _front(sample: Sample, received_ms: int) -> dict[str, Any]:
    key = sample.key
    return {
        "host": key.host,
        "ts": key.ts_ms,
        "received": received_ms,
        "boot": plain(key.boot),
        "part": key.part,
        "date": key.ts_ms // 86_400_000,
    }


# ---- Owners --------------------------------------------------------------------------


def _owners(
    processes: Sequence[Process], front: dict[str, Any], memory_kb: int | None
) -> pa.Table:
    counts = [len(process.rows) for process in processes]
    rows = [row for process in processes for row in process.rows]
    front = {**front, "memory_kb": memory_kb}
    made = repeated("owners", front, len(rows))
    for name in FACTS:
        values = [process.facts[name] for process in processes]
        made[name] = spread("owners", name, values, counts)
    for name in ("detail", "notes"):
        values = [getattr(process, name) for process in processes]
        made[name] = spread("owners", name, values, counts)
    for name, column in zip(ROW, [*zip(*rows, strict=True)] or [()] * 9, strict=True):
        made[name] = _array("owners", name, column)
    return _table("owners", made)


def _array(table: str, name: str, values: Sequence[Any]) -> pa.Array:
    try:
        return pa.array(values, SCHEMA[table].field(name).type)
    except (OverflowError, pa.ArrowInvalid) as error:
        raise MemcError(f"an amount is too large: {error}") from None


def _table(table: str, made: dict[str, pa.Array]) -> pa.Table:
    schema = SCHEMA[table]
    return pa.Table.from_arrays([made[name] for name in schema.names], schema=schema)


# ---- Groups --------------------------------------------------------------------------


def _groups(owners: pa.Table, front: dict[str, Any], memory_kb: int | None) -> pa.Table:
    """Sum the owners of each group; a sum is null if any of its processes lacks it."""
    names = ["group", "owner", "detail", "regions", *AMOUNTS]
    table = owners.select(names)
    for at, name in enumerate(names[3:], 3):
        table = table.set_column(at, name, table.column(at).cast(WIDE))
    each = [(name, "sum", NULLS) for name in names[3:]]
    detail = [("detail", "first", NULLS), ("detail", "count_distinct", ALL)]
    every: list[Any] = [*each, *detail, ([], "count_all")]
    found = table.group_by(["group", "owner"], use_threads=False).aggregate(every)
    made = repeated("groups", {**front, "memory_kb": memory_kb}, len(found))
    is_one = pc.equal(found.column("detail_count_distinct"), 1)
    nothing = pa.scalar(None, pa.string())
    made["detail"] = pc.if_else(is_one, found.column("detail_first"), nothing)
    made["processes"] = found.column("count_all").cast(pa.int32())
    made["group"], made["owner"] = found.column("group"), found.column("owner")
    for name in names[3:]:
        kind = SCHEMA["groups"].field(name).type
        try:
            made[name] = found.column(f"{name}_sum").cast(kind)
        except pa.ArrowInvalid as error:
            raise MemcError(f"an amount is too large: {error}") from None
    return _table("groups", made)
