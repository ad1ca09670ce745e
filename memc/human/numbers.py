"""Read the values of options.

Each function turns a text into a value.  Raises ValueError, which says what was
expected.
"""

from __future__ import annotations

__all__ = ["milliseconds", "number", "number_or_zero", "path", "percentage"]


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
