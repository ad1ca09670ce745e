"""Read a file that memc reads again while it serves: nothing in it may hold memc up."""

from __future__ import annotations

import os
from stat import S_ISREG

from memc.errors import MemcError
from memc.proc.rights import words_of

__all__ = ["read_file"]

FILE_MAX = 1 << 20


def read_file(path: str) -> tuple[bytes, int]:
    """Return what a file has, and its mode.

    Raises MemcError if it cannot be read, or if it is a pipe, say: memc could wait for
    ever for what is in it.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(fd, "rb") as file:
            mode = os.fstat(fd).st_mode
            if not S_ISREG(mode):
                raise MemcError(f"{path}: a pipe or a device: memc needs a file")
            return file.read(FILE_MAX), mode
    except OSError as error:
        raise MemcError(f"{path}: {words_of(error)}") from None
