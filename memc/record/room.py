"""Keep a recording within its size: the file and its WAL, at every moment.

The WAL counts, and so does what a batch will add to both.  The oldest segments go
first.  A segment that takes a tenth of the size ends early: then to drop one frees
little at a time.
"""

from __future__ import annotations

import os
from contextlib import suppress

from memc.files.recording.schema import SEGMENTED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from sqlite3 import Connection

__all__ = ["MIN_SIZE", "NoRoom", "Room"]

PAGE = 4096
MIN_SIZE = 4 << 20
SLACK = 1 << 20  # what the WAL may take, and the pages that a drop writes
KEPT = 0.8  # of the size, less SLACK: how large the file may grow
PART = 10  # a segment takes this part of the size at most
RESERVE = 512 << 10  # of the disk, or a tenth of it: to drop a segment writes, too
DROP = 512 << 10  # what the WAL takes of the segments that are dropped at one time
STEP = 64  # pages that a vacuum moves at a time


class NoRoom(Exception):  # noqa: N818 - says what there is not
    """There is no room for a batch: `why` is "disk full", "reader" or "size"."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Room:
    """The size of an open recording."""

    __slots__ = ("_began", "_db", "_fd", "_left", "_limit", "_max", "_path")

    def __init__(self, db: Connection, path: str, max_size: int) -> None:
        self._db = db
        self._path = path
        # To close it drops no lock of SQLite's, and the file may be moved away.
        self._fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
        self._max = max_size
        self._limit = int(max_size * KEPT) - SLACK
        self._began = 0
        self._left: int | None = None  # of the open segment, None: not known

    def taken(self) -> int:
        """Return the size of the file and its WAL, in bytes."""
        return self._file() + _size(self._path + "-wal")

    def close(self) -> None:
        """Close the file; do nothing if it is closed."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def is_deleted(self) -> bool:
        """Tell whether the file has no name any more."""
        return not os.fstat(self._fd).st_nlink

    def remove_beside(self) -> None:
        """Remove the WAL of a file that was deleted, and its index."""
        for end in ("-wal", "-shm"):
            with suppress(FileNotFoundError):
                os.unlink(self._path + end)

    def _file(self) -> int:
        return os.fstat(self._fd).st_size

    def begin_segment(self) -> None:
        """Remember how much is in use when a segment begins."""
        self._began = self._used()
        self._left = None

    def note_write(self) -> None:
        """Note that something was written, or may have been."""
        self._left = None

    def is_segment_full(self, waiting: int) -> bool:
        """Tell whether the open segment, with what waits, takes its part."""
        if self._left is None:
            self._left = self.part() - (self._used() - self._began)
        return waiting > self._left

    def part(self) -> int:
        """Return a tenth of the size, or of what the file could take on the disk."""
        return min(self._max, self.taken() + self._available()) // PART

    def make(self, size: int, pages: int, segment: int) -> None:
        """Make room for a batch that adds `size` bytes and writes `pages` pages more.

        Raises NoRoom if there is none, not even without the other segments.
        """
        # Dropping writes to the WAL, too: not while a reader keeps it as it is.
        if self._outgrows(size) and self._checkpoint():
            self._drop_while(lambda: self._outgrows(size), segment)
            self._shrink(self._limit)
        if self._fits(size, pages):
            return
        is_busy = not self._checkpoint()
        if not is_busy:
            while self._is_disk_short(size, pages) and self.drop_oldest(segment):
                self._shrink(0)
        if self._is_disk_short(size, pages):
            raise NoRoom("disk full")
        if not self._fits(size, pages):
            raise NoRoom("reader" if is_busy else "size")

    def spread(self, count: int) -> int:
        """Return how many pages of an index are written for so many texts, at most.

        The table has the same texts, so no more than half of the file is an index.
        """
        return min(count, self._used() // PAGE // 2) if count else 0

    def drop_older(self, before_ms: int, segment: int) -> None:
        """Drop the segments that ended before a time, but not the open one."""
        old = "select id from _segment where ended_ms<? and id<>? order by id"
        for (number,) in self._db.execute(old, (before_ms, segment)).fetchall():
            self._drop(number)

    def drop_oldest(self, segment: int) -> bool:
        """Drop the oldest segment; return False if there is only the open one."""
        oldest = "select min(id) from _segment where id<>?"
        (number,) = self._db.execute(oldest, (segment,)).fetchone()
        if number is not None:
            self._drop(number)
        return number is not None

    def _drop_while(self, is_needed: Callable[[], bool], segment: int) -> None:
        while is_needed() and self.drop_oldest(segment):
            pass

    def _drop(self, segment: int) -> None:
        """Drop a segment, a table at a time; then what no later segment names."""
        before = self._used()
        for table in SEGMENTED:
            self._db.execute(f"delete from {table} where segment=?", (segment,))
        self._db.execute("delete from _segment where id=?", (segment,))
        for table in ("_process", "_string"):
            self._db.execute(f"delete from {table} where last_segment<=?", (segment,))
        self._began -= before - self._used()
        self._left = None

    def _used(self) -> int:
        """Return how much of the file is in use, with what only the WAL has."""
        return (self._number("page_count") - self._number("freelist_count")) * PAGE

    def _number(self, pragma: str) -> int:
        number: int = self._db.execute(f"pragma {pragma}").fetchone()[0]
        return number

    def _grown(self, size: int) -> int:
        """Return how large the file will be with `size` bytes more."""
        new = size // PAGE + 1
        more = max(0, new - self._number("freelist_count"))
        return (self._number("page_count") + more) * PAGE

    def _outgrows(self, size: int) -> bool:
        """Tell whether old segments must make room: the WAL needs what is left."""
        grown = self._grown(size)
        return grown > self._number("page_count") * PAGE and grown > self._limit

    def _fits(self, size: int, pages: int) -> bool:
        """Tell whether a batch fits, in the file, in the WAL and on the disk."""
        if self._is_disk_short(size, pages):
            return False
        file = max(self._grown(size), self._file())
        wal = _size(self._path + "-wal") + pages * PAGE + size
        spare = DROP if file > self._limit else 0  # then a drop must have room, too
        return file + wal + spare <= self._max

    def _is_disk_short(self, size: int, pages: int) -> bool:
        """Tell whether the disk would be so full that no segment could be dropped."""
        more = self._grown(size) - self._number("page_count") * PAGE
        disk = os.fstatvfs(self._fd)
        reserve = min(RESERVE, disk.f_blocks * disk.f_frsize // PART)
        return self._available() < more + size + pages * PAGE + reserve

    def _available(self) -> int:
        """Return how much is free on the disk, in bytes."""
        disk = os.fstatvfs(self._fd)
        return disk.f_bavail * disk.f_frsize

    def _checkpoint(self) -> bool:
        """Move the WAL into the file; return False if a reader is in the way."""
        (wait_ms,) = self._db.execute("pragma busy_timeout").fetchone()
        self._db.execute("pragma busy_timeout=0")  # a reader may stay for long
        row = self._db.execute("pragma wal_checkpoint(truncate)").fetchone()
        self._db.execute(f"pragma busy_timeout={wait_ms}")
        return not row[0]

    def _shrink(self, size: int) -> None:
        """Give free pages back while the file is larger than `size`."""
        is_moved = self._checkpoint()
        while is_moved and self._file() > size and self._number("freelist_count"):
            self._db.execute(f"pragma incremental_vacuum({STEP})").fetchall()
            is_moved = self._checkpoint()


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except FileNotFoundError:
        return 0
