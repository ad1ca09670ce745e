"""Events: what happened between two ticks, in words that queries can search."""

from __future__ import annotations

import json
import os
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.record.followed import Followed

__all__ = ["detail", "ended", "is_young", "young_ticks"]

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
MS_PER_S = 1000
NS_PER_S = 1_000_000_000


def detail(**facts: object) -> str:
    """Return the detail of an event: a JSON object of its facts."""
    return json.dumps(facts, separators=(",", ":"))


def ended(followed: Followed, rss_kb: int | None, *, oom: bool) -> str:
    """Return the detail of an end: how much it had, and how often it ran exec.

    `oom` says that the kernel killed for memory in the same tick, and not more.
    """
    facts: dict[str, object] = {"last_rss_kb": rss_kb}
    if oom:
        facts["oom"] = True
    if followed.execs:
        facts["execs"] = followed.execs
    return detail(**facts)


def young_ticks(interval_ms: int) -> int:
    """Return since when processes are young at the first look: one interval before.

    The result is in ticks since boot, as in stat.
    """
    now_s = time.clock_gettime_ns(time.CLOCK_BOOTTIME) / NS_PER_S
    return int((now_s - interval_ms / MS_PER_S) * TICKS_PER_S)


def is_young(followed: Followed, since_ticks: int) -> bool:
    """Tell whether a process began after a time."""
    return followed.started >= since_ticks
