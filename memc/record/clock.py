"""The time of a recording, which never goes back within a segment.

A segment begins with the wall clock.  From then on the time since boot is added, which
goes on while the machine is suspended, and which nobody can set.
"""

from __future__ import annotations

import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Clock"]

NS_PER_MS = 1_000_000
DRIFT_MS = 1000  # more than this, and the wall clock was set


class Clock:
    """The time of the open segment.

    `began_ms` is the Unix time at its begin, and `boot_ns` the time since boot.
    """

    __slots__ = ("_awake", "_awake_ns", "_boot", "_wall", "began_ms", "boot_ns")

    def __init__(
        self,
        *,
        wall: Callable[[], int] = time.time_ns,
        boot: Callable[[], int] = lambda: time.clock_gettime_ns(time.CLOCK_BOOTTIME),
        awake: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._wall = wall
        self._boot = boot
        self._awake = awake
        self.begin()

    def begin(self) -> None:
        """Begin a segment now."""
        self.boot_ns = self._boot()
        self._awake_ns = self._awake()
        self.began_ms = self._wall() // NS_PER_MS

    def now_ms(self) -> int:
        """Return the Unix time in the open segment."""
        return self.began_ms + (self._boot() - self.boot_ns) // NS_PER_MS

    def is_set(self) -> bool:
        """Tell whether the wall clock was set since the segment began."""
        return abs(self._wall() // NS_PER_MS - self.now_ms()) > DRIFT_MS

    def slept_ms(self) -> int:
        """Return how long the machine was suspended since the segment began."""
        since_boot, awake = self._boot() - self.boot_ns, self._awake() - self._awake_ns
        return (since_boot - awake) // NS_PER_MS
