"""What test files that leak have in common, as text."""

HEAD = """
import mmap, subprocess, sys, unittest
import pytest
kept = []
count = 0
def program():
    argv = [sys.executable, "-c", "print(flush=True); open(0).read()"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    kept.append(subprocess.Popen(argv, **pipes))
    kept[-1].stdout.readline()
@pytest.fixture(scope="session", autouse=True)
def end():
    yield
    for child in kept:
        if isinstance(child, subprocess.Popen):
            child.communicate()
"""
