"""Modules are found the lean way as in the usual way, or not at all."""

import compileall
import importlib.util
import os
import py_compile
import shutil
import subprocess
import sys
from importlib.machinery import PathFinder
from pathlib import Path

import pytest
from support.commands import SIBLING

import memc
from memc.cli import lean


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Give the folder of a copy of the package, all of it compiled."""
    home = tmp_path_factory.mktemp("lean") / "memc"
    leave = shutil.ignore_patterns("__pycache__", "*.so")
    shutil.copytree(Path(memc.__file__).parent, home, ignore=leave)
    assert compileall.compile_dir(home, quiet=1)
    return home


def compiled(path):
    py_compile.compile(path, doraise=True)


def test_every_module_is_found_as_usual(home):
    for path in home.rglob("*.py"):
        words = path.relative_to(home.parent).with_suffix("").parts
        words = words[:-1] if words[-1] == "__init__" else words
        if len(words) == 1:
            continue
        name, places = ".".join(words), [str(home.parent.joinpath(*words[:-1]))]
        found = lean.Finder.find_spec(name, places)
        usual = PathFinder.find_spec(name, places)
        assert found is not None, name
        for what in ("origin", "cached", "has_location", "parent"):
            assert getattr(found, what) == getattr(usual, what), (name, what)
        assert found.submodule_search_locations == usual.submodule_search_locations
        assert found.loader.get_code(name) == usual.loader.get_code(name)
        assert found.loader.is_package(name) == usual.loader.is_package(name)


@pytest.fixture
def module(tmp_path):
    """Give a compiled module of a package of the same name as ours."""
    path = tmp_path / "room.py"
    path.write_text("VALUE = 1\n")
    compiled(path)
    return path


def find(path):
    return lean.Finder.find_spec("memc.room", [str(path.parent)])


def test_a_compiled_module_runs(module):
    made = importlib.util.module_from_spec(find(module))
    made.__spec__.loader.exec_module(made)
    assert (made.VALUE, made.__file__) == (1, str(module))


def change(path):
    path.write_text("VALUE = 234\n")


def touch(path):
    os.utime(path, (1, 1))


def cut(path):
    cached = Path(importlib.util.cache_from_source(path))
    cached.write_bytes(cached.read_bytes()[:10])


def foreign(path):
    cached = Path(importlib.util.cache_from_source(path))
    cached.write_bytes(b"\0\0\0\0" + cached.read_bytes()[4:])


def hashed(path):
    mode = py_compile.PycInvalidationMode.CHECKED_HASH
    py_compile.compile(path, invalidation_mode=mode)


def uncompiled(path):
    Path(importlib.util.cache_from_source(path)).unlink()


def large(path):
    path.write_text("VALUE = " + repr("x" * lean.SIZE_MAX))
    compiled(path)


@pytest.mark.parametrize(
    "spoil",
    [
        change,  # another size
        touch,  # another time
        cut,  # not even the head is whole
        foreign,  # of another Python
        hashed,  # says nothing of the time of its source
        uncompiled,
        large,  # more than is read at once
        Path.unlink,  # the source is gone
    ],
)
def test_what_is_not_as_expected_is_left_to_the_usual_way(module, spoil):
    assert find(module) is not None
    spoil(module)
    assert find(module) is None


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("memc", None),  # looked for in sys.path
        ("memc.room", None),
        ("other.room", ["FOLDER"]),
        ("memcroom.room", ["FOLDER"]),
        ("memc.none", ["FOLDER"]),
        ("memc.room", ["FOLDER/not there"]),
    ],
)
def test_nothing_else_is_found(module, name, path):
    path = path and [part.replace("FOLDER", str(module.parent)) for part in path]
    assert lean.Finder.find_spec(name, path) is None


LOADERS = """
import os, runpy, sys
sys.argv = [{script!r}, "show", "--wrong"]
os._exit = lambda status: None
runpy.run_path({script!r}, run_name="__main__")
names = [n for n in sys.modules if n.startswith("memc.cli.") and "lean" not in n]
print(*{{type(sys.modules[n].__loader__).__name__ for n in names}}, file=sys.stderr)
"""


@pytest.mark.parametrize(
    ("flags", "kind"),
    [
        ([], "Loader"),
        (["-O"], "SourceFileLoader"),  # has bytecode of its own
        (["-X", "pycache_prefix=/nowhere"], "SourceFileLoader"),
    ],
)
def test_the_command_finds_its_modules_so(home, flags, kind):
    done = subprocess.run(
        [sys.executable, *flags, "-B", "-c", LOADERS.format(script=str(SIBLING))],
        cwd="/",
        env={**os.environ, "PYTHONPATH": str(home.parent)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr.splitlines()[-1] == kind
