"""The rows of a view: which lines are shown, in which order, and which is selected."""

from __future__ import annotations

from dataclasses import dataclass, replace

from memc.top.sums import gather, summed
from memc.top.tree import branches

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeAlias

    from memc.top.moment import Line, Tell
    from memc.top.view import View

    Ranked: TypeAlias = tuple[bool, float | str, int]

__all__ = ["Model", "Row", "meant"]

ASCENDING = ("name", "pid")
FIELDS = {"growth": "rate_kb_min", "faults": "faults_s"}


@dataclass(slots=True)
class Row:
    """A line as it is shown.

    `prefix` is what a tree has before the name, and `change_kb` how much the RSS
    changed since the base of the view; None without a base, or if it is not known.
    """

    line: Line
    prefix: str = ""
    change_kb: int | None = None
    is_marked: bool = False
    is_selected: bool = False


class Model:
    """Makes the rows of one moment after the other.

    The selection stays on its process wherever that is shown, and when it ends: then
    its last line is shown as ended until another one is selected.
    """

    def __init__(self) -> None:
        self._keys: dict[tuple[str, str], int] = {}
        self._last: Line | None = None  # the selected line when it was shown last
        self._last_ms = 0  # when it was there
        self._at = 0

    def rows(self, tell: Tell, view: View) -> list[Row]:
        """Return the rows; the view gets the selection, and keeps no mark of nobody."""
        lines = meant(tell.lines, view)
        prefixes: dict[int, str] = {}
        changes: dict[int, int | None] = {}
        shown = self._shown(lines, view)
        if view.base is not None:
            before = self._shown(meant(view.base.lines, view), view)
            changes = _changes(before, shown)
            gone = _gone(before, (*tell.lines, *shown))
            shown += [_ended(line, tell, view.base.t_ms) for line in gone]
        if view.tree and view.by == "process":
            ordered = []
            for line, prefix in branches(shown, lambda x: _ordered(x, view, changes)):
                prefixes[line.key] = prefix
                ordered.append(line)
        else:
            ordered = _ordered(shown, view, changes)
        self._select(ordered, tell, view)
        there = {line.key for line in tell.lines}
        view.marks = {key for key in view.marks if key < 0 or key in there}
        return [
            Row(
                line,
                prefixes.get(line.key, ""),
                changes.get(line.key),
                line.key in view.marks,
                line.key == view.selected,
            )
            for line in ordered
        ]

    def choose(self, rows: list[Row], at: int, view: View) -> None:
        """Select the row `at` of those that were made last."""
        for row in rows:
            row.is_selected = False
        rows[at].is_selected = True
        self._at, self._last = at, rows[at].line
        view.selected = self._last.key

    def enter(self, key: int, view: View) -> None:
        """Show the processes of a group."""
        view.inside = next(group for group, each in self._keys.items() if each == key)
        view.by = "process"

    def _shown(self, lines: list[Line], view: View) -> list[Line]:
        if view.by == "process":
            return summed(lines) if view.tree else lines
        groups: dict[str, list[Line]] = {}
        for line in lines:
            groups.setdefault(getattr(line, view.by), []).append(line)
        return [
            gather(members, key=self._key(view.by, name), name=name or f"no {view.by}")
            for name, members in groups.items()
        ]

    def _key(self, by: str, name: str) -> int:
        """Return the key of a group, which is the same at each moment."""
        return self._keys.setdefault((by, name), -1 - len(self._keys))

    def _select(self, lines: list[Line], tell: Tell, view: View) -> None:
        """Find the selected line; keep it among `lines` if it ended."""
        for at, line in enumerate(lines):
            if line.key == view.selected:
                self._at, self._last = at, line
                if not line.ended:
                    self._last_ms = tell.t_ms
                return
        last = self._last
        is_held = last is not None and last.key == view.selected
        if is_held and last is not None and _has_ended(last, tell, view):
            is_later = _is_before(tell, self._last_ms)
            self._last = replace(last, ended=True, is_later=is_later)
            lines.insert(min(self._at, len(lines)), self._last)
        elif lines:
            self._at = min(self._at, len(lines) - 1)
            self._last, self._last_ms = lines[self._at], tell.t_ms
            view.selected = self._last.key
        else:
            self._last, view.selected = None, None


def meant(lines: Iterable[Line], view: View) -> list[Line]:
    """Return the processes that the filter of a view means.

    The text may have several parts with "|" between them; one has to be there, in small
    or large letters.
    """
    words = [word for word in view.text.casefold().split("|") if word]
    return [
        line
        for line in lines
        if (view.kernel or not line.is_kernel)
        and view.user in ("", line.user)
        and (view.inside is None or getattr(line, view.inside[0]) == view.inside[1])
        and (not words or _has_any(words, f"{line.name} {line.cmdline}".casefold()))
    ]


def _has_any(words: list[str], text: str) -> bool:
    return any(word in text for word in words)


def _has_ended(line: Line, tell: Tell, view: View) -> bool:
    """Tell whether a line is not there any more: a hidden one still is."""
    if line.key < 0 or view.by != "process":
        return False
    return all(each.key != line.key for each in tell.lines)


def _ordered(
    lines: Iterable[Line], view: View, changes: dict[int, int | None]
) -> list[Line]:
    """Sort lines: the largest first, names and pids from the first on.

    What is not known comes last.
    """
    name = FIELDS.get(view.sort, f"{view.sort}_kb")
    name = view.sort if view.sort in ASCENDING else name
    is_down = (view.sort not in ASCENDING) is not view.reverse
    known: list[tuple[float | str, int, Line]] = []
    unknown: list[Line] = []
    for line in lines:
        value = getattr(line, name)
        if view.sort == "growth" and changes:
            value = changes.get(line.key)
        if value is None:
            unknown.append(line)
        else:
            value = value.casefold() if isinstance(value, str) else value
            known.append((value, -line.pid if is_down else line.pid, line))
    known.sort(key=lambda each: each[:2], reverse=is_down)
    unknown.sort(key=lambda line: line.pid)
    return [line for _, _, line in known] + unknown


def _changes(before: list[Line], now: list[Line]) -> dict[int, int | None]:
    """Return how much the RSS of each line changed; what was not there had 0."""
    was = {line.key: line.rss_kb for line in before}
    found: dict[int, int | None] = {}
    for line in now:
        old = was.pop(line.key, 0)
        known = line.rss_kb is not None and old is not None
        found[line.key] = (line.rss_kb or 0) - (old or 0) if known else None
    found.update({key: None if old is None else -old for key, old in was.items()})
    return found


def _gone(before: list[Line], now: Iterable[Line]) -> list[Line]:
    """Return the lines that ended; one that is hidden now did not."""
    there = {line.key for line in now}
    return [line for line in before if line.key not in there and line.rss_kb]


def _ended(line: Line, tell: Tell, base_ms: int) -> Line:
    is_later = _is_before(tell, base_ms)
    return replace(line, ended=True, is_later=is_later, rate_kb_min=None, faults_s=None)


def _is_before(tell: Tell, t_ms: int) -> bool:
    """Tell whether a recording is shown at an earlier time than this."""
    return not tell.is_live and tell.t_ms < t_ms
