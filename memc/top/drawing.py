"""What stands where on the screen.

From top to bottom: the head, the list, a pane with what the selected line holds, and
the lowest line with the main keys, a question or a message.
"""

from __future__ import annotations

from memc.human.units import shorten
from memc.top import panes
from memc.top.format import header, heads, row
from memc.top.screens import folded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from memc.top.app import Top
    from memc.top.cells import Cells
    from memc.top.keys import Key

__all__ = ["PANE_FROM", "draw", "draw_pane", "keys_line"]

LEAST_WIDTH, LEAST_HEIGHT = 20, 4
PANE_FROM = 12  # lines of a screen: a lower one has no pane
PANE_LEAST = 3


def draw(top: Top) -> None:
    """Draw what looks otherwise than before."""
    width, height = top.size
    is_small = width < LEAST_WIDTH or height < LEAST_HEIGHT
    is_asked = bool(top.question.text)
    _show(top, is_small=is_small, is_asked=is_asked)
    if is_small:
        text = f"at least {LEAST_WIDTH} columns, {LEAST_HEIGHT} lines"
        _draw_head(top, [[(part, "warn")] for part in folded(text, width)])
        return
    _draw_head(top, _head(top, width, height))
    rows, view = top.rows, top.view
    selected = top.at if rows else None
    top.list.show(len(rows), lambda at: row(rows[at], width, view), selected)
    draw_pane(top)
    if is_asked:
        top.question.draw(width)
    else:
        lines = _foot(top, width, height)
        top.foot.take(lines=len(lines))
        top.foot.show(len(lines), lines.__getitem__)


def _show(top: Top, *, is_small: bool, is_asked: bool) -> None:
    has_pane = top.has_pane and not is_small
    shown = {
        top.list: not is_small,
        top.title_line: has_pane,
        top.pane: has_pane,
        top.foot: not is_small and not is_asked,
        top.question: is_asked,
    }
    for widget, is_shown in shown.items():
        if widget.display is not is_shown:
            widget.display = is_shown


def _draw_head(top: Top, lines: list[Cells]) -> None:
    top.head.take(lines=len(lines))
    top.head.show(len(lines), lines.__getitem__)


def _head(top: Top, width: int, height: int) -> list[Cells]:
    """Return the lines above the list: they leave it the most of the screen."""
    if top.tell is None:
        return [[(" reading ...", "dim")]]
    lines = [top.position] if top.position else []
    lines += header(top.tell, top.view, width)
    return [*lines[: max(height // 4, 1)], heads(width, top.view)]


def draw_pane(top: Top) -> None:
    """Draw what the selected line holds."""
    if not top.has_pane:
        return
    width, height = top.size
    height = max(height // 3 - 1, PANE_LEAST)
    top.pane.take(lines=height)
    line = top.line
    if line is None or line.key < 0:
        title: Cells = [("─" * width, "head")]
        lines: list[Cells] = [[(" Enter shows its processes", "dim")]] if line else []
    else:
        form = panes.owners if top.what == "owners" else panes.regions
        title = panes.title(line, top.details, top.what, width)
        lines = form(top.details, width, height, top.first)
    top.title_line.show(1, lambda _: title, 0 if top.is_in_pane else None)
    top.pane.show(len(lines), lines.__getitem__)


def _foot(top: Top, width: int, height: int) -> list[Cells]:
    """Return the lowest line; what is said may take some more."""
    text, kind = top.said if top.said[0] else (top.trouble, "error")
    if text:
        top.clickable = []
        lines = folded(text, width - 2)
        rest = max(height // 6, 1) - 1
        lines[rest:] = [" ".join(lines[rest:])] if lines[rest:] else []
        return [[(f" {shorten(line, width - 2)}", kind)] for line in lines]
    where = f"{top.at + 1 if top.rows else 0:,}/{len(top.rows):,} "
    cells, top.clickable = keys_line(top.keys, where, width)
    return [cells]


def keys_line(
    keys: Iterable[Key], where: str, width: int
) -> tuple[Cells, list[tuple[int, str]]]:
    """Return the keys that have room before `where`.

    Return also at which column each begins, and its action; "" is behind the last.
    """
    room = width - len(where)
    cells: Cells = [(" ", "")]
    begins: list[tuple[int, str]] = []
    column = 1
    for key in keys:
        name = key.shown().split()[0]
        text = f" {key.short}  "
        if column + len(name) + len(text) > room:
            break
        begins.append((column, key.action))
        cells += [(name, "key"), (text, "")]
        column += len(name) + len(text)
    begins.append((column, ""))
    return [*cells, (" " * max(room - column, 0), ""), (where, "dim")], begins
