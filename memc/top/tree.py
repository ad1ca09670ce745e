"""The processes as a tree: each below its parent."""

from __future__ import annotations

from memc.top.sums import TOP, descend

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from memc.top.moment import Line

__all__ = ["branches"]

GO_ON, LAST, PAST, OVER = "├─ ", "└─ ", "│  ", "   "
WIDEST = 60  # columns: more of a deep tree would only hide the names


def branches(
    lines: Sequence[Line], order: Callable[[list[Line]], list[Line]]
) -> list[tuple[Line, str]]:
    """Return each line with the lines of the tree before its name.

    Children of one parent come as `order` puts them.
    """
    below = descend(lines)
    found: list[tuple[Line, str]] = []
    waiting = [(line, "", "") for line in reversed(order(below[TOP]))]
    while waiting:
        line, before, own = waiting.pop()
        found.append((line, before + own))
        under = order(below.get(line.key, []))
        deeper = (before + {"": "", GO_ON: PAST, LAST: OVER}[own])[-WIDEST:]
        waiting.extend(
            (child, deeper, LAST if child is under[-1] else GO_ON)
            for child in reversed(under)
        )
    return found
