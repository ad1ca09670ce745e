"""How many files may be open: following many processes takes many."""

from __future__ import annotations

import os
import resource
from contextlib import suppress

__all__ = ["files_max", "limits", "raise_files", "restore"]

SPARE_FILES = 100  # which the program around us may need
FILES_MAX = 1 << 20  # a hard limit may be without end


def limits() -> tuple[int, int]:
    """Return how many open files this process may have, and may allow itself."""
    return resource.getrlimit(resource.RLIMIT_NOFILE)


def raise_files(limits: tuple[int, int]) -> None:
    """Let this process have as many open files as it may."""
    with suppress(OSError, ValueError):  # then some files are opened for each look
        resource.setrlimit(resource.RLIMIT_NOFILE, (limits[1], limits[1]))


def restore(limits: tuple[int, int]) -> None:
    """Set these limits again."""
    resource.setrlimit(resource.RLIMIT_NOFILE, limits)


def files_max() -> int:
    """Return how many files more may be opened, and leave some for others."""
    soft = limits()[0]
    soft = FILES_MAX if soft == resource.RLIM_INFINITY else soft
    left = soft - len(os.listdir("/proc/self/fd")) - SPARE_FILES
    return max(0, min(left, FILES_MAX))
