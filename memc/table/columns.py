"""Columns: the one data structure that every other module reads."""

from __future__ import annotations

from _collections_abc import Mapping, Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator
    from typing import Literal, TypeAlias, overload

    # The value of a region in a column; None if the kernel gave none.
    Value: TypeAlias = int | str | tuple[str, ...] | None

__all__ = ["Column", "Columns", "bitmap"]

DIGITS = bytes.maketrans(b"\0\1", b"01")
ADDRESSES = ("start", "end")
SHOWN, WIDEST = 8, 48  # what a repr shows: values, and characters of each


class Column(Sequence["Value"]):
    """One value for each region: a number, or its decoded value; None if missing.

    `values` and `valid` are read-only memoryviews in Arrow's layout.  They keep their
    memory alive.  `values` holds the stored numbers:

    - "Q": addresses, amounts and counts;
    - "I": device numbers, and the numbers of strings;
    - "B": the bits of `perm` (1 r, 2 w, 4 x, 8 s, 16 p), and the number of a `type`.

    `decode` turns a stored number into the value; None if the number is the value.
    `valid` holds one bit for each row, the lowest bit first.  It is None if no value is
    missing.  `name` is that in the table; "" if the column is in none.
    """

    __slots__ = ("decode", "name", "valid", "values")

    def __init__(
        self,
        values: memoryview[int],
        valid: memoryview[int] | None = None,
        decode: Callable[[int], Value] | None = None,
        name: str = "",
    ) -> None:
        self.values = values
        self.valid = valid
        self.decode = decode
        self.name = name

    def __len__(self) -> int:
        """Return the number of regions."""
        return len(self.values)

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, row: int) -> Value: ...
        @overload
        def __getitem__(self, row: slice) -> list[Value]: ...

    def __getitem__(self, row: int | slice) -> Value | list[Value]:
        """Return the value of a row, counted from the end if negative; or a list."""
        if isinstance(row, slice):
            return [self[i] for i in range(*row.indices(len(self)))]
        value = self.values[row]
        valid = self.valid
        if valid is not None:
            row %= len(self.values)
            if not valid[row >> 3] >> (row & 7) & 1:
                return None
        return value if self.decode is None else self.decode(value)

    def __iter__(self) -> Iterator[Value]:
        """Yield the value of each region."""
        if self.valid is not None:
            return map(self.__getitem__, range(len(self.values)))
        if self.decode is None:
            return iter(self.values)
        values = self.values.tolist()
        return map({value: self.decode(value) for value in set(values)}.get, values)

    def none(self) -> Column:
        """Return a column of no values with this meaning."""
        return Column(self.values[:0], None, self.decode)

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        """Let copy and pickle make a column in the memory of Python."""
        stored = self.values
        rows = [row for row in range(len(self)) if self[row] is not None]
        meanings = None
        if self.decode is not None:
            meanings = {stored[row]: self[row] for row in rows}
        valid = None if self.valid is None else bytes(self.valid)
        return _column_of, (stored.format, bytes(stored), valid, meanings, self.name)

    @property
    def missing(self) -> int:
        """How many regions have no value."""
        if self.valid is None:
            return 0
        bits = int.from_bytes(self.valid, "little") & ((1 << len(self)) - 1)
        return len(self) - bits.bit_count()

    def __repr__(self) -> str:
        """Show name, unit, how many values are missing, and the first values."""
        what = f"{self.name} of" if self.name else "of"
        unit = " kB" if self.name.endswith("_kb") else ""
        missing = f", {self.missing} missing" if self.missing else ""
        is_hex = self.name in ADDRESSES
        first = [_short(value, is_hex=is_hex) for value in self[:SHOWN]]
        more = ["…"] if len(self) > SHOWN else []
        values = ", ".join(first + more)
        return f"<Column {what} {len(self)}{unit}{missing}: {values or 'no regions'}>"


def _column_of(
    code: Literal["B", "I", "Q"],
    stored: bytes,
    valid: bytes | None,
    meanings: dict[int, Value] | None,
    name: str = "",
) -> Column:
    return Column(
        memoryview(stored).cast(code),
        None if valid is None else memoryview(valid),
        None if meanings is None else meanings.__getitem__,
        name,
    )


def _short(value: Value, *, is_hex: bool) -> str:
    text = hex(value) if is_hex and isinstance(value, int) else repr(value)
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 1]}…"


class _Made(dict[str, Column | None]):
    """The columns that were made so far; None for names that are no columns."""

    __slots__ = ("_make", "_names")

    def __init__(self, names: Collection[str], make: Callable[[str], Column]) -> None:
        super().__init__()
        self._names = names
        self._make = make

    def __missing__(self, name: str) -> Column | None:
        column = self._make(name) if name in self._names else None
        if column is not None and not column.name:
            column.name = name
        self[name] = column
        return column


class Columns(Mapping[str, Column]):
    """The columns of a table by name; each is made at its first use."""

    __slots__ = ("_names", "made")

    def __init__(self, names: Collection[str], make: Callable[[str], Column]) -> None:
        self._names = names
        self.made = _Made(names, make)

    def __len__(self) -> int:
        """Return the number of columns."""
        return len(self._names)

    def __iter__(self) -> Iterator[str]:
        """Yield the names in the order of the kernel."""
        return iter(self._names)

    def __contains__(self, name: object) -> bool:
        """Tell whether the table has this column."""
        return name in self._names

    def __getitem__(self, name: str) -> Column:
        """Return the column with this name.  Raises KeyError if there is none."""
        column = self.made[name] if name in self._names else None
        if column is None:
            raise KeyError(name)
        return column

    if not TYPE_CHECKING:  # as Mapping.get does it, which is slower

        def get(self, name: str, default: object = None) -> object:
            """Return the column with this name, or `default` if there is none."""
            column = self.made[name] if name in self._names else None
            return default if column is None else column

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        """Let copy and pickle make every column."""
        return _columns_of, (dict(self),)

    def __repr__(self) -> str:
        """Show the names."""
        return f"<Columns {' '.join(self._names)}>"


def _columns_of(made: dict[str, Column]) -> Columns:
    return Columns(tuple(made), made.__getitem__)


def bitmap(present: Iterable[int]) -> bytes:
    """Return Arrow's validity bitmap: one bit for each row, the lowest bit first.

    `present` is 1 or True for each row that has a value, 0 or False for the others.
    """
    digits = bytes(present).translate(DIGITS)[::-1]
    return int(digits or b"0", 2).to_bytes((len(digits) + 7) // 8, "little")
