"""Tell a recording from other files by its first bytes, without SQLite: it is dear."""

from __future__ import annotations

import os
from stat import S_ISREG

__all__ = ["MAGIC", "check_readable", "is_recording"]

MAGIC = b"SQLite format 3\0"


def is_recording(path: str) -> bool:
    """Tell whether a file is one of SQLite, as recordings are; False if nobody can."""
    try:
        return check_readable(path)
    except (OSError, ValueError):
        return False


def check_readable(path: str) -> bool:
    """Tell the same.  Raises OSError if the file cannot be read."""
    if not S_ISREG(os.stat(path).st_mode):  # to open a device may do something
        return False
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
    try:
        return os.pread(fd, len(MAGIC), 0) == MAGIC
    finally:
        os.close(fd)
