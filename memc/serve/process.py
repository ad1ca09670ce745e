"""The amounts of one process, and which of them are not known."""

from __future__ import annotations

import os
import time

from memc.proc import swap
from memc.serve.amounts import METRICS, Amounts
from memc.table.amounts import whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from memc.targets.target import Target

__all__ = ["Teller"]

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
# The names that amounts have in snapshots.
KB = {
    "resident": "rss_kb",
    "unique": "private_kb",
    "proportional": "pss_kb",
    "swap": "swap_kb",
    "proportional_swap": "swap_pss_kb",
    "virtual": "size_kb",
    "threads": "threads",
}


class Teller:
    """Tells the amounts of processes: the metrics `told`, and when each started."""

    def __init__(self, told: Sequence[str], *, is_copy: bool) -> None:
        self._told = told
        self._boot_s: float | None = None
        if not is_copy:
            since_s = time.clock_gettime(time.CLOCK_BOOTTIME)
            self._boot_s = round(time.time() - since_s, 2)
        self._is_copy = is_copy
        self._has_swap: bool | None = None

    def amounts(self, target: Target) -> Amounts:
        """Return the amounts of a process."""
        found: dict[str, int | None] = dict.fromkeys(self._told)
        if not any(note.code == "cut" for note in target.table.notes):
            found = {name: self._value(target, name) for name in self._told}
        started_s = None
        if target.started is not None and self._boot_s is not None:
            started_s = self._boot_s + target.started / TICKS_PER_S
        return Amounts(
            processes=1,
            mappings_max=found.get("mappings"),
            oldest_start_s=started_s,
            unknown={name: 1 for name, value in found.items() if value is None},
            **{METRICS[name]: value for name, value in found.items()},
        )

    def _value(self, target: Target, name: str) -> int | None:
        if name == "threads" and target.is_other:
            return target.facts.threads
        if name != "threads" and target.same_memory_as is not None:
            return 0  # the other process has it
        if name == "mappings":
            return None if target.is_other else target.region_count
        if name.endswith("swap") and not self._may_swap():
            return 0
        if name == "swap" and target.is_other:
            return None  # everybody may read VmSwap, which leaves shared memory out
        return whole(target.table, KB[name])

    def _may_swap(self) -> bool:
        """Tell whether anything of the machine may be swapped out."""
        if self._has_swap is None:
            self._has_swap = swap.is_used(is_copy=self._is_copy)
        return self._has_swap
