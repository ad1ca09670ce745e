"""Rows of a recording, for Python and, as an Arrow stream, for libraries."""

from __future__ import annotations

from array import array
from collections import namedtuple
from contextlib import suppress

from memc.table.arrow import core
from memc.table.arrow_fields import Strings, shown
from memc.table.columns import bitmap
from memc.table.region import Shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any, Literal

    from memc.ffi.capsules import Kind, Pair
    from memc.files.recording.sql import Cell
    from memc.human.picture import Picture

__all__ = ["Series"]

TEXTS = ("name", "owner", "kind", "detail", "state")
# Arrow's formats of numbers, from the first that fits, and those of `array`.
CODES: dict[str, Literal["Q", "q", "d"]] = {"L": "Q", "l": "q", "g": "d"}


class Series(Shown):
    """Rows in the order of time, all with the same columns.

    - `columns` are their names, and `len()` is the number of rows;
    - iteration gives a named tuple for each row, and `rows("t_ms", "rss_kb")` one of
      these columns; a value that is not known is None;
    - ``series["rss_kb"]`` is a column, as a list;
    - polars, pandas, pyarrow and DuckDB read it as an Arrow stream.
    """

    __slots__ = ("_facts", "_rows", "columns")

    def __init__(
        self,
        columns: Sequence[str],
        rows: Sequence[tuple[Any, ...]],
        facts: dict[int | None, tuple[int | None, str | None]] | None = None,
    ) -> None:
        """Take rows; with `facts`, they lack the columns 1 and 2: pid and name.

        They are the facts of the process that is in column 1 instead.
        """
        self.columns = tuple(columns)
        self._rows = rows
        self._facts = facts

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Any]:
        return self.rows()

    def __getitem__(self, name: str) -> list[Any]:
        """Return a column.  Raises KeyError, with the names, if there is none."""
        at = self._place(name)
        facts = self._facts
        if facts is None or not at:
            return [row[at] for row in self._rows]
        if at in (1, 2):
            return [facts[row[1]][at - 1] for row in self._rows]
        return [row[at - 2] for row in self._rows]

    def rows(self, *names: str) -> Iterator[Any]:
        """Yield a named tuple of each row: of these columns, or of all."""
        kind = _row_kind(names or self.columns)
        if names:
            return map(kind._make, zip(*(self[name] for name in names), strict=True))
        facts = self._facts
        if facts is None:
            return map(kind._make, self._rows)
        return (kind(row[0], *facts[row[1]], *row[1:]) for row in self._rows)

    def _place(self, name: str) -> int:
        try:
            return self.columns.index(name)
        except ValueError:
            there = ", ".join(self.columns)
            raise KeyError(f"no column {name!r}; there are {there}") from None

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Return the rows as a new capsule of an Arrow stream.

        Numbers have 64 bits, texts are dictionaries; `requested_schema` is ignored.
        """
        del requested_schema
        kinds, values = self._columns()
        return core().arrow_stream(kinds, [(len(self), values)])

    def __arrow_c_schema__(self) -> object:
        """Return the schema of the stream as a capsule."""
        return core().arrow_schema(self._columns()[0])

    def _columns(self) -> tuple[list[Kind], list[Pair]]:
        kinds, pairs = [], []
        for name in self.columns:
            values = self[name]
            form, strings, pair = _packed(name, values)
            texts = None if strings is None else strings.dictionary()
            kinds.append((name, form, texts, ""))
            pairs.append(pair)
        return kinds, pairs

    def _picture(self) -> Picture:
        from memc.files.recording.pictures import of_series

        return of_series(self)

    def plot(self) -> Any:  # noqa: ANN401 - a Figure
        """Return the largest amounts in time as a chart of plotly.

        Raises ImportError if that is not installed.
        """
        from memc.files.recording.pictures import largest
        from memc.human.chart import lines_of

        return lines_of(*largest(self))

    def __repr__(self) -> str:
        """Show the columns and how many rows there are."""
        return f"<Series of {len(self)} rows: {', '.join(self.columns)}>"


def _row_kind(names: Sequence[str]) -> Any:  # noqa: ANN401
    return namedtuple("Row", [*names], rename=True)  # noqa: PYI024


def _packed(name: str, values: Sequence[Cell]) -> tuple[str, Strings | None, Pair]:
    """Return the format of a column for Arrow, its dictionary, and its values."""
    valid = bitmap(value is not None for value in values) if None in values else None
    numbers: Any = values
    if valid is not None:
        numbers = [0 if value is None else value for value in values]
    is_text = name in TEXTS and not any(numbers)
    for form, code in {} if is_text else CODES.items():
        with suppress(TypeError, OverflowError):
            return form, None, (valid, array(code, numbers).tobytes())
    strings = Strings()
    known = {value: strings.number(_text(value)) for value in {*values}}
    return "I", strings, (valid, array("I", map(known.__getitem__, values)).tobytes())


def _text(value: Cell) -> str:
    if isinstance(value, bytes):
        return value.hex()
    return "" if value is None else shown(value)
