"""Compare the memories of live processes, by the C core."""

from __future__ import annotations

from memc.ffi.lib import lib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["compare_memory"]

# 0 if two pids have one memory, 1 or 2 for their order, -1 if that is not known.
compare_memory: Callable[[int, int], int] = lib.memc_compare_memory
