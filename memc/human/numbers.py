"""Read the values of options.

Each function turns a text into a value.  Raises ValueError, which says what was
expected.
"""

from __future__ import annotations

__all__ = [
    "duty",
    "interval",
    "milliseconds",
    "number",
    "number_or_zero",
    "path",
    "percentage",
]

INTERVAL_MIN_MS = 100


def number(text: str) -> int:
    """Return a whole number, 1 or more."""
    if not (text.isascii() and text.isdigit() and text.strip("0")):
        raise ValueError("a positive number")
    # int() refuses more than 4,300 digits.  No limit of memc has 100 digits.
    return int(text.lstrip("0")[:100])


def number_or_zero(text: str) -> int:
    """Return a whole number, 0 or more."""
    if text.isascii() and text.isdigit() and not text.strip("0"):
        return 0
    try:
        return number(text)
    except ValueError:
        raise ValueError("a number, 0 or more") from None


def milliseconds(text: str) -> int:
    """Return a time in milliseconds, 1 or more; a bare number is milliseconds."""
    if text.isascii() and text.isdigit():
        if text.strip("0"):
            return number(text)
        raise ValueError("1 ms or more")
    from memc.human.amounts import duration

    try:
        return max(round(duration(text) * 1000), 1)
    except ValueError as error:
        raise ValueError(f"{error}; a bare number is in milliseconds") from None


def interval(text: str) -> int:
    """Return a time from one look to the next, in milliseconds, 100 or more."""
    found = milliseconds(text)
    if found < INTERVAL_MIN_MS:
        raise ValueError(f"{INTERVAL_MIN_MS} ms or more")
    return found


def duty(text: str) -> float:
    """Return a share of a CPU in percent, above 0."""
    digits = text.replace(".", "", 1)
    percent = float(text) if digits.isascii() and digits.isdigit() else 0
    if not 0 < percent <= 100:
        raise ValueError("a number above 0, up to 100")
    return percent


def percentage(text: str) -> int:
    """Return a whole number from 1 to 100."""
    try:
        value = number(text)
    except ValueError:
        value = 0
    if not 1 <= value <= 100:
        raise ValueError("a number from 1 to 100")
    return value


def path(text: str) -> str:
    """Return a path, which must not be empty."""
    if not text:
        raise ValueError("a path")
    return text
