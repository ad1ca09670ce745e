"""The open files of a process, by the links in fd/."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self

    from memc.proc.files import ProcessFiles

__all__ = ["FOLDER", "Links", "read_links"]

FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class Links:
    """The links in fd/ of a process: by number what is open.

    The directory stays open until the end of a ``with`` block.
    """

    __slots__ = ("_names", "fd")

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self._names = [n for n in os.listdir(fd) if n.isascii() and n.isdigit()]

    def __enter__(self) -> Self:
        """Return the links."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the directory."""
        os.close(self.fd)

    def __len__(self) -> int:
        """Return how many files are open."""
        return len(self._names)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """Yield the number and the target of each link that can be read."""
        for name in self._names:
            try:
                yield name, os.readlink(name, dir_fd=self.fd)
            except OSError:  # it was closed
                continue


def read_links(files: ProcessFiles) -> Links:
    """Open fd/.  Raises OSError if it may not be read."""
    fd = os.open("fd", FOLDER, dir_fd=files.where())
    try:
        return Links(fd)
    except OSError:
        os.close(fd)
        raise
