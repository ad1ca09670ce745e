"""The files that somebody named for a lake, and those in folders that were named."""

from __future__ import annotations

import os
from stat import S_ISDIR, S_ISREG

from memc.errors import MemcError
from memc.table.fields import PID_MAX

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["check_plain", "is_of_proc", "remove_taken", "walk"]

# What SQLite has beside a recording, and what memc record locks.
BESIDE = ("-wal", "-shm", "-journal", "-lock", ".lock")


def is_of_proc(path: str) -> bool:
    """Tell whether a folder is a copy of /proc, or of a process in it."""
    with os.scandir(path) as entries:
        return any(
            _is_pid(entry.name) and entry.is_dir()
            if entry.name not in ("maps", "smaps")
            else entry.is_file()
            for entry in entries
        )


def _is_pid(name: str) -> bool:
    return name.isascii() and name.isdigit() and 0 < int(name[:20]) <= PID_MAX


def walk(path: str) -> Iterator[str]:
    """Yield the files in a folder and below, in the order of their names.

    Those that begin with "." are left out: others are still writing them.  A link is
    not followed: it is yielded, and whoever reads it refuses it.  Raises OSError.
    """
    for name in sorted(os.listdir(path)):
        whole = os.path.join(path, name)
        if name.startswith(".") or _is_beside(whole):
            continue
        mode = os.lstat(whole).st_mode
        if S_ISDIR(mode):
            if is_of_proc(whole):
                yield whole
            else:
                yield from walk(whole)
        else:
            yield whole


def _is_beside(path: str) -> bool:
    return any(
        path.endswith(end) and os.path.exists(path.removesuffix(end)) for end in BESIDE
    )


def check_plain(path: str) -> None:
    """Raise MemcError for what is neither a regular file nor a folder."""
    mode = os.lstat(path).st_mode
    if not (S_ISREG(mode) or S_ISDIR(mode)):
        raise MemcError(f"{path}: expected a regular file: links are not followed here")


def remove_taken(path: str, before: os.stat_result) -> None:
    """Remove a file that was added, unless it is a recording or was changed since."""
    from memc.files.recording.header import is_recording

    try:
        now = os.lstat(path)
        is_same = (now.st_ino, now.st_size, now.st_mtime_ns) == (
            before.st_ino,
            before.st_size,
            before.st_mtime_ns,
        )
        if S_ISREG(now.st_mode) and is_same and not is_recording(path):
            os.unlink(path)
    except OSError:
        return
