"""docs/speed.md and the README's table have the rows of the suite in benchmarks/.

The figures are those of a run, and no test looks at them.
"""

import ast
import json
import re
import subprocess
import sys

import pytest
from support.corpus import CHECKOUT
from support.manual import PAGES

LIST = """
import json, suite
print(json.dumps([suite.sections(), list(suite.HEADLINES.items())]))
"""
BENCHES = sorted((CHECKOUT / "benchmarks").glob("bench_*.py"))
TABLE = re.compile(r"^\| question \|.*?\n\n", re.MULTILINE | re.DOTALL)


def first_cells(table):
    return [line.split(" | ")[0].removeprefix("| ") for line in table.splitlines()[2:]]


@pytest.fixture(scope="module")
def suite():
    done = subprocess.run(
        [sys.executable, "-c", LIST],
        cwd=CHECKOUT / "benchmarks",
        capture_output=True,
        check=True,
    )
    return json.loads(done.stdout)


def test_page_has_each_section_and_row_of_the_suite(suite):
    sections, _ = suite
    page = PAGES["docs/speed.md"]
    found = [first_cells(table.strip()) for table in TABLE.findall(page + "\n\n")]
    assert [names for _, _, names in sections] == found
    for title, _, _ in sections:
        assert f"\n## {title}\n" in page


def test_readme_has_a_screen_of_rows_of_the_suite(suite):
    sections, headlines = suite
    (table,) = re.findall(
        r"<!-- speed: .*?-->\n(.*?)<!-- end of speed -->", PAGES["README.md"], re.DOTALL
    )
    assert [short for short, _ in headlines] == first_cells(table)
    rows = {what for _, _, names in sections for what in names}
    assert {what for _, what in headlines} <= rows
    assert len(table.splitlines()) <= 17
    assert max(map(len, table.splitlines())) <= 80


@pytest.mark.parametrize("path", BENCHES, ids=lambda path: path.stem)
def test_rows_of_each_file_are_run(path):
    """pytest collects functions: rows without one stand in the page and never run."""
    body = ast.parse(path.read_text()).body
    names = [node.name for node in body if isinstance(node, ast.FunctionDef)]
    assert [name for name in names if name.startswith("bench_")]
