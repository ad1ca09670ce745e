"""docs/monitoring.md tells each metric as the table of the code does."""

import re

import pytest
from support.manual import PAGES, rows, words

from memc.serve.dashboard import ROWS
from memc.serve.metrics import NAMES, PROCESS_EXPORTER, metrics
from memc.serve.shipping import shipped

PAGE = PAGES["docs/monitoring.md"]
CELLS = "type | labels | meaning | where it comes from"


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("metric", metrics()),
        ("metric of process-exporter", PROCESS_EXPORTER),
    ],
)
def test_table_of_metrics_is_that_of_the_code(head, expected):
    told = [
        (*words(name), kind, tuple(words(labels)), meaning, source)
        for name, kind, labels, meaning, source in rows(PAGE, f"{head} | {CELLS}")
    ]
    assert told == [
        (each.name, each.kind, each.labels, each.help, each.source) for each in expected
    ]


def test_each_alert_and_each_row_of_the_dashboard_is_told():
    alerts = rows(PAGE, "alert | when | what to do")
    assert [*words(" ".join(cells[0] for cells in alerts))] == re.findall(
        r"alert: (\w+)", shipped("rules")
    )
    assert [cells[0] for cells in rows(PAGE, "row | panels")] == [*ROWS]


@pytest.mark.parametrize("names", NAMES)
def test_name_of_a_metric_ends_as_its_kind_and_unit_ask(names):
    for each in metrics(names):
        bare = each.name.removesuffix("_total").removesuffix("_info")
        assert bare.endswith(each.unit)
        assert each.name.endswith("_total") == (each.kind == "counter")
        assert each.name.endswith("_info") == (each.kind == "info")
    assert len({each.name for each in metrics(names)}) == len(metrics(names))
