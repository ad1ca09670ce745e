"""The sub-commands: each a module of ``memc.cli`` with `parser` and `run`."""

from __future__ import annotations

import sys

from memc.cli.options import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

    from memc.cli.choose import Parser

__all__ = ["COMMANDS", "TROUBLE", "check_word", "parser_of", "run"]

# Module and name of a command are one; behind it what ``memc --help`` tells.
COMMANDS = {
    "show": "a table for people: what the memory of processes is for",
    "diff": "a table for people: what became of memory, between two times",
    "check": "a gate for cron and CI: limits on what processes may have",
}

# The exit status of any failure, where it is not 1.
TROUBLE = {"diff": 2, "check": 2}


def run(name: str, argv: list[str]) -> int:
    """Run a sub-command and return its exit status."""
    status: int = _module(name).run(argv)
    return status


def parser_of(name: str) -> Parser:
    """Return the parser of a sub-command."""
    parser: Parser = _module(name).parser()
    return parser


def _module(name: str) -> ModuleType:
    module = f"memc.cli.{name}"
    __import__(module)
    return sys.modules[module]


def check_word(word: str) -> None:
    """Raise UsageError if the first word looks like a sub-command, and is none."""
    if not (word.isascii() and word.replace("-", "").isalpha() and word[0] != "-"):
        return
    import difflib

    close = difflib.get_close_matches(word, COMMANDS, 1)
    by_name = f"; memc show --name {word} finds processes by name"
    meant = f": did you mean '{close[0]}'?" if close else by_name
    names = ", ".join(COMMANDS)
    raise UsageError(f"'{word}' is no pid, and no command ({names}){meant}")
