"""What keys do to look closer: owners, regions, differences, and documents to keep."""

from __future__ import annotations

from functools import partial

from memc.top.compare import compare
from memc.top.save import save

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from memc.top.app import Top
    from memc.top.moment import Details, Line

    Action: TypeAlias = Callable[[Top], None]

__all__ = ["ACTIONS"]


def _owners(top: Top) -> None:
    line, view = top.line, top.view
    if line is not None and line.key < 0:
        top.model.enter(line.key, view)
        top.remake()
    elif top.what == "owners" and not top.is_in_pane and top.has_pane:
        top.focus_pane()
    else:
        top.show_pane("owners")


def _regions(top: Top) -> None:
    top.show_pane("owners" if top.what == "regions" else "regions")


def _pane(top: Top) -> None:
    if top.is_in_pane:
        top.focus_list()
    else:
        top.focus_pane()


def _diff(top: Top) -> None:
    marks = top.view.marks
    marked = [row.line for row in top.rows if row.line.key in marks]
    if not marks:
        top.view.base = None if top.view.base else top.tell
        top.remake()
    elif len(marked) == 2:
        _compare(top, *marked)
    else:
        top.say("mark two lines to compare them, or none to count changes from here")


def _compare(top: Top, one: Line, other: Line) -> None:
    details = top.source.details

    def show(both: tuple[Details, Details]) -> None:
        top.open_page("What two processes hold", partial(compare, one, other, *both))

    top.read(lambda: (details(one), details(other)), show)


def _mark(top: Top) -> None:
    line = top.line
    if line is not None:
        top.view.marks ^= {line.key}
        top.remake()
        top.move_to(top.at + 1)


def _unmark(top: Top) -> None:
    top.view.marks = set()
    top.remake()


def _save(top: Top) -> None:
    line = top.line
    one = line if line is not None and line.key > 0 and not line.ended else None
    choices: list[tuple[Line | None, str, str]] = [
        (None, "all processes", "memc-all.json")
    ]
    if one is not None:
        choices.insert(0, (one, f"{one.pid}", f"memc-{one.pid}.json"))

    def done(path: str) -> None:
        chosen = choices[0][0]
        if path:
            top.read(
                lambda: save(path, top.source.save(chosen)),
                lambda _: top.say(f"saved in {path}", "key"),
            )

    def turn() -> None:
        choices.append(choices.pop(0))
        ask()

    def ask() -> None:
        _, what, name = choices[0]
        other = f" (Tab: {choices[-1][1]})" if len(choices) > 1 else ""
        top.question.ask(f"save {what} to{other}", done, value=name, turn=turn)

    ask()


def _back(top: Top) -> None:
    """Leave the pane, a group, a filter or changes: the first of these that is open."""
    view = top.view
    if top.is_in_pane:
        top.focus_list()
    elif view.inside is not None:
        view.by, view.inside = view.inside[0], None
        top.remake()
    elif view.text or view.user:
        view.text = view.user = ""
        top.remake()
    elif view.base is not None:
        view.base = None
        top.remake()


# By the names of actions in the table of keys.
ACTIONS: dict[str, Action] = {
    "owners": _owners,
    "regions": _regions,
    "pane": _pane,
    "diff": _diff,
    "mark": _mark,
    "unmark": _unmark,
    "save": _save,
    "back": _back,
}
