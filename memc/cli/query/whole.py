"""Write a regular file, whole or not at all."""

from __future__ import annotations

import os

from memc.cli.output import cannot_write
from memc.errors import MemcError
from memc.files.atomic import Place, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["write_whole"]


def write_whole(path: str, what: str, write: Callable[[int], None]) -> int:
    """Let `write` fill a new file, put it at `path`, and return its size in bytes.

    `what` needs a regular file.  Raises MemcError if there is another thing at `path`,
    or if the file cannot be written.
    """
    try:
        place = Place(path)
        try:
            if place.open_special() is not None:
                raise MemcError(f"{path}: not a regular file: {what} needs one")
            fd = replace(place, write)
        finally:
            place.close()
    except OSError as error:
        raise cannot_write(path, error) from None
    size = os.fstat(fd).st_size
    os.close(fd)
    return size
