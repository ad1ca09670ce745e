"""Modules are imported the lean way as in the usual way, or not at all."""

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
        found, code = lean.find(name, places)
        usual = PathFinder.find_spec(name, places)
        for what in ("origin", "cached", "has_location", "parent"):
            assert getattr(found, what) == getattr(usual, what), (name, what)
        assert found.submodule_search_locations == usual.submodule_search_locations
        if path.stat().st_size:
            assert code == usual.loader.get_code(name)
        else:
            assert code is lean.nothing.__code__
        assert found.loader.is_package(name) == usual.loader.is_package(name)


@pytest.fixture
def module(tmp_path):
    """Give a compiled module of a package of the same name as ours."""
    path = tmp_path / "room.py"
    path.write_text("VALUE = 1\n")
    compiled(path)
    return path


def find(path):
    return lean.find("memc.room", [str(path.parent)])


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
    path.write_text("VALUE = " + repr("x" * len(lean.BUFFER)))
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


@pytest.mark.parametrize("folder", ["", "/not there"])
def test_what_is_not_there_is_not_found(module, folder):
    assert lean.find("memc.none", [f"{module.parent}{folder}"]) is None


@pytest.fixture
def rooms(home):
    """Give a function: what does a program print that imports from a few modules?"""
    texts = {
        "one": "from memc.rooms.two import TWO\nONE = TWO - 1\n",
        "two": "TWO = 2\n",
        "here": "from memc.rooms import there\nHERE = 1\n",
        "there": "import memc.rooms.here\nTHERE = 2\n",
        "broken": "from memc.rooms.two import TWO\nraise ValueError(TWO)\n",
        "absent": "import memc.rooms.nowhere\n",
        "__init__": "",
        "inner/__init__": "NAME = 3\n",
        "inner/far": "FAR = 4\n",
        "outer/__init__": "from memc.rooms.outer.leaf import LEAF\n",
        "outer/leaf": "LEAF = object()\n",
    }
    for name, text in texts.items():
        path = home / "rooms" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        compiled(path)

    def run(*lines, lean=True):
        start = ["import sys", "from memc.cli.lean import install"]
        start += ["install()"] if lean else []
        code = "\n".join([*start, *lines])
        env = {**os.environ, "PYTHONPATH": str(home.parent)}
        argv = [sys.executable, "-B", "-c", code]
        return subprocess.check_output(argv, cwd="/", env=env, text=True)

    yield run
    shutil.rmtree(home / "rooms")


WHY = """
try:
    {}
except BaseException as error:
    print(type(error).__name__, error, getattr(error, "name", None))
print(*sorted(name for name in sys.modules if name.startswith("memc.rooms")))
"""
OUTER = """
from memc.rooms.outer.leaf import LEAF
import memc
print(memc.rooms.outer.LEAF is LEAF)
"""
ABOUT = """
from memc.rooms import inner, one
for module in (inner, one):
    print(*sorted(vars(module)))
    for name in ("name", "file", "cached", "package", "path", "doc"):
        print(name, getattr(module, f"__{name}__", None))
    spec, loader = module.__spec__, module.__loader__
    print(spec.name, spec.origin, spec.cached, spec.has_location, spec.parent)
    print(loader is spec.loader, type(loader), vars(loader))
"""


@pytest.mark.parametrize(
    "statements",
    [
        "from memc.rooms.one import ONE; print(ONE, sys.modules['memc.rooms'].two.TWO)",
        "import memc.rooms.two as two; print(two.TWO)",
        "import memc.rooms.two; print(memc.rooms.two.TWO)",
        "import memc; from memc import rooms; print(rooms is memc.rooms)",
        "from memc.rooms.inner import NAME, far; print(NAME, far.FAR)",
        "from memc.rooms.outer import LEAF, leaf; print(LEAF is leaf.LEAF)",
        OUTER,
        "from memc.rooms.two import *; print(TWO)",
        "import memc.rooms.here as here; print(here.there.memc.rooms.here is here)",
        "print(__import__('memc.rooms.one', fromlist=('ONE',)).ONE)",
        "import importlib; print(importlib.import_module('memc.rooms.one').ONE)",
        "exec('from .two import TWO', {'__package__': 'memc.rooms'}); print(1)",
        ABOUT,
        WHY.format("import memc.rooms.nowhere"),
        WHY.format("from memc.rooms import nowhere"),
        WHY.format("from memc.rooms.one import nothing"),
        WHY.format("from memc.rooms.two.three import nothing"),
        WHY.format("import memc.rooms.broken"),
        WHY.format("import memc.rooms.absent"),
        WHY.format("sys.modules['memc.rooms.two'] = None; import memc.rooms.one"),
    ],
)
def test_a_statement_imports_as_usual(rooms, statements):
    found = rooms(statements)
    assert found == rooms(statements, lean=False)
    assert found.strip()


FOUND = """
import memc.cli.lean as lean
from threading import Event, Thread
done, loaded, load = Event(), [], lean._load
lean._load = lambda name: loaded.append(name) or load(name)
thread = Thread(target=done.wait)
"""


def test_while_there_are_other_threads_python_imports(rooms):
    during = "thread.start()\nimport memc.rooms.two\nprint(loaded)"
    after = "done.set()\nthread.join()\nfrom memc.rooms import one\nprint(loaded)"
    assert rooms(FOUND, during, after).splitlines() == ["[]", "['memc.rooms.one']"]


HOW = """
import builtins, os, runpy, sys
sys.argv = [{script!r}, "show", "--wrong"]
os._exit = lambda status: None
runpy.run_path({script!r}, run_name="__main__")
print(builtins.__import__.__module__, file=sys.stderr)
"""


@pytest.mark.parametrize(
    ("flags", "module"),
    [
        ([], "memc.cli.lean"),
        (["-O"], "builtins"),  # has bytecode of its own
        (["-X", "pycache_prefix=/nowhere"], "builtins"),
    ],
)
def test_the_command_imports_so(home, flags, module):
    done = subprocess.run(
        [sys.executable, *flags, "-B", "-c", HOW.format(script=str(SIBLING))],
        cwd="/",
        env={**os.environ, "PYTHONPATH": str(home.parent)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr.splitlines()[-1] == module


def _no_bytecode(_):
    pass


def _by_hash(home):
    mode = py_compile.PycInvalidationMode.CHECKED_HASH
    assert compileall.compile_dir(home, quiet=1, invalidation_mode=mode)


@pytest.mark.parametrize(
    "compile_it",
    [_no_bytecode, _by_hash],
    ids=[
        "an installer that compiles nothing",
        "one that compiles for SOURCE_DATE_EPOCH",
    ],
)
def test_commands_run_where_bytecode_is_not_as_expected(home, tmp_path, compile_it):
    leave = shutil.ignore_patterns("__pycache__")
    shutil.copytree(home, tmp_path / "memc", ignore=leave)
    compile_it(tmp_path / "memc")
    script = (
        "from memc.cli.lean import install; install();"
        "from memc.cli.main import run; run()"
    )
    for words in (["--help"], ["show", "--help"], ["show", str(os.getpid())]):
        done = subprocess.run(
            [sys.executable, "-B", "-c", script, *words],
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
            env={"MEMC_BACKEND": "pure"},
        )
        assert (done.returncode, done.stderr) == (0, ""), words
