"""A limit on the share of one CPU that memc takes for samples."""

from __future__ import annotations

import time

__all__ = ["Duty"]


class Duty:
    """Limit samples, reading and writing together, to `percent` of one CPU.

    None means no limit.  Times are in nanoseconds.
    """

    def __init__(self, percent: float | None) -> None:
        self._percent = percent
        self._began_ns = self._cpu_ns = 0

    def begin(self, now_ns: int) -> None:
        """Note that a sample begins now."""
        self._began_ns, self._cpu_ns = now_ns, time.process_time_ns()

    def end(self) -> int:
        """Note that the sample ended; return the time at which the next may begin."""
        if self._percent is None:
            return 0
        cost_ns = time.process_time_ns() - self._cpu_ns
        return self._began_ns + int(cost_ns * 100 / self._percent)
