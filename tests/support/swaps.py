"""Swap on this machine while a test runs, in a file of the test."""

import ctypes
import os
import struct
from contextlib import contextmanager

LIBC = ctypes.CDLL(None, use_errno=True)
PAGE = os.sysconf("SC_PAGE_SIZE")


@contextmanager
def swap_file(folder, pages=4096):
    """Give swap to the machine; gives whether that was permitted."""
    path = os.fsencode(folder / "swap")
    with open(path, "wb") as file:
        os.fchmod(file.fileno(), 0o600)
        header = struct.pack("3I", 1, pages - 1, 0)
        first = bytes(1024) + header + bytes(PAGE - 1024 - len(header) - 10)
        file.write(first + b"SWAPSPACE2" + bytes((pages - 1) * PAGE))
        file.flush()
        os.fsync(file.fileno())
    is_on = LIBC.swapon(path, 0) == 0
    try:
        yield is_on
    finally:
        if is_on:
            LIBC.swapoff(path)
        os.unlink(path)
