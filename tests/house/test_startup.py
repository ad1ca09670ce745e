"""Start-up cost, counted in modules because milliseconds depend on the machine."""

import subprocess
import sys

import pytest
from support import children
from support.commands import SIBLING
from support.machines import fill
from support.text import page

DEAR = """argparse ast asyncio cffi collections concurrent contextlib ctypes dataclasses
difflib email enum functools importlib.metadata inspect json logging multiprocessing
numpy orjson pathlib pickle platform random re select shutil signal socket string struct
subprocess tempfile textwrap threading tomllib traceback typing unittest urllib uuid
warnings weakref"""
FREE = {"__future__", "errno", "itertools", "time"}  # built in, or nearly
HEADER = "import time:"


def imported(folder, *args, env=None):
    """Name the modules that a fresh interpreter imports, in order."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *map(str, args)],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        check=True,
    )
    lines = [line for line in done.stderr.splitlines() if line.startswith(HEADER)]
    return [line.rsplit("|", 1)[1].strip() for line in lines[1:]]


@pytest.fixture
def beyond(tmp_path):
    """Give a function: what more do these arguments import than an empty package?"""
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "__main__.py").write_text("")
    floor = set(imported(tmp_path, "-m", "empty"))
    return lambda *args: [m for m in imported(tmp_path, *args) if m not in floor]


STATEMENTS = [
    "import memc",
    "import memc.fast",
    "import memc.cli",
    "import memc.read.native",
]


@pytest.mark.parametrize("statement", STATEMENTS)
def test_import_loads_nothing_dear(beyond, statement):
    found = beyond("-c", statement)
    assert "memc" in found
    assert set(found) & set(DEAR.split()) == set()


def of_memc(names):
    return [name for name in names if name.split(".")[0] == "memc"]


MODULES_OF_A_SNAPSHOT = 14  # measured; add one only for a reason


def test_import_loads_the_package_alone_and_a_snapshot_few_modules(beyond, monkeypatch):
    monkeypatch.setenv("MEMC_BACKEND", "native")
    assert of_memc(beyond("-c", "import memc")) == ["memc"]
    found = of_memc(beyond("-c", "import memc, os; memc.snapshot(os.getpid())"))
    assert "memc.read.native" in found
    assert len({*found} - {"memc"}) <= MODULES_OF_A_SNAPSHOT, found
    assert not [name for name in found if name.startswith("memc.owners")]


def test_import_of_the_package_loads_no_backend(beyond):
    found = set(beyond("-c", "import memc"))
    assert (
        found & {"memc.read.native", "memc.ffi._memc", "memc.pure.collect", "memc.cli"}
        == set()
    )


@pytest.mark.parametrize("options", [(), ("--smaps", "--full", "--compact")])
def test_the_command_loads_nothing_dear(beyond, options, monkeypatch):
    monkeypatch.setenv("MEMC_BACKEND", "native")
    with children.waiting() as child:
        found = beyond("-m", "memc", child.pid, *options)
    assert "memc.read.native" in found
    assert set(found) & set(DEAR.split()) == set()
    assert "memc.pure.collect" not in found
    ours = {"memc", "_cffi_backend"}
    assert {m for m in found if m.split(".")[0] not in ours} <= FREE


def test_snapshot_through_the_api_loads_nothing_dear(beyond, monkeypatch):
    monkeypatch.setenv("MEMC_BACKEND", "native")
    found = beyond("-c", "import memc, os; memc.snapshot(os.getpid()).to_json()")
    assert "memc.read.native" in found
    assert set(found) & set(DEAR.split()) == set()


@pytest.mark.parametrize(
    "args", [("-m", "memc", "--version"), ("-c", "import memc; memc.__version__")]
)
def test_version_loads_nothing_dear(beyond, args):
    found = set(beyond(*args))
    assert "memc._version" in found
    assert found & set(DEAR.split()) == set()


def test_help_and_version_load_no_backend(beyond):
    for option in ("--help", "--version"):
        found = set(beyond("-m", "memc", option))
        assert (
            found & {"memc.read.native", "memc.ffi._memc", "memc.pure.collect"} == set()
        )


# What commands for people do without until an option asks for it.
RE = {"re", "enum", "functools", "types"}  # re, and what it imports
# What the module array imports where Python has not (PyInit_array() imports
# collections.abc since 3.12).
OF_ARRAY = {"collections", "functools", "operator"}
SHOWN_DEAR = {*DEAR.split(), "gettext", "locale", "types", "bz2"} - OF_ARRAY


def test_show_loads_nothing_dear(beyond, monkeypatch):
    monkeypatch.setenv("MEMC_BACKEND", "native")
    with children.waiting() as child:
        found = set(beyond("-m", "memc", "show", child.pid))
    assert found & SHOWN_DEAR == set()
    assert (
        found & {"csv", "difflib", "memc.pure.collect", "memc.files.loading", "pwd"}
        == set()
    )


def test_the_command_in_python_loads_no_more_than_its_package(tmp_path, monkeypatch):
    """A script of pip would import re before memc, and `-m` imports contextlib."""
    monkeypatch.setenv("MEMC_BACKEND", "native")
    floor = set(imported(tmp_path, "-c", "pass"))
    with children.waiting() as child:
        found = set(imported(tmp_path, SIBLING, "show", child.pid)) - floor
    assert found & {*DEAR.split(), *OF_ARRAY} == set()


def test_check_loads_nothing_dear(beyond, monkeypatch):
    monkeypatch.setenv("MEMC_BACKEND", "native")
    with children.waiting() as child:
        found = set(beyond("-m", "memc", "check", child.pid, "--max-rss", "1T"))
    assert found & SHOWN_DEAR == set()
    assert (
        found
        & {"memc.pure.collect", "memc.analysis.groups", "memc.files.loading", "pwd"}
        == set()
    )
    assert (
        found
        & {"memc.table.document", "memc.analysis.twice_mapped", "memc.targets.meant"}
        == set()
    )


def test_diff_loads_nothing_dear(beyond, monkeypatch, tree):
    monkeypatch.setenv("MEMC_BACKEND", "native")
    tree.add(1, smaps=page(1))
    args = ("diff", 1, "--after", "1ms", "--proc", tree)
    found = set(beyond("-m", "memc", *args))
    assert "memc.analysis.match" in found
    assert found & SHOWN_DEAR == set()
    apart = {"csv", "memc.pure.collect", "memc.files.loading", "memc.files.json_in"}
    assert found & {*apart, "memc.targets.read_files"} == set()


def test_machine_loads_nothing_dear(beyond, monkeypatch, tree):
    monkeypatch.setenv("MEMC_BACKEND", "native")
    found = set(beyond("-m", "memc", "machine", "--proc", fill(tree)))
    assert "memc.accounts.machine" in found
    assert found & SHOWN_DEAR <= {*RE, "collections", "operator"}
    apart = ("memc.cgroups", "memc.read", "memc.ffi", "memc.accounts.group", "csv")
    assert not [name for name in found if name.startswith(apart)]


PYTEST = """
import pytest, sys
status = pytest.main(["-q", "-p", "no:cacheprovider", "test_empty.py"])
print(status == 0, *sorted(m for m in sys.modules if m.split(".")[0] == "memc"))
"""


def test_the_plugin_of_pytest_loads_the_package_alone(beyond, tmp_path):
    (tmp_path / "test_empty.py").write_text("def test_nothing():\n    pass\n")
    package = of_memc(beyond("-c", "import memc"))
    argv = [sys.executable, "-c", PYTEST]
    done = subprocess.run(argv, cwd=tmp_path, capture_output=True, check=True)
    found = done.stdout.decode().splitlines()[-1].split()
    assert found == ["True", *sorted([*package, "memc.pytest_plugin"])]


def test_every_public_name_is_there():
    code = "import memc; [getattr(memc, name) for name in (*memc.__all__, *dir(memc))]"
    subprocess.run([sys.executable, "-c", code], cwd="/", check=True)
