"""Going through the page of a report, by keyboard and by mouse."""

import pytest
from support.browser import Shown
from support.report_documents import DOCUMENTS, diff_document, snapshot_document

from memc.report.page import page


def press_until(shown, selector):
    """Press Tab until an element has the focus; fail after as many as there are."""
    for _ in range(60):
        shown.page.keyboard.press("Tab")
        if shown.run(f"document.activeElement.matches({selector!r})"):
            return
    pytest.fail(f"Tab does not reach {selector}")


def test_keyboard_alone_goes_from_service_to_region_and_back(browser, paths):
    focus = "document.activeElement.textContent"
    with Shown(browser, paths["snapshot"]) as shown:
        for level in ("process", "owner", "region"):
            press_until(shown, "#where tbody button")
            name = shown.run(focus)
            shown.page.keyboard.press("Enter")
            # The focus is on the path, and what is shown is said.
            assert shown.run("document.activeElement.ariaCurrent") == "location"
            assert shown.run(focus) == name
            assert shown.text("#said").startswith(f"{name}: ")
            assert f"by {level}" in shown.text("#said")
        assert shown.page.locator("#where tbody button").count() == 0
        assert "rw-p" in shown.text("#where tbody")
        assert shown.page.locator("#path li").count() == 4
        shown.page.keyboard.press("Shift+Tab")
        shown.page.keyboard.press("Enter")
        assert shown.page.locator("#path li").count() == 3
        assert shown.run("document.activeElement.ariaCurrent") == "location"


def test_mouse_goes_in_by_a_box_and_the_list_is_the_same(pages):
    shown = pages("snapshot")
    # The first is plotly's own, around all boxes: nothing comes of it.
    shown.page.locator("#map .slice").nth(0).click(position={"x": 40, "y": 2})
    shown.page.locator("#map .slice").nth(1).click(position={"x": 40, "y": 8})
    shown.page.locator("#path li").nth(1).wait_for()
    name = shown.text("#path [aria-current]")
    assert shown.text("#where caption") == f"Parts of {name}"
    assert shown.page.locator("#where tbody tr").count() == 3
    assert shown.errors == []


def test_amounts_are_shown_in_the_unit_that_is_chosen(pages):
    shown = pages("recording")
    shown.page.select_option("#unit", "KiB")
    for cells in ("#where td.n:not(.share)", "[data-kb]:not([data-kb='0'])"):
        texts = shown.page.locator(cells).all_inner_texts()
        assert texts
        assert {text.split(" ")[-1] for text in texts} == {"KiB"}
    assert "KiB" in shown.page.locator("#map").text_content()
    assert "RSS, KiB" in shown.page.locator("#time").text_content()
    shown.page.select_option("#unit", "")
    assert "MiB" in shown.text("#where")


def test_a_moment_is_chosen_in_the_chart_and_said(pages):
    last = len(DOCUMENTS["recording"]["trees"]) - 1
    shown = pages("recording")
    moment = shown.page.locator("#moment")
    moment.select_option(str(last))
    shown.click("#where tbody button")
    name, before = shown.text("#path [aria-current]"), shown.text("#where")
    chart = shown.page.locator("#time .nsewdrag")
    place = chart.bounding_box()
    chart.click(position={"x": place["width"] * 0.22, "y": place["height"] * 0.8})
    shown.until("document.querySelector('#moment').value == '1'")
    assert "the stored state nearest to 2026-11-26 17" in shown.text("#said")
    assert shown.text("#path [aria-current]") == name  # the same place
    assert shown.text("#where") != before
    moment.select_option("0")
    assert "as of 2026-11-26 12:00:00 UTC" in shown.text("#said")
    assert "nearest" not in shown.text("#said")
    assert shown.errors == []


def test_growth_has_a_sign_and_a_colour(pages):
    shown = pages("diff")
    assert shown.page.locator("#scale").is_visible()
    assert "(+" in shown.page.locator("#map").text_content()
    fills = "[...document.querySelectorAll('#map .surface')].map((e) => e.style.fill)"
    assert len({*shown.run(fills)}) > 4
    changes = shown.page.locator("#where td:nth-of-type(2)").all_inner_texts()
    assert changes
    assert all(change[0] in "+-" for change in changes)


def test_part_whose_parts_changed_is_listed_and_gone_into(browser, tmp_path):
    tree = {
        "t_ms": None,
        "label": ["2 processes", "web", "1 web", "2 web"],
        "parent": [-1, 0, 1, 1],
        "kb": [40_000, 40_000, 39_999, 1],
        "change_kb": [0, 0, 4, -4],
        "pid": [None, None, 1, 2],
    }
    path = tmp_path / "moved.html"
    path.write_bytes(page(diff_document() | {"trees": [tree]}))
    with Shown(browser, path) as shown:
        shown.click("#where tbody button")
        rows = shown.page.locator("#where tbody tr").all_inner_texts()
        assert [row.split("\t")[0] for row in rows] == ["2 web", "1 web"]
        assert [row.split("\t")[-1] for row in rows] == ["<0.1 %", "100.0 %"]
        assert shown.errors == []


def test_time_later_than_any_date_is_told_in_ms(browser, tmp_path):
    document = snapshot_document()
    document["trees"][0]["t_ms"] = 10**19
    path = tmp_path / "late.html"
    path.write_bytes(page(document))
    with Shown(browser, path) as shown:
        assert shown.text("#said").endswith("00000000000 ms.")
        assert shown.errors == []


def test_many_nodes_are_shown_and_gone_into(browser, tmp_path):
    document = snapshot_document(regions=620)
    assert 55_000 < len(document["trees"][0]["label"]) <= 60_000
    path = tmp_path / "large.html"
    path.write_bytes(page(document))
    with Shown(browser, path) as shown:
        for _ in range(3):
            shown.click("#where tbody button")
        assert "621 parts, by region" in shown.text("#said")
        assert shown.page.locator("#where tbody tr").count() == 20
        shown.page.click("#others")
        assert shown.page.locator("#where tbody tr").count() == 621
        assert shown.run("document.querySelectorAll('#map .slice').length") < 400
        assert shown.errors == shown.asked == []


def test_nothing_is_said_of_a_process_without_parts(browser, tmp_path):
    tree = {"t_ms": None, "label": ["1 init"], "parent": [-1], "kb": [400]}
    alone = snapshot_document() | {
        "trees": [tree | {"change_kb": None, "pid": [None]}],
        "levels": [],
    }
    path = tmp_path / "alone.html"
    path.write_bytes(page(alone))
    with Shown(browser, path, waits="#said:not([hidden])") as shown:
        assert shown.text("#said") == "1 init: 400 KiB, 0 parts."
        assert shown.text("#where tbody") == "nothing"
        assert not shown.page.locator("#map").is_visible()
        assert shown.errors == []
