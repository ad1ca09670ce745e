"""Show on stderr that a query runs, and how far it is."""

from __future__ import annotations

import os
import time

from memc.cli.common.progress import ERASE_LINE
from memc.cli.output import STDERR, tell

__all__ = ["Progress"]

FIRST_S = 0.5  # a query that is faster needs none
STEP_S = 0.1


class Progress:
    """Shows on a terminal how long a query runs, and how many rows it has found."""

    def __init__(self) -> None:
        self.is_shown = os.isatty(STDERR)
        self._next_s = time.monotonic() + FIRST_S
        self._has_line = False

    def __call__(self, gone_s: float, rows: int) -> None:
        """Show the seconds gone by and the rows found, not more often than needed."""
        self.say(f"{gone_s:.0f} s, {rows:,} rows")

    def say(self, words: str) -> None:
        """Show some words in place of those before."""
        now_s = time.monotonic()
        if self.is_shown and now_s >= self._next_s:
            tell(f"{ERASE_LINE}… {words}")
            self._has_line = True
            self._next_s = now_s + STEP_S

    def end(self) -> None:
        """Erase the line."""
        if self._has_line:
            tell(ERASE_LINE)
            self._has_line = False
