"""Whose regions to read next, within a share of one CPU.

::

    need     how much a process moved since its regions were read: pages and faults
    credit   CPU time that may be spent: grows by `duty` of the time that goes by

The largest need is read first.  A read may overdraw the credit: then nobody is read
until it is paid back.  So a large process is read rarely, and never starves: its need
grows meanwhile.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from memc.record.followed import Followed

__all__ = ["Plan"]

LEAST = 4  # pages: less is noise
NEW = 1 << 62
SAVED = 5  # intervals: more credit than they give is not kept


class Plan:
    """Chooses whose regions to read; `duty` is a percentage of one CPU."""

    def __init__(self, duty: float, interval_ns: int) -> None:
        self._gain = duty / 100
        self._most = interval_ns * SAVED * self._gain
        self._credit = 0.0
        self._read: dict[Followed, tuple[int, int]] = {}  # RSS and faults when read

    def earn(self, elapsed_ns: int) -> None:
        """Add what the time that went by earns."""
        self._credit = min(self._credit + elapsed_ns * self._gain, self._most)

    def is_reading(self) -> bool:
        """Tell whether regions are read at all."""
        return self._gain > 0

    def due(
        self,
        followed: Iterable[Followed],
        is_first: Callable[[Followed], bool] = lambda _: False,
    ) -> list[Followed]:
        """Return the processes whose regions should be read, the largest need first.

        Those of `is_first` come before all others.
        """
        if not self._gain:
            return []
        needs = [(self._need(each), each) for each in followed if each.rss_pages]
        needs = [need for need in needs if need[0] >= LEAST]
        needs.sort(key=lambda need: (not is_first(need[1]), -need[0]))
        return [each for _, each in needs]

    def is_unmoved(self, followed: Followed) -> bool:
        """Tell whether what was read of a process holds still."""
        return self._need(followed) < LEAST

    def has_credit(self) -> bool:
        """Tell whether regions may be read."""
        return self._credit > 0

    def pay(self, followed: Followed, cost_ns: int) -> None:
        """Note that the regions of a process were read, and what that cost."""
        self._credit -= cost_ns
        self._read[followed] = followed.rss_pages, followed.minflt

    def forget(self, followed: Followed) -> None:
        """Forget a process that ended, or that runs another program."""
        self._read.pop(followed, None)

    def _need(self, followed: Followed) -> int:
        read = self._read.get(followed)
        if read is None:
            return NEW
        rss, minflt = read
        return abs(followed.rss_pages - rss) + max(0, followed.minflt - minflt)
