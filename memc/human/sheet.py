"""Tables for people, which fit the width of the terminal."""

from __future__ import annotations

import os
from itertools import chain, repeat

from memc.human.units import shorten, width_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["WHEN", "Head", "Style", "fit", "table", "terminal_width"]

WHEN = ("auto", "always", "never")  # are there colours?
GAP = "  "
BOLD = "1"
SHORTEST = 12  # a cut column is at least this wide, however narrow the terminal
ROOMY = 24  # leave out other columns before a column is cut to less than this


def terminal_width(fd: int) -> int | None:
    """Return how wide a table may be: COLUMNS, or else the width of the terminal.

    None if `fd` is no terminal, or if its width is not known.
    """
    if not os.isatty(fd):
        return None
    told = os.environ.get("COLUMNS", "")
    if told.isascii() and told.isdigit() and int(told[:9]) > 0:
        return int(told[:9])
    try:
        return os.get_terminal_size(fd).columns or None
    except OSError:
        return None


class Style:
    """Colours on a terminal.

    With "auto" there are none if `fd` is no terminal, if NO_COLOR is set, or if TERM is
    "dumb" or not set.  With "always" there are some, with "never" none.
    """

    __slots__ = ("_on",)

    def __init__(self, fd: int, when: str = "auto") -> None:
        is_dumb = os.environ.get("TERM", "dumb") == "dumb"
        is_allowed = not is_dumb and not os.environ.get("NO_COLOR")
        is_auto = when == "auto" and is_allowed and os.isatty(fd)
        self._on = when == "always" or is_auto

    def __call__(self, text: str, code: str) -> str:
        """Return text in a style; `code` is "1" bold, "2" faint, "33" yellow."""
        return f"\x1b[{code}m{text}\x1b[0m" if self._on and code else text


class Head:
    """The head of a column.

    With `right` its cells are aligned right, with `shrinks` they may be cut.  If the
    columns do not fit, the column with the highest `rank` is left out first.  A column
    with rank 0 is never left out.
    """

    __slots__ = ("rank", "right", "shrinks", "title")

    def __init__(
        self, title: str, *, right: bool = False, shrinks: bool = False, rank: int = 0
    ) -> None:
        self.title = title
        self.right = right
        self.shrinks = shrinks
        self.rank = rank


def fit(
    heads: Sequence[Head], columns: Sequence[Sequence[str]], width: int | None
) -> list[int]:
    """Return the indexes of the columns that fit; all of them if `width` is None."""
    kept = list(range(len(heads)))
    if width is None:
        return kept
    widths = [
        max(map(width_of, (head.title, *column)), default=0)
        for head, column in zip(heads, columns, strict=True)
    ]
    for i, head in enumerate(heads):
        if head.shrinks:
            widths[i] = min(widths[i], ROOMY)
    for i in sorted(kept, key=lambda i: -heads[i].rank):
        taken = sum(widths[i] for i in kept) + len(GAP) * (len(kept) - 1)
        if taken <= width or not heads[i].rank:
            break
        kept.remove(i)
    return kept


def table(
    heads: Sequence[Head],
    columns: Sequence[Sequence[str]],
    *,
    width: int | None,
    style: Style,
    marks: Sequence[str] = (),
) -> Iterable[str]:
    """Yield the lines of a table, the titles first.

    Cells must be `safe`.  Columns that may be cut share the width that the others
    leave.  `marks` are the styles of the rows, one code of `Style` each.
    """
    whole = [[head.title, *column] for head, column in zip(heads, columns, strict=True)]
    room = _room(heads, whole, width)
    for i, head in enumerate(heads):
        if head.shrinks and room is not None:
            whole[i] = [shorten(cell, room) for cell in whole[i]]
    padded = [
        _pad(column, right=head.right)
        for head, column in zip(heads, whole, strict=True)
    ]
    lines = map(str.rstrip, map(GAP.join, zip(*padded, strict=True)))
    return map(style, lines, chain((BOLD,), marks, repeat("")))


def _room(
    heads: Sequence[Head], columns: list[list[str]], width: int | None
) -> int | None:
    """Return how wide each column that may be cut is; None for no limit."""
    if width is None:
        return None
    cut = sum(head.shrinks for head in heads)
    taken = sum(
        max(map(width_of, column))
        for head, column in zip(heads, columns, strict=True)
        if not head.shrinks
    )
    left = width - taken - len(GAP) * (len(heads) - 1)
    return max(left // max(cut, 1), SHORTEST)


def _pad(cells: list[str], *, right: bool) -> list[str]:
    """Fill the cells of a column with blanks to the same width."""
    if "".join(cells).isascii():
        widest = max(map(len, cells))
        flush = str.rjust if right else str.ljust
        return [flush(cell, widest) for cell in cells]
    widths = list(map(width_of, cells))
    widest = max(widths)
    blanks = [" " * (widest - width) for width in widths]
    before, after = (blanks, cells) if right else (cells, blanks)
    return list(map(str.__add__, before, after))
