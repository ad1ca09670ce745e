"""Arrow streams of regions, with what each region is for."""

from __future__ import annotations

from array import array

from memc.owners.stored import KEYS, told_twice
from memc.table.arrow import FRONT, core, fields_of, kinds_of, parts_of, stream
from memc.table.arrow_fields import Field, Part, Strings, shown
from memc.table.region import Table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from memc.ffi.capsules import Pair
    from memc.owners.owner import Owner
    from memc.table.snapshot import SystemSnapshot

__all__ = ["Stream", "arrow"]

TEXTS = ("owner", "why", "label")


class Stream:
    """The regions of a table or of all processes, with four columns for their owners.

    Libraries such as polars, pyarrow and DuckDB read it.
    """

    __slots__ = ("_source",)

    def __init__(self, source: Table | SystemSnapshot) -> None:
        self._source = source

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Return a new capsule of an Arrow stream; `requested_schema` is ignored."""
        del requested_schema
        parts = _parts(self._source)
        return stream(parts, _fields(self._source, parts))

    def __arrow_c_schema__(self) -> object:
        """Return the schema of the stream as a capsule."""
        fields = _fields(self._source, _parts(self._source))
        return core().arrow_schema(kinds_of(fields))


def arrow(
    source: Table | SystemSnapshot, *, owners: bool = False
) -> Table | SystemSnapshot | Stream:
    """Return what libraries read as Arrow: `source` itself, or one with its owners.

    With `owners`, the regions have the columns `owner`, `why`, `label` (dictionaries of
    text) and `guess` (1 or 0) behind the others.  If a column of the regions has such a
    name, it becomes "region_NAME"; those of a bundle are left out, as they tell the
    same.
    """
    return Stream(source) if owners else source


def _parts(source: Table | SystemSnapshot) -> list[Part]:
    return [Part(source)] if isinstance(source, Table) else parts_of(source)


def _fields(source: Table | SystemSnapshot, parts: list[Part]) -> list[Field]:
    if isinstance(source, Table):
        fields = list(fields_of(parts, ()))
    else:
        fields = list(fields_of(parts, FRONT, source.unread))
    if any(part.totals for part in parts):  # no regions, so no owners
        return fields
    twice = told_twice(part.table for part in parts)
    fields = [field for field in fields if field.name not in twice]
    for field in fields:
        if field.name in KEYS:
            field.name = f"region_{field.name}"
    return [*fields, *_owner_fields()]


def _owner_fields() -> Iterator[Field]:
    for name in TEXTS:
        strings = Strings()
        yield Field(name, "I", _texts(name, strings), strings)
    yield Field("guess", "C", _guesses)


def _texts(name: str, strings: Strings) -> Callable[[Part], Pair]:
    """Return a maker of one attribute of the owners, as numbers of texts."""

    def make(part: Part) -> Pair:
        owners = part.table.find_owners()
        known: dict[Owner, int] = {
            owner: strings.number(shown(getattr(owner, name))) for owner in set(owners)
        }
        return None, array("I", map(known.__getitem__, owners)).tobytes()

    return make


def _guesses(part: Part) -> Pair:
    return None, bytes(owner.guess for owner in part.table.find_owners())
