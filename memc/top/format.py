"""Texts and styles of the live view: the head of the screen, and its rows.

They are the same for a terminal and for plain text.
"""

from __future__ import annotations

import time

from memc.human.counts import counted_processes
from memc.human.units import figure, safe, width_of
from memc.top.cells import amount, fill, style_of, wrap
from memc.top.columns import BARS, NAME, RATES, bars, layout, title_of
from memc.top.model import meant

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from memc.top.cells import Cell, Cells
    from memc.top.columns import Column
    from memc.top.model import Row
    from memc.top.moment import Line, Tell
    from memc.top.view import View

__all__ = ["clock", "header", "heads", "row", "share"]

MS = 1000
MOST_LINES = 2
STATES = {"Z": "zombie", "X": "dead", "T": "stopped", "t": "traced"}


def header(tell: Tell, view: View, width: int) -> list[Cells]:
    """Return the lines above the list: the machine, what is shown, and what is not."""
    lines = wrap(_machine(tell, view), width, MOST_LINES) if tell.gap is None else []
    told = [*_chosen(tell, view), *_recorded(tell)]
    return lines + (wrap(told, width, 1) if told else [])


def _recorded(tell: Tell) -> list[Cell]:
    """Tell what a recording has not, what else there is to say, and what happened."""
    parts: list[Cell] = []
    if tell.gap is not None:
        begin, end = clock(tell.gap.begin_ms), clock(tell.gap.end_ms)
        words = f"nothing was recorded from {begin} to {end} ({tell.gap.why})"
        parts.append((words, "warn"))
    parts += [(note, "warn") for note in tell.notes]
    if tell.event:
        parts.append((f"event {tell.event}", "dim"))
    return parts


def _machine(tell: Tell, view: View) -> list[Cell]:
    own = [line for line in tell.lines if not line.is_kernel]
    known = [line.rss_kb for line in own if line.rss_kb is not None]
    parts: list[Cell] = []
    if tell.is_live:  # a recording has a line of its own about the time
        where = "paused" if view.is_paused else "live"
        parts.append((clock(tell.t_ms), ""))
        parts.append((f"[{where}]", "warn" if view.is_paused else "dim"))
    parts.append((counted_processes(len(own)), ""))
    parts.append((f"RSS {amount(sum(known) if known else None)}", ""))
    if tell.available_kb is not None or tell.total_kb is not None:
        free, total = amount(tell.available_kb), amount(tell.total_kb)
        parts.append((f"available {free} of {total}", ""))
    if tell.swap_used_kb is not None:
        parts.append((f"swap {amount(tell.swap_used_kb)}", ""))
    if tell.psi_some is not None:
        is_much = tell.psi_some >= 1
        parts.append((f"pressure {share(tell.psi_some)}", "warn" if is_much else ""))
    if tell.is_live and tell.own_cpu is not None:
        parts.append((f"memc {share(tell.own_cpu)} CPU", "dim"))
    return parts


def _chosen(tell: Tell, view: View) -> list[Cell]:
    """Tell what the user chose that hides or changes something."""
    parts: list[Cell] = []
    words = [f'"{safe(view.text)}"'] if view.text else []
    words += [f"user {view.user}"] if view.user else []
    if view.inside is not None:
        by, name = view.inside
        words.append(f"{by} {name}" if name else f"no {by}")
    if words:
        shown = len(meant(tell.lines, view))
        every = sum(view.kernel or not line.is_kernel for line in tell.lines)
        parts.append((f"only {', '.join(words)}: {shown:,} of {every:,}", "warn"))
    if view.by != "process":
        parts.append((f"by {view.by}", "head"))
    elif view.tree:
        parts.append(("tree, with sums", "head"))
    if view.base is not None:
        parts.append((f"changes since {clock(view.base.t_ms)}", "head"))
    if view.marks:
        parts.append((f"{len(view.marks):,} marked", "head"))
    return parts


def heads(width: int, view: View) -> Cells:
    """Return the heads of the columns."""
    made: Cells = []
    for column, size in _layout(width, view):
        title = title_of(column, view)
        made.append((fill(title, size, right=column.right), "head"))
    return _joined(made, width)


def row(row: Row, width: int, view: View) -> Cells:
    """Return a row; its signs are ">" for the selection and "*" for a mark."""
    line = row.line
    signs = (">" if row.is_selected else " ") + ("*" if row.is_marked else " ")
    plain = "selected" if row.is_selected else "dim" if line.ended else ""
    note, made = _note(line), []
    columns = _layout(width, view)
    is_noted = width - 2 - sum(size + 1 for _, size in columns) >= len(note) > 0
    for column, size in columns:
        if column is NAME:
            text, style = _name(row, view, "" if is_noted else note), ""
            style = "warn" if line.warning else ""
        elif column is BARS:
            text, style = bars(line.history, size), "bar"
        else:
            text, style = column.show(row), ""
            if column in RATES:
                style = style_of(text)
        cut = fill(text, size, right=column.right, tail=column is NAME)
        made.append((cut, plain or style))
    if is_noted:
        made.append((note, plain or ("warn" if line.warning else "dim")))
    return _joined(made, width, signs, plain)


def _layout(width: int, view: View) -> Sequence[tuple[Column, int]]:
    return layout(width, view.sort, has_base=view.base is not None)


def _name(row: Row, view: View, note: str) -> str:
    line = row.line
    name = line.cmdline or line.name if view.commands else line.name
    sign = "! " if line.warning else ""
    many = f" ({line.count:,})" if line.key > 0 and line.count > 1 else ""
    return f"{row.prefix}{sign}{name}{many}{f' [{note}]' if note else ''}"


def _note(line: Line) -> str:
    """Tell what is special about a process."""
    if line.ended:
        return "not begun" if line.is_later else "ended"
    if line.warning:
        return line.warning
    if line.same_as is not None:
        return f"has the memory of {line.same_as}"
    return "kernel" if line.is_kernel else STATES.get(line.state, "")


def _joined(cells: Cells, width: int, signs: str = "  ", plain: str = "") -> Cells:
    """Put blanks between the columns, and fill the line to its end."""
    made: Cells = [(signs[:width], plain or "head")]
    left = width - len(made[0][0])
    for at, (text, style) in enumerate(cells):
        text = f" {text}" if at else text  # noqa: PLW2901
        if not left:
            break
        if width_of(text) > left:
            text = fill(text, left)  # noqa: PLW2901
        made.append((text, style))
        left -= width_of(text)
    return [*made, (" " * left, plain)] if left > 0 else made


def clock(t_ms: int) -> str:
    """Return the time of a local clock: "14:03:05"."""
    return time.strftime("%H:%M:%S", time.localtime(t_ms / MS))


def share(part: float | None) -> str:
    """Return a share in percent: "1.2 %"."""
    return "-" if part is None else f"{figure(part, 2)} %"
