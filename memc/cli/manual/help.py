"""The text of ``memc --help``."""

from __future__ import annotations

from memc.cli.collect.options import OPTIONS
from memc.cli.commands import COMMANDS
from memc.cli.manual.sections import SECTIONS, SUMMARY, USAGE

__all__ = ["text"]

COMMAND_HEAD = """
commands (memc COMMAND --help describes each):
"""


def text() -> str:
    """Return the whole help."""
    lines = [_synopsis(option.names, option.metavar) for option in OPTIONS]
    width = max(map(len, lines)) + 2
    table = [
        f"  {line:{width}}{_indent(option.help, width + 2)}\n"
        for line, option in zip(lines, OPTIONS, strict=True)
    ]
    commands = [
        f"  {name:{width}}{command.line}\n" for name, command in COMMANDS.items()
    ]
    sections = [f"\n{title}:\n{body}" if title else body for title, _, body in SECTIONS]
    return "".join((_head(), *table, COMMAND_HEAD, *commands, *sections))


def _head() -> str:
    usage = "\n       ".join(USAGE)
    return f"usage: {usage}\n\n{SUMMARY}\n\noptions:\n"


def _synopsis(names: tuple[str, ...], metavar: str) -> str:
    return f"{', '.join(names)} {metavar}".rstrip()


def _indent(help_text: str, width: int) -> str:
    return help_text.replace("\n", "\n" + " " * width)
