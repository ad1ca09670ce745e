"""Fixtures of the live tests: a process of every mapping, a copy, an input, pytest."""

import os
from types import SimpleNamespace

import pytest
from support import children, leaks
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
