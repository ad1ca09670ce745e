"""The figures of a report beside its map: three numbers, and the largest processes."""

from __future__ import annotations

from memc.human.units import human, safe
from memc.human.users import user_name
from memc.report.parts import group_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from memc.analysis.groups import Groups
    from memc.report.document import Asked

__all__ = ["TITLES", "largest", "number", "numbers"]

TITLES = {"pss_kb": "PSS", "rss_kb": "RSS", "size_kb": "SIZE"}


def largest(groups: Groups, asked: Asked, measure: str) -> list[dict[str, Any]]:
    """Return the processes that have most; each group is a process."""
    return [_row(groups, i) for i in groups.order(measure)[: asked.top]]


def _row(groups: Groups, i: int) -> dict[str, Any]:
    key = groups.keys[i]
    target = groups.targets[key if isinstance(key, int) else 0]
    uid = target.facts.uid
    return {
        "name": safe(target.name or target.file or ""),
        "pid": target.pid,
        "user": None if uid is None else safe(user_name(uid)),
        "service": safe(group_of(target, "service")),
        "rss_kb": groups.value("rss_kb", i),
        "pss_kb": groups.value("pss_kb", i),
        "swap_kb": groups.value("swap_kb", i),
        "regions": groups.region_count((i,)),
    }


def number(
    label: str, value_kb: int | None, text: str, note: str = ""
) -> dict[str, Any]:
    """Return one of the three numbers."""
    return {"label": label, "value_kb": value_kb, "text": text, "note": note}


def numbers(groups: Groups, measure: str, asked: Asked) -> list[dict[str, Any]]:
    """Return the three numbers of processes at one time."""
    made = []
    rows = range(len(groups))
    for name, title in ((measure, TITLES[measure]), ("swap_kb", "Swap")):
        kb = groups.total(name) if len(groups) else 0
        text = human(kb, partial=kb is not None and groups.is_partial(name, rows))
        made.append(number(title, kb, text if kb is not None else "not known"))
    huge_kb = groups.total("hugetlb_kb")
    if huge_kb and measure != "size_kb":
        made[0]["note"] = f"and {human(huge_kb)} in pages of hugetlb"
    if len(groups) == 1:
        count = groups.region_count()
        made.append(
            number("Regions", None, "not known" if count is None else f"{count:,}")
        )
    else:
        note = f"{asked.skipped:,} could not be read" if asked.skipped else ""
        made.append(number("Processes", None, f"{len(groups):,}", note))
    return made
