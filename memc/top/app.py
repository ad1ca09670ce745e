"""The live view on a terminal, by textual."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import ClassVar, cast

from textual.app import App
from textual.binding import Binding

from memc.errors import MemcError
from memc.human.units import safe
from memc.top.actions import ACTIONS
from memc.top.colours import BACKGROUNDS
from memc.top.drawing import PANE_FROM, draw, draw_pane
from memc.top.keys import KEYS, LIVE, REPLAY, keys_of
from memc.top.lines import Lines
from memc.top.model import Model
from memc.top.moment import Details
from memc.top.question import Question
from memc.top.reading import Reading
from memc.top.screens import Page, help_lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias, TypeVar

    from textual.app import ComposeResult

    from memc.top.cells import Cells
    from memc.top.model import Row
    from memc.top.moment import Line, Replay, Source, Tell
    from memc.top.view import View

    T = TypeVar("T")
    Moment: TypeAlias = tuple[Tell, Cells]

__all__ = ["Top", "run"]


FIRST = ("help", "quit")  # there is room for these in any case
SIZES = ("COLUMNS", "LINES")  # a terminal that has changed its size tells it itself
ALWAYS = ("ctrl+c", "tab")  # textual has another use for these
ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run(source: Source, view: View, *, interval_ms: int = 1000) -> int:
    """Show a source on the terminal until the user ends it; return the exit status."""
    for name in SIZES:
        os.environ.pop(name, None)
    top = Top(source, view, interval_ms=interval_ms)
    try:
        status = top.run()
    finally:
        top.reading.close()
    return top.return_code or 0 if status is None else status


class Top(App[int], inherit_bindings=False):
    """The application: what is looked at, and where it is on the screen."""

    TITLE = "memc top"
    ENABLE_COMMAND_PALETTE = False  # F1 names all keys; no theme has our contrasts
    CSS = f"""
    Screen {{ overflow: hidden; background: {BACKGROUNDS[""]}; }}
    Lines {{ scrollbar-size: 0 0; overflow: hidden; background: {BACKGROUNDS[""]}; }}
    #head {{ height: 2; }}
    #list {{ height: 1fr; }}
    #title, #foot {{ height: 1; }}
    Page {{ background: {BACKGROUNDS[""]}; }}
    """
    BINDINGS: ClassVar = [
        Binding(
            name,
            f"do({key.action!r}, {key.only!r})",
            key.help,
            show=False,
            priority=name in ALWAYS,
        )
        for key in KEYS
        for name in key.keys
    ]

    def __init__(self, source: Source, view: View, *, interval_ms: int = 1000) -> None:
        self.has_colours = not os.environ.get("NO_COLOR")
        super().__init__(ansi_color=not self.has_colours)
        self.animation_level = "none"
        self.source = source
        self.view = view
        self.interval_s = interval_ms / 1000
        self.reading = Reading(self.call_later)
        self.model = Model()
        self.tell: Tell | None = None
        self.rows: list[Row] = []
        self.at = 0  # the row that is selected
        self.shown_key: int | None = None  # whose details are in the pane
        self.details = Details(note="reading ...")
        self.what = "owners"  # or "regions": what the pane shows
        self.first = 0  # the first line of what is in the pane
        self.found = ""
        self.position: Cells = []  # which time of a recording is shown
        self.is_live = not hasattr(source, "position")
        self.recording = None if self.is_live else cast("Replay", source)
        offered = [key for key in keys_of(is_live=self.is_live) if key.short]
        self.keys = sorted(offered, key=lambda key: key.action not in FIRST)
        self.clickable: list[tuple[int, str]] = []  # columns of the lowest line
        self.trouble = ""  # why the source could not be read
        self.said: tuple[str, str] = ("", "")

        self.text_page = Page(has_colours=self.has_colours)

    def compose(self) -> ComposeResult:
        """Make the widgets."""
        self.head = Lines(id="head")
        self.list = Lines(id="list", can_focus=True)
        self.title_line = Lines(id="title")
        self.pane = Lines(id="pane", can_focus=True)
        self.foot = Lines(id="foot")
        self.question = Question()
        yield from (self.head, self.list, self.title_line, self.pane, self.foot)
        yield self.question

    def on_mount(self) -> None:
        """Begin to look."""
        for lines in self.query(Lines):
            lines.has_colours = self.has_colours
        self.list.focus()
        self.install_screen(self.text_page, "page")
        if not self.is_headless:
            loop = asyncio.get_running_loop()
            for number in ENDS:
                loop.add_signal_handler(number, self.exit, 128 + number)
        self.beat()
        self.set_interval(self.interval_s, self.beat)

    # ---- Reading ---------------------------------------------------------------------

    def beat(self) -> None:
        """Look at what there is now, unless the picture is held."""
        if not self.view.is_paused:
            self.reading.ask("look", self.look, self.got_moment)

    def look(self) -> Moment:
        """Read what there is, and which time of a recording that is."""
        tell = self.source.look()
        recording = self.recording
        return tell, recording.position(self.size.width) if recording else []

    def got_moment(self, moment: Moment | Exception) -> None:
        """Show a moment, or why there is none: then the last one stays."""
        if isinstance(moment, Exception):
            self.trouble = safe(words_of(moment))
            self.draw()
            return
        self.tell, self.position = moment
        self.trouble = ""
        self.remake()

    def read(self, call: Callable[[], T], then: Callable[[T], None]) -> None:
        """Call something that reads; say why if it fails."""

        def got(result: T | Exception) -> None:
            if isinstance(result, Exception):
                self.say(words_of(result))
            else:
                then(result)

        self.reading.ask(None, call, got)

    def read_details(self) -> None:
        """Read what the selected process holds, if it is shown."""
        line = self.line
        if line is None or line.key < 0 or not self.has_pane:
            return

        def got(details: Details | Exception) -> None:
            if isinstance(details, Exception):
                details = Details(note=words_of(details))
            if self.line is not None and self.line.key == line.key:
                self.details = details
                draw_pane(self)

        self.reading.ask("details", lambda: self.source.details(line), got)

    # ---- The list --------------------------------------------------------------------

    @property
    def line(self) -> Line | None:
        """The selected line."""
        return self.rows[self.at].line if self.rows else None

    def remake(self) -> None:
        """Choose and sort the rows anew, and draw them."""
        if self.tell is None:
            return
        self.rows = self.model.rows(self.tell, self.view)
        at = (at for at, row in enumerate(self.rows) if row.is_selected)
        self._select(next(at, 0))
        self.draw()
        self.read_details()

    def move_to(self, at: int) -> None:
        """Select a row; in the pane, go to a line."""
        if self.is_in_pane:
            self._scroll_pane(at if at >= 0 else len(self.details.regions))
        elif self.rows:
            at %= len(self.rows)
            self.model.choose(self.rows, at, self.view)
            self._select(at)
            self.draw()
            self.read_details()

    def move_by(self, by: int) -> None:
        """Go so many lines down; stop at the first and the last."""
        if self.is_in_pane:
            self._scroll_pane(self.first + by)
        else:
            self.move_to(min(max(self.at + by, 0), max(len(self.rows) - 1, 0)))

    def _select(self, at: int) -> None:
        before, self.at = self.shown_key, at
        self.shown_key = self.line.key if self.line is not None else None
        if self.shown_key != before:
            self.first = 0
            self.details = Details(note="reading ...")

    # ---- The pane --------------------------------------------------------------------

    @property
    def has_pane(self) -> bool:
        """Tell whether the screen is high enough for a pane."""
        return self.size.height >= PANE_FROM

    @property
    def is_in_pane(self) -> bool:
        """Tell whether keys move what is in the pane."""
        return self.has_pane and self.focused is self.pane

    @property
    def page(self) -> int:
        """How many lines a page has."""
        return (self.pane if self.is_in_pane else self.list).page

    def show_pane(self, what: str) -> None:
        """Show owners or regions of the selected process."""
        if not self.has_pane:
            self.say(
                f"that needs {PANE_FROM} lines: the terminal has {self.size.height}"
            )
            return
        self.what, self.first = what, 0
        self.draw()

    def focus_pane(self) -> None:
        """Let keys move what is in the pane."""
        if self.has_pane:
            self.pane.focus()

    def focus_list(self) -> None:
        """Let keys move the list."""
        self.list.focus()

    def _scroll_pane(self, to: int) -> None:
        held = self.details.owners if self.what == "owners" else self.details.regions
        self.first = min(max(to, 0), max(len(held) - self.pane.page + 1, 0))
        draw_pane(self)

    # ---- The lowest line -------------------------------------------------------------

    def say(self, text: str, kind: str = "error") -> None:
        """Say something in the lowest line, until the next key."""
        self.said = safe(text), kind
        self.draw()

    def on_question_turned(self) -> None:
        """Draw the question, or give the keys back to the list."""
        if not self.question.text:
            self.list.focus()
        self.draw()

    # ---- Keys and the mouse ----------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Let a key do what it stands for live, or in a recording."""
        if action != "do":
            return True
        name, only = parameters
        if self.screen is self.text_page:  # keys below it do nothing
            return name == "quit"
        return only in ("", LIVE if self.is_live else REPLAY)

    def action_do(self, name: str, _only: str = "") -> None:
        """Do what a key stands for."""
        self.said = ("", "")
        if not self.question.text:
            ACTIONS[name](self)
        elif name == "back":
            self.question.leave()
        elif name == "pane":
            self.question.turn()
        elif name == "quit":
            self.exit(0)

    def on_lines_chosen(self, event: Lines.Chosen) -> None:
        """Select the line that was clicked; the wheel goes up and down."""
        if event.lines is self.foot:
            self._click_key(event.column)
        if self.question.text or event.lines not in (self.list, self.pane):
            return
        event.lines.focus()
        self.said = ("", "")
        if event.lines is self.pane:
            self._scroll_pane(self.first + event.by)
        elif event.by:
            self.move_to(min(max(self.at + event.by, 0), len(self.rows) - 1))
        else:
            self.move_to(event.line)

    def _click_key(self, column: int) -> None:
        """Do what the key stands for that was clicked in the lowest line."""
        actions = [action for start, action in self.clickable if start <= column]
        if actions and actions[-1] and not self.said[0] and not self.trouble:
            self.action_do(actions[-1])

    def open_help(self) -> None:
        """Show what the keys do."""
        keys = keys_of(is_live=self.is_live)
        self.open_page("Keys", lambda width: help_lines(keys, width))

    def open_page(self, title: str, form: Callable[[int], list[Cells]]) -> None:
        """Show a page of text over all else."""
        self.text_page.tell(title, form)
        if self.screen is not self.text_page:
            self.push_screen(self.text_page)

    # ---- Drawing ---------------------------------------------------------------------

    def on_resize(self) -> None:
        """Draw for the new size."""
        self.call_after_refresh(self.draw)

    def on_descendant_focus(self) -> None:
        """Show where the keys go."""
        self.call_next(self.draw)

    def draw(self) -> None:
        """Draw what looks otherwise than before."""
        draw(self)


def words_of(error: Exception) -> str:
    """Return the words of an error, in one line."""
    is_ours = isinstance(error, MemcError)
    return str(error) if is_ours else f"{type(error).__name__}: {error}"
