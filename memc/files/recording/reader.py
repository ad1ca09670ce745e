"""Ask an open recording, in short transactions.

A transaction that stays open would keep the recorder from using its space again.
"""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager, suppress
from threading import RLock

from memc.errors import MemcError
from memc.files.recording.open import ERRORS, connect_or_still, look, unreadable
from memc.files.recording.sql import run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from memc.files.recording.sql import Answer, Cell

__all__ = ["Reader"]


class Reader:
    """A connection that only reads; any thread may use it, one at a time.

    Raises MemcError if the file is no recording, and OSError if it cannot be opened.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._lock = RLock()
        self._depth = 0
        self._db: sqlite3.Connection | None
        self._db, self._still = connect_or_still(path)
        self._opened = 1

    @property
    def db(self) -> sqlite3.Connection:
        """The connection.  Raises MemcError if it was closed."""
        if self._db is None:
            raise MemcError(f"{self.path}: the recording was closed")
        return self._db

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Return all rows of a query.  Raises MemcError if the file is damaged."""
        with self._lock:
            try:
                return self.db.execute(sql, _bound(sql, values)).fetchall()
            except ERRORS as error:
                raise unreadable(self.path, error) from None

    def row(self, sql: str, values: Sequence[object] = ()) -> tuple[Any, ...] | None:
        """Return the first row of a query, None if there is none."""
        found = self.rows(sql, values)
        return found[0] if found else None

    def run(self, text: str, values: tuple[Cell, ...], timeout_s: float) -> Answer:
        """Run SQL of a user.  Raises MemcError if it does more than read."""
        with self._lock:
            return run(self.db, text, values, timeout_s=timeout_s)

    def version(self) -> tuple[int, int]:
        """Return what changes when somebody else wrote to the file."""
        found = self.rows("pragma data_version")
        return self._opened, found[0][0]

    @contextmanager
    def moment(self) -> Iterator[None]:
        """Let all queries see the file as it is at the first of them."""
        with self._lock:
            if not self._depth:
                self._refresh()
                self.rows("begin")
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
                if not self._depth and self._db is not None and self._db.in_transaction:
                    with suppress(sqlite3.Error):  # it only read: nothing is lost
                        self._db.execute("commit")

    def _refresh(self) -> None:
        """Open a file again that was read as it was, once a recorder writes to it."""
        if self._db is None or self._still is None or look(self.path) == self._still:
            return
        self.close()
        self._db, self._still = connect_or_still(self.path)
        self._opened += 1

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._db is not None:
                self._db.close()
            self._db = None

    def __del__(self) -> None:
        """Close the file of a recording that nobody has any more."""
        db = getattr(self, "_db", None)
        if db is not None:
            db.close()


def _bound(sql: str, values: Sequence[object]) -> Sequence[object] | dict[str, object]:
    """Return values as SQL names them: ``?`` in turn, or by number as ``:1``."""
    if ":1" not in sql:
        return values
    return {str(i): value for i, value in enumerate(values, 1)}
