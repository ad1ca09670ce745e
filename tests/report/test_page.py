"""The page of a report, read as text: only our scripts run, and the tables say all."""

import json
import re
from base64 import b64decode, b64encode
from hashlib import sha256
from html.parser import HTMLParser
from importlib.metadata import distribution
from zlib import decompress

import pytest
from support.report_documents import (
    HOSTILE,
    diff_document,
    recording_document,
    snapshot_document,
)

from memc.report.packed import packed_tree
from memc.report.page import SCRIPTS, _file, page
from memc.report.safe import json_text, script_text, text
from memc.report.tables import share

DOCUMENTS = {
    "snapshot": snapshot_document,
    "diff": diff_document,
    "recording": recording_document,
}
BOXES = [f"k{number}" for number in range(9)] + ["flat", "grew", "fell", "bg", "band"]


class Read(HTMLParser):
    """The elements of a page, its scripts and styles, and the texts of the others."""

    def __init__(self, page):
        super().__init__()
        self.page, self.tags, self.texts = page.decode(), [], set()
        self.is_text = True
        self.feed(self.page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.is_text = tag not in ("script", "style")

    def handle_data(self, data):
        if self.is_text:
            self.texts.add(data)

    def inside(self, element):
        """Return what is in such elements, as a browser cuts them out."""
        end = element.partition(" ")[0]
        return re.findall(rf"<{element}>(.*?)</{end}", self.page, re.DOTALL)


@pytest.fixture(scope="module", params=DOCUMENTS)
def read(request):
    return Read(page(DOCUMENTS[request.param]()))


@pytest.fixture(scope="module")
def recording():
    return Read(page(recording_document()))


def policy_of(read):
    (policy,) = (
        attrs["content"]
        for tag, attrs in read.tags
        if attrs.get("http-equiv") == "Content-Security-Policy"
    )
    rules = (rule.split() for rule in policy.split(";"))
    return {name: values for name, *values in rules}


def hash_of(code):
    return f"'sha256-{b64encode(sha256(code.encode()).digest()).decode()}'"


@pytest.mark.parametrize(
    ("given", "expected", "why"),
    [
        ("a & b", "a &amp; b", "an entity"),
        ("<b>", "&lt;b&gt;", "an element"),
        ("\"'", "&quot;&#x27;", "the end of an attribute"),
        ("\x1b[31m", "\\x1b[31m", "a control character"),
        ("\u202egnp", "\\u202egnp", "a mark that turns the text around"),
        ("\udcff", "\\xff", "a byte that is not UTF-8: it cannot be encoded"),
        ("日本", "日本", "letters stay"),
    ],
)
def test_text_is_text_in_an_element(given, expected, why):
    assert text(given) == expected, why


@pytest.mark.parametrize("given", [HOSTILE, "<!--<script>", "&lt;", "\u2028", "é"])
def test_data_ends_no_script_and_is_the_same(given):
    made = json_text({given: [given, 1, None]})
    assert not {*"<>&"} & {*made}
    assert json.loads(made) == {given: [given, 1, None]}


def test_script_cannot_end_its_element():
    assert "</script" not in script_text('x = "</script><!--"')
    assert "<!--" not in script_text('x = "</script><!--"')


def test_policy_allows_what_is_in_the_page_by_hash_and_nothing_else(read):
    policy = policy_of(read)
    assert policy["default-src"] == ["'none'"]
    assert policy["script-src"] == [*map(hash_of, read.inside("script"))]
    assert policy["style-src"] == [*map(hash_of, read.inside("style")), hash_of("")]
    assert policy["base-uri"] == policy["form-action"] == ["'none'"]
    assert len(policy) == 5
    tags = [tag for tag, _ in read.tags]
    assert [tags.count("script"), tags.count("style")] == [3, 1]
    assert len(read.inside('script type="application/json" id="data"')) == 1


def test_page_asks_nobody_for_anything(read):
    for tag, attrs in read.tags:
        assert tag not in {"img", "link", "iframe", "object", "embed", "base", "form"}
        assert not {"src", "srcset", "style", "onclick", "onload"} & {*attrs}, attrs
        assert attrs.get("href", "#").startswith("#")
    assert "url(" not in read.inside("style")[0]
    assert "@import" not in read.inside("style")[0]


def test_hostile_names_are_in_the_tables_as_text(read):
    assert HOSTILE in read.texts


def test_tables_say_all_without_script(recording):
    wanted = (
        *("Memory recorded in day.memc", "Where it is", "Through the time"),
        *("What grew", "Largest processes", "How it was measured"),
        *("postgres.service", "1000 postgres", "malloc main heap", "others"),
        *("not recording, 20 min", "2000 web: over 1 GiB RSS", "2026-11-26 22:00:00"),
        *("+121 MiB", "+5.02 MiB an hour", "391 MiB", "not known", "1,200"),
        "3 processes could not be read: 3 no permission",
    )
    assert not {*wanted} - recording.texts


def test_amounts_have_units(read):
    amounts = re.findall(r'<td [^>]*data-kb="[^>]*>([^<]*)<', read.page)
    assert len(amounts) > 20
    assert all(re.fullmatch(r"0|[-+]?[\d.]+ [KMG]iB", word) for word in amounts)


def test_only_changes_are_listed_in_a_diff():
    document = diff_document()
    tree = document["trees"][0]
    web = tree["label"].index("web.service")
    same = {web}
    for node, parent in enumerate(tree["parent"]):
        same |= {node} if parent in same else set()
    for node in same:
        tree["change_kb"][node] = 0
    parts = Read(page(document)).page.partition("<tbody")[2].partition("</table")[0]
    assert ">web.service<" not in parts
    assert ">postgres.service<" in parts


def test_part_is_listed_if_its_own_parts_changed():
    tree = {
        "t_ms": None,
        "label": ["all", "web", "1 web", "2 web", "db", "3 db"],
        "parent": [-1, 0, 1, 1, 0, 4],
        "kb": [12, 4, 4, 0, 8, 8],
        "change_kb": [0, 0, 4, -4, 0, 0],
        "pid": [None] * 6,
    }
    document = diff_document() | {"trees": [tree]}
    parts = Read(page(document)).page.partition("<tbody")[2].partition("</table")[0]
    assert [name in parts for name in (">web<", ">1 web<", ">2 web<")] == [True] * 3
    assert ">db<" not in parts
    made = packed_tree(tree)
    assert [made["label"][node] for node in made["moved"]] == ["all", "web"]


@pytest.mark.parametrize(
    ("kb", "expected"),
    [(0, "0.0 %"), (4, "&lt;0.1 %"), (5, "0.1 %"), (10_000, "100.0 %")],
)
def test_share_of_a_little_is_not_0(kb, expected):
    assert share(kb, 10_000)[1] == expected


def test_process_without_a_name_is_told():
    document = diff_document()
    document["largest"][0]["name"] = document["grew"][0]["name"] = ""
    assert Read(page(document)).page.count(">(no name)<") == 2


def test_events_are_as_many_in_the_table_as_in_the_chart():
    document = recording_document()
    document["series"]["events"] = [
        {"t_ms": place, "kind": "started", "text": f"{place} prog"}
        for place in range(300)
    ]
    assert "299 prog" in Read(page(document)).texts


def test_small_line_keeps_the_peak():
    document = recording_document()
    line = document["series"]["kb"][0]
    line[7] = 77 * 1024**2
    assert "most 77.0 GiB" in page(document).decode()


def test_children_stand_together_the_largest_first():
    tree = {
        "t_ms": None,
        "label": ["all", "a", "a1", "b", "lost", "b1", "b2"],
        "parent": [-1, 0, 1, 0, 0, 3, 3],
        "kb": [9, 2, 2, 7, None, 3, 4],
        "change_kb": None,
        "pid": [None] * 7,
    }
    made = packed_tree(tree)
    assert made["label"] == ["all", "b", "a", "lost", "b2", "b1", "a1"]
    assert made["kids"] == [3, 2, 1, 0, 0, 0, 0]
    assert made["kb"] == [9, 7, 2, None, 4, 3, 2]


def test_large_trees_are_one_text_and_the_page_at_most_7_mb():
    document = snapshot_document(regions=600)
    labels = document["trees"][0]["label"]
    assert 50_000 < len(labels) <= 60_000
    made = page(document)
    assert len(made) <= 7_000_000
    data = Read(made).inside('script type="application/json" id="data"')[0]
    trees = json.loads(data)["trees"]
    (tree,) = json.loads(decompress(b64decode(trees)))
    assert sorted(tree["label"]) == sorted(labels)


@pytest.mark.parametrize(
    "change",
    [
        {"trees": []},
        {"trees": [{"t_ms": None, "label": ["all"], "parent": [-1], "kb": [None]}]},
        {"largest": [], "notes": [], "how": [], "numbers": []},
        {"grew": []},
    ],
)
def test_document_of_nothing_has_a_page(change):
    document = snapshot_document() | change
    for tree in document["trees"]:
        tree.setdefault("change_kb", None)
    assert page(document).startswith(b"<!doctype html>")


def luminance(colour):
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [
        x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts
    ]
    return sum(w * x for w, x in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_a_contrast_of_four_and_a_half(scheme):
    (style,) = re.findall(
        rf"color-scheme: {scheme};(.*?)\}}", _file("page.css"), re.DOTALL
    )
    colours = dict(re.findall(r"--(\w+): (#\w{6})", style))
    pairs = [("fg", name) for name in BOXES]
    pairs += [(name, "bg") for name in ("soft", "more", "less")] + [("soft", "band")]
    for one, other in pairs:
        assert contrast(colours[one], colours[other]) >= 4.5, (one, other)


def test_wheel_has_what_the_page_is_made_of():
    names = {str(file) for file in distribution("memc").files}
    made_of = {"page.html", "page.css", *SCRIPTS}
    assert not {f"memc/report/{name}" for name in made_of} - names


def test_many_notes_stand_below():
    notes = [f"note {number}" for number in range(10)]
    read = Read(page(snapshot_document() | {"notes": notes}))
    assert not {*notes} - read.texts
    assert "7 more notes below" in read.texts
    top, _, _ = read.page.partition("Where it is")
    assert ">note 2<" in top
    assert ">note 3<" not in top
