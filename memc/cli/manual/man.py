"""The manual page memc.1, made from the texts of `memc --help`.

    python -m memc.cli.manual.man > memc.1
    python -m memc.cli.manual.man show > memc-show.1

This needs no extension module.  The pages are the same wherever and whenever they are
made.  They have a date only if SOURCE_DATE_EPOCH gives one.
"""

from __future__ import annotations

import sys

from memc.cli.collect.options import OPTIONS
from memc.cli.commands import COMMANDS, parser_of
from memc.cli.manual import of_command, roff
from memc.cli.manual.sections import ONE_LINE, SECTIONS, SUMMARY, USAGE
from memc.cli.output import print_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["pages", "text"]

LAST = ("exit status", "environment", "examples")  # they end every manual page
SEE_ALSO = (("pmap", 1), ("proc", 5), ("smem", 8))


def pages() -> dict[str, str]:
    """Return all pages by the names of their files."""
    made = {f"memc-{name}.1": of_command.text(name) for name in COMMANDS}
    return {"memc.1": text()} | made


def text() -> str:
    """Return the page of the whole."""
    own = [(f"memc-{name}", 1) for name in COMMANDS]
    see_also = roff.see_also([*own, *SEE_ALSO])
    parts = (_head(), _options(), _commands(), _sections(), see_also)
    return "".join(f"{line}\n" for part in parts for line in part)


def _head() -> Iterator[str]:
    yield from roff.head("memc", ONE_LINE)
    yield ".SH SYNOPSIS"
    usages = [
        f"{roff.bold(words[0])} {roff.usage(words[1:])}"
        for words in map(str.split, USAGE)
    ]
    usages += [of_command.synopsis(parser_of(name)) for name in COMMANDS]
    yield "\n.br\n".join(usages)
    yield from (".SH DESCRIPTION", *roff.prose(SUMMARY))


def _options() -> Iterator[str]:
    yield ".SH OPTIONS"
    for option in OPTIONS:
        yield from roff.entry(roff.option(option.names, option.metavar), option.help)


def _commands() -> Iterator[str]:
    yield from (".SH COMMANDS", "Each has a page of its own.")
    for name, command in COMMANDS.items():
        words = f"{command.line}.\nSee {roff.bold(f'memc-{name}')}(1)."
        yield from (".TP", roff.bold(f"memc {name}"), words)


def _sections() -> Iterator[str]:
    for wanted in (False, True):
        is_last = False
        for title, kind, body in SECTIONS:
            is_last = title in LAST if title else is_last
            if is_last is wanted:
                yield from _title(title)
                yield from roff.body(kind, body)


def _title(title: str) -> Iterator[str]:
    word, _, remark = title.partition(" (")
    yield f".SH {word.upper()}" if title else ".PP"
    if remark:
        yield from roff.prose(f"{remark.removesuffix(')').capitalize()}:")


if __name__ == "__main__":
    print_text(of_command.text(sys.argv[1]) if sys.argv[1:] else text())
