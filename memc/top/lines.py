"""A widget of lines that are formatted only while they are in view."""

from __future__ import annotations

from functools import lru_cache

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from memc.top.colours import BACKGROUNDS, COLOURS, PLAIN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from textual import events

    Cells = list[tuple[str, str]]

__all__ = ["Lines", "style_of"]

WHEEL = 3  # lines for a step of the wheel


@lru_cache(maxsize=256)
def style_of(kind: str, behind: str, *, has_colours: bool) -> Style:
    """Return the style of a kind of text, on one of `BACKGROUNDS`."""
    if not has_colours:
        return Style.parse(f"{PLAIN.get(kind, '')} {PLAIN.get(behind, '')}".strip())
    return Style.parse(f"{COLOURS.get(kind, COLOURS[''])} on {BACKGROUNDS[behind]}")


class Lines(ScrollView, can_focus=True, inherit_bindings=False):
    """Lines that somebody else formats, one of which may be the selected one.

    Only lines that look otherwise than before are drawn again: a terminal at the end of
    a slow connection gets little.
    """

    ALLOW_SELECT = False

    class Chosen(Message):
        """A line was clicked, or the wheel was turned over it by `by` lines."""

        def __init__(self, lines: Lines, line: int, column: int, by: int) -> None:
            super().__init__()
            self.lines = lines
            self.line = line
            self.column = column
            self.by = by

    def __init__(self, *, id: str, can_focus: bool = False) -> None:  # noqa: A002
        super().__init__(id=id)
        self.can_focus = can_focus
        self.selected: int | None = None
        self.has_colours = True
        self._count = 0
        self._format: Callable[[int], Cells] = _nothing
        self._drawn: dict[int, tuple[Cells, str]] = {}

    def show(
        self, count: int, form: Callable[[int], Cells], selected: int | None = None
    ) -> None:
        """Show so many lines; `form` gives each by its number, from 0."""
        self._count = count
        self._format = form
        self.selected = selected
        if self.virtual_size.height != count:
            self.virtual_size = Size(0, count)
        if selected is not None:
            self._bring_into_view(selected)
        self.draw()

    def take(self, *, lines: int | None = None, columns: int | None = None) -> None:
        """Take so much room; the same as before costs nothing."""
        wanted = {"height": lines, "width": columns}
        for name, size in wanted.items():
            has = getattr(self.styles, name)
            if size is not None and (has is None or has.value != size):
                setattr(self.styles, name, size)

    def draw(self) -> None:
        """Draw again the lines in view that look otherwise than before."""
        drawn, self._drawn = self._drawn, {}
        top, width = self.scroll_offset.y, self.size.width
        for y in range(self.size.height):
            if drawn.get(top + y) != self._looks(top + y):
                self.refresh(Region(0, y, width, 1))

    @property
    def page(self) -> int:
        """How many lines are in view."""
        return max(self.size.height, 1)

    def render_line(self, y: int) -> Strip:
        """Return the line at `y` of what is in view."""
        cells, behind = self._looks(y + self.scroll_offset.y)
        has_colours = self.has_colours
        strip = Strip(
            [
                Segment(text, style_of(kind, behind, has_colours=has_colours))
                for text, kind in cells
            ]
        )
        blank = style_of("", behind, has_colours=has_colours)
        return strip.adjust_cell_length(self.size.width, blank).simplify()

    def _looks(self, line: int) -> tuple[Cells, str]:
        """Return the text of a line and what is behind it."""
        if line not in self._drawn:
            is_selected = line == self.selected
            is_lit = self.has_focus or not self.can_focus
            behind = ("selected" if is_lit else "unfocused") * is_selected
            cells = self._format(line) if line < self._count else []
            self._drawn[line] = cells, behind
        return self._drawn[line]

    def _bring_into_view(self, line: int) -> None:
        top = self.scroll_offset.y
        to = min(max(top, line - self.page + 1), line)
        if to != top:
            self.scroll_to(y=to, animate=False, force=True)

    # ---- The mouse and the focus -----------------------------------------------------

    def _on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._tell(event, by=WHEEL)

    def _on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._tell(event, by=-WHEEL)

    def on_click(self, event: events.Click) -> None:
        self._tell(event, by=0)

    def _tell(self, event: events.MouseEvent, *, by: int) -> None:
        event.stop()
        event.prevent_default()
        line = event.y + self.scroll_offset.y
        if by or line < self._count:
            self.post_message(self.Chosen(self, line, event.x, by))

    def on_focus(self) -> None:
        self.call_next(self.draw)  # when `has_focus` is true

    def on_blur(self) -> None:
        self.call_next(self.draw)

    def on_resize(self) -> None:
        self._drawn = {}
        if self.selected is not None:
            self._bring_into_view(self.selected)


def _nothing(_line: int) -> Cells:
    return []
