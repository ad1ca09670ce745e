"""The tables of a page, which say all of it where no script runs, too."""

from __future__ import annotations

from memc.human.units import human, signed
from memc.report.safe import text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    Cell = tuple[str, str]  # its attributes, and what is in it

__all__ = ["amount", "number", "share", "spark", "table", "word"]

UNKNOWN = "not known"
WIDE, HIGH, EDGE = 100, 24, 2  # of a spark line


def table(
    caption: str,
    heads: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    *,
    name: str = "",
    kind: str = "",
) -> str:
    """Return a table; a cell is what `word`, `number` or `amount` made of a value.

    A narrow page shows a row as a block, where each cell says its head.  That takes the
    meaning of a row from some browsers, so the roles are told, too.
    """
    rows = list(rows)
    first = rows[0] if rows else [("", "")] * len(heads)
    kinds = [' class="n"' if 'class="n' in named else "" for named, _ in first]
    top = "".join(
        f'<th scope="col" role="columnheader"{kind}>{text(head)}</th>'
        for head, kind in zip(heads, kinds, strict=True)
    )
    lines = [f'<tr role="row">{"".join(_cells(heads, row))}</tr>' for row in rows] or [
        f'<tr role="row"><td role="cell" colspan="{len(heads)}">nothing</td></tr>'
    ]
    named = f' id="{name}"' if name else ""
    return (
        f'<table role="table"{named} class="{kind}"><caption>{text(caption)}</caption>'
        f'<thead role="rowgroup"><tr role="row">{top}</tr></thead>'
        f'<tbody role="rowgroup">{"".join(lines)}</tbody></table>'
    )


def _cells(heads: Sequence[str], row: Sequence[Cell]) -> Iterable[str]:
    for place, (head, (named, inner)) in enumerate(zip(heads, row, strict=True)):
        if place == 0:
            yield f'<th scope="row" role="rowheader"{named}>{inner}</th>'
        else:
            yield f'<td role="cell" data-head="{text(head)}"{named}>{inner}</td>'


def word(value: str | None, kind: str = "") -> Cell:
    """Return the cell of a text; None is not known."""
    named = f' class="{kind}"' if kind else ""
    return named, UNKNOWN if value is None else text(value)


def number(value: int | None) -> Cell:
    """Return the cell of a number without a unit."""
    return ' class="n"', UNKNOWN if value is None else f"{value:,}"


def share(kb: int | None, whole_kb: int | None) -> Cell:
    """Return the cell of a part of a whole."""
    if kb is None or not whole_kb:
        return ' class="n share"', ""
    percent = 100 * kb / whole_kb
    words = text("<0.1 %") if 0 < percent < 0.05 else f"{percent:.1f} %"
    return ' class="n share"', words


def amount(kb: int | None, *, is_change: bool = False, unknown: str = UNKNOWN) -> Cell:
    """Return the cell of an amount, which the script can show in another unit."""
    if kb is None:
        return ' class="n"', text(unknown)
    if not is_change:
        return f' class="n" data-kb="{kb}"', human(kb)
    way = "more" if kb > 0 else "less" if kb < 0 else ""
    return f' class="n {way}" data-kb="{kb}" data-signed=""', signed(kb)


def spark(points: Sequence[int | None]) -> Cell:
    """Return the cell of a line that shows how an amount went, with its gaps."""
    known = [point for point in points if point is not None]
    if len(known) < 2:
        return "", ""
    low, high = min(known), max(known)
    scale = (HIGH - 2 * EDGE) / ((high - low) or 1)
    lines: list[list[str]] = [[]]
    for place, point in enumerate(points):
        if point is None:
            lines.append([])
            continue
        x = EDGE + place * (WIDE - 2 * EDGE) / (len(points) - 1)
        lines[-1].append(f"{x:.1f},{HIGH - EDGE - (point - low) * scale:.1f}")
    drawn = "".join(f'<polyline points="{" ".join(line)}"/>' for line in lines if line)
    said = f"from {human(known[0])} to {human(known[-1])}, most {human(high)}"
    return "", (
        f'<svg class="spark" viewBox="0 0 {WIDE} {HIGH}" role="img" '
        f'aria-label="{said}">{drawn}</svg>'
    )
