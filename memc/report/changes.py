"""The document of what changed from A to B."""

from __future__ import annotations

from memc.analysis.groups import group
from memc.human.counts import counted_processes
from memc.human.units import human, safe, signed
from memc.report import parts
from memc.report.document import (
    base,
    finish,
    has_memory,
    measure_of,
    subject,
)
from memc.report.figures import TITLES, largest, number
from memc.report.tree import grown, tree_of
from memc.report.words import how, when

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from memc.analysis.differences import Diff
    from memc.analysis.growth import Growth
    from memc.analysis.pair import Pair
    from memc.report.document import Asked
    from memc.report.tree import Node
    from memc.targets.target import Target

__all__ = ["changes", "ranked"]

IN_A_DIFF = "What was not there before counts as 0 then, and what is gone as 0 now."
CALM = "Unchanged memory is in the map, but in no list of what grew."


def changes(
    diff: Diff,
    asked: Asked,
    *,
    title: str = "",
    times_ms: tuple[int | None, int | None] | None = None,
) -> dict[str, Any]:
    """Return the document of a diff; `times_ms` are those of a recording."""
    asked.tell("what changed")
    pairs = [pair for pair in diff.pairs if any(map(_has_memory, _sides(pair)))]
    subjects = [pair.subject for pair in pairs]
    growth = diff.by("process")
    measure = measure_of(growth)
    node, least_kb = _tree(pairs, growth, asked, measure)
    each = [[side for side in _sides(pair) if side is not None] for pair in pairs]
    sides = [[t for p in pairs if (t := _sides(p)[side])] for side in (0, 1)]
    times = times_ms or (_first_ms(sides[0]), _first_ms(sides[1]))
    made = base("diff", asked, measure, len(pairs))
    made["title"] = title or f"What changed: {subject(subjects, asked)}"
    known = [t_ms for t_ms in times if t_ms is not None]
    made["when"] = when(*known) if known else ""
    made["trees"] = [tree_of(node, times[1], is_diff=True)]
    made["numbers"] = _numbers(growth, measure)
    made["grew"] = [
        *_grew(growth, measure, asked.top),
        *_grew(diff.by("owner"), measure, asked.top),
    ]
    now = [target for target in sides[1] if has_memory(target)]
    made["largest"] = largest(group(now, "process"), asked, measure)
    huge = any(map(any, (growth.after.amounts["hugetlb_kb"],)))
    made["how"] = [
        IN_A_DIFF,
        CALM,
        *how(measure, each, least_kb, found=sides[1], huge=huge),
    ]
    return finish(made)


def _sides(pair: Pair) -> tuple[Target | None, Target | None]:
    return pair.before, pair.after


def _has_memory(target: Target | None) -> bool:
    return target is not None and has_memory(target)


def _first_ms(targets: Iterable[Target]) -> int | None:
    times = (getattr(target.table, "timestamp_ms", None) for target in targets)
    return min((t_ms for t_ms in times if t_ms is not None), default=None)


def _tree(
    pairs: Sequence[Pair], growth: Growth, asked: Asked, measure: str
) -> tuple[Node, int]:
    whole_kb = max(sum(side.judged(measure)) for side in (growth.before, growth.after))
    title = counted_processes(len(pairs))

    def make(least_kb: int, is_tight: bool) -> Node:  # noqa: FBT001 - of a callback
        nodes = (
            (pair.subject, parts.changed(pair, measure, least_kb)) for pair in pairs
        )
        if len(pairs) == 1:
            return next(nodes)[1]
        return parts.grow_groups(title, nodes, asked.by, least_kb, processes=is_tight)

    return grown(make, whole_kb)


def _numbers(growth: Growth, measure: str) -> list[dict[str, Any]]:
    name = TITLES[measure]
    made = []
    for words, groups in (("before", growth.before), ("after", growth.after)):
        kb = groups.total(measure)
        made.append(number(f"{name} {words}", kb, _or_not(human(kb), kb)))
    kb = growth.total(measure)
    made.append(number("Change", kb, _or_not(signed(kb), kb)))
    return made


def _or_not(text: str, kb: int | None) -> str:
    return "not known" if kb is None else text


def _grew(growth: Growth, measure: str, top: int) -> list[dict[str, Any]]:
    amounts = growth.judged(measure)
    before, after = (side.judged(measure) for side in (growth.before, growth.after))
    rows = [i for i in range(len(growth)) if growth.value(measure, i) is not None]
    made = []
    for i in ranked(rows, amounts.__getitem__, top):
        key = growth.keys[i]
        target = growth.targets[key] if isinstance(key, int) else None
        made.append(
            {
                "name": safe(str(key) if target is None else target.name),
                "pid": None if target is None else target.pid,
                "owner": safe(str(key)) if target is None else None,
                "before_kb": before[i] if growth.before.sources[i] else None,
                "after_kb": after[i],
                "per_hour_kb": None,
                "points": [],
            }
        )
    return made


def ranked(keys: Iterable[Any], growth: Any, top: int) -> list[Any]:  # noqa: ANN401 - a callable
    """Return the keys that grew most, then those that shrank most; so many of each."""
    order = sorted(keys, key=growth, reverse=True)
    grew = [key for key in order if growth(key) > 0][:top]
    shrank = [key for key in reversed(order) if growth(key) < 0][:top]
    return grew + shrank
