"""Run SQL of a user on a recording: it can only read, and it ends in time."""

from __future__ import annotations

import sqlite3
import sys
import time
from contextlib import contextmanager
from itertools import chain

from memc.errors import MemcError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, TypeAlias

    Cell: TypeAlias = int | float | str | bytes | None
    Progress: TypeAlias = Callable[[float, int], None]

__all__ = ["TIMEOUT_S", "Answer", "run"]

TIMEOUT_S = 30.0
STEPS = 10_000  # of SQLite between two looks at the clock: well below a millisecond
FETCHED = 1000  # rows
MOST_BYTES = 1 << 30  # of values in memory
MEASURED = 16  # one row in so many is measured
LONGEST = 1 << 25  # bytes of one value: no frame comes near, and none is made slowly
# What a statement may do.  Everything else writes, attaches, or sets something.
READS = {
    sqlite3.SQLITE_SELECT,
    sqlite3.SQLITE_READ,
    sqlite3.SQLITE_FUNCTION,
    sqlite3.SQLITE_RECURSIVE,
}
PRAGMAS = {"table_info", "table_xinfo", "table_list"}  # they tell of the schema
DENIED = {"load_extension", "fts3_tokenizer"}  # functions that run other code
# What else a statement may try, in words; the others write.
WORDS = {
    sqlite3.SQLITE_ATTACH: "attaches another file",  # so does VACUUM
    sqlite3.SQLITE_DETACH: "detaches a file",
    sqlite3.SQLITE_PRAGMA: "sets a pragma",
    sqlite3.SQLITE_TRANSACTION: "begins or ends a transaction",
    sqlite3.SQLITE_SAVEPOINT: "begins or ends a transaction",
    sqlite3.SQLITE_FUNCTION: "runs a function that is not for data",
}


class Answer:
    """What a statement found: the names of the columns, all different, and the rows."""

    __slots__ = ("columns", "rows")

    def __init__(self, columns: list[str], rows: list[tuple[Any, ...]]) -> None:
        self.columns = columns
        self.rows = rows


def run(
    db: sqlite3.Connection,
    text: str,
    values: tuple[Cell, ...] = (),
    *,
    timeout_s: float | None = TIMEOUT_S,
    progress: Progress | None = None,
) -> Answer:
    """Run one statement of SQL that reads, and return what it found.

    `values` stand for the question marks in it.  `progress` is called now and then with
    the seconds gone by and the rows found.  Raises MemcError if the SQL is wrong, would
    do more than read, takes longer than `timeout_s`, or finds more than 1 GiB.
    """
    guard = _Guard(timeout_s, progress)
    try:
        with _guarded(db, guard):
            cursor = db.execute(text, values)
            if cursor.description is None:
                raise MemcError("the SQL has no statement that finds rows")
            names = _different([column[0] for column in cursor.description])
            return Answer(names, _fetch(cursor, guard))
    # A text with a zero byte or half a surrogate pair is a ValueError, and two
    # statements are a Warning in Python 3.11.
    except (sqlite3.Error, sqlite3.Warning, ValueError) as error:
        if guard.raised is not None:
            raise guard.raised from None
        raise MemcError(guard.words_of(error)) from None


class _Guard:
    """What a statement tried, and for how long it ran."""

    __slots__ = (
        "_begun",
        "_timeout_s",
        "denied",
        "is_late",
        "progress",
        "raised",
        "rows",
    )

    def __init__(self, timeout_s: float | None, progress: Progress | None) -> None:
        self._begun = time.monotonic()
        self._timeout_s = timeout_s
        self.progress = progress
        self.denied = ""
        self.is_late = False
        self.rows = 0
        self.raised: BaseException | None = None

    def judge(self, action: int, one: str | None, two: str | None, *_: object) -> int:
        """Tell SQLite whether it may do something (sqlite3_set_authorizer)."""
        is_fine = action in READS
        if action == sqlite3.SQLITE_FUNCTION:
            is_fine = (two or "").lower() not in DENIED
        elif action == sqlite3.SQLITE_PRAGMA:
            is_fine = (one or "").lower() in PRAGMAS
        elif action == sqlite3.SQLITE_UPDATE:
            # So json_each() and others declare their columns; UPDATE itself refuses it.
            is_fine = one == "sqlite_master"
        if not is_fine and not self.denied:
            self.denied = WORDS.get(action, "writes")
        return sqlite3.SQLITE_OK if is_fine else sqlite3.SQLITE_DENY

    def look(self) -> int:
        """Tell SQLite whether it must stop: time is up, or Ctrl-C was pressed."""
        try:
            gone_s = time.monotonic() - self._begun
            self.is_late = self._timeout_s is not None and gone_s > self._timeout_s
            if self.progress is not None:
                self.progress(gone_s, self.rows)
        except BaseException as error:  # noqa: BLE001 - SQLite would swallow it
            self.raised = error
            return 1
        return int(self.is_late)

    def words_of(self, error: Exception) -> str:
        """Return what to say of an error of SQLite."""
        if self.denied:
            return f"a recording is only read: this SQL {self.denied}"
        if self.is_late:
            return (
                f"the query was stopped after {self._timeout_s:g} s; a longer timeout "
                "lets it end, and a range of segments (segment between 5 and 9) makes "
                "it faster"
            )
        words = str(error)
        if "one statement" in words:
            words = "more than one statement"
        elif words.startswith("no such"):
            words += " (memc query FILE --views tells what there is)"
        return f"SQL: {words}"


@contextmanager
def _guarded(db: sqlite3.Connection, guard: _Guard) -> Iterator[None]:
    """Let the guard watch a connection."""
    longest = db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST)
    db.set_authorizer(guard.judge)
    db.set_progress_handler(guard.look, STEPS)
    try:
        yield
    finally:
        db.set_progress_handler(None, 0)
        db.set_authorizer(None)
        db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, longest)


def _fetch(cursor: sqlite3.Cursor, guard: _Guard) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    size = 0
    while some := cursor.fetchmany(FETCHED):
        rows += some
        guard.rows = len(rows)
        measured = chain.from_iterable(some[::MEASURED])
        size += MEASURED * sum(map(sys.getsizeof, measured))
        if size > MOST_BYTES or guard.look():
            cursor.close()  # its transaction would keep the recorder from its file
            if guard.raised is not None:
                raise guard.raised
            words = f"more than {MOST_BYTES >> 30} GiB was found: add a LIMIT"
            raise MemcError(guard.words_of(ValueError(words)))
    return rows


def _different(names: list[str]) -> list[str]:
    """Return the names, with a number after each that was there before."""
    found: list[str] = []
    for name in names:
        number, one = 1, name
        while one in found:
            number += 1
            one = f"{name}_{number}"
        found.append(one)
    return found
