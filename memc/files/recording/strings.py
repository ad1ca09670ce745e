"""The strings of a recording, each with a number of its own.

Snapshots number their strings from 0, so the numbers of two snapshots differ.
"""

from __future__ import annotations

from memc.errors import MemcError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sqlite3 import Connection

    from memc.table.columns import Value

__all__ = ["Strings", "pack_flags", "pack_text", "unpack_flags", "unpack_text"]


class Strings:
    """The table of strings of an open recording.

    `added` counts the strings that were added.
    """

    __slots__ = ("_db", "_ids", "_values", "added")

    def __init__(self, db: Connection) -> None:
        self._db = db
        self._ids: dict[bytes, int] = {}
        self._values: dict[int, bytes] = {}
        self.added = 0

    def number(self, value: bytes) -> int:
        """Return the number of a string; add the string if it is new."""
        known = self._ids.get(value)
        if known is not None:
            return known
        row = self._db.execute("select id from _string where value=?", (value,))
        found = row.fetchone()
        if found is None:
            add = "insert into _string(value) values(?) returning id"
            found = self._db.execute(add, (value,)).fetchone()
            self.added += 1
        number: int = found[0]
        self._ids[value] = number
        return number

    def value(self, number: int) -> bytes:
        """Return the string with this number.  Raises MemcError if there is none."""
        known = self._values.get(number)
        if known is None:
            row = self._db.execute("select value from _string where id=?", (number,))
            found = row.fetchone()
            if found is None:
                raise MemcError(f"the recording is damaged: it has no string {number}")
            known = self._values[number] = found[0]
        return known

    def forget(self) -> None:
        """Forget the numbers: after a rollback they may belong to other strings."""
        self._ids.clear()
        self._values.clear()


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
