"""When samples are due: at fixed times, however long each sample takes.

::

    begin          +1         +2         +3         +4         +5     times the interval
    |==sample==|   |====a slow sample====x==|       |==sample==|
                                         :          ^ the next tick ahead
                                         a missed tick, which is left out
"""

from __future__ import annotations

import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from memc.files.signals import HeldSignals

__all__ = ["Schedule", "check_interval"]

NS_PER_MS = 1_000_000
NS_PER_S = 1_000_000_000
LONGEST_WAIT_S = 86_400.0  # C cannot wait for longer than a time_t or an int holds


class Schedule:
    """Ticks at fixed times: one at once, then one every `interval_ms`, without drift.

    The first tick is due when the schedule is made, or when `start` is called.
    `due_ns` is the time of the next tick.  `clock` is a function that returns the time
    in nanoseconds and never goes back.
    """

    __slots__ = ("clock", "due_ns", "interval_ns")

    def __init__(
        self, interval_ms: int, *, clock: Callable[[], int] = time.monotonic_ns
    ) -> None:
        check_interval(interval_ms)
        self.interval_ns = interval_ms * NS_PER_MS
        self.clock = clock
        self.due_ns = clock()

    def start(self) -> None:
        """Start again: the first tick is due now."""
        self.due_ns = self.clock()

    def advance(self, now_ns: int | None = None) -> int:
        """Move to the next tick that is not past; return how many ticks were missed.

        Call this when the work of a tick is done.  `now_ns` is the time; None means
        that of the clock.
        """
        now = self.clock() if now_ns is None else now_ns
        following = self.due_ns + self.interval_ns
        missed = max(0, -((following - now) // self.interval_ns))
        self.due_ns = following + missed * self.interval_ns
        return missed

    def postpone(self, earliest_ns: int) -> None:
        """Move to the first tick at or after a time, and count none as missed."""
        left = max(0, earliest_ns - self.due_ns)
        self.due_ns += -(-left // self.interval_ns) * self.interval_ns

    def wait_s(self) -> float:
        """Return how many seconds to wait for the next tick: 0 if it is due.

        The result is at most one day, so call this again after each wait.
        """
        left = max(0, self.due_ns - self.clock())
        return min(left / NS_PER_S, LONGEST_WAIT_S)

    def wait(self, signals: HeldSignals) -> bool:
        """Wait for the next tick; return whether a signal came first."""
        while True:
            left_s = self.wait_s()
            if signals.wait(left_s):
                return True
            if not left_s:
                return False


def check_interval(interval_ms: int) -> None:
    """Raise TypeError or ValueError unless `interval_ms` is an int of 1 or more."""
    if not isinstance(interval_ms, int):
        raise TypeError(f"interval_ms: expected an int, not {interval_ms!r}")
    if interval_ms < 1:
        raise ValueError(f"interval_ms: expected 1 or more, not {interval_ms}")
