"""The dashboard: Grafana can place it, and each of its queries finds something."""

import json
import re
import subprocess
import time

from prometheus_client.parser import text_string_to_metric_families
from support.crowd_scans import CrowdScanner, crowd_scan

from memc.serve.dashboard import ROWS, WIDTH, dashboard
from memc.serve.metrics import metrics
from memc.serve.prom import Collector
from memc.serve.shipping import shipped

VARIABLES = {"$__range": "1h", "$job": "memc", "$instance": "h:9917", "$group": ".+"}
VARIABLE = re.compile(r"\$\w+")
NAME = re.compile(r"\bmemc_[a-z_]+")


def panels():
    return [panel for panel in dashboard()["panels"] if panel["type"] != "row"]


def test_dashboard_has_four_rows_and_each_panel_its_place():
    all_panels = dashboard()["panels"]
    assert len([each for each in all_panels if each["type"] == "row"]) == len(ROWS) == 4
    assert len({each["id"] for each in all_panels}) == len(all_panels)
    taken = set()
    for each in all_panels:
        place = each["gridPos"]
        columns = range(place["x"], place["x"] + place["w"])
        lines = range(place["y"], place["y"] + place["h"])
        cells = {(x, y) for x in columns for y in lines}
        assert columns.stop <= WIDTH
        assert not cells & taken
        taken |= cells


def test_dashboard_asks_for_its_data_source_and_no_other():
    made = json.loads(shipped("dashboard"))
    variables = {each["name"]: each for each in made["templating"]["list"]}
    assert variables.pop("datasource")["type"] == "datasource"
    uids = re.findall(r'"uid": "([^"]+)"', shipped("dashboard"))
    assert set(uids) == {"memc-groups", "${datasource}"}
    used = set(re.findall(r"\$([a-z]+)", " ".join(queries())))
    assert used == set(variables)


def queries():
    return [target["expr"] for panel in panels() for target in panel["targets"]]


def test_dashboard_shows_every_metric_of_groups():
    shown = set(NAME.findall(" ".join(queries())))
    names = {metric.name for metric in metrics()}
    assert shown <= names
    assert {name for name in names if name.startswith("memc_group_")} <= shown


def series_of_a_crowd():
    """Give each series of a page, as Prometheus would store it, for seven hours."""
    scan = crowd_scan(
        groups=20, owners=3, detail="smaps", now_ms=time.time_ns() // 10**6
    )
    page, _ = Collector(CrowdScanner(scan)).text()
    for family in text_string_to_metric_families(page.decode()):
        for each in family.samples:
            labels = {"job": "memc", "instance": "h:9917", **each.labels}
            told = ",".join(f"{key}={json.dumps(labels[key])}" for key in labels)
            step = "+1" if each.name.endswith("_total") else "+0"
            yield {
                "series": f"{each.name}{{{told}}}",
                "values": f"{each.value}{step}x420",
            }


def test_each_query_of_the_dashboard_finds_something(tmp_path):
    asked = [
        VARIABLE.sub(lambda word: VARIABLES[word[0]], query) for query in queries()
    ]
    asks = [
        {
            "expr": f"count({query}) > bool 0",
            "eval_time": "7h",
            "exp_samples": [{"labels": "{}", "value": 1}],
        }
        for query in asked
    ]
    path = tmp_path / "tests.yml"
    test = {
        "interval": "1m",
        "input_series": list(series_of_a_crowd()),
        "promql_expr_test": asks,
    }
    path.write_text(json.dumps({"tests": [test]}))
    done = subprocess.run(
        ["promtool", "test", "rules", str(path)], check=False, capture_output=True
    )
    assert done.returncode == 0, done.stderr.decode()[-3000:]
