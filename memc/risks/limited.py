"""What the control groups of a process allow, and what happened in them."""

from __future__ import annotations

from memc.errors import MemcError
from memc.risks.risk import BROKEN, Risk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.cgroups.chain import Chain, Chains
    from memc.cgroups.group import Group
    from memc.proc.files import ProcessFiles
    from memc.table.document import Json

__all__ = ["read_limited"]

MAX, HIGH, KILLS, PEAK = "memory.max", "memory.high", "oom_kill", "memory.peak"
MAX_WORDS, HIGH_WORDS = "control group", "control group, slowed down from there on"
KILLS_WORDS = "killed in its group for lack of memory"
PEAK_WORDS = "peak of its control group"


def read_limited(
    files: ProcessFiles, chains: Chains, *, every: bool
) -> tuple[list[Risk], Chain | None]:
    """Return the risks, and the control groups; None if these are not known."""
    try:
        chain = chains.of(files)
    except MemcError as error:
        reason = str(error)
        unknown = [Risk(MAX, MAX_WORDS, None, reason=reason)]
        unknown += [Risk(KILLS, KILLS_WORDS, None, is_kb=False, reason=reason)] * every
        return unknown, None
    found = [_limit(chain), *_high(chain), *_kills(chain)]
    if every and chain.groups:
        found += _peak(chain.groups[0])
    return found, chain


def _limit(chain: Chain) -> Risk:
    nearest = chain.nearest()
    unseen_kb = chain.unseen_limit_kb
    if nearest is None and unseen_kb is None:
        return _without_limit(chain)
    if nearest is None:
        return _unseen(chain, unseen_kb)
    return _of_group(Risk(MAX, MAX_WORDS, None, nearest.limit_kb), nearest, chain)


def _without_limit(chain: Chain) -> Risk:
    if any("max" not in group.limits for group in chain.groups):
        return Risk(MAX, MAX_WORDS, None, reason="its limits cannot be read")
    first = chain.groups[0] if chain.groups else None
    risk = Risk(MAX, MAX_WORDS, 0 if first is None else first.usage_kb)
    if first is None:
        risk.value, risk.about = None, "the root: no limit"
        risk.reason = "the root counts no memory, and has no limit"
        return risk
    risk.more = _facts(first)
    risk.about = "no limit"
    if not chain.sees_all:
        risk.about += ", unless a group has one that is not seen from here"
    return risk


def _unseen(chain: Chain, limit_kb: int | None) -> Risk:
    """Return the risk of a limit of a group above, which has at least this usage."""
    first = chain.groups[0]
    risk = _of_group(Risk(MAX, MAX_WORDS, None, limit_kb), first, chain)
    risk.about = "of a group above that is not seen from here; at least this much"
    risk.more["partial"] = True
    return risk


def _of_group(risk: Risk, group: Group, chain: Chain) -> Risk:
    usage, working = group.usage_kb, group.working_set_kb
    risk.value = usage if working is None else working
    risk.more = _facts(group)
    risk.about = "" if group.path == chain.path else f"of {group.path}, above"
    if risk.value is None:
        risk.reason = "its usage cannot be read"
    return risk


def _facts(group: Group) -> dict[str, Json]:
    return {
        "cgroup": group.path,
        "version": group.version,
        "usage_kb": group.usage_kb,
        "inactive_file_kb": group.inactive_file_kb,
    }


def _high(chain: Chain) -> list[Risk]:
    limited = [
        _of_group(Risk(HIGH, HIGH_WORDS, None, high), group, chain)
        for group in chain.groups
        if isinstance(high := group.limits.get("high"), int)
    ]
    if not limited:
        return []
    nearest = max(limited, key=lambda risk: risk.share or 0.0)
    group = next(g for g in chain.groups if g.path == nearest.more["cgroup"])
    times = group.events.get("high")
    nearest.more["high"] = times
    if times:
        words = f"slowed down {_times(times)}"
        nearest.about = f"{nearest.about}; {words}" if nearest.about else words
    return [nearest]


def _kills(chain: Chain) -> list[Risk]:
    """Return how often a process was killed in the group itself or below."""
    if not chain.groups:
        return []
    first = chain.groups[0]
    kills = first.events.get("oom_kill")
    risk = Risk(KILLS, KILLS_WORDS, kills, is_kb=False)
    risk.more = {"cgroup": first.path}
    risk.reason = "this kernel does not tell it" if kills is None else None
    risk.mark = BROKEN if kills else None
    return [risk]


def _peak(group: Group) -> list[Risk]:
    # That it was at its limit once is no risk now: cache fills every limit.
    risk = Risk(PEAK, PEAK_WORDS, group.peak_kb)
    risk.more = {"cgroup": group.path}
    risk.reason = "not told: an old kernel" if group.peak_kb is None else None
    return [risk]


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number:,} times"
