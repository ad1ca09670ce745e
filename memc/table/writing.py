"""Write bytes to an open file."""

from __future__ import annotations

import os

__all__ = ["write_all"]


def write_all(fd: int, data: bytes) -> None:
    """Write all bytes to an open file, in as many calls as it takes."""
    left = memoryview(data)
    while left:
        try:
            left = left[os.write(fd, left) :]
        except BlockingIOError:  # a non-blocking file that is full
            _wait_for_room(fd)


def _wait_for_room(fd: int) -> None:
    import select

    room = select.poll()
    room.register(fd, select.POLLOUT)
    room.poll()
