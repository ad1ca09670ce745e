"""The page of a report in a browser: nothing is asked for, nothing of others runs."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from support.browser import Shown
from support.report_documents import (
    DOCUMENTS,
    HOSTILE,
    recording_document,
    snapshot_document,
)

from memc.report.page import page

EACH = [*DOCUMENTS]
EVIL = (
    HOSTILE,
    "<svg onload=window.pwned=4>",
    "--><script>window.pwned=5</script>",
    "</textarea></style></title><script>window.pwned=6</script>",
    "<a href='javascript:window.pwned=7'>x</a><br><b>y</b>",
    "&lt;script&gt;window.pwned=8&lt;/script&gt;",
    "%{label}<extra></extra>${window.pwned=9}$\\alpha$",
    "\" onmouseover=window.pwned=10 x='",
    "</script",
    "<!--<script>",
)


@pytest.mark.parametrize("name", EACH)
def test_page_asks_for_nothing_and_has_no_errors(pages, name):
    shown = pages(name)
    shown.click("#where tbody button")
    shown.page.locator("#map .slice").nth(1).hover(force=True)
    if name == "recording":
        shown.page.locator("#time .nsewdrag").hover()
        shown.page.wait_for_selector("#time .hoverlayer .legend")
    for dark in (True, False):
        shown.resize(360, dark=dark)
    assert shown.errors == shown.asked == []


def hostile_document():
    """Make a document in which each text is one that wants to be more than that."""
    document = recording_document()
    evil = iter(EVIL * 10_000)

    def spoil(value):
        if isinstance(value, str):
            return next(evil)
        if isinstance(value, list):
            return [spoil(one) for one in value]
        if isinstance(value, dict):
            return {key: spoil(one) for key, one in value.items()}
        return value

    return spoil(document) | {"kind": "recording"}


def test_names_of_others_never_run(browser, tmp_path):
    path = tmp_path / "hostile.html"
    path.write_bytes(page(hostile_document()))
    with Shown(browser, path) as shown:
        for _ in range(3):
            for box in shown.page.locator("#map .slice").all()[1:12]:
                box.hover(force=True)
            shown.click("#where tbody button")
        time = shown.page.locator("#time .nsewdrag")
        place = time.bounding_box()
        for part in (1, 3, 5, 6, 9, 4):
            time.hover(position={"x": place["width"] * part / 10, "y": 20}, force=True)
        shown.page.locator("#time .hoverlayer .legend").wait_for()
        assert shown.run("window.pwned") is None
        assert shown.errors == shown.asked == []
        # There are no elements but those of the page and plotly's drawings.
        others = """document.querySelectorAll(
            'img, iframe, form, a:not([href^="#"])').length"""
        assert shown.run(others) == 0
        assert shown.run("document.scripts.length") == 3
        assert "<svg onload=window.pwned=4>" in shown.text("main")


def test_a_script_that_got_in_would_not_run(browser, paths):
    with Shown(browser, paths["snapshot"]) as shown:
        shown.run(
            """() => {
                const script = document.createElement("script");
                script.textContent = "window.pwned = 1";
                document.body.append(script);
                document.body.insertAdjacentHTML("beforeend",
                    "<img src=https://example.org/x onerror=window.pwned=2>");
            }"""
        )
        shown.until("document.querySelector('img').complete")
        assert shown.run("window.pwned") is None
        assert len(shown.errors) >= 2
        assert all("Content Security Policy" in error for error in shown.errors)


@pytest.mark.parametrize("name", EACH)
def test_narrow_page_is_not_scrolled_sideways(pages, name):
    # Nor is a number cut off.
    cut = """[...document.querySelectorAll("td, tbody th, dd")].filter(
        (cell) => cell.scrollWidth > cell.clientWidth + 1 && cell.clientWidth
    ).map((cell) => cell.textContent)"""
    shown = pages(name)
    for width in (320, 360, 800):
        shown.resize(width)
        assert shown.run("document.documentElement.scrollWidth") <= width
        assert shown.run(cut) == []


def test_words_beside_the_pointer_are_whole_in_a_narrow_page(pages):
    shown = pages("recording")
    shown.resize(360)
    shown.until("document.querySelector('#time').layout.xaxis.nticks < 4")
    chart = shown.page.locator("#time .nsewdrag")
    place = chart.bounding_box()
    for part in (0.1, 0.7, 0.9):
        chart.hover(position={"x": place["width"] * part, "y": place["height"] / 2})
        words = shown.page.locator("#time .hoverlayer .legend")
        words.wait_for()
        box = words.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 360


@pytest.mark.parametrize("name", EACH)
def test_page_is_accessible(pages, name):
    shown = pages(name)
    bad = []
    for width, dark in ((1400, False), (1400, True), (360, False), (360, True)):
        shown.resize(width, dark=dark)
        bad += [
            (width, dark, one["id"], one["nodes"][0]["html"][:200])
            for one in Axe().run(shown.page).response["violations"]
            if one["impact"] in ("serious", "critical")
        ]
    assert bad == []


def test_gap_is_a_gap_in_the_chart(pages):
    begin, end, _ = DOCUMENTS["recording"]["gaps"][0]
    crossing = """([begin, end]) => document.querySelector("#time").data.filter(
        ({ x, y, mode }) => mode != "markers" && x.some((ms, at) =>
            ms !== null && ms <= begin && x[at + 1] >= end
            && y[at] !== null && y[at + 1] !== null
        )).length"""
    shown = pages("recording")
    assert shown.run(crossing, [begin - 60_000 * 60, begin - 60_000 * 59]) > 0
    assert shown.run(crossing, [begin, end]) == 0


@pytest.mark.parametrize("name", EACH)
def test_page_without_script_has_the_tables(browser, paths, name):
    with Shown(browser, paths[name], script=False) as shown:
        assert shown.page.locator("table tbody tr").count() > 30
        assert all(table.is_visible() for table in shown.page.locator("table").all())
        for hidden in ("#map", "#tools", "#path", "#others"):
            assert not shown.page.locator(hidden).is_visible()
        assert "Without script" in shown.text("body")
        assert shown.asked == []


def test_paper_is_white_and_has_all_tables(pages):
    shown = pages("recording")
    shown.resize(1400, dark=True)
    shown.page.emulate_media(media="print")
    shown.run("dispatchEvent(new Event('beforeprint'))")
    assert all(table.is_visible() for table in shown.page.locator("table").all())
    assert not shown.page.locator("#tools").is_visible()
    first = "getComputedStyle(document.querySelector('#h-time + p')).breakAfter"
    assert shown.run(first) == "avoid"  # a chart is on the sheet of its head
    style = "getComputedStyle(document.{})"
    white, black = "rgb(255, 255, 255)", "rgb(27, 27, 31)"
    assert shown.run(f"{style.format('body')}.backgroundColor") == white
    for drawn in ("#map", "#time"):
        width = f"document.querySelector('{drawn} svg').clientWidth"
        assert shown.run(width) <= 680
        text = style.format(f"querySelector('{drawn} text')")
        assert shown.run(f"{text}.fill") == black
    assert shown.page.pdf().startswith(b"%PDF")
    shown.run("dispatchEvent(new Event('afterprint'))")


def test_scheme_that_changes_is_followed(pages):
    shown = pages("snapshot")
    ink = "getComputedStyle(document.querySelector('#map text')).fill"
    for dark, colour in ((True, "rgb(236, 236, 240)"), (False, "rgb(27, 27, 31)")):
        shown.resize(1400, dark=dark)
        shown.until(f"{ink} == '{colour}'")


def test_boxes_cover_no_words(browser, tmp_path):
    documents = (snapshot_document(), recording_document(minutes=60))
    one = snapshot_document()
    tree = one["trees"][0]
    first = [place for place, parent in enumerate(tree["parent"]) if parent == 0]
    for place in first[1:]:
        tree["kb"][place] = 0
    overlap = """document.querySelector("#said").getBoundingClientRect().bottom
        - Math.min(...[...document.querySelectorAll("#map .surface")]
            .filter((e) => e.style.fillOpacity !== "0")
            .map((e) => e.getBoundingClientRect().top))"""
    for number, document in enumerate((*documents, one)):
        path = tmp_path / f"{number}.html"
        path.write_bytes(page(document))
        with Shown(browser, path) as shown:
            assert shown.run(overlap) <= 0


def test_large_box_has_words(browser, tmp_path):
    """A name is cut to the width of its box, also if that is higher than wide."""
    path = tmp_path / "regions.html"
    path.write_bytes(page(snapshot_document(regions=2)))
    empty = """[...document.querySelectorAll("#map .slice")].filter((slice) => {
        const surface = slice.querySelector(".surface");
        const box = surface.getBoundingClientRect();
        const words = slice.querySelector("text").getBoundingClientRect();
        const isLarge = box.width > 100 && box.height > 60;
        return isLarge && surface.style.fillOpacity !== "0" && words.width < 10;
    }).length"""
    with Shown(browser, path) as shown:
        for _ in range(2):
            shown.click("#where tbody button")
        assert shown.run(empty) == 0
