"""The number of regions that the kernel allows a process."""

from __future__ import annotations

import os

from memc.errors import MemcError
from memc.files.given import read_below
from memc.proc.rights import words_of

__all__ = ["read_max_map_count"]

MAX_MAP_COUNT = "sys/vm/max_map_count"


def read_max_map_count(proc: str) -> int:
    """Return how many regions the kernel allows a process: vm.max_map_count.

    Raises MemcError if the file cannot be read.
    """
    path = os.path.join(proc, MAX_MAP_COUNT)
    try:
        return int(read_below(proc, MAX_MAP_COUNT)[:32])
    except OSError as error:
        words = words_of(error)
    except ValueError:
        words = "expected a number"
    raise MemcError(f"{path}: {words}: a limit without % needs none")
