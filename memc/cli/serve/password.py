"""A password, from the terminal or from a line of stdin: never from an argument."""

from __future__ import annotations

import os
import sys

from memc.errors import MemcError

__all__ = ["ask"]

STDIN = 0
LONGEST = 1024


def ask() -> bytes:
    """Return the password.  Raises MemcError if there is none, or they differ."""
    if os.isatty(STDIN):
        import getpass

        try:
            found = getpass.getpass("password: ")
            again = getpass.getpass("again: ")
        except EOFError:
            raise MemcError("no password was given") from None
        if found != again:
            raise MemcError("the two passwords differ")
        password = os.fsencode(found)
    else:
        password = sys.stdin.buffer.readline(LONGEST + 2).rstrip(b"\r\n")
    if not password:
        raise MemcError("no password was given")
    if len(password) > LONGEST:
        raise MemcError(f"expected a password of {LONGEST} bytes at most")
    return password
