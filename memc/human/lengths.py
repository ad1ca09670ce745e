"""How long something lasts, for people."""

from __future__ import annotations

from memc.human.units import figure

__all__ = ["length", "length_of"]

MS = 1000
UNITS = (("s", 1), ("min", 60), ("h", 3600), ("d", 86400))
MOST = 120  # of a unit, if there is a larger one
SHORT_MS = 9950  # it is told with a fraction


def length(ms: int) -> str:
    """Return a time in three digits: "0.25 s", "17 s", "59 min", "3.5 h", "12 d"."""
    seconds = ms / MS
    unit, size = next((one for one in UNITS if seconds < MOST * one[1]), UNITS[-1])
    return f"{figure(seconds / size, 3)} {unit}"


def length_of(ms: float) -> str:
    """Return a length of time in its two largest units: "2 h 5 min", "0.3 s"."""
    if ms < SHORT_MS:
        return f"{ms / 1000:.2g} s"
    seconds = round(ms / 1000)
    parts: list[str] = []
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count:,} {unit}")
    return " ".join(parts[:2])
