"""What keys do: a function for each action of `memc.top.keys`.

Each gets the application, changes what is looked at, and lets it draw.
"""

from __future__ import annotations

from functools import partial

from memc.top import closer, replay_keys
from memc.top.view import GROUPS, SORTS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeAlias

    from memc.top.app import Moment, Top
    from memc.top.replay import RecordingSource

    Action: TypeAlias = Callable[[Top], None]

__all__ = ["ACTIONS"]


# ---- Find --------------------------------------------------------------------------


def _find(top: Top) -> None:
    def look(text: str) -> None:
        top.found = text
        _go_to_found(top, 0)

    def done(text: str) -> None:
        top.found = text
        if text and not _matches(top):
            top.say(f"no name or command line has {text!r}")

    top.question.ask("find", done, changed=look)


def _matches(top: Top) -> list[int]:
    text = top.found.casefold()
    return [
        at
        for at, row in enumerate(top.rows)
        if text and text in f"{row.line.name} {row.line.cmdline}".casefold()
    ]


def _go_to_found(top: Top, beyond: int) -> None:
    """Go to the next line that has the text; the selected one counts, or not."""
    matches = _matches(top)
    if not matches:
        return
    start = top.at + beyond
    top.move_to(next((at for at in matches if at >= start), matches[0]))


def _find_next(top: Top) -> None:
    if not top.found:
        _find(top)
    elif _matches(top):
        _go_to_found(top, 1)
    else:
        top.say(f"no name or command line has {top.found!r}")


def _filter(top: Top) -> None:
    before = top.view.text

    def set_to(text: str) -> None:
        top.view.text = text
        top.remake()

    top.question.ask(
        "show only", set_to, value=before, changed=set_to, gone=lambda: set_to(before)
    )


def _user(top: Top) -> None:
    line = top.line
    if top.view.user:
        top.view.user = ""
    elif line is not None and line.user:
        top.view.user = line.user
    else:
        top.say("this line is not of one user")
    top.remake()


def _kernel(top: Top) -> None:
    top.view.kernel = not top.view.kernel
    top.remake()


def _commands(top: Top) -> None:
    top.view.commands = not top.view.commands
    top.draw()


def _tree(top: Top) -> None:
    top.view.tree = not (top.view.tree and top.view.by == "process")
    top.view.by = "process"
    top.remake()


def _group(top: Top, by: int) -> None:
    view = top.view
    view.by = GROUPS[(GROUPS.index(view.by) + by) % len(GROUPS)]
    view.inside, view.tree = None, False
    top.remake()


# ---- Sort --------------------------------------------------------------------------


def _sort(top: Top, name: str) -> None:
    top.view.sort, top.view.reverse = name, False
    top.remake()


def _sort_next(top: Top, by: int) -> None:
    _sort(top, SORTS[(SORTS.index(top.view.sort) + by) % len(SORTS)])


def _invert(top: Top) -> None:
    top.view.reverse = not top.view.reverse
    top.remake()


# ---- Time --------------------------------------------------------------------------


def _move(top: Top, move: Callable[[RecordingSource], None]) -> None:
    """Let a recording go to another time, then look at it."""
    source: Any = top.source  # these keys are there in a recording alone

    def look() -> Moment:
        move(source)
        return top.look()

    top.read(look, top.got_moment)


def _go(top: Top) -> None:
    def done(text: str) -> None:
        if text:
            _move(top, lambda source: source.go(text))

    top.question.ask("go to (14:03, 14:03:05, -10m)", done)


def _pause(top: Top) -> None:
    top.view.is_paused = not top.view.is_paused
    top.draw()
    if not top.view.is_paused:
        top.beat()


ACTIONS: dict[str, Action] = {
    **closer.ACTIONS,
    "up": lambda top: top.move_by(-1),
    "down": lambda top: top.move_by(1),
    "page_up": lambda top: top.move_by(-top.page),
    "page_down": lambda top: top.move_by(top.page),
    "home": lambda top: top.move_to(0),
    "end": lambda top: top.move_to(-1),
    "find": _find,
    "find_next": _find_next,
    "filter": _filter,
    "user": _user,
    "kernel": _kernel,
    "commands": _commands,
    "tree": _tree,
    "group": lambda top: _group(top, 1),
    "group_back": lambda top: _group(top, -1),
    "sort": lambda top: _sort_next(top, 1),
    "sort_back": lambda top: _sort_next(top, -1),
    "invert": _invert,
    "sort_rss": lambda top: _sort(top, "rss"),
    "sort_swap": lambda top: _sort(top, "swap"),
    "sort_growth": lambda top: _sort(top, "growth"),
    "sort_name": lambda top: _sort(top, "name"),
    "sort_pid": lambda top: _sort(top, "pid"),
    "go": _go,
    **{name: partial(_move, move=move) for name, move in replay_keys.ACTIONS.items()},
    "pause": _pause,
    "help": lambda top: top.open_help(),
    "quit": lambda top: top.exit(0),
}
