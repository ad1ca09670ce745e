"""The results of ``memc check``: a document for programs."""

from __future__ import annotations

from memc.analysis.document import who
from memc.cli.common.data import identity, json_of, skipped_of
from memc.human.amounts import PER
from memc.limits.limits import Growth, GrowthLimit, HeadroomLimit, Limit
from memc.table.document import shown_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.limits.gate import Gate
    from memc.limits.grouped import Group
    from memc.limits.limits import Checked
    from memc.table.document import Json

__all__ = ["json_text"]

UNITS = {seconds: unit for unit, seconds in PER.items()}


def json_text(gate: Gate) -> str:
    """Return the JSON document and a newline."""
    checked = [_checked(each) for each in gate.checked]
    pairs = zip(gate.checked, checked, strict=True)
    document: dict[str, Json] = {
        "findings": [each for judged, each in pairs if judged.is_over],
        "checked": [*checked],
        "errors": [
            {"pid": error.pid, "text": shown_text(error.text)} for error in gate.errors
        ],
        "skipped_processes": skipped_of(gate.skipped.values()),
    }
    return json_of(document)


def _checked(checked: Checked) -> dict[str, Json]:
    nobody: dict[str, Json] = {"pid": None, "name": None, "file": None}
    return {
        **(nobody if checked.target is None else who(checked.target)),
        **({} if checked.group is None else _keys(checked.group)),
        "processes": checked.processes,
        "limit": checked.limit.name,
        "what": checked.limit.what,
        "over": checked.is_over,
        **({} if checked.at_ms is None else {"at_ms": checked.at_ms}),
        **({"hugetlb_kb": checked.hugetlb_kb} if checked.hugetlb_kb else {}),
        **_left_out(checked),
        **_numbers(checked),
    }


def _keys(group: Group) -> dict[str, Json]:
    """Return the keys of a group, as a row of ``memc show --json`` has them."""
    return {name: one for name, (one,) in identity(group.groups, [group.i]).items()}


def _left_out(checked: Checked) -> dict[str, Json]:
    kb = checked.twice_mapped_kb
    return {"twice_mapped_kb": kb} if kb else {}


def _numbers(checked: Checked) -> dict[str, Json]:
    limit, value = checked.limit, checked.value
    if isinstance(limit, GrowthLimit) and isinstance(value, Growth):
        return _growth_numbers(limit, value)
    if isinstance(limit, HeadroomLimit) and isinstance(value, int):
        path = None if limit.cgroup is None else shown_text(limit.cgroup)
        return {"value_kb": value, "limit_kb": limit.least, "cgroup": path}
    if not isinstance(limit, Limit) or not isinstance(value, int):
        return {}
    if limit.what != "regions":
        numbers: dict[str, Json] = {"value_kb": value, "limit_kb": limit.most}
        if limit.share is not None:
            numbers["limit_percent"], numbers["cgroup_limit_kb"] = limit.share
            numbers["cgroup"] = shown_text(limit.cgroup or "")
        return numbers
    numbers = {"value": value, "limit_value": limit.most}
    if limit.share is not None:
        numbers["limit_percent"], numbers["max_map_count"] = limit.share
    return numbers


def _growth_numbers(limit: GrowthLimit, growth: Growth) -> dict[str, Json]:
    numbers: dict[str, Json] = {
        "before_kb": growth.before_kb,
        "value_kb": growth.after_kb,
        "elapsed_ms": growth.elapsed_ns // 1_000_000,
        "per": UNITS[limit.per_s],
        "rate_kb": round(growth.rate_kb(limit.per_s)),
        "rate_percent": growth.percent(limit.per_s),
    }
    numbers["limit_percent" if limit.is_percent else "limit_kb"] = limit.most
    return numbers
