"""Read amounts, shares, rates and times as people write them.

Each function turns a text into a value.  Raises ValueError, which says what was
expected.
"""

from __future__ import annotations

import re

__all__ = [
    "PER",
    "Percent",
    "Rate",
    "amount",
    "amount_or_share",
    "duration",
    "growth",
    "kb_of",
    "regions",
]

NUMBER = r"([0-9]{1,12}(?:\.[0-9]{1,6})?)"
AMOUNT = re.compile(rf"{NUMBER} ?([KMGT])(?:iB)?", re.IGNORECASE)
THOUSANDS = re.compile(rf"{NUMBER} ?([KMGT])B", re.IGNORECASE)
KB = {"K": 1, "M": 1 << 10, "G": 1 << 20, "T": 1 << 30}


def kb_of(text: str) -> float:
    """Return an amount in kB, not rounded."""
    match = AMOUNT.fullmatch(text)
    if match is not None:
        return float(match[1]) * KB[match[2].upper()]
    unclear = THOUSANDS.fullmatch(text)
    if unclear is not None:
        number, unit = unclear[1], unclear[2].upper()
        raise ValueError(f"{number}{unit} or {number}{unit}iB (1024, not 1000)")
    if text != "0":
        raise ValueError("an amount and its unit, such as 512M or 2GiB")
    return 0.0


PERCENT = re.compile(rf"{NUMBER} ?%")
TIME = re.compile(rf"{NUMBER} ?(ms|s|m|min|h|d|)")
PER = {"s": 1, "min": 60, "h": 3600, "d": 86400}
SECONDS = {**PER, "ms": 0.001, "m": 60, "": 1}  # "m" and "" as sleep(1) reads them
YEAR_S = 366 * 86400


class Percent(float):
    """A share in percent.  The option says of what."""


class Rate:
    """A limit on growth: at most `most` kB, or a `Percent`, in `per_s` seconds."""

    __slots__ = ("most", "per_s")

    def __init__(self, most: float, per_s: int) -> None:
        self.most = most
        self.per_s = per_s


def amount(text: str) -> int:
    """Return an amount in kB, rounded down to a whole number."""
    return int(kb_of(text))


def amount_or_share(text: str) -> int | Percent:
    """Return an amount in kB, or a share of a limit."""
    if "%" not in text:
        return amount(text)
    match = PERCENT.fullmatch(text)
    if match is None or not 0 < float(match[1]) <= 100:
        raise ValueError("an amount, such as 512M, or a share up to 100%")
    return Percent(match[1])


def regions(text: str) -> int | Percent:
    """Return a number of regions, or a share of the largest number allowed."""
    if text.isascii() and text.isdigit():
        return int(text[:18])
    match = PERCENT.fullmatch(text)
    if match is None or not 0 < float(match[1]) <= 100:
        raise ValueError("a number, such as 50000, or a share up to 100%")
    return Percent(match[1])


def growth(text: str) -> Rate:
    """Return a limit on growth, such as "5%/min" or "10M/h"."""
    most, _, unit = text.partition("/")
    per_s = PER.get(unit)
    if per_s is None:
        raise ValueError("a rate per s, min, h or d, such as 5%/min or 10M/h")
    match = PERCENT.fullmatch(most)
    return Rate(kb_of(most) if match is None else Percent(match[1]), per_s)


def duration(text: str) -> float:
    """Return a time in seconds, from 1 ms to 366 days."""
    match = TIME.fullmatch(text)
    seconds = 0.0 if match is None else float(match[1]) * SECONDS[match[2]]
    if not 0.001 <= seconds <= YEAR_S:
        raise ValueError("a time such as 500ms, 10s, 2m or 1h, from 1ms to a year")
    return seconds
