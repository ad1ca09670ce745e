"""The key of pseudonyms: for one bundle, or in a file for several that are compared."""

from __future__ import annotations

import os
import re

from memc.errors import MemcError
from memc.files.atomic import Place, replace
from memc.files.given import read_given
from memc.proc.rights import words_of
from memc.table.writing import write_all

__all__ = ["SIZE", "new_key", "read_key"]

SIZE = 32
OTHERS = 0o077
DIGITS = re.compile(rb"[0-9a-f]{64}\n?")
FORM = f"expected {2 * SIZE} digits of hex, as memc writes them"


def new_key() -> bytes:
    """Return a random key."""
    return os.urandom(SIZE)


def read_key(path: str) -> bytes:
    """Return the key in a file, which is made, for its owner alone, if it is missing.

    Raises MemcError if it cannot be read or made, if others may read it, or if it has
    no key.
    """
    try:
        if not os.path.lexists(path):
            _make(path)
        _check(path)
        data = read_given(path)
    except MemcError:
        raise
    except OSError as error:
        raise MemcError(f"{path}: {words_of(error)}") from None
    if not DIGITS.fullmatch(data):
        raise MemcError(f"{path}: no key of memc: {FORM}")
    return bytes.fromhex(data.decode())


def _make(path: str) -> None:
    place = Place(path)
    try:
        text = new_key().hex().encode() + b"\n"
        os.close(replace(place, lambda fd: write_all(fd, text)))
    finally:
        place.close()


def _check(path: str) -> None:
    found = os.stat(path)
    if found.st_mode & OTHERS:
        raise MemcError(f"{path}: others may read this key: chmod 600 helps")
    if found.st_uid not in (0, os.geteuid()):
        owner = f"uid {found.st_uid}"
        raise MemcError(f"{path}: this key belongs to another user ({owner})")
