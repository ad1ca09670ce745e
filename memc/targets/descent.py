"""Who descends from whom."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["descendants"]


def descendants(
    tops: Iterable[int], processes: Iterable[tuple[int, int | None]]
) -> set[int]:
    """Return the pids `tops` and those of all their descendants.

    `processes` are pids with that of their parent; it is None if nobody knows it.
    """
    children: dict[int | None, list[int]] = {}
    for pid, parent in processes:
        children.setdefault(parent, []).append(pid)
    found: set[int] = set()
    left = list(tops)
    while left:
        pid = left.pop()
        if pid not in found:
            found.add(pid)
            left += children.get(pid, ())
    return found
