"""Regions as rows of one table: of each process of each sample, with its owner.

A row is a region.  Where a recording tells only what each owner has, a row is an owner,
and where only totals are known, the whole process: the column `row` says which.  What
is not known is null.
"""

from __future__ import annotations

from array import array
from itertools import repeat

from memc.export.sample import has_regions
from memc.human.csv_text import csv_of
from memc.owners.stored import told_twice
from memc.table.amounts import whole
from memc.table.arrow import column_fields, core, kinds_of, stream
from memc.table.arrow_fields import (
    Field,
    Part,
    Strings,
    nothing,
    packed,
    process_field,
    shown,
)
from memc.table.build import column, table
from memc.table.writing import write_all

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from memc.export.sample import Sample
    from memc.ffi.capsules import Pair
    from memc.owners import Owner
    from memc.table.document import Json
    from memc.table.region import Table
    from memc.targets.target import Target

__all__ = ["Rows", "Tables", "write_csv"]

FACTS = ("pid", "name", "uid", "cgroup", "started")
OF_SAMPLE = ("sample", "timestamp_ms")
OWNER = ("owner", "why", "label")
TAKEN = (*OF_SAMPLE, "file", *FACTS, "row", "regions", *OWNER, "guess")
REGION, OF_OWNER, PROCESS = "region", "owner", "process"


class _Facts:
    """What Arrow's fields of a process are made of, by name."""

    __slots__ = FACTS

    def __init__(self, target: Target) -> None:
        self.pid = target.pid
        self.name = target.name or None
        self.uid = target.facts.uid
        self.cgroup = target.facts.paths[0] if target.facts.paths else None
        self.started = target.started


class Rows(Part):
    """The rows of a process of a sample.

    `owners` has the owner of each, and `counts` how many regions each is; they are None
    if that is not known.
    """

    __slots__ = ("counts", "file", "kind", "owners", "sample", "timestamp_ms")

    def __init__(self, target: Target, sample: int) -> None:
        self.owners: Sequence[Owner] | None = None
        self.counts: Sequence[int] | None = None
        if target.is_sum:
            self.kind, made = PROCESS, _of_totals(target)
        elif has_regions(target):
            self.kind, made = REGION, target.table
            self.owners, self.counts = target.find_owners(), [1] * len(made)
        else:
            self.kind, made = OF_OWNER, _of_owners(target.table)
            self.owners = target.find_owners()
            self.counts = getattr(target, "counts", None)
        super().__init__(made)
        self.process = _Facts(target)  # type: ignore[assignment] # the same attributes
        self.sample = sample
        self.timestamp_ms: int | None = getattr(target.table, "timestamp_ms", None)
        self.file = target.file or None


def _of_totals(target: Target) -> Table:
    """Return a table whose one row is the whole process."""
    totals: dict[str, int | None] = getattr(target.table, "totals", {})
    names = dict.fromkeys(("size_kb", "rss_kb", *totals))
    amounts = {name: [whole(target.table, name)] for name in names if name != "threads"}
    return table(1, {name: column("Q", found) for name, found in amounts.items()})


def _of_owners(of: Table) -> Table:
    """Return a table without the addresses, which are made up."""
    names = [name for name in of.columns if name.endswith("_kb")]
    return table(len(of), {name: of.columns[name] for name in names})


class Tables:
    """The rows of all samples: libraries read them as an Arrow stream."""

    def __init__(self, samples: Iterable[Sample]) -> None:
        self.parts = [
            Rows(target, number)
            for number, sample in enumerate(samples)
            for target in sample.targets
            if target.sources
        ]

    def __len__(self) -> int:
        return sum(part.rows for part in self.parts)

    def fields(self) -> list[Field]:
        """Return the columns, as ``memc.owners.arrow`` has them, and more in front."""
        front = [_number("sample"), _number("timestamp_ms"), _text("file")]
        front += [process_field(name, unread=False) for name in FACTS]
        front += [_text("kind", "row"), Field("regions", "I", _counts)]
        owners = [_owner_text(name) for name in OWNER]
        twice = [f"region_{name}" for name in told_twice(p.table for p in self.parts)]
        found = column_fields(self.parts, TAKEN)
        of_regions = [field for field in found if field.name not in twice]
        return [*front, *of_regions, *owners, Field("guess", "C", _guesses)]

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Return a new capsule of an Arrow stream; `requested_schema` is ignored."""
        del requested_schema
        return stream(self.parts, self.fields())

    def __arrow_c_schema__(self) -> object:
        """Return the schema of the stream as a capsule."""
        return core().arrow_schema(kinds_of(self.fields()))


# ---- Arrow ---------------------------------------------------------------------------


def _number(name: str) -> Field:
    def make(part: Part) -> Pair:
        value = getattr(part, name)
        if value is None:
            return nothing(part)
        return None, packed("Q", [value]) * part.rows

    return Field(name, "L", make)


def _text(attribute: str, name: str = "") -> Field:
    strings = Strings()

    def make(part: Part) -> Pair:
        value = getattr(part, attribute)
        if value is None:
            return nothing(part)
        return None, packed("I", [strings.number(shown(value))]) * part.rows

    return Field(name or attribute, "I", make, strings)


def _counts(part: Part) -> Pair:
    counts = part.counts  # type: ignore[attr-defined] # they are Rows
    return nothing(part) if counts is None else (None, packed("I", counts))


def _owner_text(name: str) -> Field:
    strings = Strings()

    def make(part: Part) -> Pair:
        owners = part.owners  # type: ignore[attr-defined]
        if owners is None:
            return nothing(part)
        known = {o: strings.number(shown(getattr(o, name))) for o in set(owners)}
        return None, array("I", map(known.__getitem__, owners)).tobytes()

    return Field(name, "I", make, strings)


def _guesses(part: Part) -> Pair:
    owners = part.owners  # type: ignore[attr-defined]
    if owners is None:
        return nothing(part)
    return None, bytes(owner.guess for owner in owners)


# ---- CSV -----------------------------------------------------------------------------


def write_csv(tables: Tables, fd: int) -> None:
    """Write a line of titles, and a line for each row; null is an empty cell.

    Addresses are hexadecimal numbers, as in other CSV of memc: a spreadsheet would
    round them.
    """
    names = [f.name for f in tables.fields() if f.name != "pathname_hex"]
    write_all(fd, csv_of(dict.fromkeys(names, ())).encode())
    for part in tables.parts:
        values = {name: [*_values(part, name)] for name in names}
        write_all(fd, csv_of(values, titles=False).encode())


def _values(part: Rows, name: str) -> Iterator[Json]:
    if name in TAKEN:
        return _of_part(part, name)
    key = name if name in part.table.columns else name.removeprefix("region_")
    found = part.table.columns.get(key)
    if found is None:
        return repeat(None, part.rows)
    if name in ("start", "end"):
        return (None if value is None else f"{value:#x}" for value in found)
    return (" ".join(v) if isinstance(v, tuple) else v for v in found)


def _of_part(part: Rows, name: str) -> Iterator[Json]:
    if name in OWNER or name == "guess":
        if part.owners is None:
            return repeat(None, part.rows)
        read: Callable[[Owner], Json] = lambda owner: getattr(owner, name)  # noqa: E731
        return map(read, part.owners)
    if name == "regions":
        return repeat(None, part.rows) if part.counts is None else iter(part.counts)
    if name in FACTS:
        return repeat(getattr(part.process, name), part.rows)
    return repeat(getattr(part, "kind" if name == "row" else name), part.rows)
