"""Amounts, shares, rates and times as people write them on the command line.

Each function makes one of a text, or raises what argparse tells.
"""

from __future__ import annotations

import argparse
import re  # which argparse needs, too

from memc._units import NUMBER, kb_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

__all__ = ["PER", "Percent", "Rate", "amount", "duration", "growth", "regions"]

PERCENT = re.compile(rf"{NUMBER} ?%")
TIME = re.compile(rf"{NUMBER} ?(ms|s|m|min|h|d|)")
PER = {"s": 1, "min": 60, "h": 3600, "d": 86400}
SECONDS = {**PER, "ms": 0.001, "m": 60, "": 1}  # as sleep(1) takes them
YEAR_S = 366 * 86400


class Percent(float):
    """A share, of what the option says."""


class Rate:
    """So many kB, or a `Percent`, in so many seconds."""

    __slots__ = ("most", "per_s")

    def __init__(self, most: float, per_s: int) -> None:
        self.most = most
        self.per_s = per_s


def amount(text: str) -> int:
    """Return an amount in kB, rounded down: figures are whole ones."""
    return int(_kb(text, text))


def regions(text: str) -> int | Percent:
    """Return a number of regions, or a share of as many as there may be."""
    if text.isascii() and text.isdigit():
        return int(text[:18])
    match = PERCENT.fullmatch(text)
    if match is None or not 0 < float(match[1]) <= 100:
        _refuse("a number, such as 50000, or a share up to 100%", text)
    return Percent(match[1])


def growth(text: str) -> Rate:
    """Return by how much something may grow in how long."""
    most, _, unit = text.partition("/")
    per_s = PER.get(unit)
    if per_s is None:
        _refuse("a rate per s, min, h or d, such as 5%/min or 10M/h", text)
    match = PERCENT.fullmatch(most)
    return Rate(_kb(most, text) if match is None else Percent(match[1]), per_s)


def duration(text: str) -> float:
    """Return a time in seconds, from a millisecond to a year."""
    match = TIME.fullmatch(text)
    seconds = 0.0 if match is None else float(match[1]) * SECONDS[match[2]]
    if not 0.001 <= seconds <= YEAR_S:
        _refuse("a time such as 500ms, 10s or 2m, up to a year", text)
    return seconds


def _kb(text: str, word: str) -> float:
    """Return an amount in kB, exactly; what is wrong with it is told of `word`."""
    try:
        return kb_of(text)
    except ValueError as error:
        _refuse(str(error), word)


def _refuse(expected: str, text: str) -> NoReturn:
    raise argparse.ArgumentTypeError(f"expected {expected}, not '{text}'")
