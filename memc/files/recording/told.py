"""What happened, in words: the details of events, which are JSON in a recording."""

from __future__ import annotations

import json

from memc.human.lengths import length_of
from memc.human.units import human

__all__ = ["facts_of", "words_of"]


def facts_of(detail: object) -> dict[str, object]:
    """Return the facts in the detail of an event; none if it has none."""
    try:
        found = json.loads(detail) if isinstance(detail, str) else None
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {}


def words_of(kind: str, facts: dict[str, object], detail: object = None) -> str:
    """Return the detail of an event in words."""
    if not facts:
        return str(detail) if isinstance(detail, str) else ""
    left = dict(facts)
    words = []
    if kind == "ended" and left.pop("oom", False):
        words.append("while the kernel killed for memory")
    if kind == "renamed":
        words.append(f"from {left.pop('from', '?')} to {left.pop('to', '?')}")
    if kind == "ended" and left.get("last_rss_kb", 0) is None:
        words.append("its RSS was not seen")
        del left["last_rss_kb"]
    if kind in ("note", "denied", "gap", "degraded"):
        words += [str(left.pop(key)) for key in ("why", "text") if key in left]
    return ", ".join([*words, *(_fact(key, value) for key, value in left.items())])


def _fact(key: str, value: object) -> str:
    """Return a fact with its unit, as the end of its key tells it."""
    name = key.replace("_", " ").replace("rss", "RSS")
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return f"{name} {value}"
    if key.endswith("_kb"):
        return f"{name[:-3]} {human(round(value))}"
    if key.endswith("_ms"):
        return f"{name[:-3]} {length_of(value)}"
    return f"{name} {value:,}"
