"""The face of the package: its public names, where each comes from, what they cost."""

import ast
import importlib
import json
import subprocess
import sys
from importlib.resources import files

import pytest

import memc

PUBLIC = """
AccessDenied Column DataCollector FormatError Freed MemcError Note Process ProcessError
ProcessGone Recorder Recording Region Sampler Skipped Snapshot Stays SystemSnapshot
Table arrow diff freed load machine rss_kb snapshot snapshot_all"""
MODULES = {
    "document": "memc.table.document",
    "fallback": "memc.fallback",
    "fast": "memc.fast",
    "fields": "memc.table.fields",
    "owners": "memc.owners",
    "threads": "memc.proc.threads",
}


def fresh(code):
    """Give what a fresh interpreter prints as JSON."""
    head = "import json, sys\n"
    argv = [sys.executable, "-I", "-c", head + code]
    done = subprocess.run(argv, check=True, capture_output=True, cwd="/")
    return json.loads(done.stdout)


def test_public_names_are_these():
    assert PUBLIC.split() == memc.__all__
    assert set(memc.LAZY) == set(memc.__all__)
    assert sorted(memc.__all__) == memc.__all__


def test_dir_shows_public_names_alone_before_and_after_their_use():
    code = "import memc; before = dir(memc); memc.load; memc.fields; memc.threads\n"
    before, after = fresh(code + "print(json.dumps([before, dir(memc)]))")
    more = ["__version__", "fallback", "fast", "owners"]
    assert sorted([*PUBLIC.split(), *more]) == before == after


@pytest.mark.parametrize("name", PUBLIC.split())
def test_name_comes_from_the_module_that_defines_it(name):
    value = getattr(memc, name)
    assert (value.__name__, value.__module__) == (name, memc.LAZY[name])


@pytest.mark.parametrize("name", MODULES)
def test_module_is_found_under_its_public_name(name):
    assert getattr(memc, name) is importlib.import_module(MODULES[name])


def test_type_checkers_find_each_name_where_users_do():
    """They see the imports of one block, users what `LAZY` and `MODULES` say."""
    tree = ast.parse(files("memc").joinpath("__init__.py").read_text())
    blocks = [
        node
        for node in tree.body
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    ]
    seen = {
        alias.asname or alias.name: (node.module, alias.name)
        for block in blocks
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    used = {name: (module, name) for name, module in memc.LAZY.items()}
    used |= {name: tuple(m.rsplit(".", 1)) for name, m in MODULES.items()}
    assert used == seen


def test_import_of_the_package_loads_that_one_module():
    code = "before = {*sys.modules}; import memc\n"
    found = fresh(code + "print(json.dumps(sorted({*sys.modules} - before)))")
    assert set(found) - {"__future__"} == {"memc"}


def test_first_use_of_a_name_loads_what_it_needs():
    code = "import memc; memc.FormatError\n"
    found = fresh(code + "print(json.dumps([m for m in sys.modules if 'memc' in m]))")
    assert found == ["memc", "memc.errors"]


def test_star_imports_the_public_names():
    code = "from memc import *\n"
    found = fresh(code + "print(json.dumps([x for x in dir() if x[0] != '_']))")
    assert sorted([*PUBLIC.split(), "json", "sys"]) == found


@pytest.mark.parametrize("name", ["snap", "cli_of_tomorrow", "_memc"])
def test_name_that_is_not_there_is_an_attribute_error(name):
    with pytest.raises(AttributeError, match=f"^module 'memc' has no .* '{name}'$"):
        getattr(memc, name)
