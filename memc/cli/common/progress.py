"""Show on stderr how far a scan of all processes is."""

from __future__ import annotations

import os
import time

from memc.cli.output import STDERR, by_reason, tell
from memc.errors import ProcessError, ProcessGone
from memc.proc.rights import is_privileged
from memc.read.options import Options
from memc.table.notes import NEEDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.read.backend import Backend
    from memc.table.snapshot import Skipped, SystemSnapshot

__all__ = ["Progress", "failures", "share", "summary"]

FAILURES_SHOWN = 5
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


def summary(collected: int, skipped: tuple[Skipped, ...]) -> str:
    """Return the last line: how many processes were read, and why others were not."""
    parts = by_reason(skipped)
    head = f"Collected {collected}, skipped {len(skipped)}"
    if not parts:
        return head
    if len(parts) == 1:
        return f"{head}: {parts[0][0]}"
    return f"{head}: {', '.join(f'{count} {words}' for words, count in parts)}"


def failures(skipped: tuple[Skipped, ...]) -> str:
    """Return a line for each of the first processes that failed with an error."""
    failed = [skip.text for skip in skipped if skip.reason == "error" and skip.text]
    return "".join(f"memc: {text}\n" for text in failed[:FAILURES_SHOWN])


def share(system: SystemSnapshot, reader: Backend, proc: str) -> str:
    """Return a line on how much of all RSS was read; "" if nothing was denied.

    The RSS of a denied process comes from its statm, which everybody may read.
    """
    denied = [skip.pid for skip in system.skipped if skip.reason == "denied"]
    snaps = (process.snapshot for process in system.processes)
    seen = [snap.total_rss_kb for snap in snaps if snap.same_memory_as is None]
    rest = [_resident_kb(pid, reader, proc) for pid in denied]
    seen_kb, rest_kb = _sum(seen), _sum(rest)
    if not denied or seen_kb is None or rest_kb is None or not seen_kb + rest_kb:
        return ""
    percent = seen_kb * 100 // (seen_kb + rest_kb)
    why = f"the rest needs {NEEDS}"
    if is_privileged():
        why = "a security module or a sandbox refuses the rest"
    return f"Saw {percent} % of the resident memory of all processes: {why}\n"


def _resident_kb(pid: int, reader: Backend, proc: str) -> int | None:
    try:
        return reader.collect(pid, Options("totals", proc=proc)).total_rss_kb
    except ProcessGone:
        return 0
    except ProcessError:
        return None


def _sum(amounts: list[int | None]) -> int | None:
    """Return the sum, or None if an amount is not known."""
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if len(known) == len(amounts) else None
