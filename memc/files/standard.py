"""Keep descriptors 0 to 2 open, so that no file gets one of them."""

from __future__ import annotations

import os

__all__ = ["fill_standard"]


def fill_standard() -> None:
    """Open what is closed of stdin, stdout and stderr.

    Otherwise the next file that is opened would be stderr, and messages would land in
    it.  A closed stdout stays one that cannot be written to: /dev/null is opened for
    the other direction.
    """
    for fd in (0, 1, 2):
        try:
            os.fstat(fd)
        except OSError:
            _open_null(os.O_RDONLY if fd else os.O_WRONLY)


def _open_null(flags: int) -> None:
    """Open /dev/null as the lowest descriptor that is free."""
    try:
        os.open("/dev/null", flags)
    except OSError:
        os.open("/", os.O_PATH)
