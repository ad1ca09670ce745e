"""The manual page: it tells all that the help tells, and roff reads it as meant."""

import importlib.metadata
import os
import re
import shutil
import subprocess
import sys

import pytest
from support.cases import cases

from memc.cli.collect.options import OPTIONS
from memc.cli.commands import COMMANDS, parser_of
from memc.cli.manual import help as main_help, man
from memc.cli.manual.sections import LIST, SECTIONS, USAGE

MACROS = {".EE", ".EX", ".PP", ".SH", ".SS", ".TH", ".TP", ".br", ".in", ".nr"}
ESCAPED = re.compile(r"\\(?:e|-|&|\(aq|\(ga|\(ha|\(ti|f[BIR]|\[u[0-9A-F]{4,6}\])")


def plain(roff):
    """Give what a reader of the page sees, on one line."""
    letters = {r"\e": "\\", r"\-": "-", r"\(aq": "'", r"\(ga": "`", r"\(ha": "^"}
    letters[r"\(ti"] = "~"
    words = ESCAPED.sub(lambda match: letters.get(match[0], ""), roff)
    return " ".join(re.sub(r"^\.[A-Za-z]+", "", words, flags=re.MULTILINE).split())


@pytest.fixture(scope="module")
def page():
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("SOURCE_DATE_EPOCH", raising=False)
        return man.text()


@pytest.fixture(scope="module")
def parts(page):
    """Give the text of each section, commands by their own."""
    found = re.split(r"^\.S[HS] (.*)\n", page, flags=re.MULTILINE)
    return dict(zip(found[1::2], found[2::2], strict=True))


def entries(part):
    """Give the terms of a list."""
    return [plain(term) for term in re.findall(r"^\.TP\n(.*)", part, re.MULTILINE)]


def test_options_are_all_there(parts):
    expected = [f"{', '.join(o.names)} {o.metavar}".strip() for o in OPTIONS]
    assert entries(parts["OPTIONS"]) == expected
    words = plain(parts["OPTIONS"])
    assert [o.names for o in OPTIONS if " ".join(o.help.split()) not in words] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_of_every_command_is_there_with_its_help(parts, name):
    part, parser = parts[f'"memc {name}"'], parser_of(name)
    terms, words = entries(part), plain(part)
    assert len(parser._actions) >= 5
    for action in parser._actions:
        names = ", ".join(action.option_strings) or action.metavar
        assert [t for t in terms if t == names or t.startswith(f"{names} ")] != []
        assert " ".join((action.help or "?").split()).replace("%%", "%") in words
    for text in (parser.description, parser.status, parser.examples):
        assert plain(man.escape(text)) in words
    assert COMMANDS[name].line in plain(parts["COMMANDS"])


def test_sections_are_those_of_the_help(parts, page):
    told = main_help.text()
    for title, _, body in SECTIONS:
        assert title in told
        assert body in told
        assert plain(man.escape(body)) in plain(page)
        assert not title or title.partition(" (")[0].upper() in parts
    assert [usage for usage in USAGE if usage not in plain(parts["SYNOPSIS"])] == []
    last = ["EXIT STATUS", "ENVIRONMENT", "EXAMPLES", "SEE ALSO"]
    assert list(parts)[-4:] == last
    assert list(parts)[:5] == ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "COMMANDS"]


def test_lists_are_lists(parts):
    assert entries(parts["EXIT STATUS"]) == ["0", "1", "2"]
    assert entries(parts["DETAILS"])[:2] == ["maps", "--rss"]
    kinds = {title: kind for title, kind, _ in SECTIONS}
    assert kinds["environment"] == LIST


def test_variables_that_are_read_are_told(parts, root):
    """SOURCE_DATE_EPOCH is for who builds packages."""
    code = [path.read_text() for path in root.glob("memc/**/*.py")]
    code += [path.read_text() for path in root.glob("csrc/**/*.c")]
    pattern = re.compile(r'(?:environ\.get|getenv)\("(\w+)"')
    read = {name for text in code for name in pattern.findall(text)}
    assert {"MEMC_BACKEND", "COLUMNS"} <= read
    words = plain(parts["ENVIRONMENT"])
    assert [n for n in read - {"SOURCE_DATE_EPOCH"} if n not in words] == []


def test_roff_is_given_only_what_it_knows(page):
    assert page.isascii()
    for line in page.splitlines():
        assert not line.startswith("'")
        assert not line.startswith(".") or line.split(" ")[0] in MACROS
        assert "\\" not in ESCAPED.sub("", line)
        if not line.startswith("."):
            assert "-" not in ESCAPED.sub("", line)


@cases(
    [
        (r"\-\-all", "--all", "hyphens that can be copied"),
        (r"80\e%", "80\\%", "a backslash"),
        (r"\&.git and .git", ".git and .git", "a dot that begins a line"),
        ("a\n\\&.b", "a\n.b", "a dot that begins another"),
        (r"\(aqx\(aq \(gay\(ga", "'x' `y`", "quotes that stay straight"),
        (r"\(ha1\(ti", "^1~", "what would be an accent"),
        (r"\[u2026]", "…", "a letter beyond ASCII"),
    ],
    why=2,
)
def test_text_is_escaped(case):
    expected, text, _ = case
    assert man.escape(text) == expected


@pytest.fixture
def sources(root, tmp_path):
    """Give a source tree that has no extension module."""
    folder = tmp_path / "sources"
    unwanted = shutil.ignore_patterns("__pycache__", "*.so")
    shutil.copytree(root / "memc", folder / "memc", ignore=unwanted)
    shutil.copy(root / "pyproject.toml", folder)
    return folder


def made(sources, **env):
    """Make the page as a build does."""
    env = {"PATH": os.environ["PATH"], "MEMC_BACKEND": "pure", **env}
    command = [sys.executable, "-S", "-B", "-m", "memc.cli.manual.man"]
    return subprocess.run(
        command, cwd=sources, env=env, check=True, capture_output=True, text=True
    ).stdout


def test_page_is_made_of_the_sources_alone_wherever_and_whenever(sources, page):
    assert made(sources) == page
    assert made(sources, COLUMNS="20", TZ="Asia/Tokyo", LC_ALL="C") == page
    assert made(sources, COLUMNS="500", PYTHONHASHSEED="7") == page


def test_date_is_the_one_that_a_build_tells(sources, page):
    dated = made(sources, SOURCE_DATE_EPOCH="1700000000")
    assert dated.splitlines()[1].startswith('.TH MEMC 1 "2023-11-14" "memc ')
    assert page.splitlines()[1].startswith('.TH MEMC 1 "" "memc ')
    assert dated.splitlines()[2:] == page.splitlines()[2:]


def test_wheel_installs_the_page(page):
    files = importlib.metadata.files("memc")
    (path,) = [file for file in files if file.name == "memc.1"]
    assert path.parts[-4:] == ("share", "man", "man1", "memc.1")
    assert path.locate().read_text() == page
