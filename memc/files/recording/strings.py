"""The strings of a recording, each with a number of its own.

Snapshots number their strings from 0, so the numbers of two snapshots differ.
"""

from __future__ import annotations

from memc.errors import MemcError
from memc.files.recording.open import ERRORS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sqlite3 import Connection

    from memc.table.columns import Value

__all__ = ["Strings", "pack_flags", "pack_text", "unpack_flags", "unpack_text"]

ROW_SIZE = 128  # what a row takes at most, but its text


class Strings:
    """The table of strings of an open recording.

    A recorder numbers strings, and writes the rows of new ones with its batch.  It
    begins each segment with no string known: so `rows` names every string of a segment
    at least once, and the memory for known ones stays small.  `size` is about how many
    bytes the rows will take; `added` of them are of strings that the file lacks.
    """

    __slots__ = (
        "_db",
        "_ids",
        "_next",
        "_segment",
        "_values",
        "_waiting",
        "added",
        "rows",
        "size",
    )

    def __init__(self, db: Connection) -> None:
        self._db = db
        self._ids: dict[bytes, int] = {}
        self._values: dict[int, bytes] = {}
        self._waiting: dict[bytes, int] = {}
        self._segment = 0
        self._next = 0
        self.rows: list[tuple[int, bytes, int]] = []
        self.size = self.added = 0

    def begin(self, segment: int) -> None:
        """Begin a segment: forget all strings."""
        self._segment = segment
        self._ids.clear()
        self._waiting = {value: number for number, value, _ in self.rows}
        if not self._next:
            row = self._db.execute("select ifnull(max(id), 0) from _string").fetchone()
            self._next = row[0] + 1

    def number(self, value: bytes) -> int:
        """Return the number of a string; the string becomes a row if it is new."""
        number = self._ids.get(value)
        if number is not None:
            return number
        number = self._waiting.get(value)
        if number is None:
            row = self._db.execute("select id from _string where value=?", (value,))
            found = row.fetchone()
            self.added += found is None
            number = self._next if found is None else found[0]
        self._next = max(self._next, number + 1)
        self._ids[value] = number
        self.rows.append((number, value, self._segment))
        self.size += ROW_SIZE + 3 * len(value)  # in an index, too, that is half full
        return number

    def clear(self) -> None:
        """Drop the rows."""
        self.rows.clear()
        self.size = self.added = 0

    def value(self, number: int) -> bytes:
        """Return the string with this number.  Raises MemcError if there is none."""
        known = self._values.get(number)
        if known is None:
            sql = "select value from _string where id=?"
            try:
                found = self._db.execute(sql, (number,)).fetchone()
            except ERRORS as error:
                raise MemcError(f"the recording is damaged: {error}") from None
            if found is None:
                raise MemcError(f"the recording is damaged: it has no string {number}")
            known = self._values[number] = found[0]
        return known


def pack_text(value: Value) -> bytes:
    """Return the bytes of a text."""
    return str(value).encode("utf-8", "surrogateescape")


def unpack_text(value: bytes) -> str:
    """Return the text of some bytes."""
    return value.decode("utf-8", "surrogateescape")


def pack_flags(value: Value) -> bytes:
    """Return the bytes of a list of flags."""
    return pack_text(" ".join(value) if isinstance(value, tuple) else value)


def unpack_flags(value: bytes) -> tuple[str, ...]:
    """Return the list of flags of some bytes."""
    return tuple(unpack_text(value).split())
