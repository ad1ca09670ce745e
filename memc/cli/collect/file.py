"""The file of ``--output``."""

from __future__ import annotations

import os

from memc.cli.output import cannot_write, counted, say, write_document
from memc.files.atomic import Place, append, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

    from memc.cli.collect.options import Request
    from memc.errors import MemcError
    from memc.table.snapshot import Snapshot, SystemSnapshot

__all__ = ["File"]


class File:
    """A file that the first document replaces, and that the others are appended to.

    What is no regular file is written to as it is.  What cannot be written to is told
    at once, where that can be known, and what was written at the end.
    """

    def __init__(self, path: str, request: Request) -> None:
        self._path = path
        self._request = request
        self._documents = 0
        self._bytes = 0
        self._fd: int | None = None
        try:
            self._place = Place(path)
            self._special = self._place.open_special()
        except OSError as error:
            raise cannot_write(path, error) from None

    def write(self, document: Snapshot | SystemSnapshot) -> None:
        """Write a document; MemcError when that fails, and then none of it is there."""

        def put(fd: int) -> None:
            write_document(fd, document, self._request)

        try:
            if self._special is not None:
                put(self._special)
            elif self._fd is None:
                self._fd = replace(self._place, put)
                self._bytes = os.fstat(self._fd).st_size
            else:
                self._bytes += append(self._fd, put)
        except OSError as error:
            raise self._failed(error) from None
        self._documents += 1

    def _failed(self, error: OSError) -> MemcError:
        more = "" if self._fd is None else "; what was written before is whole"
        return cannot_write(self._path, error, more)

    def __enter__(self) -> Self:
        """Nothing is left to do."""
        return self

    def __exit__(self, *_: object) -> None:
        """Say what was written."""
        if self._documents:
            size = f", {counted(self._bytes, 'byte')}," if self._fd is not None else ""
            say(f"wrote {counted(self._documents, 'document')}{size} to {self._path}")
