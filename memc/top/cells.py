"""Cells: texts that fill the columns of a screen, each with the name of a style."""

from __future__ import annotations

from memc.human.units import bare, figure, shorten, width_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeAlias

    # A text, and the name of its style: one of COLOURS, or "selected".
    Cell: TypeAlias = tuple[str, str]
    Cells: TypeAlias = list[Cell]

__all__ = ["amount", "change", "count", "fill", "style_of", "text_of", "wrap"]

UNKNOWN = "-"


def amount(kb: int | None, *, partial: bool = False) -> str:
    """Return an amount in six columns at most: "1.21M", "852K", "0"."""
    return bare(kb, partial=partial)


def change(kb: float | None) -> str:
    """Return a change with its sign: "+1.21M", "-852K", "0"."""
    if kb is None:
        return UNKNOWN
    whole = round(kb)
    return f"+{bare(whole)}" if whole > 0 else bare(whole)


def style_of(changed: str) -> str:
    """Return the style of a text of `change`: "" if it is 0 or not known."""
    return {"+": "grow", "-": "shrink"}.get(changed[:-1][:1], "")


def count(number: float | None) -> str:
    """Return a number in five columns at most: "812", "1.9k", "60.0k", "3.2M"."""
    if number is None:
        return UNKNOWN
    if number < 9.95:
        return figure(number, 2) if 0 < number < 1 else f"{number:.0f}"
    for unit in ("", "k", "M", "G"):
        if number < 999.5:
            digits = 0 if not unit or number >= 99.95 else 1
            return f"{number:.{digits}f}{unit}"
        number /= 1000
    return "many"


def fill(text: str, width: int, *, right: bool = False, tail: bool = False) -> str:
    """Return a text that takes exactly `width` columns: padded, or cut.

    It is cut in its middle, or with `tail` at its end.  A number
    is never cut: who gives one has the room for it.
    """
    if text.isascii() and len(text) <= width:
        return text.rjust(width) if right else text.ljust(width)
    if width < 2:
        return text[:width] if text.isascii() else " " * width
    text = _without_tail(text, width) if tail else shorten(text, width)
    padding = " " * (width - width_of(text))
    return padding + text if right else text + padding


def _without_tail(text: str, width: int) -> str:
    if width_of(text) <= width:
        return text
    text = text[: width - 1]
    while width_of(text) > width - 1:
        text = text[:-1]
    return f"{text}…"


def text_of(cells: Iterable[Cell]) -> str:
    """Return the text alone."""
    return "".join(text for text, _ in cells)


def wrap(parts: Iterable[Cell], width: int, most: int) -> list[Cells]:
    """Put parts into lines with two blanks between them; leave out what has no room."""
    lines: list[Cells] = [[]]
    left = width
    for text, style in parts:
        needed = width_of(text) + (2 if lines[-1] else 0)
        if needed > left and lines[-1]:
            if len(lines) == most:
                continue
            lines.append([])
            left, needed = width, width_of(text)
        if needed > left:
            text, needed = shorten(text, width), width  # noqa: PLW2901
        if lines[-1]:
            lines[-1].append(("  ", ""))
        lines[-1].append((text, style))
        left -= needed
    return lines
