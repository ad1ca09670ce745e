"""What the user may have meant by a word that is no pid: a file, or a name."""

from __future__ import annotations

__all__ = ["for_target"]

FILE_ENDS = (".json", ".ndjson", ".txt", ".maps", ".smaps", ".gz", ".log")


def for_target(word: str) -> str:
    """Return a hint for a word that is no pid: what memc show makes of it."""
    if word.lstrip("-").isdigit() or not word:
        return ""
    if _is_file(word):
        return " (files: memc show)"
    return f"; {by_name(word)}"


def by_name(word: str) -> str:
    """Return the words for the command that finds a process by this name."""
    import re
    import shlex

    try:
        is_itself = re.fullmatch(word, word) is not None
    except re.error:
        is_itself = False
    pattern = shlex.quote(word if is_itself else re.escape(word))
    return f"memc show --name {pattern} finds processes by name"


def _is_file(word: str) -> bool:
    import os

    is_path = word == "-" or "/" in word or word.endswith(FILE_ENDS)
    return is_path or os.path.exists(word)
