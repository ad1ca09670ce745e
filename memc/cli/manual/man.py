"""The manual page memc.1, made from the help texts of all commands.

    python -m memc.cli.manual.man > memc.1

This needs no extension module.  The page is the same wherever and whenever it is made.
It has a date only if SOURCE_DATE_EPOCH gives one.
"""

from __future__ import annotations

import os
import re
import time

from memc._version import version
from memc.cli.collect.options import OPTIONS
from memc.cli.commands import COMMANDS, parser_of
from memc.cli.manual.sections import (
    LIST,
    LITERAL,
    ONE_LINE,
    PROSE,
    SECTIONS,
    SUMMARY,
    USAGE,
)
from memc.cli.output import print_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator

    from memc.cli.common.full_parser import FullParser

__all__ = ["text"]

LAST = ("exit status", "environment", "examples")  # they end every manual page
SEE_ALSO = (("pmap", 1), ("proc", 5), ("smem", 8))
ENTRY = re.compile(r"  (\S+(?: \S+)*) {2,}(\S.*)")
MORE = "    "  # the least indent of a line that continues an entry
WORD = re.compile(r"[A-Za-z]+")
ESCAPES = str.maketrans(
    {"\\": r"\e", "-": r"\-", "'": r"\(aq", "`": r"\(ga", "^": r"\(ha", "~": r"\(ti"}
)


def text() -> str:
    """Return the page."""
    parts = (_head(), _options(), _commands(), _sections(), _see_also())
    return "".join(f"{line}\n" for part in parts for line in part)


def escape(words: str) -> str:
    """Return text that roff prints as it is, and takes for no request."""
    escaped = words.translate(ESCAPES)
    if not escaped.isascii():
        letters = (c if c.isascii() else f"\\[u{ord(c):04X}]" for c in escaped)
        escaped = "".join(letters)
    return re.sub(r"^\.", r"\\&.", escaped, flags=re.MULTILINE)


def bold(words: str) -> str:
    """Return text in bold, which is to be typed as it is."""
    return rf"\fB{escape(words)}\fR"


def italic(words: str) -> str:
    """Return text in italics, which stands for something else."""
    return rf"\fI{escape(words)}\fR"


def _head() -> Iterator[str]:
    yield ".nr HY 0"  # do not hyphenate keys and names of files
    yield f'.TH MEMC 1 "{_date()}" "memc {escape(version())}" "User Commands"'
    yield from (".SH NAME", rf"memc \- {escape(ONE_LINE)}")
    yield ".SH SYNOPSIS"
    usages = [
        f"{bold(words[0])} {_usage(words[1:])}" for words in map(str.split, USAGE)
    ]
    usages += [_synopsis(parser_of(name)) for name in COMMANDS]
    yield "\n.br\n".join(usages)
    yield from (".SH DESCRIPTION", *_prose(SUMMARY))


def _date() -> str:
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not (epoch.isascii() and epoch.isdigit()):
        return ""
    return time.strftime("%Y-%m-%d", time.gmtime(int(epoch[:11])))


def _usage(words: Iterable[str]) -> str:
    """Return a synopsis: options in bold, names of values in italics."""
    return " ".join(
        bold(word)
        if word.startswith("-")
        else WORD.sub(lambda match: italic(match[0]), word)
        for word in words
    )


def _synopsis(parser: FullParser) -> str:
    positional = [action for action in parser._actions if not action.option_strings]
    words = ["[options]", *(_positional(action) for action in positional)]
    return f"{bold(parser.prog)} {_usage(words)}"


def _positional(action: argparse.Action) -> str:
    name = str(action.metavar or action.dest)
    forms = {"?": f"[{name}]", "*": f"[{name} ...]", "+": f"{name} [{name} ...]"}
    return forms.get(str(action.nargs), name)


def _options() -> Iterator[str]:
    yield ".SH OPTIONS"
    for option in OPTIONS:
        yield from _entry(_option(option.names, option.metavar), option.help)


def _option(names: Iterable[str], metavar: str) -> str:
    shown = ", ".join(map(bold, names))
    return f"{shown} {italic(metavar)}" if metavar else shown


def _commands() -> Iterator[str]:
    yield ".SH COMMANDS"
    for name, command in COMMANDS.items():
        yield from _entry(bold(f"memc {name}"), f"{command.line}.")
    for name in COMMANDS:
        yield from _command(parser_of(name))


def _command(parser: FullParser) -> Iterator[str]:
    yield f'.SS "{escape(parser.prog)}"'
    yield from (_synopsis(parser), ".PP", *_text(PROSE, str(parser.description)))
    for group in parser._action_groups:
        if group._group_actions:
            yield from (".PP", italic(f"{group.title}:"))
            for action in group._group_actions:
                yield from _entry(*_action(parser, action))
    yield from (".PP", italic("exit status:"), *_text(LIST, parser.status))
    yield from (".PP", italic("examples:"), *_text(LITERAL, parser.examples))


def _action(parser: FullParser, action: argparse.Action) -> tuple[str, str]:
    """Return the names and values of an option of a command, and its help."""
    words = parser._get_formatter()._expand_help(action)
    metavar = action.metavar or ("|".join(action.choices) if action.choices else "")
    if not action.option_strings:
        return italic(str(metavar or action.dest)), words
    takes_value = action.nargs != 0
    metavar = str(metavar or action.dest.upper()) if takes_value else ""
    return _option(action.option_strings, metavar), words


def _sections() -> Iterator[str]:
    for wanted in (False, True):
        is_last = False
        for title, kind, body in SECTIONS:
            is_last = title in LAST if title else is_last
            if is_last is wanted:
                yield from _title(title)
                yield from _text(kind, body)


def _title(title: str) -> Iterator[str]:
    word, _, remark = title.partition(" (")
    yield f".SH {word.upper()}" if title else ".PP"
    if remark:
        yield from _prose(f"{remark.removesuffix(')').capitalize()}:")


def _text(kind: str, body: str) -> Iterator[str]:
    """Yield the body of a section of this kind."""
    if kind == PROSE:
        for i, paragraph in enumerate(body.split("\n\n")):
            yield from ([".PP"] if i else [])
            yield from _prose(paragraph)
    elif kind == LITERAL:
        # The text has an indent of its own: a line of 75 columns ends before 80.
        yield from (".in -2n", ".EX", escape(body.rstrip("\n")), ".EE", ".in")
    else:
        yield from _list(body)


def _list(body: str) -> Iterator[str]:
    entries: list[list[str]] = []
    for line in body.splitlines():
        entry = None if line.startswith(MORE) else ENTRY.fullmatch(line)
        if entry is not None:
            entries.append([bold(entry[1]), entry[2]])
        else:
            entries[-1].append(line.strip())
    for term, *words in entries:
        yield from _entry(term, " ".join(words))


def _entry(term: str, words: str) -> Iterator[str]:
    yield from (".TP", term, *_prose(words))


def _prose(words: str) -> Iterator[str]:
    """Yield text that roff fills, one sentence a line."""
    lines = re.sub(r"\.(?:  +|\n *)", "\0", words.strip())
    yield escape(re.sub(r"\n *", " ", lines).replace("\0", ".\n"))


def _see_also() -> Iterator[str]:
    pages = [rf"{bold(name)}({section})" for name, section in SEE_ALSO]
    yield from (".SH SEE ALSO", ", ".join(pages))


if __name__ == "__main__":
    print_text(text())
