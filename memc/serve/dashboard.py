"""The dashboard for Grafana: four rows of panels, as one table.

It asks for the data source, the host and the groups by variables of its own, so that
it can be imported as it is.
"""

from __future__ import annotations

from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

__all__ = ["ROWS", "dashboard"]

WIDTH = 24  # columns of Grafana's grid
SOURCE = {"type": "prometheus", "uid": "${datasource}"}
HOST = '{job="$job",instance="$instance"}'
GROUPS = '{job="$job",instance="$instance",group=~"$group"}'
# What the variables may be, by their names
VARIABLES = {
    "job": "label_values(memc_up, job)",
    "instance": 'label_values(memc_up{job="$job"}, instance)',
    "group": f"label_values(memc_group_processes{HOST}, group)",
}


def _largest(name: str) -> str:
    """Ask for the groups that have most over the whole span, not at each time."""
    most = f"topk(15, avg_over_time({name}{HOST}[$__range] @ end()))"
    return f"{name}{HOST} and {most}"


class Panel(NamedTuple):
    """One panel: `asks` has a query for each legend."""

    title: str
    kind: str  # of Grafana: stat, timeseries, bargauge
    width: int
    unit: str
    asks: dict[str, str]
    about: str
    stacks: bool = False


ROWS: dict[str, Sequence[Panel]] = {
    "memc itself": (
        Panel("Up", "stat", 3, "bool_yes_no", {"up": f"memc_up{HOST}"},
            "The last scan went well and is younger than three intervals."),
        Panel("Age of the scan", "stat", 3, "s",
            {"age": f"time() - memc_scan_timestamp_seconds{HOST}"},
            "How old the amounts on this page are."),
        Panel("Processes", "stat", 3, "none", {"read": f"memc_processes{HOST}"},
            "Processes that were read."),
        Panel("Not read, or read less", "timeseries", 5, "none",
            {"skipped: {{reason}}": f"memc_processes_skipped{HOST}",
             "degraded: {{reason}}": f"memc_processes_degraded{HOST}"},
            "Processes that memc may not read, and those of which it read less than "
            "it was asked for.", stacks=True),
        Panel("CPU of scans", "timeseries", 5, "percentunit",
            {"of one CPU": f"rate(memc_scan_cpu_seconds_total{HOST}[15m])"},
            "Share of one CPU that scans take; --duty bounds it."),
        Panel("Longest read", "timeseries", 5, "s",
            {"longest read": f"memc_scan_longest_read_seconds{HOST}",
             "scan": f"memc_scan_duration_seconds{HOST}"},
            "A process may have waited for memc so long; --max-stall bounds it."),
    ),
    "The host": (
        Panel("Resident memory", "timeseries", 12, "bytes",
            {"{{group}}": _largest("memc_group_resident_bytes")},
            "RSS of the 15 largest groups; shared memory counts in each.", stacks=True),
        Panel("Proportional memory", "timeseries", 12, "bytes",
            {"{{group}}": _largest("memc_group_proportional_bytes")},
            "PSS of the 15 largest groups: it adds up. Empty with --detail totals, "
            "rss and uss.", stacks=True),
        Panel("Unique memory", "timeseries", 12, "bytes",
            {"{{group}}": _largest("memc_group_unique_bytes")},
            "USS of the 15 largest groups: memory that no other process maps.",
            stacks=True),
        Panel("Swapped out", "timeseries", 12, "bytes",
            {"{{group}}": _largest("memc_group_swap_bytes")},
            "Swap of the 15 groups that have most.", stacks=True),
    ),
    "Groups": (
        Panel("Memory of the groups", "timeseries", 12, "bytes",
            {"{{group}} resident": f"memc_group_resident_bytes{GROUPS}",
             "{{group}} unique": f"memc_group_unique_bytes{GROUPS}",
             "{{group}} swap": f"memc_group_swap_bytes{GROUPS}"},
            "Of the groups that are chosen above. A gap: not known of each process."),
        Panel("What it is for", "timeseries", 12, "bytes",
            {"{{owner}}": f"sum by (owner) (memc_owner_resident_bytes{GROUPS})"},
            "RSS by owner: needs memc serve --owners.", stacks=True),
        Panel("Processes and threads", "timeseries", 8, "none",
            {"{{group}} processes": f"memc_group_processes{GROUPS}",
             "{{group}} threads": f"memc_group_threads{GROUPS}"},
            "Threads are told with --detail totals alone."),
        Panel("Address space", "timeseries", 8, "bytes",
            {"{{group}}": f"memc_group_virtual_bytes{GROUPS}"},
            "Sizes of all mappings, used or not."),
        Panel("Not known", "timeseries", 8, "none",
            {"{{group}} {{metric}}": f"memc_group_unknown_processes{GROUPS}"},
            "Processes whose value is not known: the sum of their group is left out.",
            stacks=True),
    ),
    "What may run out": (
        Panel("Growth", "bargauge", 8, "bytes",
            {"{{group}}": "3600 * topk(10, "
                f"deriv(memc_group_resident_bytes{HOST}[6h]))"},
            "RSS an hour, by the last six hours: the ten that grow most."),
        Panel("Share of vm.max_map_count", "bargauge", 8, "percentunit",
            {"{{group}}": f"topk(10, memc_group_mappings_max{HOST} "
                f"/ on (job, instance) group_left () memc_mappings_limit{HOST})"},
            "Mappings of the process that has most, by group. At 100 % mmap fails."),
        Panel("Mappings", "timeseries", 8, "none",
            {"{{group}}": f"memc_group_mappings{GROUPS}"},
            "Not told with --detail totals."),
    ),
}  # fmt: skip


def dashboard() -> dict[str, Any]:
    """Return the dashboard, as Grafana imports it."""
    return {
        "uid": "memc-groups",
        "title": "memc: what memory is for",
        "tags": ["memc", "memory"],
        "schemaVersion": 39,
        "version": 1,
        "editable": True,
        "refresh": "1m",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {"list": list(_variables())},
        "annotations": {"list": []},
        "panels": list(_panels()),
    }


def _variables() -> Iterator[dict[str, Any]]:
    yield {"name": "datasource", "type": "datasource", "query": "prometheus"}
    for name, query in VARIABLES.items():
        yield {
            "name": name,
            "type": "query",
            "datasource": SOURCE,
            "definition": query,
            "query": {"query": query, "refId": name},
            "refresh": 2,  # when the span changes
            "sort": 1,
            "multi": name == "group",
            "includeAll": name == "group",
            "allValue": ".+" if name == "group" else None,
        }


def _panels() -> Iterator[dict[str, Any]]:
    """Give the rows and their panels, each in its place."""
    number = y = 0
    for title, panels in ROWS.items():
        number += 1
        place = {"x": 0, "y": y, "w": WIDTH, "h": 1}
        yield {
            "id": number,
            "type": "row",
            "title": title,
            "panels": [],
            "gridPos": place,
        }
        x, y, height = 0, y + 1, 0
        for panel in panels:
            if x + panel.width > WIDTH:
                x, y = 0, y + height
            number += 1
            height = 6 if panel.width < 8 else 9
            place = {"x": x, "y": y, "w": panel.width, "h": height}
            yield {"id": number, **_panel(panel), "gridPos": place}
            x += panel.width
        y += height


def _panel(panel: Panel) -> dict[str, Any]:
    defaults: dict[str, Any] = {"unit": panel.unit, "custom": {}}
    options: dict[str, Any] = {}
    if panel.kind == "timeseries":
        mode = "normal" if panel.stacks else "none"
        defaults["custom"] = {"fillOpacity": 20 if panel.stacks else 0, "lineWidth": 1,
                              "stacking": {"mode": mode, "group": "A"}}  # fmt: skip
        options["legend"] = {"displayMode": "list", "placement": "bottom"}
        options["tooltip"] = {"mode": "multi", "sort": "desc"}
    else:
        calc = {"calcs": ["lastNotNull"], "fields": "", "values": False}
        options = {"reduceOptions": calc, "orientation": "horizontal"}
    return {
        "type": panel.kind,
        "title": panel.title,
        "description": panel.about,
        "datasource": SOURCE,
        "targets": [
            {
                "refId": chr(ord("A") + i),
                "datasource": SOURCE,
                "expr": expression,
                "legendFormat": legend,
                "instant": panel.kind == "bargauge",
                "range": panel.kind != "bargauge",
            }
            for i, (legend, expression) in enumerate(panel.asks.items())
        ],
        "fieldConfig": {"defaults": defaults, "overrides": []},
        "options": options,
    }
