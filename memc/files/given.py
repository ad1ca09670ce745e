"""Read a file that others gave: a regular file of a limited size.

Otherwise a pipe would hold memc up, and a device would fill the memory.  A descriptor
of memc's own is read whatever it is: the caller of memc opened it.
"""

from __future__ import annotations

import os
from stat import S_ISBLK, S_ISCHR, S_ISFIFO, S_ISLNK, S_ISREG, S_ISSOCK

from memc.errors import MemcError

__all__ = ["MAX_SIZE", "read_below", "read_given"]

MAX_SIZE = 1 << 30
READ_SIZE = 1 << 20
FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NOCTTY
FOLDER = os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC
OWN_FOLDERS = ("/dev/fd", "/proc/self/fd")
KINDS = (
    (S_ISFIFO, "a pipe"),
    (S_ISSOCK, "a socket"),
    (S_ISCHR, "a device"),
    (S_ISBLK, "a device"),
    (S_ISLNK, "a symbolic link"),
)


def read_given(path: str) -> bytes:
    """Return the contents of a file.

    Raises OSError if the file cannot be read, MemcError if it is not regular or too
    large.
    """
    if not _is_own(path):
        return _read_regular(path, path, None)
    fd = os.open(path, FLAGS)
    try:
        return _read(fd, path)
    finally:
        os.close(fd)


def read_below(folder: str, path: str) -> bytes:
    """Return the contents of a file below a folder, where no link is followed.

    Raises the same errors as `read_given`.
    """
    *parents, name = path.split("/")
    directory = os.open(folder, FOLDER)
    try:
        for parent in parents:
            below = os.open(parent, FOLDER | os.O_NOFOLLOW, dir_fd=directory)
            os.close(directory)
            directory = below
        return _read_regular(name, os.path.join(folder, path), directory)
    finally:
        os.close(directory)


def _read_regular(name: str, path: str, directory: int | None) -> bytes:
    """Read a file; in a directory, a link is not followed."""
    follow = directory is None
    # Look first: to open a device may do something.
    _check(os.stat(name, dir_fd=directory, follow_symlinks=follow), path)
    flags = FLAGS | os.O_NONBLOCK | (0 if follow else os.O_NOFOLLOW)
    fd = os.open(name, flags, dir_fd=directory)
    try:
        _check(os.fstat(fd), path)
        return _read(fd, path)
    finally:
        os.close(fd)


def _is_own(path: str) -> bool:
    """Tell whether a path names a descriptor of memc."""
    folder, _, name = path.rpartition("/")
    return path == "/dev/stdin" or (folder in OWN_FOLDERS and name.isdigit())


def _check(found: os.stat_result, path: str) -> None:
    if not S_ISREG(found.st_mode):
        kind = next((name for is_, name in KINDS if is_(found.st_mode)), "a directory")
        raise MemcError(f"{path}: expected a regular file, not {kind}")
    if found.st_size > MAX_SIZE:
        raise _too_large(path)


def _read(fd: int, path: str) -> bytes:
    # Most files are read at once, by their size, so that nothing is copied.
    chunks = []
    left = MAX_SIZE
    want = min(os.fstat(fd).st_size, left) + 1
    while chunk := os.read(fd, max(want, READ_SIZE)):
        chunks.append(chunk)
        left -= len(chunk)
        want -= len(chunk)
        if left < 0:
            raise _too_large(path)
    return b"".join(chunks)


def _too_large(path: str) -> MemcError:
    return MemcError(f"{path}: more than {MAX_SIZE >> 30} GiB")
