"""Pictures of what grew between two times."""

from __future__ import annotations

from memc.human.picture import Bar, Picture
from memc.human.units import human, signed
from memc.table.pictures import TITLES, when

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.analysis.differences import Diff
    from memc.analysis.groups import Groups
    from memc.analysis.growth import Growth
    from memc.analysis.keys import Key
    from memc.targets.target import Target

__all__ = ["of_diff", "of_growth"]

RANKED = ("pss_kb", "rss_kb", "size_kb")  # by the first that is known
NONE_OF = ("container", "pod", "service")


def of_diff(diff: Diff) -> Picture:
    """Return what each owner grew by, or each process if there are several."""
    is_one = len(diff.pairs) <= 1
    made = of_growth(diff.by("owner" if is_one else "process"))
    who = _who(diff.pairs[0].subject) if is_one and diff.pairs else ""
    if who:
        made.title = f"Process {who}: what changed"
    times = [_time(diff, side) for side in (0, 1)]
    if None not in times:
        made.facts.append(f"from {times[0]} to {times[1]}")
    return made


def _who(target: Target) -> str:
    name = target.name or getattr(target.table, "name", None)
    pid = None if target.pid is None else str(target.pid)
    return " ".join(filter(None, (pid, name)))


def _time(diff: Diff, side: int) -> str | None:
    """Return when the first process of a side was read."""
    targets = [target for pair in diff.pairs if (target := pair.sides[side][0])]
    times = [getattr(target.table, "timestamp_ms", None) for target in targets]
    return when(min((time for time in times if time is not None), default=None))


def of_growth(growth: Growth) -> Picture:
    """Return the groups that grew or shrank most."""
    ranked = [name for name in RANKED if growth.is_known(name)]
    name = next(iter([*ranked, *growth.amounts]), "")
    title = TITLES.get(name, name)
    bars = []
    for i in range(len(growth)) if name else ():
        after = human(growth.after.value(name, i))
        bars.append(Bar(_label(growth, i), growth.value(name, i), [after]))
    changed = len(growth) - growth.unchanged
    what = growth.levels.replace(",", ", ")
    total = growth.total(name) if name else None
    return Picture(
        f"What changed, by {what}",
        bars,
        what=what.upper(),
        amount=f"{title} GREW",
        heads=[f"{title} AFTER"],
        facts=[
            f"{changed:,} of {len(growth):,} differ",
            None if total is None else f"{title} {signed(total)}",
        ],
        is_growth=True,
    )


def _label(groups: Groups, i: int) -> str:
    """Return the words for the key of a group, on both levels."""
    words = [_words(groups, groups.by, groups.keys[i])]
    if groups.outer:
        key = groups.outer_keys[groups.outer_of[i]]
        words.insert(0, _words(groups, groups.outer, key))
    return ", ".join(words)


def _words(groups: Groups, level: str, key: Key) -> str:
    if key is None:
        return f"(no {level})" if level in NONE_OF else "(not known)"
    if isinstance(key, tuple):
        number, row = key
        columns = groups.targets[number].table.columns
        start, end, path = (columns[n][row] for n in ("start", "end", "pathname"))
        return f"{start:x}-{end:x} {path}".rstrip()
    if level == "process" and isinstance(key, int):
        target = groups.targets[key]
        pid = "" if target.pid is None else str(target.pid)
        return " ".join(filter(None, (pid, target.name))) or "(not known)"
    return f"user {key}" if level == "user" else str(key)
