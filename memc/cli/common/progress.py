"""Show on stderr how far a scan of all processes is."""

from __future__ import annotations

import os
import time

from memc.cli.output import STDERR, by_reason, tell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

    from memc.table.snapshot import Skipped

__all__ = ["Progress", "Stages", "summary"]

STEP_NS = 100_000_000
ERASE_LINE = "\r\x1b[K"


class Progress:
    """Shows progress; called with the number of processes done, and of all."""

    def __init__(self) -> None:
        self._terminal = os.isatty(STDERR)
        self._begun = self._shown = False
        self._next_ns = time.monotonic_ns() + STEP_NS

    def __call__(self, done: int, total: int) -> None:
        """Print the number of all at first, then on a terminal the number done."""
        if not self._begun:
            self._begun = True  # without processes, first and last call are both (0, 0)
            tell(f"Scanning {total} process{'' if total == 1 else 'es'}…\n")
        elif self._terminal and done < total and time.monotonic_ns() >= self._next_ns:
            tell(f"\r… {done} of {total}")
            self._shown = True
            self._next_ns = time.monotonic_ns() + STEP_NS
        if done == total and self._shown:
            tell(ERASE_LINE)
            self._shown = False


class Stages:
    """Shows on a terminal what is being made; called with words for it."""

    def __init__(self) -> None:
        self._terminal = os.isatty(STDERR)

    def __call__(self, words: str) -> None:
        """Show these words in place of those before."""
        if self._terminal:
            tell(f"{ERASE_LINE}… making {words}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Take the last words away."""
        if self._terminal:
            tell(ERASE_LINE)


def summary(collected: int, skipped: tuple[Skipped, ...]) -> str:
    """Return the last line: how many processes were read, and why others were not."""
    parts = by_reason(skipped)
    head = f"Collected {collected}, skipped {len(skipped)}"
    if not parts:
        return head
    if len(parts) == 1:
        return f"{head}: {parts[0][0]}"
    return f"{head}: {', '.join(f'{count} {words}' for words, count in parts)}"
