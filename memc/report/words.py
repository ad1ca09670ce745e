"""What a report says in sentences: when, how it was measured, what is not known."""

from __future__ import annotations

import time

from memc.human.counts import counted_processes
from memc.human.units import human, safe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from memc.targets.target import Target

__all__ = ["how", "iso", "utc", "when"]

MEASURES = {
    "pss_kb": "PSS is resident memory; each shared page is divided among the "
    "processes that map it, so that sums count nothing twice.",
    "rss_kb": "RSS is resident memory; what processes share is counted in each of "
    "them, so that sums can be more than there is.",
    "size_kb": "SIZE is what is mapped, resident or not: of resident memory too little "
    "is known.",
}
HUGE = "Pages of hugetlb are in no RSS and PSS: the map counts them beside it."
GUESS = 'An owner with "?" is a guess, by the shape and place of its regions.'
UNITS = "1 KiB is 1,024 bytes; amounts are rounded to three digits."


def iso(t_ms: int) -> str:
    """Return a Unix time in UTC, as ISO 8601 writes it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(t_ms / 1000))


def utc(t_ms: int) -> str:
    """Return a Unix time as the map and the chart tell it."""
    return iso(t_ms).replace("T", " ").replace("Z", " UTC")


def when(begin_ms: int, end_ms: int | None = None) -> str:
    """Return a time, or a span of time: in UTC, and in local time if that differs."""
    times = [t_ms for t_ms in (begin_ms, end_ms) if t_ms is not None]
    told = " to ".join(map(iso, times))
    locals_ = [time.localtime(t_ms / 1000) for t_ms in times]
    if not any(local.tm_gmtoff for local in locals_):
        return told
    words = " to ".join(time.strftime("%Y-%m-%d %H:%M:%S", local) for local in locals_)
    return f"{told} ({words} {locals_[-1].tm_zone})"


def how(
    measure: str,
    each: Sequence[Sequence[Target]],
    least_kb: int,
    *,
    found: Sequence[Target] = (),
    huge: bool = False,
) -> list[str]:
    """Return how these processes were measured, and what is not known of them.

    `each` has the targets that tell of a process: in a diff before and after.  What is
    below `least_kb` was summed.  `found` are all that were read, also those whose
    memory is counted with another process.
    """
    told = [MEASURES[measure]]
    if huge and measure != "size_kb":
        told.append(HUGE)
    told += _not_known(each, measure)
    for target in found:
        other = target.same_memory_as
        if other is not None:
            who = safe(f"{target.pid} {target.name}")
            told.append(f"{who} has the memory of {other}, and is counted there.")
    if any(_guesses(target) for one in each for target in one if not target.is_sum):
        told.append(GUESS)
    told.append(f"Owners and regions below {human(least_kb)} are summed in the map.")
    return [*told, UNITS]


def _guesses(target: Target) -> bool:
    return any(owner.guess for owner in {*target.find_owners()})


def _not_known(each: Sequence[Sequence[Target]], measure: str) -> list[str]:
    unknown = sum(not all(target.knows(measure) for target in one) for one in each)
    told = []
    if unknown:
        words = f"What {counted_processes(unknown)} ha{'s' if unknown == 1 else 've'}"
        told.append(f"{words} is not known, and not in the map.")
    sums = sum(any(t.is_sum and t.knows(measure) for t in one) for one in each)
    if sums:
        words = f"Of {counted_processes(sums)} only totals were read"
        told.append(f"{words}: the map has no owners and no regions of them.")
    return told
