"""Fixtures of the live tests: processes, copies, a made-up /proc, commands."""

import os
from types import SimpleNamespace

import pytest
from support import children, leaks
from support.commands import COMMANDS
from support.family import fill
from support.trees import Tree


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


@pytest.fixture
def run_pytest(pytester):
    """Give a function that runs tests, as text, in a process of their own."""

    def run(code, *args):
        pytester.makepyfile(leaks.HEAD + code)
        strict = ("-W", "error", "--strict-markers", "-p", "no:cacheprovider")
        return pytester.runpytest_subprocess(*strict, *args)

    return run


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
