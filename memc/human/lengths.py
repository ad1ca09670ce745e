"""How long something lasts, for people."""

from __future__ import annotations

from memc.human.units import figure

__all__ = ["length"]

MS = 1000
UNITS = (("s", 1), ("min", 60), ("h", 3600), ("d", 86400))
MOST = 120  # of a unit, if there is a larger one


def length(ms: int) -> str:
    """Return a time in three digits: "0.25 s", "17 s", "59 min", "3.5 h", "12 d"."""
    seconds = ms / MS
    unit, size = next((one for one in UNITS if seconds < MOST * one[1]), UNITS[-1])
    return f"{figure(seconds / size, 3)} {unit}"
