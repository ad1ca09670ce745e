"""The file of ``--output``."""

from __future__ import annotations

import os

from memc.cli.output import cannot_write, counted, say, write_document
from memc.files.atomic import Place, append, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

    from memc.cli.collect.options import Request
    from memc.errors import MemcError
    from memc.table.snapshot import Snapshot, SystemSnapshot

__all__ = ["File"]


class File:
    """A file: the first document replaces it, and the others are appended.

    If the file is not regular, documents are written to it as it is.  Raises MemcError
    at once if it is clear that the file cannot be written.  At the end of the ``with``
    block, a message says what was written.
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
        """Write a document completely or not at all.

        Raises MemcError if the document cannot be written.
        """
        self.put(lambda fd: write_document(fd, document, self._request))

    def put(self, put: Callable[[int], None]) -> None:
        """Let `put` write to a descriptor, completely or not at all; as `write`."""
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
        """Return the file, which is ready."""
        return self

    def __exit__(self, *_: object) -> None:
        """Say what was written."""
        if self._documents:
            size = f", {counted(self._bytes, 'byte')}," if self._fd is not None else ""
            say(f"wrote {counted(self._documents, 'document')}{size} to {self._path}")
