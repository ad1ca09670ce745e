"""Pictures as charts of plotly."""

import json
import re
import sys

import pytest

import memc
from memc.human.chart import chart_of
from memc.human.picture import Bar, Picture


def picture(*bars, **more):
    return Picture("Process 1", [Bar(*b) for b in bars], what="", amount="RSS", **more)


def drawn(made):
    return json.loads(chart_of(made).to_json())


def test_chart_has_a_bar_for_each_line_in_bytes_and_words():
    chart = drawn(picture(("heap", 2048), ("stack", 1)))
    bars, axes = chart["data"][0], chart["layout"]
    assert bars["x"] == [2048 * 1024, 1024]
    assert bars["text"] == ["2.00 MiB", "1 KiB"]
    assert axes["yaxis"]["ticktext"] == ["heap", "stack"]
    assert axes["xaxis"]["ticktext"][0] == "0"
    assert "2.00 MiB" in axes["xaxis"]["ticktext"]


def test_growth_has_two_colours_and_signs():
    chart = drawn(picture(("a", 5), ("b", -7), is_growth=True))
    bars = chart["data"][0]
    assert bars["text"] == ["-7 KiB", "+5 KiB"]
    assert len({*bars["marker"]["color"]}) == 2


@pytest.mark.parametrize(
    "name",
    ["<b>x</b>", "<a href='javascript:alert(1)'>x</a>", "\u202ex", "&" * 90],
)
def test_names_are_no_markup_and_are_cut_before_they_are_escaped(name):
    made = picture((name, 5))
    made.title = name
    chart = drawn(made)
    bars, layout = chart["data"][0], chart["layout"]
    texts = [bars["customdata"][0], layout["yaxis"]["ticktext"][0]]
    for text in [*texts, layout["title"]["text"]]:
        assert "<" not in text
        assert text.isprintable()
        assert not re.search(r"&(?!(?:amp|lt|gt|#x27|quot);)", text)  # cut in two


def test_what_is_not_shown_is_counted_and_nothing_is_an_empty_chart():
    chart = drawn(picture(*[(str(i), i) for i in range(1, 21)]))
    assert "10 others: 55 KiB" in chart["layout"]["xaxis"]["title"]["text"]
    assert drawn(picture())["layout"]["title"]["text"] == "Process 1"


def test_names_that_are_equal_have_a_bar_each():
    bars = drawn(picture(("a", 5), ("a", 4)))["data"][0]
    assert bars["y"] == [0, 1]


@pytest.mark.kernel
def test_snapshots_are_plotted():
    snap = memc.snapshot(1, detail="totals")
    assert snap.plot().to_dict()["data"][0]["type"] == "bar"


def test_error_without_plotly_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "plotly.graph_objects", None)
    with pytest.raises(ImportError, match=r"pip install 'memc\[report\]'"):
        memc.machine().plot()
