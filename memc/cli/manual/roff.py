"""The language of manual pages: text as roff reads it."""

from __future__ import annotations

import os
import re
import time
from itertools import groupby

from memc._version import version
from memc.cli.manual.sections import LIST, LITERAL, PROSE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = [
    "body",
    "bold",
    "described",
    "entry",
    "escape",
    "head",
    "italic",
    "option",
    "prose",
    "see_also",
    "usage",
]

ENTRY = re.compile(r"  (\S+(?: \S+)*) {2,}(\S.*)")
MORE = "    "  # the least indent of a line that continues an entry
WORD = re.compile(r"[A-Za-z]+")
ESCAPES = str.maketrans(
    {"\\": r"\e", "-": r"\-", "'": r"\(aq", "`": r"\(ga", "^": r"\(ha", "~": r"\(ti"}
)


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


def head(name: str, line: str) -> Iterator[str]:
    """Yield the begin of the page `name`, whose subject `line` tells."""
    title = escape(name.upper())
    yield ".nr HY 0"  # do not hyphenate keys and names of files
    yield f'.TH {title} 1 "{_date()}" "memc {escape(version())}" "User Commands"'
    yield from (".SH NAME", rf"{escape(name)} \- {escape(line)}")


def _date() -> str:
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not (epoch.isascii() and epoch.isdigit()):
        return ""
    return time.strftime("%Y-%m-%d", time.gmtime(int(epoch[:11])))


def usage(words: Iterable[str]) -> str:
    """Return a synopsis: options in bold, names of values in italics."""
    return " ".join(
        bold(word)
        if word.startswith("-")
        else WORD.sub(lambda match: italic(match[0]), word)
        for word in words
    )


def option(names: Iterable[str], metavar: str) -> str:
    """Return the names of an option, and of its value."""
    shown = ", ".join(map(bold, names))
    return f"{shown} {italic(metavar)}" if metavar else shown


def body(kind: str, text: str) -> Iterator[str]:
    """Yield the body of a section of this kind."""
    if kind == PROSE:
        for i, paragraph in enumerate(text.split("\n\n")):
            yield from ([".PP"] if i else [])
            yield from prose(paragraph)
    elif kind == LITERAL:
        # The text has an indent of its own: a line of 75 columns ends before 80.
        yield from (".in -2n", ".EX", escape(text.rstrip("\n")), ".EE", ".in")
    else:
        yield from _list(text)


def described(text: str) -> Iterator[str]:
    """Yield a description: paragraphs; lines that are indented are a list, or literal.

    They are a list if each line is an entry of one, or continues the one above.
    """
    is_first = True
    for paragraph in text.strip("\n").split("\n\n"):
        blocks = groupby(paragraph.splitlines(), lambda line: line.startswith("  "))
        for is_indented, found in blocks:
            lines = [*found]
            kind = PROSE if not is_indented else LIST if _is_list(lines) else LITERAL
            yield from ([] if is_first or kind == LIST else [".PP"])
            yield from body(kind, "\n".join(lines))
            is_first = False


def _is_list(lines: list[str]) -> bool:
    rest = [line for line in lines if not line.startswith(MORE)]
    return lines[0] in rest and all(map(ENTRY.fullmatch, rest))


def _list(text: str) -> Iterator[str]:
    entries: list[list[str]] = []
    for line in text.splitlines():
        found = None if line.startswith(MORE) else ENTRY.fullmatch(line)
        if found is not None:
            entries.append([bold(found[1]), found[2]])
        else:
            entries[-1].append(line.strip())
    for term, *words in entries:
        yield from entry(term, " ".join(words))


def entry(term: str, words: str) -> Iterator[str]:
    """Yield an entry of a list."""
    yield from (".TP", term, *prose(words))


def prose(words: str) -> Iterator[str]:
    """Yield text that roff fills, one sentence a line."""
    lines = re.sub(r"\.(?:  +|\n *)", "\0", words.strip())
    yield escape(re.sub(r"\n *", " ", lines).replace("\0", ".\n"))


def see_also(pages: Iterable[tuple[str, int]]) -> Iterator[str]:
    """Yield the last section: other pages, each with its section."""
    shown = [rf"{bold(name)}({section})" for name, section in pages]
    yield from (".SH SEE ALSO", ", ".join(shown))
