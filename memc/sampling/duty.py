"""A limit on the share of one CPU that samples take."""

from __future__ import annotations

import time

__all__ = ["Duty"]


class Duty:
    """At most `percent` of one CPU for samples, reading and writing together.

    None is no limit.
    """

    def __init__(self, percent: int | None) -> None:
        self._percent = percent
        self._began_ns = self._cpu_ns = 0

    def begin(self, now_ns: int) -> None:
        """Begin a sample."""
        self._began_ns, self._cpu_ns = now_ns, time.process_time_ns()

    def end(self) -> int:
        """End the sample; return the time at which the next may begin."""
        if self._percent is None:
            return 0
        cost_ns = time.process_time_ns() - self._cpu_ns
        return self._began_ns + cost_ns * 100 // self._percent
