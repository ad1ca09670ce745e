"""The rows of a sample, as tables of Arrow: its regions, its owners and its groups."""

from __future__ import annotations

import pyarrow as pa

from memc.errors import MemcError
from memc.fleet.lake_regions import regions_of
from memc.fleet.lake_schema import SCHEMA
from memc.fleet.schema import AMOUNTS, COLUMNS, WHOLE
from memc.fleet.texts import plain
from memc.serve.names import name_of
from memc.table.amounts import whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from memc.fleet.sources import Sample
    from memc.owners import Owner
    from memc.targets.target import Target

__all__ = ["Process", "tables_of"]

# The name of an amount in memc; the others have the same.
NAMES = {"uss_kb": "private_kb"}


def tables_of(
    sample: Sample, received_ms: int, tables: Iterable[str]
) -> dict[str, pa.Table]:
    """Return the rows of a sample for each of the tables.

    Raises MemcError if an amount is more than any machine has.
    """
    wanted = {*tables}
    found: dict[str, pa.Table] = {}
    processes = [Process(target) for target in sample.targets if target.sources]
    front = _front(sample, received_ms)
    if "regions" in wanted and sample.has_regions:
        told = processes
        if sample.framed is not None:
            told = [Process(target) for target in sample.framed if target.sources]
        found["regions"] = regions_of(told, front)
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


class Process:
    """A process with its facts as a lake has them."""

    __slots__ = ("facts", "is_told", "owners", "target")

    def __init__(self, target: Target) -> None:
        self.target = target
        cgroup = target.facts.paths[0] if target.facts.paths else None
        self.facts = {
            "group": plain(name_of(target, "service")),
            "cgroup": plain(cgroup),
            "name": plain(target.name),
            "pid": target.pid,
            "started": target.started,
            "uid": target.facts.uid,
        }
        self.is_told = not target.is_sum
        self.owners: Sequence[Owner] = target.find_owners() if self.is_told else ()

    @property
    def detail(self) -> str | None:
        return getattr(self.target.table, "detail", None)


# ---- Owners --------------------------------------------------------------------------


class _Sum:
    """What an owner has in a process."""

    __slots__ = ("count", "guess", "kb", "why")

    def __init__(self, why: str, *, guess: bool) -> None:
        self.why = why
        self.guess = guess
        self.count = 0
        self.kb: list[int | None] = [0] * len(AMOUNTS)


def _sums(process: Process) -> dict[str, _Sum]:
    """Return what each owner has; the whole process if its owners were not read."""
    target = process.target
    if not process.is_told:
        one = _Sum("totals", guess=False)
        one.kb = [whole(target.table, NAMES.get(name, name)) for name in AMOUNTS]
        return {WHOLE: one}
    columns = [[*target.values(NAMES.get(name, name))] for name in AMOUNTS]
    places: dict[str, list[int]] = {}
    for row, owner in enumerate(process.owners):
        places.setdefault(owner.owner, []).append(row)
    sums = {}
    for name, rows in places.items():
        first = process.owners[rows[0]]
        one = sums[name] = _Sum(first.why, guess=False)
        one.guess = any(process.owners[row].guess for row in rows)
        one.count = len(rows)
        for at, values in enumerate(columns):
            if values[rows[0]] is None:
                one.kb[at] = None
                continue
            some = [values[row] for row in rows]
            one.kb[at] = None if None in some else sum(some)  # type: ignore[arg-type] # none
    counts = getattr(target, "counts", None)  # of a recording: rows are owners
    if counts is not None:
        for name, rows in places.items():
            sums[name].count = sum(counts[row] for row in rows)
    return sums


def _owners(
    processes: Iterable[Process], front: dict[str, Any], memory_kb: int | None
) -> pa.Table:
    columns: dict[str, list[Any]] = {name: [] for name in COLUMNS["owners"]}
    for process in processes:
        codes = [note.code for note in process.target.table.notes] or None
        for name, one in _sums(process).items():
            row = {
                **front,
                **process.facts,
                "owner": name,
                "why": one.why,
                "guess": one.guess,
                "regions": one.count if process.is_told else None,
                **dict(zip(AMOUNTS, one.kb, strict=True)),
                "detail": process.detail,
                "notes": codes,
                "memory_kb": memory_kb,
            }
            for key, values in columns.items():
                values.append(row[key])
    return _table("owners", columns)


def _table(table: str, columns: dict[str, list[Any]]) -> pa.Table:
    schema = SCHEMA[table]
    try:
        arrays = [pa.array(columns[field.name], field.type) for field in schema]
    except (OverflowError, pa.ArrowInvalid) as error:
        raise MemcError(f"an amount is too large: {error}") from None
    return pa.Table.from_arrays(arrays, schema=schema)


# ---- Groups --------------------------------------------------------------------------


def _groups(owners: pa.Table, front: dict[str, Any], memory_kb: int | None) -> pa.Table:
    """Sum the owners of each group; a sum is null if any of its processes lacks it."""
    found: dict[tuple[str, str], list[Any]] = {}
    names = ("group", "owner", "detail", "regions", *AMOUNTS)
    columns = [owners.column(name).to_pylist() for name in names]
    for group, owner, detail, *amounts in zip(*columns, strict=True):
        one = found.get((group, owner))
        if one is None:
            found[group, owner] = [detail, 1, amounts]
            continue
        one[0] = detail if detail == one[0] else None
        one[1] += 1
        one[2] = [
            None if a is None or b is None else a + b
            for a, b in zip(one[2], amounts, strict=True)
        ]
    made: dict[str, list[Any]] = {name: [] for name in COLUMNS["groups"]}
    for (group, owner), (detail, count, (regions, *kb)) in found.items():
        row = {
            **front,
            "group": group,
            "owner": owner,
            "processes": count,
            "regions": regions,
            **dict(zip(AMOUNTS, kb, strict=True)),
            "detail": detail,
            "memory_kb": memory_kb,
        }
        for key, values in made.items():
            values.append(row[key])
    return _table("groups", made)
