"""The machine at one time: its memory, its pressure, and how often it killed for it."""

from __future__ import annotations

import os
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    from memc.proc.root import Opened

    Amounts: TypeAlias = tuple[int | None, ...]

__all__ = ["COLUMNS", "OOM_KILL", "Machine"]

SIZE = 16384  # more than vmstat has
NO_FILE = -1
OOM_KILL = 4  # its place among the columns
# Each column of `_machine`, its file, and where its number stands there.
COLUMNS = (
    ("total_kb", "meminfo", rb"^MemTotal: +(\d+)"),
    ("available_kb", "meminfo", rb"^MemAvailable: +(\d+)"),
    ("swap_free_kb", "meminfo", rb"^SwapFree: +(\d+)"),
    ("shmem_kb", "meminfo", rb"^Shmem: +(\d+)"),
    ("oom_kill", "vmstat", rb"^oom_kill (\d+)"),
    ("psi_some_us", "pressure/memory", rb"^some .*total=(\d+)"),
    ("psi_full_us", "pressure/memory", rb"^full .*total=(\d+)"),
)


class Machine:
    """The files of a root that tell of the whole machine; they stay open.

    `columns` say what is read: each has a name, a file and a pattern for its number.
    """

    def __init__(
        self, root: Opened, columns: Sequence[tuple[str, str, bytes]] = COLUMNS
    ) -> None:
        names = dict.fromkeys(name for _, name, _ in columns)
        self._files = {name: _open(root, name) for name in names}
        self._columns = [
            (name, re.compile(pattern, re.MULTILINE)) for _, name, pattern in columns
        ]

    def read(self) -> Amounts:
        """Return the values of the columns; None for what the kernel does not tell."""
        texts = {name: _read(fd) for name, fd in self._files.items()}
        found = (pattern.search(texts[name]) for name, pattern in self._columns)
        return tuple(None if match is None else int(match[1]) for match in found)

    def close(self) -> None:
        """Close the files."""
        for fd in self._files.values():
            if fd != NO_FILE:
                os.close(fd)
        self._files = dict.fromkeys(self._files, NO_FILE)


def _open(root: Opened, name: str) -> int:
    try:
        return os.open(name, os.O_RDONLY | os.O_CLOEXEC, dir_fd=root.fd)
    except OSError:
        return NO_FILE


def _read(fd: int) -> bytes:
    """Read a file from its begin; b"" if that fails, as without PSI."""
    try:
        return b"" if fd == NO_FILE else os.pread(fd, SIZE, 0)
    except OSError:
        return b""
