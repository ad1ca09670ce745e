"""What SQL found, as a table for people: exact values, safe on a terminal."""

from __future__ import annotations

import os

from memc.cli.output import STDOUT, counted
from memc.files.recording.times import show_time
from memc.human.sheet import Head, Style, table, terminal_width
from memc.human.units import MISSING, bare, safe, signed, width_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterable, Sequence

    from memc.files.recording.sql import Answer, Cell

__all__ = ["change_of", "lines_of", "second", "text", "wrapped"]

BYTES_SHOWN = 16
FAINT = "2"
HANGING = 25  # columns before the rest of a line that does not fit: below a time


def text(answer: Answer, args: Namespace) -> str:
    """Return the table; each value is as it is, and "-" for NULL."""
    rows = answer.rows if args.top is None else answer.rows[: args.top]
    columns = [[row[i] for row in rows] for i in range(len(answer.columns))]
    heads = [
        Head(safe(name), right=_is_number(column), shrinks=not _is_number(column))
        for name, column in zip(answer.columns, columns, strict=True)
    ]
    cells = [[_cell(value) for value in column] for column in columns]
    notes = []
    if len(rows) < len(answer.rows):
        notes = [f"… and {counted(len(answer.rows) - len(rows), 'row')} more"]
    return lines_of(heads, cells, notes=notes, color=args.color)


def lines_of(
    heads: Sequence[Head],
    cells: Sequence[Sequence[str]],
    *,
    notes: Iterable[str] = (),
    color: str = "auto",
) -> str:
    """Return the lines of a table on stdout, and notes below it."""
    style = Style(STDOUT, color)
    width = terminal_width(STDOUT)
    head, *lines = table(heads, cells, width=width, style=style)
    indent = min(HANGING, (width or 0) // 4)
    lines = [part for line in lines for part in wrapped(line, width, indent)]
    below = (
        style(line, FAINT) for note in notes for line in wrapped(safe(note), width)
    )
    return "".join(f"{line}\n" for line in (head, *lines, *below))


def wrapped(line: str, width: int | None, indent: int = 2) -> list[str]:
    """Return a line in parts of at most `width` columns, cut between words."""
    if width is None or width_of(line) <= width:
        return [line]
    from textwrap import wrap

    return wrap(
        line,
        width,
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def second(t_ms: int) -> str:
    """Return the second of a Unix time in ms, as a local time."""
    return show_time(t_ms // 1000 * 1000)


def change_of(kb: int | None) -> str:
    """Return a change in a table, as people read it, or as other programs do."""
    return signed(kb) if os.isatty(STDOUT) else bare(kb)


def _is_number(column: Sequence[Cell]) -> bool:
    known = [value for value in column if value is not None]
    return bool(known) and all(isinstance(value, (int, float)) for value in known)


def _cell(value: Cell) -> str:
    if value is None:
        return MISSING
    if isinstance(value, bytes):
        more = "…" if len(value) > BYTES_SHOWN else ""
        return f"x'{value[:BYTES_SHOWN].hex()}{more}'"
    return safe(value) if isinstance(value, str) else str(value)
