"""Fixtures of the whole suite: backends, commands, processes, a made-up /proc.

What is tested is the package that was installed.  ``python -m pytest`` puts the
checkout first on the path, and the sources have no extension module; so the checkout is
taken off again when memc is installed.
"""

import importlib.metadata
import os
import signal
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, settings
from support import children
from support.commands import COMMANDS
from support.corpus import find as find_corpus
from support.family import fill
from support.readers import NATIVE, PURE, READERS
from support.trees import Tree
from support.without_orjson import FOLDER as WITHOUT_ORJSON

pytest_plugins = ["pytester"]
TESTS = Path(__file__).parent
ROOT = TESTS.parent


def _prefer_what_is_installed():
    try:
        importlib.metadata.distribution("memc")
    except importlib.metadata.PackageNotFoundError:
        return
    if "PYTHONPATH" not in os.environ:
        sys.path[:] = [p for p in sys.path if Path(p).resolve() != ROOT]
        # The plugin of pytest was loaded before; it imports again when it is used.
        loaded = sys.modules.get("memc")
        if loaded is not None and ROOT in Path(loaded.__file__).parents:
            for name in [name for name in sys.modules if name.split(".")[0] == "memc"]:
                del sys.modules[name]


_prefer_what_is_installed()


def _hear_signals():
    """Under nohup, and in the background of some shells, children would ignore them."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)


_hear_signals()

settings.register_profile(
    "memc",
    database=None,
    deadline=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)
settings.load_profile("memc")


@pytest.fixture(scope="session", autouse=True)
def _without_orjson():
    """Hide orjson from memc, here and in children; the tests themselves have it."""
    with pytest.MonkeyPatch.context() as patch:
        if os.environ.get("MEMC_TEST_WITHOUT_ORJSON"):
            from memc.table import json_text

            patch.setattr(json_text, "ORJSON", None)
            patch.setenv("PYTHONPATH", str(WITHOUT_ORJSON))
        yield


@pytest.fixture(params=["native", "pure"])
def backend(request):
    return READERS[request.param]


@pytest.fixture(scope="session")
def backends():
    return NATIVE, PURE


def pytest_report_header():
    return str(find_corpus())


def pytest_terminal_summary(terminalreporter):
    if not find_corpus().there:
        terminalreporter.write_line(str(find_corpus()), yellow=True)


@pytest.fixture
def corpus():
    return find_corpus()


@pytest.fixture
def root():
    """Give the top of the checkout."""
    return ROOT


@pytest.fixture
def tree(tmp_path):
    """Give an empty proc tree to fill."""
    return Tree(tmp_path / "proc")


@pytest.fixture(params=["native", "python", "pure"])
def memc(request):
    """Give the command three times: native, Python over C, Python alone."""
    return COMMANDS[request.param]


# ---- Processes -----------------------------------------------------------------------


@pytest.fixture
def sleeper():
    """Give a process that does nothing."""
    with children.waiting() as child:
        yield child


@pytest.fixture(scope="session")
def target(tmp_path_factory):
    """Give the pid of a stopped process that has every kind of mapping."""
    with children.script("target", tmp_path_factory.mktemp("files")) as child:
        children.stop(child)
        yield child.pid


@pytest.fixture(scope="session")
def copy(target, tmp_path_factory):
    """Give a copy of the target's files: `proc`, `pid`, and the bytes in `files`."""
    tree = Tree(tmp_path_factory.mktemp("copy") / "proc")
    return SimpleNamespace(proc=str(tree), pid=target, files=tree.copy(target))


@pytest.fixture
def waiting():
    """Give an input that never comes."""
    reading, writing = os.pipe()
    yield reading
    os.close(reading)
    os.close(writing)


# ---- A made-up /proc -----------------------------------------------------------------


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """Give a made-up /proc."""
    return fill(Tree(tmp_path_factory.mktemp("show") / "proc"))


@pytest.fixture
def show(memc, world):
    """Give memc show on the made-up /proc: native, Python over C, Python alone."""
    return lambda *args, **options: memc("show", "--proc", world, *args, **options)


@pytest.fixture
def once(world):
    """Give memc show on the made-up /proc, Python over C alone."""
    memc = COMMANDS["python"]
    return lambda *args, **options: memc("show", "--proc", world, *args, **options)
