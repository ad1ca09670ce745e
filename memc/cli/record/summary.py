"""What a program took at most, in words for the end of a job in CI."""

from __future__ import annotations

import time

from memc.cli.record.peak import find
from memc.human.counts import counted_processes
from memc.human.units import human, safe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.cli.record.peak import Peak
    from memc.cli.record.program import Program

__all__ = ["summary"]

SHOWN = 5  # owners
MS_PER_S = 1000
WHOLE = 0.9  # of the peak: less says that owners were read at another time


def summary(path: str, program: Program, *, is_whole: bool) -> str:
    """Return the lines of the summary, the first of which begins with "peak".

    Without `is_whole`, the recording begins later than the program.
    Raises MemcError if the recording cannot be read, and OSError.
    """
    peak = find(path, program.pid, is_whole=is_whole)
    if peak is None:
        lines = _unseen(program)
    else:
        lines = _seen(peak, program, is_whole=is_whole)
    return "".join(f"{line}\n" for line in lines)


def _unseen(program: Program) -> list[str]:
    """Return the words for a program that ended before the second look."""
    most = human(program.peak_kb)
    why = "it ended before memc looked again"
    if program.is_peak_its_own():
        return [f"peak RSS {most} in one process, as the kernel counts: {why}"]
    return [f"peak RSS not seen: {why}; no process had more than {most}"]


def _seen(peak: Peak, program: Program, *, is_whole: bool) -> list[str]:
    who = counted_processes(len(peak.pids))
    after = f"{peak.after_ms / MS_PER_S:,.1f} s after the begin"
    if not is_whole:
        after = f"of what is seen since {_clock(peak.t_ms - peak.after_ms)}"
    at = _clock(peak.t_ms)
    lines = [f"peak RSS {human(peak.rss_kb)} in {who} at {at}, {after}"]
    if not is_whole:
        lines.append("  what was before is in the file that was moved away or deleted")
    if peak.hugetlb_kb:
        lines.append(f"  HUGETLB {human(peak.hugetlb_kb)}, which is not in RSS")
    if peak.pss_kb:
        lines.append(f"  PSS {human(peak.pss_kb)}")
    if program.is_peak_its_own() and program.peak_kb > peak.rss_kb:
        most = human(program.peak_kb)
        lines.append(f"  {most} in one process between two looks, as the kernel counts")
    owners = [(name, kb) for name, kb in peak.owners if kb][:SHOWN]
    read_kb = sum(kb for _, kb in peak.owners)
    if owners and read_kb < peak.rss_kb * WHOLE:
        lines.append(f"  owners, read when they had {human(read_kb)}:")
    amounts = [human(kb) for _, kb in owners]
    width = max(map(len, amounts), default=0)
    for (name, _), amount in zip(owners, amounts, strict=True):
        lines.append(f"  {amount:>{width}}  {safe(name)}")
    return lines


def _clock(t_ms: int) -> str:
    return time.strftime("%H:%M:%S", time.localtime(t_ms / MS_PER_S))
