"""The results of ``memc check``: lines for people."""

from __future__ import annotations

from memc.human.amounts import PER
from memc.human.lengths import length
from memc.human.units import figure, human, safe
from memc.limits.limits import Growth, GrowthLimit, HeadroomLimit, Limit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from memc.limits.gate import Gate
    from memc.limits.grouped import Group
    from memc.limits.limits import Checked

__all__ = ["lines"]

UNITS = {seconds: unit for unit, seconds in PER.items()}
A_UNIT = {"s": "a second", "min": "a minute", "h": "an hour", "d": "a day"}
SHARED = ("rss", "swap", "size")  # shared memory counts in each process


def lines(gate: Gate, *, verbose: bool) -> Iterator[str]:
    """Yield a line for each figure that is over its limit; with `verbose` for all."""
    order: dict[object, int] = {}
    for checked in gate.checked:
        order.setdefault((checked.target, checked.group), len(order))
    places = {id(c): order[c.target, c.group] for c in gate.checked}
    for checked in sorted(gate.checked, key=lambda checked: places[id(checked)]):
        if verbose or checked.is_over:
            yield f"{_who(checked)}: {_words(checked)}{_when(checked)}"


def _when(checked: Checked) -> str:
    """Return the words for the time at which a recorded figure was largest."""
    if checked.at_ms is None:
        return ""
    from memc.files.recording.times import show_time

    return f" (at {show_time(checked.at_ms)})"


def _who(checked: Checked) -> str:
    target = checked.target
    if target is None:
        noun = "process" if checked.processes == 1 else "processes"
        count = f"{checked.processes} {noun}"
        group = checked.group
        return f"total of {count}" if group is None else f"{_group(group)} ({count})"
    pid = None if target.pid is None else str(target.pid)
    return safe(" ".join(filter(None, (target.file, pid, target.name))))


def _group(group: Group) -> str:
    """Return the words for a group: "user root, name python3"."""
    from memc.cli.common.labels import level_label

    groups, i = group.groups, group.i
    keys = [(groups.by, groups.keys[i])]
    if groups.outer:
        keys.insert(0, (groups.outer, groups.outer_keys[groups.outer_of[i]]))
    words = []
    for level, key in keys:
        told = level_label(groups, level, key)
        words.append(told if key is None else f"{level} {told}")
    return safe(", ".join(words))


def _words(checked: Checked) -> str:
    limit, value = checked.limit, checked.value
    verdict = "over" if checked.is_over else "within"
    if isinstance(limit, GrowthLimit):
        return "" if isinstance(value, int) else _growth_words(checked, limit, value)
    if not isinstance(value, int):
        return ""
    if isinstance(limit, HeadroomLimit):
        return _headroom_words(limit, value)
    if limit.what == "regions":
        return _regions_words(limit, value, verdict)
    figure, most = human(value), human(limit.most)
    if figure == most and value != limit.most:  # the difference would not show
        figure, most = f"{value:,} kB", f"{limit.most:,} kB"
    is_shared = checked.processes > 1 and limit.what in SHARED
    shared = " (what they share counted in each)" if is_shared else ""
    what = f"{limit.what.replace('_', ' ')}{_with(checked)}"
    whose = ""
    if limit.share is not None:
        percent, of = limit.share
        whose = f", {percent:g} % of {_short(human(of))} of {safe(limit.cgroup or '')}"
    return f"{what} {figure}{shared} is {verdict} {_short(most)}{whose}"


def _headroom_words(limit: HeadroomLimit, value: int) -> str:
    verdict = "below" if value < limit.least else "at least"
    path = safe(limit.cgroup or "")
    whose = "the machine" if limit.cgroup is None else f"control group {path}"
    figure, least = human(value), human(limit.least)
    if figure == least and value != limit.least:
        figure, least = f"{value:,} kB", f"{limit.least:,} kB"
    return f"headroom {figure} of {whose} is {verdict} {_short(least)}"


def _with(checked: Checked) -> str:
    """Return the words for pages of hugetlb, if the figure has any."""
    kb = checked.hugetlb_kb
    if not kb:
        return ""
    each = " in each" if checked.processes > 1 else ""
    return f" with {human(kb)} of hugetlb{each}"


def _regions_words(limit: Limit, value: int, verdict: str) -> str:
    if limit.share is None:
        return f"regions {value:,} is {verdict} {limit.most:,}"
    percent, of = limit.share
    share = 100 * value / of if of else 100.0
    digits = f"{share:.2f}".rstrip("0").rstrip(".") if share >= 0.01 else f"{share:.1g}"
    return f"regions {value:,} of {of:,} ({digits} %), limit {percent:g} %: {verdict}"


def _growth_words(checked: Checked, limit: GrowthLimit, growth: Growth) -> str:
    verdict = "over" if checked.is_over else "within"
    what = f"{limit.what}{_with(checked)}"
    unit = UNITS[limit.per_s]
    seconds = length(growth.elapsed_ns // 1_000_000)
    most = f"{limit.most:g} %" if limit.is_percent else _short(human(int(limit.most)))
    if growth.kb <= 0:
        way = f"shrank by {human(-growth.kb)}" if growth.kb else "did not grow"
        return f"{what} {way} in {seconds}, {verdict} {most}/{unit}"
    rate = human(round(growth.rate_kb(limit.per_s)))
    percent = growth.percent(limit.per_s)
    share = "from nothing" if percent is None else f"{figure(percent, 3)} %"
    return (
        f"{what} grew by {human(growth.kb)} in {seconds}, {rate} {A_UNIT[unit]} "
        f"({share}), {verdict} {most}/{unit}"
    )


def _short(text: str) -> str:
    """Return "2.00 GiB" as people write it: "2 GiB"."""
    number, _, unit = text.partition(" ")
    return f"{number.rstrip('0').rstrip('.')} {unit}" if "." in number else text
