"""Pages of text over the list: the keys, and what two processes hold."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding
from textual.screen import Screen

from memc.human.units import width_of
from memc.top.cells import fill
from memc.top.lines import Lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from textual.app import ComposeResult

    from memc.top.cells import Cells
    from memc.top.keys import Key

__all__ = ["Page", "folded", "help_lines"]


class Page(Screen[None], inherit_bindings=False):
    """A page of text, which may be longer than the screen.

    One of them is enough, and textual keeps a part of each screen that it ever showed.
    """

    CSS = "Page > #text { height: 1fr; } Page > #top, Page > #end { height: 1; }"
    BINDINGS: ClassVar = [
        Binding("escape,q,enter,f1,h,question_mark,f10", "close", show=False),
        Binding("up", "by(-1)", show=False),
        Binding("down", "by(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown,space", "page(1)", show=False),
        Binding("home", "to(0)", show=False),
        Binding("end", "to(1000000)", show=False),
    ]

    def __init__(self, *, has_colours: bool) -> None:
        super().__init__()
        self._title = ""
        self._form: Callable[[int], list[Cells]] = lambda _: []
        self._has_colours = has_colours
        self._first = 0

    def tell(self, title: str, form: Callable[[int], list[Cells]]) -> None:
        """Have other text, which `form` makes for a width."""
        self._title, self._form, self._first = title, form, 0

    def compose(self) -> ComposeResult:
        """Make the widgets."""
        yield Lines(id="top")
        yield Lines(id="text", can_focus=True)
        yield Lines(id="end")

    def on_mount(self) -> None:
        """Take the keys."""
        for lines in self.query(Lines):
            lines.has_colours = self._has_colours

    def on_screen_resume(self) -> None:
        """Draw for the size that the screen has now."""
        self.call_after_refresh(self._draw)

    def on_resize(self) -> None:
        """Draw for the new size."""
        self.call_after_refresh(self._draw)

    def _draw(self) -> None:
        top, text, end = self.query(Lines)
        lines = self._form(self.size.width)
        page = text.page
        self._first = min(max(self._first, 0), max(len(lines) - page, 0))
        shown = lines[self._first : self._first + page]
        top.show(1, lambda _: [(f" {self._title}", "head")])
        text.show(len(shown), shown.__getitem__)
        last = self._first + len(shown)
        where = f"   {self._first + 1}-{last} of {len(lines)}"
        where = where if len(lines) > page else ""
        end.show(1, lambda _: [(" Esc", "key"), (" back", ""), (where, "dim")])

    def on_lines_chosen(self, event: Lines.Chosen) -> None:
        """Turn the wheel."""
        self.action_by(event.by)

    def action_by(self, by: int) -> None:
        """Go so many lines down."""
        self.action_to(self._first + by)

    def action_page(self, by: int) -> None:
        """Go so many pages down."""
        self.action_by(by * (self.query_one("#text", Lines).page - 1))

    def action_to(self, line: int) -> None:
        """Go to a line."""
        self._first = line
        self._draw()

    def action_close(self) -> None:
        """Go back to the list."""
        self.dismiss()


def help_lines(keys: Iterable[Key], width: int) -> list[Cells]:
    """Return a line or more for each key, by groups."""
    made: list[Cells] = []
    group, keys = "", list(keys)
    room = max(width_of(key.shown()) for key in keys) + 2
    for key in keys:
        if key.group != group:
            group = key.group
            made += [[], [(f" {group}", "head")]]
        shown = fill(key.shown(), room)
        for line in folded(key.help, max(width - room - 4, 10)):
            made.append([(f"   {shown}", "key"), (line, "")])
            shown = " " * room
    return made


def folded(text: str, width: int) -> list[str]:
    """Break text into lines at blanks."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".lstrip()
        if len(longer) > width and lines[-1]:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines
