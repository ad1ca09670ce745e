"""The manual pages: they tell all that the help tells, and roff reads it as meant.

memc.1 is the page of the whole, and each sub-command has one of its own.
"""

import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import tarfile
from io import BytesIO

import pytest
from support.cases import cases

from memc.cli.collect.options import OPTIONS
from memc.cli.commands import COMMANDS, parser_of
from memc.cli.manual import help as main_help, man, roff
from memc.cli.manual.sections import LIST, SECTIONS, USAGE

OF_A_COMMAND = ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS"]
OF_A_COMMAND += ["ENVIRONMENT", "EXAMPLES", "SEE ALSO"]
MACROS = {".EE", ".EX", ".PP", ".SH", ".SS", ".TH", ".TP", ".br", ".in", ".nr"}
ESCAPED = re.compile(r"\\(?:e|-|&|\(aq|\(ga|\(ha|\(ti|f[BIR]|\[u[0-9A-F]{4,6}\])")


def plain(roff):
    """Give what a reader of the page sees, on one line."""
    letters = {r"\e": "\\", r"\-": "-", r"\(aq": "'", r"\(ga": "`", r"\(ha": "^"}
    letters[r"\(ti"] = "~"
    shown = re.sub(r"^\.in.*", "", roff, flags=re.MULTILINE)
    words = ESCAPED.sub(lambda match: letters.get(match[0], ""), shown)
    return " ".join(re.sub(r"^\.[A-Za-z]+", "", words, flags=re.MULTILINE).split())


@pytest.fixture(scope="module")
def pages():
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("SOURCE_DATE_EPOCH", raising=False)
        return man.pages()


@pytest.fixture(scope="module")
def page(pages):
    return pages["memc.1"]


@pytest.fixture(scope="module")
def parts(page):
    return parts_of(page)


def parts_of(page):
    """Give the text of each section."""
    found = re.split(r"^\.SH (.*)\n", page, flags=re.MULTILINE)
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
def test_every_option_of_every_command_is_in_its_page_with_its_help(pages, name):
    parts, parser = parts_of(pages[f"memc-{name}.1"]), parser_of(name)
    terms, words = entries(parts["OPTIONS"]), plain(parts["OPTIONS"])
    assert len(parser._actions) >= 5
    for action in parser._actions:
        names = ", ".join(action.option_strings) or action.metavar
        assert [t for t in terms if t == names or t.startswith(f"{names} ")] != []
        assert " ".join((action.help or "?").split()).replace("%%", "%") in words
    assert len(terms) == len(parser._actions)


@pytest.mark.parametrize("name", COMMANDS)
def test_page_of_a_command_tells_the_rest_of_its_help(pages, name):
    parts, parser = parts_of(pages[f"memc-{name}.1"]), parser_of(name)
    assert list(parts) == OF_A_COMMAND
    assert (
        parts["NAME"] == rf"memc\-{name} \- {roff.escape(COMMANDS[name].line)}" + "\n"
    )
    assert plain(parts["SYNOPSIS"]).startswith(f"memc {name} [options]")
    for title, text in (
        ("DESCRIPTION", parser.description),
        ("EXIT STATUS", parser.status),
        ("EXAMPLES", parser.examples),
    ):
        assert plain(roff.escape(text)) in plain(parts[title])
    statuses = re.findall(r"^  ([0-9N])  ", parser.status, re.MULTILINE)
    assert entries(parts["EXIT STATUS"]) == statuses != []


def test_page_of_the_whole_leads_to_each_command(parts):
    assert entries(parts["COMMANDS"]) == [f"memc {name}" for name in COMMANDS]
    words = plain(parts["COMMANDS"])
    for name, command in COMMANDS.items():
        assert f"{command.line}. See memc-{name}(1)." in words
        assert f"memc-{name}(1)" in plain(parts["SEE ALSO"])


def test_page_of_a_command_leads_to_those_that_it_names(pages):
    for name in COMMANDS:
        led_to = re.findall(r"memc-?(\w*)\(1\)", plain(pages[f"memc-{name}.1"]))
        assert {*led_to} <= {"", *COMMANDS}
    last = plain(parts_of(pages["memc-show.1"])["SEE ALSO"])
    assert last == "memc(1), memc-record(1)"


@cases(
    [
        ("a\n.PP\nb", "a\n\nb", "paragraphs"),
        ("a\n.TP\n\\fBx\\fR\ny z", "a\n  x  y\n     z", "an entry of a list"),
        ("a\n.TP\n\\fBx\\fR\ny\n.PP\nb", "a\n\n  x  y\n\nb", "a list by itself"),
        ("a\n.PP\n.in \\-2n\n.EX\n  x y\n.EE\n.in", "a\n\n  x y\n", "lines to type"),
    ],
    why=2,
)
def test_indented_lines_of_a_description_are_not_filled(case):
    expected, text, _ = case
    found = "\n".join(roff.described(text))
    assert found.replace(".in -2n", r".in \-2n") == expected


def test_sections_are_those_of_the_help(parts, page):
    told = main_help.text()
    for title, _, body in SECTIONS:
        assert title in told
        assert body in told
        assert plain(roff.escape(body)) in plain(page)
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


def test_roff_is_given_only_what_it_knows(pages):
    text = "".join(pages.values())
    assert text.isascii()
    for line in text.splitlines():
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
    assert roff.escape(text) == expected


@pytest.fixture
def sources(root, tmp_path):
    """Give a source tree that has no extension module."""
    folder = tmp_path / "sources"
    unwanted = shutil.ignore_patterns("__pycache__", "*.so")
    shutil.copytree(root / "memc", folder / "memc", ignore=unwanted)
    shutil.copy(root / "pyproject.toml", folder)
    return folder


def made(sources, **env):
    """Make the pages as a build does."""
    env = {"PATH": os.environ["PATH"], "MEMC_BACKEND": "pure", **env}
    command = [sys.executable, "-S", "-B", "-m", "memc.cli.share"]
    packed = subprocess.run(command, cwd=sources, env=env, check=True, stdout=-1).stdout
    with tarfile.open(fileobj=BytesIO(packed)) as tar:
        return {
            os.path.basename(member.name): tar.extractfile(member).read().decode()
            for member in tar
            if member.name.startswith("man/man1/")
        }


def test_pages_are_made_of_the_sources_alone_wherever_and_whenever(sources, pages):
    assert made(sources) == pages
    assert made(sources, COLUMNS="20", TZ="Asia/Tokyo", LC_ALL="C") == pages
    assert made(sources, COLUMNS="500", PYTHONHASHSEED="7") == pages


def test_date_is_the_one_that_a_build_tells(sources, pages):
    for name, dated in made(sources, SOURCE_DATE_EPOCH="1700000000").items():
        title = name.removesuffix(".1").upper().replace("-", r"\-")
        assert dated.splitlines()[1].startswith(f'.TH {title} 1 "2023-11-14" "memc ')
        assert pages[name].splitlines()[1].startswith(f'.TH {title} 1 "" "memc ')
        assert dated.splitlines()[2:] == pages[name].splitlines()[2:]


def test_one_page_is_printed_alone(sources, pages):
    command = [sys.executable, "-S", "-B", "-m", "memc.cli.manual.man"]
    for args, name in (([], "memc.1"), (["show"], "memc-show.1")):
        done = subprocess.run([*command, *args], cwd=sources, check=True, stdout=-1)
        assert done.stdout.decode() == pages[name]


def test_wheel_installs_the_pages(pages):
    files = importlib.metadata.files("memc")
    found = {f.name: f for f in files if f.parts[-4:-1] == ("share", "man", "man1")}
    assert {name: f.locate().read_text() for name, f in found.items()} == pages
