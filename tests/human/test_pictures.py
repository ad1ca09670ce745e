"""Pictures as HTML for notebooks: whole, small, and safe whatever names there are."""

import re
from html.parser import HTMLParser

import pytest
from support.cases import cases

from memc.human.html import html_of
from memc.human.picture import TOP, Bar, Picture

KINDS = {"div", "b", "table", "thead", "tbody", "tr", "th", "td"}


def picture(*bars, **more):
    given = {"what": "OWNER", "amount": "RSS"} | more
    return Picture("Process 1", [Bar(*bar) for bar in bars], **given)


class Seen(HTMLParser):
    """The tags, attributes and texts of a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.open, self.texts, self.styles = set(), [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.open.append(tag)
        assert {name for name, _ in attrs} <= {"style", "class", "scope"}
        self.styles += [value for name, value in attrs if name == "style"]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


HOSTILE = [
    ("</b></div><script>alert(1)</script>", "markup"),
    ('"><img src=x onerror="alert(1)">', "the end of an attribute"),
    ("<a href='javascript:alert(1)'>x</a>", "a link"),
    ("{{=1}} $x^2$ \\(y\\)", "templates and formulas"),
    ("\u202egpj.exe\u2066\u200f", "text that runs backwards"),
    ("\x1b]0;x\x07\x00\r\n\x85\u2028", "control characters"),
    ("\udce9t\udce9\ud800", "bytes that are not UTF-8"),
    ("\U000e0041" * 5000, "characters that are not seen, many"),
    ("e" + "\u0301" * 5000, "a letter with many marks"),
    ("\U0001f600" * 5000, "characters of four bytes"),
    ("'" * 5000, "quotes"),
    ("&" * 5000, "characters with a long name in HTML"),
]


@cases(HOSTILE, why=1)
@pytest.mark.parametrize("is_sum", [False, True])
def test_name_is_text_in_it_whatever_it_is(case, is_sum):
    name = case[0]
    bars = [(name, i + 1, [name]) for i in range(30)]
    made = picture(*bars, heads=[name], is_sum=is_sum)
    made.title = made.what = made.amount = name
    made.facts = [name] * 30
    made.notes = [name] * 30
    text = html_of(made)
    assert len(text.encode()) <= 20_000
    seen = Seen(text)
    assert (seen.tags, seen.open) == (KINDS, [])
    assert all(each.isprintable() for each in "".join(seen.texts).split("\n"))
    assert "tex2jax_ignore" in text


def test_bars_are_as_long_as_the_amounts_and_the_others_have_none():
    text = html_of(picture(*[(f"name {i}", 1024 * i) for i in range(1, 13)]))
    widths = re.findall(r'<div style="width:([\d.]+)%', text)
    assert widths == [f"{100 * i / 12:.1f}" for i in range(12, 2, -1)]
    assert "2 others" in text
    assert "3.00 MiB" in text  # of 2 MiB and 1 MiB
    assert "<script" not in text


def test_sum_keeps_its_order_and_what_is_nothing():
    made = picture(("small", 1), ("none", 0), ("large", 9), is_sum=True)
    assert [bar.name for bar in made.top()] == ["small", "none", "large"]
    assert html_of(made).count("%;min-width:1px") == 2  # no bar for nothing


@pytest.mark.parametrize(
    ("count", "shown", "words"),
    [
        (0, 0, None),
        (TOP, TOP, None),
        (TOP + 1, TOP, "1 other"),
        (5000 + TOP, TOP, "5,000 others"),
    ],
)
def test_the_largest_are_shown_and_the_others_counted(count, shown, words):
    made = picture(*[(str(i), i) for i in range(1, count + 1)])
    assert len(made.top()) == shown
    assert (made.rest and made.rest.name) == words
    assert made.largest_kb == max(count, 1)


def test_growth_has_a_sign_besides_its_colour():
    text = html_of(picture(("a", 2), ("b", -1024), ("c", 0), is_growth=True))
    texts = Seen(text).texts
    assert texts.index("-1.00 MiB") < texts.index("+2 KiB")
    assert "c" not in texts
    colours = re.findall(r"background:(#\w+)", text)
    assert len({*colours}) == 2


@pytest.mark.parametrize(
    ("more", "words"), [({}, "no memory"), ({"is_growth": True}, "nothing changed")]
)
def test_nothing_is_said_in_words(more, words):
    text = html_of(picture(("a", None), **more))
    assert words in text
    assert "<table" not in text


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("page", ["#ffffff", "#111111"])
def test_bars_are_seen_on_light_and_dark_and_the_text_has_the_colour_of_the_page(page):
    text = html_of(picture(("a", 2), ("b", -1), is_growth=True))
    for colour in re.findall(r"background:(#\w+)", text):
        low, high = sorted((luminance(colour), luminance(page)))
        assert (high + 0.05) / (low + 0.05) >= 3
    assert not re.search(r'[;"]color:', text)
