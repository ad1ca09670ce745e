"""Tables for people: units, widths, and nothing that harms a terminal."""

import os
import termios

import pytest

from memc.human.sheet import Head, Style, fit, table, terminal_width
from memc.human.units import human, safe, shorten

AMOUNTS = [
    ("0", 0),
    ("1 KiB", 1),
    ("999 KiB", 999),
    ("0.98 MiB", 1000),
    ("1.00 MiB", 1024),
    ("9.99 MiB", 10230),
    ("10.0 MiB", 10240),
    ("99.9 MiB", 102300),
    ("100 MiB", 102400),
    ("999 MiB", 1022976),
    ("0.98 GiB", 1024000),
    ("1.46 TiB", 1572864000),
    ("16.0 EiB", 2**54),
    ("-", None),
]


@pytest.mark.parametrize("case", AMOUNTS, ids=lambda case: case[0])
def test_amounts_have_three_digits(case):
    expected, kb = case
    assert expected == human(kb)


def test_partial_amounts_say_so():
    assert human(4, partial=True) == "4 KiB+"
    assert human(None, partial=True) == "-"


TEXTS = [
    ("/usr/lib/libé中.so", "/usr/lib/libé中.so", "letters of any script"),
    (r"a\x1b[31mb", "a\x1b[31mb", "an escape"),
    (r"a\x0ab\x0d\x09", "a\nb\r\t", "control characters"),
    (r"a\x7f\x9b", "a\x7f\x9b", "DEL, and CSI in one character"),
    (
        r"gpj\u202egpj.exe\u2066",
        "gpj\u202egpj.exe\u2066",
        "marks that turn text around",
    ),
    (r"\u200b\ufeff", "\u200b\ufeff", "what has no width"),
    (r"\u2028\u2029", "\u2028\u2029", "line breaks of Unicode"),
    (r"a\xff\xfeb", "a\udcff\udcfeb", "bytes that are not UTF-8"),
    (r"\U000e0001", "\U000e0001", "tags"),
    ("with blank", "with blank", "a blank"),
    (r"a\xa0b", "a\xa0b", "a blank that looks like one and is none"),
]


@pytest.mark.parametrize("case", TEXTS, ids=lambda case: case[2])
def test_names_cannot_command_a_terminal(case):
    expected, text, _ = case
    assert expected == safe(text)


SHORT = [
    ("abc", "abc", 3, "it fits"),
    ("a…", "abcxyz", 2, "hardly anything"),
    ("/usr…bc.so.6", "/usr/lib/x86_64-linux-gnu/libc.so.6", 12, "the end tells most"),
    ("中…文字", "中国中国文字", 8, "wide letters"),
]


@pytest.mark.parametrize("case", SHORT, ids=lambda case: case[3])
def test_middle_is_cut_out(case):
    expected, text, width, _ = case
    assert expected == shorten(text, width)


def lines(heads, columns, width=None, marks=()):
    style = Style(-1)
    return list(table(heads, columns, width=width, style=style, marks=marks))


def test_columns_are_aligned():
    heads = [Head("A", right=True), Head("NAME"), Head("B", right=True)]
    columns = [["1", "100"], ["x", "é中"], ["7", "8"]]
    assert lines(heads, columns) == ["  A  NAME  B", "  1  x     7", "100  é中   8"]


def test_only_columns_that_may_are_cut_to_the_width():
    heads = [Head("SIZE", right=True), Head("PATH", shrinks=True)]
    path = "/a/very/long/path/that/does/not/fit/anywhere/at/all"
    for width in (30, 40, 50):
        found = lines(heads, [["1 KiB"], [path]], width=width)
        assert max(map(len, found)) == width
        assert found[1].startswith("1 KiB  /a/")
        assert found[1].endswith("/at/all")


def test_columns_that_do_not_fit_are_left_out_by_rank():
    heads = [Head("A", rank=1), Head("B", rank=2), Head("C"), Head("D", shrinks=True)]
    columns = [["1234567890"], ["1234567890"], ["1234567890"], ["x" * 100]]
    wanted = {None: [0, 1, 2, 3], 60: [0, 1, 2, 3], 59: [0, 2, 3], 47: [2, 3]}
    for width, expected in {**wanted, 5: [2, 3]}.items():
        assert expected == fit(heads, columns, width)


def test_width_is_that_of_columns_or_of_the_terminal(monkeypatch, tmp_path, pty):
    termios.tcsetwinsize(pty, (24, 66))
    for told, expected in (("77", 77), ("0", 66), ("x", 66), ("", 66)):
        monkeypatch.setenv("COLUMNS", told)
        assert terminal_width(pty) == expected
    with open(tmp_path / "file", "w") as file:
        monkeypatch.setenv("COLUMNS", "77")
        assert terminal_width(file.fileno()) is None


# coloured, TERM, NO_COLOR, why
COLOURS = [
    (True, "xterm", None, "a terminal"),
    (True, "xterm", "", "NO_COLOR that is empty does not count"),
    (False, "xterm", "1", "NO_COLOR"),
    (False, "dumb", None, "a dumb terminal"),
    (False, None, None, "an unknown terminal"),
]


@pytest.mark.parametrize("case", COLOURS, ids=lambda case: case[3])
def test_colour_is_for_terminals_that_want_it(case, monkeypatch, pty):
    expected, term, no_color, _ = case
    for name, value in (("TERM", term), ("NO_COLOR", no_color)):
        monkeypatch.delenv(name, raising=False)
        if value is not None:
            monkeypatch.setenv(name, value)
    assert Style(pty)("x", "1") == ("\x1b[1mx\x1b[0m" if expected else "x")
    assert Style(pty)("x", "") == "x"


@pytest.fixture
def pty():
    """Give a descriptor of a terminal."""
    ours, theirs = os.openpty()
    yield theirs
    os.close(ours)
    os.close(theirs)


def test_no_colour_in_a_file(monkeypatch, tmp_path):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    with open(tmp_path / "file", "w") as file:
        assert Style(file.fileno())("x", "1") == "x"
