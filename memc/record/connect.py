"""Open the file of a recording to write to it."""

from __future__ import annotations

import os
import sqlite3

from memc.errors import MemcError
from memc.files.recording.open import ERRORS, uri
from memc.files.recording.schema import SCHEMA

__all__ = ["connect", "unwritable"]

WAIT_S = 5.0
SETTINGS = """
pragma journal_mode=wal;
pragma synchronous=normal;
pragma wal_autocheckpoint=256;
pragma journal_size_limit=1048576;
pragma foreign_keys=off;
pragma cell_size_check=on;
pragma trusted_schema=off;
"""


def unwritable(path: str, error: Exception) -> MemcError:
    """Return the error for a recording that SQLite cannot write to, or read."""
    return MemcError(f"{path}: {error}")


def connect(real: str, path: str) -> sqlite3.Connection:
    """Open the file, and make the tables if it is new."""
    mask = os.umask(0o077)  # SQLite gives the WAL the mode of the file
    db: sqlite3.Connection | None = None
    try:
        db = sqlite3.connect(
            uri(real, "rw"), uri=True, isolation_level=None, timeout=WAIT_S,
            check_same_thread=False,
        )  # fmt: skip
        if not db.execute("select count(*) from sqlite_master").fetchone()[0]:
            db.executescript(SCHEMA)
        db.executescript(SETTINGS)
    except ERRORS as error:
        if db is not None:
            db.close()
        raise unwritable(path, error) from None
    finally:
        os.umask(mask)
    return db
