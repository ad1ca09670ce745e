"""Errors in the command line, and a guess at what the user meant."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["UsageError", "did_you_mean"]


class UsageError(Exception):
    """The command line cannot be understood."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ": did you mean ...?" with the closest known word, or "" if none is."""
    import difflib

    close = difflib.get_close_matches(word, known, 1)
    return f": did you mean '{close[0]}'?" if close else ""
