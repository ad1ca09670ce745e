"""A picture as HTML for notebooks: one table, no script, at most 20 kB.

The styles stand at each element, since notebooks drop those of a whole page.  The text
has the colour of the page around it, so that it is read in light and dark.
"""

from __future__ import annotations

from html import escape

from memc.human.picture import cut
from memc.human.units import human, signed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from memc.human.picture import Bar, Picture

__all__ = ["html_of"]

MORE, LESS = "#c8641b", "#3b82c4"  # at least 3.5 : 1 on white and on #111
BOX = "max-width:56em;overflow-x:auto;font:13px/1.5 system-ui,sans-serif"
TABLE = (
    "border-collapse:collapse;width:100%;margin:.4em 0;font-size:inherit;"
    "font-variant-numeric:tabular-nums"
)
CELL = "padding:.15em .35em;border:0;vertical-align:top;text-align:"
HEAD, NUMBER = f"{CELL}right", f"{CELL}right;white-space:nowrap"
NAME = f"{CELL}left;font-weight:normal;overflow-wrap:anywhere"
WIDTH, TRACK = ";width:45%;min-width:5em", f"{CELL}left;width:30%;min-width:1em"
THICK = "min-width:1px;height:.75em;margin-top:.38em"
FAINT = "opacity:.8"
FACTS, NOTES = 6, 3  # how many are shown
FACT, WORDS, SHORT = 80, 160, 16  # characters of a fact, a note and a cell


def html_of(picture: Picture) -> str:
    """Return a picture as HTML; names of others are text in it, whatever they are."""
    title = _text(picture.title, WORDS)
    facts = " · ".join(_text(fact, FACT) for fact in picture.facts[:FACTS])
    notes = picture.notes[:NOTES]
    if len(picture.notes) > NOTES:
        notes.append(f"{len(picture.notes) - NOTES} more notes")
    lines = [
        # Jupyter would take dollars in a name for a formula.
        f'<div class="tex2jax_ignore mathjax_ignore" style="{BOX}">',
        f"<div><b>{title}</b></div>",
        f'<div style="{FAINT}">{facts}</div>' if facts else "",
        *(_table(picture) if picture.bars else [f"<div>{picture.nothing}</div>"]),
        *(f'<div style="{FAINT}">⚠ {_text(note, WORDS)}</div>' for note in notes),
        "</div>",
    ]
    return "\n".join(filter(None, lines))


def _table(picture: Picture) -> Iterable[str]:
    heads = [
        f'<th scope="col" style="{NAME}{WIDTH}"><b>{_text(picture.what)}</b></th>',
        f'<th scope="col" style="{HEAD}">{_text(picture.amount)}</th>',
        f'<td style="{TRACK}"></td>',
        *(f'<th scope="col" style="{HEAD}">{_text(h)}</th>' for h in picture.heads),
    ]
    yield f'<table style="{TABLE}"><thead><tr>{"".join(heads)}</tr></thead><tbody>'
    for bar in picture.top():
        yield f"<tr>{''.join(_cells(picture, bar))}</tr>"
    if picture.rest:
        cells = _cells(picture, picture.rest, has_bar=False)
        yield f'<tr style="{FAINT}">{"".join(cells)}</tr>'
    yield "</tbody></table>"


def _cells(picture: Picture, bar: Bar, *, has_bar: bool = True) -> Iterable[str]:
    amount = signed(bar.kb) if picture.is_growth else human(bar.kb)
    yield f'<th scope="row" style="{NAME}">{_text(bar.name)}</th>'
    yield f'<td style="{NUMBER}">{_text(amount)}</td>'
    share = 100 * abs(bar.kb or 0) / picture.largest_kb
    colour = MORE if picture.is_growth and (bar.kb or 0) > 0 else LESS
    style = (
        f"width:{share:.1f}%;{THICK};background:{colour}" if has_bar and bar.kb else ""
    )
    yield f'<td style="{HEAD}"><div style="{style}"></div></td>'
    yield from (f'<td style="{NUMBER}">{_text(cell, SHORT)}</td>' for cell in bar.cells)


def _text(text: str, length: int = 0) -> str:
    """Return text for an element; it is never that of an attribute, in quotes."""
    return escape(cut(text, length) if length else cut(text), quote=False)
