"""Write a recording: batches of rows, in segments, within a size.

::

    file   [ segment 3 | segment 4 | ... | segment 9 ]     oldest first to be dropped
    WAL    [ what the last batches wrote ]                  goes into the file at 1 MiB

The rows of a batch wait in memory and are written in one transaction.  So a batch is
there completely or not at all, and its size is known before it is written.
"""

from __future__ import annotations

import sqlite3
from contextlib import suppress

from memc.errors import MemcError
from memc.files.recording.open import ERRORS
from memc.files.recording.strings import Strings
from memc.record.batch import Batch
from memc.record.connect import connect, unwritable
from memc.record.lock import Lock
from memc.record.place import prepare
from memc.record.room import MIN_SIZE, NoRoom, Room

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from memc.record.batch import Row

__all__ = ["MIN_SIZE", "Full", "Store"]

# The table of strings may name a string twice, and the other tables a row again after a
# batch that failed in part.
INSERTS = {
    "_string": "insert into _string values(?,?,?) on conflict do update set "
    "last_segment=excluded.last_segment",
}

# A recorder that was killed could not write when its run, its segment and the processes
# in it were seen last.
LAST_TICK = "(select max(t_ms) from _tick where segment={})"
END_KILLED = f"""
update _process set last_ms={LAST_TICK.format("last_segment")} where last_ms is null;
update _segment set ended_ms=ifnull({LAST_TICK.format("_segment.id")}, began_ms)
  where ended_ms is null;
update _run set why='killed', ended_ms=ifnull(
  (select max(ended_ms) from _segment where run=_run.id), began_ms)
  where ended_ms is null;
"""

ABANDONED: list[sqlite3.Connection] = []
WORDS = {
    "disk full": "the disk is full",
    "reader": "a reader keeps what --max-size has no room for",
    "size": "--max-size has no room for what was read at one time",
}


class Full(MemcError):  # noqa: N818 - says what the file is
    """There is no room for a batch: `why` is "disk full", "reader" or "size"."""

    def __init__(self, text: str, why: str) -> None:
        super().__init__(text)
        self.why = why


class Store:
    """An open recording that one recorder writes to.

    `path` is the file as it was given.  `segment` is the number of the open segment, 0
    if there is none.  `batch` has the rows that wait; `strings` numbers strings.

    Raises MemcError if the file is no recording, of a newer memc, in use by another
    recorder, or not a file of this user on a disk of this machine; OSError if it cannot
    be made.
    """

    def __init__(self, path: str, *, max_size: int) -> None:
        self.path = path
        self.segment = 0
        self.batch = Batch()
        self._run = 0
        self._lacked = 0, 0  # bytes and pages for which there was no room
        self._segment_row = 0, 0, 0, 0
        place, real = prepare(path)
        try:
            self._lock = Lock(place, path)
        finally:
            place.close()
        try:
            self._db = connect(real, path)
            self._room = Room(self._db, real, max_size)
            self.strings = Strings(self._db)
            self._next_process = self._max("_process") + 1
            self._next_segment = self._max("_segment") + 1
        except BaseException as error:
            if hasattr(self, "_db"):
                self._db.close()
            self._lock.close()
            if isinstance(error, ERRORS):
                raise unwritable(path, error) from None
            raise

    def _max(self, table: str) -> int:
        found = self._db.execute(f"select ifnull(max(id), 0) from {table}").fetchone()
        number: int = found[0]
        return number

    def begin_run(self, row: Row) -> None:
        """Note that memc begins to record; `row` is that of `_run` without the id.

        A run before that was killed ended with its last tick.
        """
        try:
            self._db.executescript(END_KILLED)
            self._run = self._max("_run") + 1
            marks = ",".join("?" * len(row))
            self._db.execute(f"insert into _run values(?,{marks},null,null)",
                             (self._run, *row))  # fmt: skip
        except ERRORS as error:
            raise unwritable(self.path, error) from None

    def begin_segment(
        self, began_ms: int, boot_ns: int, *, ended_ms: int | None = None
    ) -> None:
        """End the open segment and begin another, with the next batch.

        `ended_ms` is when it ended by its own clock, which may have been set.
        """
        if self.segment:
            end_ms = began_ms if ended_ms is None else ended_ms
            self.batch.add("_segment", (*self._segment_row, end_ms))
        self.segment = self._next_segment
        self._next_segment += 1
        self.strings.begin(self.segment)
        self._room.begin_segment()
        self._segment_row = self.segment, self._run, began_ms, boot_ns
        self.batch.add("_segment", (*self._segment_row, None))

    def is_segment_full(self) -> bool:
        """Tell whether the open segment takes so much that another must begin."""
        return self._room.is_segment_full(self.batch.size + self.strings.size)

    def new_process(self) -> int:
        """Return the number of a new process."""
        self._next_process += 1
        return self._next_process - 1

    def last_program(
        self, boot: str, pid: int, started: int
    ) -> tuple[int, int, int, str, bytes | None, str | None] | None:
        """Return what the recording has of the last program of a process, or None.

        That is its number, how many programs it ran before, when it was first seen, its
        name, the name as bytes if that differs, and its command line.
        """
        ask = """select id, exec, first_ms, name, name_raw, cmdline from _process
          where boot=? and pid=? and start_ticks=? order by exec desc limit 1"""
        row: tuple[int, int, int, str, bytes | None, str | None] | None
        row = self._db.execute(ask, (boot, pid, started)).fetchone()
        return row

    def owners(self) -> dict[str, int]:
        """Return the numbers of the owners that the recording knows."""
        return dict(self._db.execute("select name, id from _owner"))

    def size(self) -> int:
        """Return how much the file and its WAL take, in bytes."""
        return self._room.taken()

    def is_deleted(self) -> bool:
        """Tell whether the file is gone, or another took its place."""
        return self._room.is_deleted()

    def flush(self) -> None:
        """Write the rows that wait.

        Raises Full if there is no room, not even without the oldest segments; the rows
        wait still.  After `keep_events` it is raised until there is room for as much
        as there was not.  Raises MemcError if the file cannot be written to.
        """
        if not self.batch.rows and not any(self._lacked):
            return
        size, pages = map(max, self._waiting(), self._lacked)
        try:
            self._room.make(size, pages, self.segment)
            self._write()
        except NoRoom as error:
            words = WORDS[error.why]
            raise Full(f"{self.path}: {words}", error.why) from None
        except (sqlite3.Error, OverflowError) as error:  # a number of a made-up /proc
            self._fail(error)
        finally:
            self._room.note_write()
        self._lacked = 0, 0
        self.batch.clear()
        self.strings.clear()

    def keep_events(self, error: Full) -> int:
        """Drop the rows for which there is no room, and take only events meanwhile.

        Returns how many events are lost, because there are very many.
        """
        if self.batch.takes_all:
            self._lacked = self._waiting()
        elif error.why != "reader":  # perhaps there never is room for as much
            self._lacked = self._lacked[0] // 2, self._lacked[1] // 2
        self.strings.clear()  # the next segment names all that it needs
        return self.batch.clear_but_events(self._room.part())

    def _waiting(self) -> tuple[int, int]:
        """Return about how many bytes wait, and on how many pages they go."""
        pages = self.batch.pages() + self._room.spread(self.strings.added)
        return self.batch.size + self.strings.size, pages

    def _fail(self, error: sqlite3.Error | OverflowError) -> NoReturn:
        """Undo what was begun, and make room on a full disk."""
        if self._db.in_transaction:
            self._db.execute("rollback")
        if getattr(error, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_FULL:
            raise MemcError(f"{self.path}: {error}") from None
        with suppress(sqlite3.Error):
            self._room.drop_oldest(self.segment)
        raise Full(f"{self.path}: {WORDS['disk full']}", "disk full") from None

    def _write(self) -> None:
        rows = self.batch.rows | {"_string": self.strings.rows}
        self._db.execute("begin immediate")
        for table, values in rows.items():
            if values:
                marks = ",".join("?" * len(values[0]))
                insert = f"insert or replace into {table} values({marks})"
                self._db.executemany(INSERTS.get(table, insert), values)
        self._db.execute("commit")

    def drop_older(self, before_ms: int) -> None:
        """Drop the segments that ended before a time.

        Raises Full if the disk is so full that not even that works.
        """
        try:
            self._room.drop_older(before_ms, self.segment)
        except sqlite3.Error as error:
            self._fail(error)

    def close(self, ended_ms: int, why: str) -> None:
        """Write what waits, note the end of the run, and close the file.

        Without room only the events are written.  Raises MemcError if not even that.
        """
        self._lacked = 0, 0
        try:
            try:
                self.flush()
            except Full as error:
                self.keep_events(error)
                self._lacked = 0, 0
                self.flush()
            self._db.execute(
                "update _segment set ended_ms=? where id=?", (ended_ms, self.segment)
            )
            end = "update _run set ended_ms=?, why=? where id=?"
            self._db.execute(end, (ended_ms, why, self._run))
            self._db.execute("pragma wal_checkpoint(truncate)")
            with suppress(sqlite3.Error):  # one plain file, unless a reader is there
                self._db.execute("pragma busy_timeout=0")
                self._db.execute("pragma journal_mode=delete")
        except ERRORS as error:
            raise unwritable(self.path, error) from None
        finally:
            self.drop()

    def abandon(self) -> None:
        """Let go of the file in a forked child, which may not even close it."""
        ABANDONED.append(self._db)  # sqlite.org/howtocorrupt.html section 2.6
        self._room.close()
        self._lock.close()

    def discard(self) -> None:
        """Close a file that was deleted.

        SQLite would take its WAL for that of the file that took its place.
        """
        self._db.close()
        if self._lock.has_name():  # else another recorder may be there
            self._room.remove_beside()
        self.drop()

    def drop(self) -> None:
        """Close the file without writing what waits."""
        self._db.close()
        self._room.close()
        self._lock.close()
