"""The status line of a recorder: one line on a terminal, written again and again.

::

    14:03:05  412 processes  12.3 MiB in FILE  0.15% CPU  2 gaps
"""

from __future__ import annotations

import os
import time

from memc.cli.output import STDERR, counted, say, tell
from memc.human.counts import counted_processes
from memc.human.sheet import terminal_width
from memc.human.units import human, safe, shorten, width_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.record.session import Session

__all__ = ["Line", "text_of"]

GAP = "  "
WIDTH = 80  # of a terminal that does not tell
SHORTEST = 12  # a name of a file that is cut to less says nothing
BYTES_PER_KB = 1024


class Line:
    """Shows how a recording goes; nothing if stderr is no terminal, or if `quiet`."""

    def __init__(self, *, quiet: bool) -> None:
        self._is_shown = not quiet and os.isatty(STDERR)
        self._width = 0  # of what the terminal shows now
        self._began: tuple[int, int] | None = None  # the clock, and CPU used by then

    def show(self, session: Session) -> None:
        """Write the line, over the one before."""
        if not self._is_shown or not _is_foreground():
            return
        width = (terminal_width(STDERR) or WIDTH) - 1  # the cursor needs the last one
        text = text_of(_parts(session, self._cpu(session)), session.path, width)
        self._write(text, width)

    def end(self) -> None:
        """Keep the last line, and begin a new one."""
        if self._width:
            tell("\n")
            self._width = 0

    def say(self, message: str) -> None:
        """Write a message above the line, also if no line is shown."""
        if self._width:
            self._write("", self._width)
            tell("\r")
            self._width = 0
        say(message)

    def _cpu(self, session: Session) -> str:
        """Return the share of one CPU since the first line.

        The first look, which meets all processes, costs more than those that follow.
        """
        now = time.monotonic_ns(), session.cpu_ns
        if self._began is None:
            self._began = now
            return ""
        elapsed_ns, used_ns = (b - a for a, b in zip(self._began, now, strict=True))
        return f"{used_ns * 100 / max(elapsed_ns, 1):.2f}% CPU"

    def _write(self, text: str, most: int) -> None:
        """Write over the line; blanks, as not every terminal can erase."""
        now = width_of(text)
        tell("\r" + text + " " * min(self._width - now, most - now))
        self._width = now


def _is_foreground() -> bool:
    """Tell whether the terminal is ours: a job in the background may not draw on it."""
    try:
        return os.tcgetpgrp(STDERR) == os.getpgrp()
    except OSError:  # it is not the terminal that we belong to: nobody else draws
        return True


def _parts(session: Session, cpu: str) -> dict[str, str]:
    """Return the parts of the line by their names, "" for those that say nothing."""
    return {
        "time": time.strftime("%H:%M:%S"),
        "size": human(session.size() // BYTES_PER_KB),
        "processes": counted_processes(session.processes),
        "cpu": cpu,
        "gaps": counted(session.gaps, "gap") if session.gaps else "",
    }


def text_of(parts: dict[str, str], path: str, width: int) -> str:
    """Return as much of the line as fits in `width` columns."""
    ranks = ("time", "size", "gaps", "processes", "cpu")  # the last is left out first
    order = [name for name in ranks if parts[name]]
    count = len(order)
    while len(order) > 1 and _width(parts, order) > width:
        order.pop()
    left = width - _width(parts, order) - len(" in ")
    name = safe(path)
    if width_of(name) > left:
        name = safe(os.path.basename(path))
    if len(order) == count and left >= min(width_of(name), SHORTEST):
        parts = parts | {"size": f"{parts['size']} in {shorten(name, left)}"}
    shown = ("time", "processes", "size", "cpu", "gaps")
    line = GAP.join(parts[name] for name in shown if name in order)
    return shorten(line, width)


def _width(parts: dict[str, str], order: list[str]) -> int:
    return sum(width_of(parts[n]) for n in order) + len(GAP) * (len(order) - 1)
