"""Read amounts, shares, rates and times as people write them.

Each function turns a text into a value.  Raises ValueError, which says what was
expected.
"""

from __future__ import annotations

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

KB = {"K": 1, "M": 1 << 10, "G": 1 << 20, "T": 1 << 30}
WHOLE_MAX, PART_MAX = 12, 6  # digits before and after the point


def kb_of(text: str) -> float:
    """Return an amount in kB, not rounded."""
    number, unit = _split(text)
    letter = unit[:1].upper()
    if number and letter in KB and unit[1:].upper() in ("", "IB"):
        return float(number) * KB[letter]
    if number and letter in KB and unit[1:].upper() == "B":
        both = number + letter
        raise ValueError(f"{both} or {both}iB (1024, not 1000)")
    if text != "0":
        raise ValueError("an amount and its unit, such as 512M or 2GiB")
    return 0.0


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
    number, unit = _split(text)
    if unit != "%" or not 0 < float(number) <= 100:
        raise ValueError("an amount, such as 512M, or a share up to 100%")
    return Percent(number)


def regions(text: str) -> int | Percent:
    """Return a number of regions, or a share of the largest number allowed."""
    if text.isascii() and text.isdigit():
        return int(text[:18])
    number, unit = _split(text)
    if unit != "%" or not 0 < float(number) <= 100:
        raise ValueError("a number, such as 50000, or a share up to 100%")
    return Percent(number)


def growth(text: str) -> Rate:
    """Return a limit on growth, such as "5%/min" or "10M/h"."""
    most, _, unit = text.partition("/")
    per_s = PER.get(unit)
    if per_s is None:
        raise ValueError("a rate per s, min, h or d, such as 5%/min or 10M/h")
    number, unit = _split(most)
    return Rate(Percent(number) if unit == "%" else kb_of(most), per_s)


def duration(text: str) -> float:
    """Return a time in seconds, from 1 ms to 366 days."""
    number, unit = _split(text)
    seconds = float(number) * SECONDS.get(unit, 0) if number else 0.0
    if not 0.001 <= seconds <= YEAR_S:
        raise ValueError("a time such as 500ms, 10s, 2m or 1h, from 1ms to a year")
    return seconds


def _split(text: str) -> tuple[str, str]:
    """Return a number and its unit, between them at most a blank; "" and "" if wrong.

    It does without the module re, which takes 5 ms to load.
    """
    unit = text.lstrip("0123456789.")
    number = text.removesuffix(unit) if unit else text
    whole, point, part = number.partition(".")
    is_whole = 0 < len(whole) <= WHOLE_MAX
    is_part = 0 < len(part) <= PART_MAX and "." not in part if point else True
    if not (is_whole and is_part and unit.isascii()):
        return "", ""
    return number, unit.removeprefix(" ")
