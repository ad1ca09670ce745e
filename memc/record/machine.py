"""The machine at one time: its memory, its pressure, and how often it killed for it."""

from __future__ import annotations

import os
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    from memc.proc.root import Opened

    Column: TypeAlias = tuple[str, str, bytes, re.Pattern[bytes]]
    Amounts: TypeAlias = tuple[int | None, ...]

__all__ = ["AMOUNT", "COLUMNS", "OOM_KILL", "Machine"]

SIZE = 16384  # more than vmstat has
NO_FILE = -1
OOM_KILL = 4  # its place among the columns
AMOUNT, TOTAL = re.compile(rb" *(\d+)"), re.compile(rb".*total=(\d+)")
# Each column of `_machine`, its file, the begin of the line, and what follows there: a
# search for "^..." takes as long as all the rest.
COLUMNS: tuple[Column, ...] = (
    ("total_kb", "meminfo", b"\nMemTotal:", AMOUNT),
    ("available_kb", "meminfo", b"\nMemAvailable:", AMOUNT),
    ("swap_free_kb", "meminfo", b"\nSwapFree:", AMOUNT),
    ("shmem_kb", "meminfo", b"\nShmem:", AMOUNT),
    ("oom_kill", "vmstat", b"\noom_kill ", AMOUNT),
    ("psi_some_us", "pressure/memory", b"\nsome ", TOTAL),
    ("psi_full_us", "pressure/memory", b"\nfull ", TOTAL),
)


class Machine:
    """The files of a root that tell of the whole machine; they stay open.

    `columns` say what is read, as `COLUMNS` do.
    """

    def __init__(self, root: Opened, columns: Sequence[Column] = COLUMNS) -> None:
        names = dict.fromkeys(name for _, name, _, _ in columns)
        self._files = {name: _open(root, name) for name in names}
        self._columns = columns

    def read(self) -> Amounts:
        """Return the values of the columns; None for what the kernel does not tell."""
        texts = {name: b"\n" + _read(fd) for name, fd in self._files.items()}
        found = []
        for _, name, line, pattern in self._columns:
            at = texts[name].find(line)
            match = pattern.match(texts[name], at + len(line)) if at >= 0 else None
            found.append(None if match is None else int(match[1]))
        return tuple(found)

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
