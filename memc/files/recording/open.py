"""Open recordings: find out whether a file is one, and connect to it for reading."""

from __future__ import annotations

import os
import sqlite3

from memc.errors import MemcError
from memc.files.recording.header import MAGIC
from memc.files.recording.schema import APPLICATION_ID, VERSION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    Look: TypeAlias = tuple[int, ...]

__all__ = [
    "ERRORS",
    "check_header",
    "connect",
    "connect_or_still",
    "look",
    "unreadable",
    "uri",
]

HEADER_SIZE = 100
# Offsets in the header, "Database File Format" in the documentation of SQLite.
USER_VERSION, APPLICATION = slice(60, 64), slice(68, 72)
WAIT_S = 5.0
# Of a damaged file, not even the words of SQLite may be UTF-8.
ERRORS = (sqlite3.Error, UnicodeDecodeError)
QUOTED = str.maketrans({"%": "%25", "?": "%3f", "#": "%23"})  # sqlite.org/uri.html


def _header(path: str) -> bytes:
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
    try:
        return os.pread(fd, HEADER_SIZE, 0)
    finally:
        os.close(fd)


def check_header(header: bytes, path: str) -> None:
    """Raise MemcError unless the first bytes of a file are those of a recording."""
    if not header.startswith(MAGIC):
        raise MemcError(f"{path}: not a recording of memc (memc record makes one)")
    if int.from_bytes(header[APPLICATION], "big") != APPLICATION_ID:
        raise MemcError(f"{path}: an SQLite file, but not a recording of memc")
    version = int.from_bytes(header[USER_VERSION], "big")
    if version != VERSION:
        words = f"a recording of version {version}, and this memc reads {VERSION}"
        raise MemcError(f"{path}: {words}: a newer memc made it")


def uri(path: str, mode: str) -> str:
    """Return the name of a file as SQLite wants it: `mode` is "ro" or "rw"."""
    return f"file:{os.path.abspath(path).translate(QUOTED)}?mode={mode}"


def connect(path: str) -> sqlite3.Connection:
    """Open a recording for reading, also while a recorder writes to it.

    What the file itself says runs no function and changes nothing.  Raises MemcError if
    it is no recording or cannot be read, and OSError if it cannot be opened.
    """
    return connect_or_still(path)[0]


def connect_or_still(path: str) -> tuple[sqlite3.Connection, Look | None]:
    """Open a recording as `connect` does.

    SQLite wants to make files beside it, also when no recorder is at work.  Where it
    may not, the file is read as it is: then the second result is its `look`, and once
    that differs, what the connection tells is wrong.
    """
    check_header(_header(path), path)
    try:
        try:
            return _connect(uri(path, "ro")), None
        except sqlite3.OperationalError as error:
            still = look(path)
            if still[-1] or not _is_unwritable(error):
                raise
            return _connect(uri(path, "ro") + "&immutable=1"), still
    except ERRORS as error:
        raise unreadable(path, error) from None


def _connect(name: str) -> sqlite3.Connection:
    # Reader lets one thread in at a time.
    db = sqlite3.connect(
        name, uri=True, isolation_level=None, timeout=WAIT_S, check_same_thread=False
    )
    try:
        db.execute("pragma query_only=on")
        db.execute("pragma trusted_schema=off")
        db.execute("select count(*) from _segment").fetchone()
    except ERRORS:
        db.close()
        raise
    return db


def look(path: str) -> Look:
    """Return what changes when a recorder writes; the last is the size of its WAL."""
    try:
        wal = os.stat(f"{path}-wal").st_size
    except FileNotFoundError:
        wal = 0
    found = os.stat(path)
    return found.st_ino, found.st_size, found.st_mtime_ns, wal


def _is_unwritable(error: Exception) -> bool:
    words = str(error)
    return "unable to open" in words or "readonly" in words


def unreadable(path: str, error: Exception) -> MemcError:
    """Return the error for a recording that SQLite cannot read."""
    words = str(error)
    if _is_unwritable(error):
        words += (
            ": its newest rows are in a file beside it, which cannot be read without "
            "making another: memc query FILE --backup OUT, by who may write there, "
            "makes a copy for all"
        )
    return MemcError(f"{path}: the recording cannot be read: {words}")
