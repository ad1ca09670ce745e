"""A question in the lowest line of the screen, and the text that answers it."""

from __future__ import annotations

from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input

from memc.human.units import width_of
from memc.top.cells import fill
from memc.top.colours import BACKGROUNDS, COLOURS
from memc.top.lines import Lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from textual.app import ComposeResult

    Hear: TypeAlias = Callable[[str], object]

__all__ = ["Question"]


def _ignore(*_args: object) -> None:
    """Do nothing."""


class Question(Horizontal):
    """Asks for a text: a label, and a line to type in.  It is shown while it asks."""

    DEFAULT_CSS = f"""
    Question {{ height: 1; display: none; }}
    Question Input, Question Input:focus {{
        width: 1fr; height: 1; border: none; padding: 0; background-tint: transparent;
        color: {COLOURS[""]}; background: {BACKGROUNDS["unfocused"]};
    }}
    Question .input--cursor {{ text-style: reverse; }}
    """

    class Turned(Message):
        """There is a question, or none any more."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""  # the question, "" if there is none
        self.label = Lines(id="label")
        self.input = Input(compact=True, select_on_focus=False)
        self._done: Hear = _ignore
        self._changed: Hear = _ignore
        self._gone: Callable[[], object] = _ignore
        self._turn: Callable[[], object] = _ignore

    def compose(self) -> ComposeResult:
        """Make the widgets."""
        yield self.label
        yield self.input

    def ask(
        self,
        text: str,
        done: Hear,
        *,
        value: str = "",
        changed: Hear = _ignore,
        gone: Callable[[], object] = _ignore,
        turn: Callable[[], object] = _ignore,
    ) -> None:
        """Ask for a text, which is `value` at first.

        `changed` gets it while it is typed, `done` at the end; `gone` is called if the
        user leaves it, and `turn` if the user presses Tab.
        """
        self.text = text
        self._done, self._changed = done, changed
        self._gone, self._turn = gone, turn
        self.input.value = value
        self.input.cursor_position = len(value)
        self.display = True
        self.input.focus()
        self.post_message(self.Turned())

    def draw(self, width: int) -> None:
        """Draw the label; the answer has half of the line at least."""
        label, most = f" {self.text}: ", width // 2
        if width_of(label) > most:  # without what is in brackets
            label = f" {self.text.partition(' (')[0]}: "
        if width_of(label) > most:
            label = fill(label, most, tail=True)
        self.label.take(columns=width_of(label))
        self.label.show(1, lambda _: [(label, "key")])

    def leave(self) -> None:
        """Take the question back: nobody answers it."""
        self._close()
        self._gone()

    def turn(self) -> None:
        """Ask for something else, if there is something."""
        self._turn()

    def _close(self) -> str:
        answer, self.text = self.input.value, ""
        self.display = False
        self.post_message(self.Turned())
        return answer

    def on_input_changed(self, event: Input.Changed) -> None:
        """Hand over what is typed."""
        event.stop()
        if self.text:
            self._changed(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Hand over the answer."""
        event.stop()
        self._done(self._close())
