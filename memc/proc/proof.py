"""Prove that all files of a snapshot were of one memory.

A process gets a new memory by exec.  Between vfork and exec it has that of its parent,
which lives on: a maps that was opened then looks whole for ever.  stat tells where the
memory has its code, its stack and its arguments.  These places are chosen at exec, so
stat is read before the first file is opened and after the last one is read.
"""

from __future__ import annotations

import os

from memc.proc import stat
from memc.proc.entry import READ_SIZE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

    from memc.proc.files import ProcessFiles

__all__ = ["Proof"]

TRIES = 3  # the process may change a region between two reads of maps


class Proof:
    """Open before the first file of a process is, and closed by a ``with`` block."""

    __slots__ = ("_files", "_maps", "_places", "_stat")

    def __init__(self, files: ProcessFiles, detail: str) -> None:
        self._files = files
        self._stat = self._maps = -1
        self._places: list[bytes] = []
        if files.is_copy:  # a copy does not change
            return
        try:
            self._stat = files.open("stat")
            fields = self._read_fields()
        except OSError:
            return
        self._places = stat.places(fields)
        if stat.hides_places(fields) and detail != "totals":  # totals are of one file
            try:
                self._maps = files.open("maps")
            except OSError:
                self._maps = -1

    def __enter__(self) -> Self:
        """Return the object."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the files."""
        for fd in (self._stat, self._maps):
            if fd >= 0:
                os.close(fd)

    def holds(self) -> bool:
        """Tell whether the process still has the memory it had at the beginning."""
        if self._stat < 0:
            return True
        try:
            same = stat.places(self._read_fields()) == self._places
            return same and (self._maps < 0 or self._has_same_maps())
        except OSError:
            return False

    def _read_fields(self) -> list[bytes]:
        return stat.split(os.pread(self._stat, READ_SIZE, 0))[1]

    def _has_same_maps(self) -> bool:
        """Compare the beginnings of the maps that was opened first and of a new one."""
        for _ in range(TRIES):
            fd = self._files.open("maps")
            try:
                if os.pread(self._maps, READ_SIZE, 0) == os.pread(fd, READ_SIZE, 0):
                    return True
            finally:
                os.close(fd)
        return False
