"""Events: what happened between two ticks, in words that queries can search."""

from __future__ import annotations

import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.record.follow import Followed

__all__ = ["detail", "ended"]


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
