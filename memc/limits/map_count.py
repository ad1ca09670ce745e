"""The number of regions that the kernel allows a process."""

from __future__ import annotations

import os

from memc.errors import MemcError
from memc.files.given import read_below
from memc.proc.rights import words_of

__all__ = ["read_max_map_count"]

MAX_MAP_COUNT = "sys/vm/max_map_count"
MOST_DIGITS = 10  # of an int


def read_max_map_count(proc: str) -> int:
    """Return how many regions the kernel allows a process: vm.max_map_count.

    Raises MemcError if the file cannot be read.
    """
    path = os.path.join(proc, MAX_MAP_COUNT)
    try:
        text = read_below(proc, MAX_MAP_COUNT).strip()
    except OSError as error:
        words = words_of(error)
    else:
        if text.isdigit() and len(text) <= MOST_DIGITS and int(text) > 0:
            return int(text)
        words = "expected a number above 0"
    raise MemcError(f"{path}: {words}: a limit without % needs none")
