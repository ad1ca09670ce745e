"""The limits of a control group in words."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from memc.accounts.limit import Limit, Limited
    from memc.cli.machine.unit import Unit

__all__ = ["charged_ahead_kb", "group_lines"]

# What a limit does, by its name in version 2; those of version 1 have no other names.
WORDS = {
    "max": "limit",
    "high": "slowed down above",
    "low": "protected up to",
    "min": "kept up to",
    "swap.max": "limit of swap",
    "memsw.max": "limit of memory and swap",
    "zswap.max": "limit of zswap",
}
SOFT = {"low": "soft limit"}  # of version 1
OF_USAGE = ("max", "high")  # what is compared with the usage


def group_lines(group: Limited, unit: Unit, *, many: bool) -> Iterator[str]:
    """Yield a line for the usage of a group, and one for each limit above it."""
    if group.why:
        return
    words = _usage(group, unit, many=many)
    if words:
        yield f"{f'{group.path}: ' * many}{', '.join(words)}"
    limited = [limit for limit in group.limits if _counts(limit, group.version)]
    for limit in limited:
        yield _limit(limit, group, unit)
    if not limited:
        yield _no_limit(group, unit)
    elif group.above_kb is not None and _is_hidden(group):
        yield f"limit {unit(group.above_kb)} of a group above that is not seen here"
    yield from _events(group)


def _usage(group: Limited, unit: Unit, *, many: bool) -> list[str]:
    amounts = {
        "usage": group.usage_kb if many else None,
        "without inactive file cache": group.working_set_kb,
        "peak": group.peak_kb,
        "swap": group.swap_kb or None,
    }
    return [f"{name} {unit(kb)}" for name, kb in amounts.items() if kb is not None]


def _counts(limit: Limit, version: int) -> bool:
    if limit.kb is None:
        return False
    return bool(limit.kb) or version == 1 or limit.name not in ("low", "min")


def _is_hidden(group: Limited) -> bool:
    known = [limit.kb for limit in group.limits if limit.name == "max"]
    return group.above_kb not in known


def _limit(limit: Limit, group: Limited, unit: Unit) -> str:
    kb = limit.kb or 0
    what = WORDS[limit.name]
    if group.version == 1:
        what = SOFT.get(limit.name, what)
    whose = "this group" if limit.path == group.path else limit.path
    words = f"{what} {unit(kb)} of {whose}"
    if limit.name not in OF_USAGE or limit.usage_kb is None:
        return words
    if not kb:
        return f"{words}: {unit(limit.usage_kb)} used"
    words += f": {100 * limit.usage_kb / kb:.1f} % used"
    if limit.path == group.path and group.working_set_kb is not None:
        words += (
            f", {100 * group.working_set_kb / kb:.1f} % without inactive file cache"
        )
    return words


def _no_limit(group: Limited, unit: Unit) -> str:
    if group.above_kb is not None:
        return f"limit {unit(group.above_kb)} of a group above that is not seen here"
    if not any(limit.name == "max" for limit in group.limits):
        return "limits are not known"
    if not group.sees_all:
        return "no limit in this group; what is above it is not seen here"
    return "no limit in this group and those above it"


def _events(group: Limited) -> Iterator[str]:
    words = []
    if group.events.get("oom_kill"):
        words.append(f"processes killed for memory: {group.events['oom_kill']:,}")
    if group.events.get("max"):
        words.append(f"at its limit: {group.events['max']:,} times")
    if group.events.get("high"):
        words.append(f"slowed down: {group.events['high']:,} times")
    if words:
        yield ", ".join(words)


def charged_ahead_kb() -> int:
    """Return how much CPUs may have charged to a group in advance.

    That is 64 pages for each (MEMCG_CHARGE_BATCH in include/linux/memcontrol.h).
    """
    page_kb = os.sysconf("SC_PAGE_SIZE") // 1024
    return 64 * page_kb * (os.cpu_count() or 1)
