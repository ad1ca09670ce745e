"""When samples are due: at fixed times, however long each takes.

::

    begin          +1         +2         +3         +4         +5     times the interval
    |==sample==|   |====a slow sample====x==|       |==sample==|
                                         :          ^ the next that lies ahead
                                         missed, and not made up for
"""

from __future__ import annotations

import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Schedule", "check_interval"]

NS_PER_MS = 1_000_000
NS_PER_S = 1_000_000_000
LONGEST_WAIT_S = 86_400.0  # what waits in C refuses timeouts beyond its time_t or int


class Schedule:
    """Ticks at a begin and every `interval_ms` after it, which never drift.

    The first tick is due at the begin, that is when the schedule is made or `start` is
    called.  `due_ns` is when the next one is, on the clock: a function that returns
    nanoseconds and never goes back.
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
        """Begin anew: a tick is due now."""
        self.due_ns = self.clock()

    def advance(self, now_ns: int | None = None) -> int:
        """Go on to the next tick that is not past; return how many were missed.

        Call it when the work of a tick is done.  `now_ns` is the time on the clock,
        None for asking it.
        """
        now = self.clock() if now_ns is None else now_ns
        following = self.due_ns + self.interval_ns
        missed = max(0, -((following - now) // self.interval_ns))
        self.due_ns = following + missed * self.interval_ns
        return missed

    def postpone(self, earliest_ns: int) -> None:
        """Go on to the first tick that is not before; none that is left out counts."""
        left = max(0, earliest_ns - self.due_ns)
        self.due_ns += -(-left // self.interval_ns) * self.interval_ns

    def wait_s(self) -> float:
        """Return how many seconds to wait now for the next tick: 0 when it is due.

        At most a day: look again after each wait.
        """
        left = max(0, self.due_ns - self.clock())
        return min(left / NS_PER_S, LONGEST_WAIT_S)


def check_interval(interval_ms: int) -> None:
    """Raise unless `interval_ms` is a number of milliseconds that may lie between."""
    if not isinstance(interval_ms, int):
        raise TypeError(f"interval_ms: expected an int, not {interval_ms!r}")
    if interval_ms < 1:
        raise ValueError(f"interval_ms: expected 1 or more, not {interval_ms}")
