"""The values of options: each function makes one of a text, or raises ValueError.

The error says what was expected.
"""

from __future__ import annotations

__all__ = ["number", "number_or_zero", "path", "percentage"]


def number(text: str) -> int:
    """Return a number from 1."""
    if not (text.isascii() and text.isdigit() and text.strip("0")):
        raise ValueError("a positive number")
    # int() takes no text of thousands of digits, and a hundred are too many too.
    return int(text.lstrip("0")[:100])


def number_or_zero(text: str) -> int:
    """Return a number from 0."""
    if text.isascii() and text.isdigit() and not text.strip("0"):
        return 0
    try:
        return number(text)
    except ValueError:
        raise ValueError("a number, 0 or more") from None


def percentage(text: str) -> int:
    """Return a number from 1 to 100."""
    try:
        value = number(text)
    except ValueError:
        value = 0
    if not 1 <= value <= 100:
        raise ValueError("a number from 1 to 100")
    return value


def path(text: str) -> str:
    """Return a path."""
    if not text:
        raise ValueError("a path")
    return text
