"""README.md and docs/ are true: examples run, tables and links are the program's.

``console`` and ``bash`` blocks run in a shell, ``python`` blocks in Python, ``json``
blocks are loaded.  test_clib_install.py compiles the ``c`` blocks, and
test_pytest_fixture.py runs the ``py`` block.
"""

import os
import re
import subprocess
import sys

import orjson
import pytest
from support import children
from support.commands import SCRIPTS
from support.corpus import CHECKOUT
from support.manual import (
    FENCE,
    PAGES,
    all_blocks,
    anchors,
    blocks,
    links,
    rows,
    section,
    words,
)

import memc
from memc.cli.collect.options import OPTIONS
from memc.cli.commands import COMMANDS, parser_of
from memc.table.fields import TYPES

pytestmark = pytest.mark.kernel

README = "README.md"
LANGUAGES = {"", "bash", "c", "cmake", "console", "json", "py", "python"}
OPTION = re.compile(r"(?<![\w-])(--?[a-z][a-z-]*)")
CONSOLE = [
    (page, line[2:])
    for page, block in all_blocks("console")
    for line in block.splitlines()
    if line.startswith("$ ")
]
SHELL = [
    (page, "\n".join(lines))
    for page, block in all_blocks("bash")
    if (lines := [line for line in block.splitlines() if line.startswith("memc ")])
]


def names(pairs):
    return [f"{page}-{text.strip().splitlines()[0]}" for page, text in pairs]


def each(pairs):
    return pytest.mark.parametrize("text", [t for _, t in pairs], ids=names(pairs))


def shell(command, tmp_path):
    """Run lines in a shell; process 1234 is one of the test, samples are few."""
    with children.waiting() as child:
        command = command.replace("1234", str(child.pid))
        command = command.replace("--count 0", "--count 2")
        done = subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", command],
            check=False,
            capture_output=True,
            cwd=tmp_path,
            env={**os.environ, "PATH": f"{SCRIPTS}:{os.environ['PATH']}"},
        )
    assert (done.returncode, b"Traceback" in done.stderr) == (0, False), done.stderr
    return done


def test_each_kind_of_example_is_there():
    assert len(CONSOLE) >= 10
    assert len(SHELL) >= 3
    assert len(all_blocks("python")) >= 8
    for language in ("console", "python", "c"):
        assert len(blocks(README, language)) >= 1


def test_readme_is_short():
    assert len(PAGES[README].splitlines()) <= 240


def test_first_command_ends_in_20_lines_of_json_and_a_table():
    """As CI runs it: the pipe that head closes is no error, and memc says nothing."""
    line, *_ = blocks(README, "bash")[0].splitlines()
    commands = line.partition("install . && ")[2].replace(".venv/bin", SCRIPTS)
    done = subprocess.run(["bash", "-c", commands], check=False, capture_output=True)
    assert (done.returncode, b"pipe" in done.stderr.lower()) == (0, False)
    lines = done.stdout.decode().splitlines()
    assert lines[0] == "{"
    assert lines[20].split()[-1] == "OWNER"
    assert any(", process " in line for line in lines[21:])


@pytest.mark.parametrize("page", PAGES)
def test_every_block_is_in_a_language_that_is_tested(page):
    assert {language for language, _ in FENCE.findall(PAGES[page])} <= LANGUAGES
    assert len(re.findall("^```", PAGES[page], re.MULTILINE)) % 2 == 0


@each(CONSOLE)
def test_example_with_output_runs(text, tmp_path):
    done = shell(text, tmp_path)
    assert done.stdout or "--output" in text


@each(SHELL)
def test_shell_example_runs(text, tmp_path):
    shell(text, tmp_path)


@each(all_blocks("python"))
def test_python_example_runs(text, tmp_path):
    done = subprocess.run(
        [sys.executable, "-I", "-W", "error::RuntimeWarning", "-c", text],
        check=False,
        capture_output=True,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout


@each(all_blocks("json"))
def test_json_example_is_a_document(text, tmp_path):
    path = tmp_path / "example.json"
    path.write_text(text)
    loaded = memc.load(path)
    if isinstance(loaded, memc.SystemSnapshot):
        assert orjson.loads(text)["process_count"] == len(loaded.processes)
    else:
        assert orjson.loads(text)["total_rss_kb"] == loaded.total_rss_kb


def keys(document):
    """Give every key of a document, and of the first object of each list in it."""
    found = set(document)
    for value in document.values():
        first = value[0] if isinstance(value, list) and value else value
        if isinstance(first, dict):
            found |= keys(first)
    return found


@pytest.mark.parametrize("detail", ["uss", "smaps", "rollup"])
def test_every_key_of_a_document_is_explained(detail):
    known = {word for page in ("docs/json.md", "docs/glossary.md")
             for word in re.findall(r"\w+", " ".join(words(PAGES[page])))}  # fmt: skip
    snap = memc.snapshot(os.getpid(), detail=detail)
    system = memc.snapshot_all(detail=detail)
    for shown in (snap, system):
        found = keys(orjson.loads(shown.to_json(full=True)))
        assert found - known - set(snap.columns) == set()


def test_options_table_is_the_programs():
    table = rows(PAGES["docs/commands.md"], "option | meaning | default")
    named = {name for row in table for name in OPTION.findall(row[0])}
    assert named == {name for option in OPTIONS for name in option.names}


def test_options_in_the_readme_are_the_programs():
    table = rows(PAGES[README], "option | meaning")
    named = {name for row in table for name in OPTION.findall(row[0])}
    assert named
    assert named <= {name for option in OPTIONS for name in option.names}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_of_a_command_is_explained(name):
    text = section("docs/commands.md", f"memc {name}")
    if name != "show":
        text += section("docs/commands.md", "memc show")
    named = set(OPTION.findall(" ".join(words(text))))
    options = {o for a in parser_of(name)._actions for o in a.option_strings}
    assert options - named - {"-h", "--help"} == set()


def test_commands_page_names_no_option_that_is_not_there():
    known = {name for option in OPTIONS for name in option.names}
    for name in COMMANDS:
        known |= {o for a in parser_of(name)._actions for o in a.option_strings}
    named = set(OPTION.findall(" ".join(words(PAGES["docs/commands.md"]))))
    assert named - known == {"-m"}  # python -m memc


def test_types_table_is_the_programs():
    table = rows(PAGES["docs/json.md"], "`type` | what the region is")
    assert {name for row in table for name in words(row[0])} == set(TYPES)


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page):
    folder = (CHECKOUT / page).parent
    for target in links(page):
        path, _, anchor = target.partition("#")
        file = (folder / path).resolve() if path else CHECKOUT / page
        assert file.exists(), target
        if anchor:
            assert anchor in anchors(str(file.relative_to(CHECKOUT))), target


def test_readme_leads_to_every_page():
    assert {page for page in PAGES if page != README} <= set(links(README))


def test_tests_that_hold_the_promises_are_there():
    named = set(re.findall(r"`(test_\w+\.py)`", PAGES["docs/security.md"]))
    assert len(named) >= 10
    assert named <= {path.name for path in CHECKOUT.glob("tests/**/test_*.py")}
