"""How far a scan of all processes is, on stderr."""

from __future__ import annotations

import os
import time

from memc.cli.output import STDERR, tell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.snapshot import Skipped

__all__ = ["Progress", "summary"]

STEP_NS = 100_000_000
ERASE_LINE = "\r\x1b[K"
REASONS = {"denied": "permission denied", "gone": "ended", "error": "error"}


class Progress:
    """Called with how many processes are done, of how many."""

    def __init__(self) -> None:
        self._terminal = os.isatty(STDERR)
        self._shown = False
        self._next_ns = time.monotonic_ns() + STEP_NS

    def __call__(self, done: int, total: int) -> None:
        """Tell it: in words at first, then on a terminal in a line of its own."""
        if done == 0:
            tell(f"Scanning {total} process{'' if total == 1 else 'es'}…\n")
        elif self._terminal and done < total and time.monotonic_ns() >= self._next_ns:
            tell(f"\r… {done} of {total}")
            self._shown = True
            self._next_ns = time.monotonic_ns() + STEP_NS
        if done == total and self._shown:
            tell(ERASE_LINE)
            self._shown = False


def summary(collected: int, skipped: tuple[Skipped, ...]) -> str:
    """Return the last line: how many were read, and why others were not."""
    counts = {
        words: sum(skip.reason == reason for skip in skipped)
        for reason, words in REASONS.items()
    }
    parts = [(words, count) for words, count in counts.items() if count]
    head = f"Collected {collected}, skipped {len(skipped)}"
    if not parts:
        return head
    if len(parts) == 1:
        return f"{head}: {parts[0][0]}"
    return f"{head}: {', '.join(f'{count} {words}' for words, count in parts)}"
