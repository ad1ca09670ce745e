"""The manual page of a sub-command, such as memc-show.1, made from its parser."""

from __future__ import annotations

import re

from memc.cli.commands import COMMANDS, parser_of
from memc.cli.manual import roff
from memc.cli.manual.sections import LIST, LITERAL

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from memc.cli.common.full_parser import FullParser

__all__ = ["synopsis", "text"]


def text(name: str) -> str:
    """Return the page of the command `name`."""
    parser = parser_of(name)
    parts = (_head(name, parser), _options(parser), _last(parser), _see_also(parser))
    return "".join(f"{line}\n" for part in parts for line in part)


def synopsis(parser: FullParser) -> str:
    """Return how the command is called."""
    positional = [action for action in parser._actions if not action.option_strings]
    words = ["[options]", *(_positional(action) for action in positional)]
    return f"{roff.bold(parser.prog)} {roff.usage(words)}"


def _positional(action: argparse.Action) -> str:
    name = str(action.metavar or action.dest).removesuffix(" ...")
    forms = {"?": f"[{name}]", "*": f"[{name} ...]", "+": f"{name} [{name} ...]"}
    return forms.get(str(action.nargs), name)


def _head(name: str, parser: FullParser) -> Iterator[str]:
    yield from roff.head(f"memc-{name}", COMMANDS[name].line)
    yield from (".SH SYNOPSIS", synopsis(parser), ".SH DESCRIPTION")
    yield from roff.described(str(parser.description))


def _options(parser: FullParser) -> Iterator[str]:
    yield ".SH OPTIONS"
    for group in parser._action_groups:
        if group._group_actions:
            title = str(group.title).removeprefix("positional ").capitalize()
            yield f'.SS "{roff.escape(title)}"'
            for action in group._group_actions:
                yield from roff.entry(*_action(parser, action))


def _action(parser: FullParser, action: argparse.Action) -> tuple[str, str]:
    """Return the names and values of an option, and its help."""
    words = parser._get_formatter()._expand_help(action)
    metavar = action.metavar or ("|".join(action.choices) if action.choices else "")
    if not action.option_strings:
        return roff.italic(str(metavar or action.dest)), words
    takes_value = action.nargs != 0
    metavar = str(metavar or action.dest.upper()) if takes_value else ""
    return roff.option(action.option_strings, metavar), words


def _last(parser: FullParser) -> Iterator[str]:
    yield from (".SH EXIT STATUS", *roff.body(LIST, parser.status))
    yield from (".SH ENVIRONMENT", rf"See {roff.bold('memc')}(1).")
    yield from (".SH EXAMPLES", *roff.body(LITERAL, parser.examples))


def _see_also(parser: FullParser) -> Iterator[str]:
    """Yield the pages of the other commands that the text names, in their order."""
    named = {*re.findall(r"\bmemc ([a-z]+)", parser.format_help())}
    others = [
        name for name in COMMANDS if name in named and parser.prog != f"memc {name}"
    ]
    yield from roff.see_also([("memc", 1), *((f"memc-{name}", 1) for name in others)])
