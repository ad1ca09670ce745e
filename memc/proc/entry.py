"""Open the files of a process directory.

A copy of /proc was made by others: its files may be links, pipes, devices or without
end.  Only regular files of a limited size are read from it.
"""

from __future__ import annotations

import errno
import os
from stat import S_ISDIR, S_ISLNK, S_ISREG

__all__ = [
    "MAX_LINE",
    "MAX_SIZE",
    "READ_SIZE",
    "SMALL_SIZE",
    "drain",
    "open_entry",
    "read_entry",
    "read_record",
    "too_large",
]

FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY
READ_SIZE = 65536
RECORD_SIZE = 4096
# The most that is read of a small file.  exec takes 6 MiB of arguments at most
# (bprm_stack_limits() in fs/exec.c); a process may declare more of its memory to be its
# arguments (PR_SET_MM_MAP in prctl(2)).
SMALL_SIZE = 6 << 20
MAX_LINE = 16 << 20
MAX_SIZE = 1 << 30
NOT_REGULAR = "not a regular file: nothing else is read from a copy of /proc"
LINK = "Too many levels of symbolic links: none is followed in a copy of /proc"
TOO_LARGE = "more than 1 GiB, or a line of more than 16 MiB"


def open_entry(directory: int, name: str, *, is_copy: bool) -> int:
    """Open a file for reading and return its descriptor.

    Raises OSError, also if the file is not regular or too large.
    """
    if is_copy:  # look first: to open a device may do something
        _check(os.stat(name, dir_fd=directory, follow_symlinks=False))
    try:
        fd = os.open(name, FLAGS, dir_fd=directory)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise OSError(errno.ELOOP, LINK) from None
        raise
    try:
        _check(os.fstat(fd))
    except OSError:
        os.close(fd)
        raise
    return fd


def read_entry(directory: int, name: str, *, is_copy: bool) -> bytes:
    """Read a small file, `SMALL_SIZE` of it at most.  Raises OSError."""
    return drain(open_entry(directory, name, is_copy=is_copy))


def read_record(directory: int, name: str, *, is_copy: bool) -> bytes:
    """Read a small file that the kernel prints as one record.  Raises OSError.

    A read that is not full is then all of it: single_open() in fs/seq_file.c, and
    proc_dointvec() in kernel/sysctl.c.
    """
    if is_copy:
        return read_entry(directory, name, is_copy=True)
    fd = os.open(name, FLAGS, dir_fd=directory)
    try:
        data = chunk = os.read(fd, RECORD_SIZE)
        while len(chunk) == RECORD_SIZE and len(data) < SMALL_SIZE:
            chunk = os.read(fd, RECORD_SIZE)
            data += chunk
    finally:
        os.close(fd)
    return data


def drain(fd: int) -> bytes:
    """Read an open file to its end, `SMALL_SIZE` of it at most, and close it.

    Raises OSError.
    """
    data = bytearray()
    try:
        while len(data) < SMALL_SIZE and (chunk := os.read(fd, READ_SIZE)):
            data += chunk
    finally:
        os.close(fd)
    return bytes(data[:SMALL_SIZE])


def too_large() -> OSError:
    """Return the error for a file that is larger than memc reads."""
    return OSError(errno.EFBIG, TOO_LARGE)


def _check(found: os.stat_result) -> None:
    if S_ISLNK(found.st_mode):
        raise OSError(errno.ELOOP, LINK)
    if S_ISDIR(found.st_mode):
        raise OSError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not S_ISREG(found.st_mode):
        raise OSError(errno.EMEDIUMTYPE, NOT_REGULAR)
    if found.st_size > MAX_SIZE:
        raise too_large()
