"""Errors in the command line, and a guess at what the user meant."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "PLAIN",
    "UnknownOptionError",
    "UsageError",
    "closest",
    "did_you_mean",
    "one_word",
]

PLAIN = "memc PID"  # the command line without a sub-command


def one_word(word: str) -> str:
    """Return the word of options for an amount: private is uss."""
    return "uss" if word == "private" else word


class UsageError(Exception):
    """The command line cannot be understood."""


class UnknownOptionError(UsageError):
    """The command, such as "memc show", has no option with this name."""

    def __init__(self, name: str, command: str = PLAIN) -> None:
        super().__init__(f"unknown option '{name}'")
        self.name = name
        self.command = command


def closest(word: str, known: Sequence[str]) -> str | None:
    """Return the only known word that begins with a word, or the most similar one."""
    import difflib

    longer = [name for name in known if name.startswith(word)]
    close = longer if len(longer) == 1 else difflib.get_close_matches(word, known, 1)
    return close[0] if close else None


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """Return ": did you mean ...?" with the closest known word, or "" if none is."""
    close = closest(word, known)
    return f": did you mean '{close}'?" if close else ""
