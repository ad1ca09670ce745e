"""Tables for people, as wide as there is room for."""

from __future__ import annotations

import os
from itertools import chain, repeat

from memc.human.units import shorten, width_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["Head", "Style", "fit", "table", "terminal_width"]

GAP = "  "
BOLD = "1"
SHORTEST = 12  # a column that is cut keeps so much, however narrow the terminal
ROOMY = 24  # ... and columns are left out rather than that it has less than this


def terminal_width(fd: int) -> int | None:
    """Return the width to keep to: COLUMNS, or the terminal's; None for no terminal."""
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
    """Colours, or none: where they go is no terminal, or NO_COLOR or TERM forbid it."""

    __slots__ = ("_on",)

    def __init__(self, fd: int) -> None:
        is_dumb = os.environ.get("TERM", "dumb") == "dumb"
        self._on = os.isatty(fd) and not is_dumb and not os.environ.get("NO_COLOR")

    def __call__(self, text: str, code: str) -> str:
        """Return text that is shown so: "1" bold, "2" faint, "33" yellow."""
        return f"\x1b[{code}m{text}\x1b[0m" if self._on and code else text


class Head:
    """A column: its title, whether its cells end flush, and whether they may be cut.

    Of those that do not fit, the one with the highest `rank` is left out first, and
    none that has 0.
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
    """Return the numbers of the columns that there is room for."""
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
    """Yield the lines of a table, its titles first.

    Cells must be `safe`.  Columns that may be cut share what is left of `width`;
    `marks` is how each row is shown, as Style has it.
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
    """Return how wide a column that may be cut can be."""
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
    """Make the cells of a column equally wide."""
    if "".join(cells).isascii():
        widest = max(map(len, cells))
        flush = str.rjust if right else str.ljust
        return [flush(cell, widest) for cell in cells]
    widths = list(map(width_of, cells))
    widest = max(widths)
    blanks = [" " * (widest - width) for width in widths]
    before, after = (blanks, cells) if right else (cells, blanks)
    return list(map(str.__add__, before, after))
