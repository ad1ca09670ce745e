"""Which kind of file system an open file is on."""

from __future__ import annotations

import ctypes

__all__ = ["kind_of"]


def kind_of(fd: int) -> int:
    """Return the magic number of the file system (statfs(2)); 0 if it is not known."""
    answer = ctypes.create_string_buffer(256)  # struct statfs: f_type comes first
    if ctypes.CDLL(None).fstatfs(fd, answer) != 0:
        return 0
    return ctypes.c_ulong.from_buffer(answer).value & 0xFFFFFFFF
