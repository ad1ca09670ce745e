"""Saves a document in a file that the user named."""

from __future__ import annotations

import os

from memc.errors import MemcError
from memc.files.atomic import Place, replace
from memc.proc.rights import words_of
from memc.table.writing import write_all

__all__ = ["save"]


def save(path: str, data: bytes) -> None:
    """Write a file as ``--output`` does: completely or not at all, for its owner only.

    A file that is not regular is written to as it is.  Raises MemcError.
    """
    try:
        place = Place(os.path.expanduser(path))
        try:
            special = place.open_special()
            fd = (
                replace(place, lambda fd: write_all(fd, data))
                if special is None
                else special
            )
            try:
                if special is not None:
                    write_all(fd, data)
            finally:
                os.close(fd)
        finally:
            place.close()
    except OSError as error:
        raise MemcError(f"cannot write to {path}: {words_of(error)}") from None
