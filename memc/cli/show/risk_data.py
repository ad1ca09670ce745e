"""Risks for other programs: JSON and CSV, in kB."""

from __future__ import annotations

from memc.cli.common.data import json_of, skipped_of
from memc.human.csv_text import csv_of
from memc.table.document import shown_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from memc.risks.risk import Risk
    from memc.risks.standing import Standing, Standings
    from memc.table.document import Json
    from memc.targets.target import Target

__all__ = ["csv_text", "json_text", "shorts"]


def json_text(found: Standings, *, top: int | None) -> str:
    """Return the JSON document, and a newline."""
    document: dict[str, Json] = {
        "processes": [_process(standing) for standing in found.processes[:top]],
        "process_count": len(found.processes),
        "machine": [_risk(risk) for risk in found.machine],
        "skipped_processes": skipped_of(found.skipped),
    }
    return json_of(document)


def csv_text(found: Standings, *, top: int | None) -> str:
    """Return a line of titles, and a line for each risk of each process."""
    rows: list[dict[str, Json]] = [
        {"pid": one.pid, "name": shown_text(one.name), **_plain(risk)}
        for one in found.processes[:top]
        for risk in one.risks
    ]
    nobody: dict[str, Json] = {"pid": None, "name": None}
    rows += [nobody | _plain(risk) for risk in found.machine]
    return csv_of({name: [row[name] for row in rows] for name in rows[0]})


def shorts(found: Iterable[tuple[Target | None, list[Risk]]]) -> list[Json]:
    """Return an object for each risk that stands out."""
    return [
        {
            "pid": target.pid if target else None,
            "name": shown_text(target.name) if target else None,
            **_risk(risk),
        }
        for target, risks in found
        for risk in risks
    ]


def _process(one: Standing) -> dict[str, Json]:
    nearest = one.nearest()
    return {
        "pid": one.pid,
        "name": shown_text(one.name),
        "cgroup": _text(one.cgroup),
        "nearest": None if nearest is None else nearest.name,
        "percent": None if nearest is None else _percent(nearest),
        "risks": [_risk(risk) for risk in one.risks],
    }


def _risk(risk: Risk) -> dict[str, Json]:
    unit = "_kb" if risk.is_kb else ""
    made: dict[str, Json] = {
        "risk": risk.name,
        "state": risk.state,
        "percent": _percent(risk),
        f"value{unit}": risk.value,
        f"limit{unit}": risk.limit,
    }
    if risk.value is None:
        made["reason"] = shown_text(risk.reason or "")
    for name, value in risk.more.items():
        made[name] = shown_text(value) if isinstance(value, str) else value
    return made


def _plain(risk: Risk) -> dict[str, Json]:
    return {
        "risk": risk.name,
        "state": risk.state,
        "percent": _percent(risk),
        "value": risk.value,
        "limit": risk.limit,
        "unit": "kB" if risk.is_kb else "",
        "cgroup": _text(risk.more.get("cgroup")),
        "reason": _text(risk.reason) if risk.value is None else None,
    }


def _text(value: Json) -> Json:
    return shown_text(value) if isinstance(value, str) else None


def _percent(risk: Risk) -> float | None:
    """Return the share, rounded down: 79.99 % is not 80 %."""
    return None if risk.share is None else int(risk.share * 10) / 10
