"""A line of bars in plain text, which shows how an amount went."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["spark"]

BARS = "▁▂▃▄▅▆▇█"
UNKNOWN = "·"


def spark(values: Sequence[int | None]) -> str:
    """Return a bar for each value, from the lowest to the highest of them.

    A value that is not known has a dot, and values that are all equal have low bars.
    """
    known = [value for value in values if value is not None]
    low, high = min(known, default=0), max(known, default=0)
    steps, span = len(BARS) - 1, (high - low) or 1
    return "".join(
        UNKNOWN if value is None else BARS[(value - low) * steps // span]
        for value in values
    )
