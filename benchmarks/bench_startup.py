"""What starting costs: more than an interpreter that has nothing to do."""

import subprocess
import sys

import pytest

CLOCK = """
import time
start = time.perf_counter_ns()
{}
print(time.perf_counter_ns() - start)
"""


def clocked(statement):
    """Return a function: how long does a new interpreter take for this alone?"""
    argv = [sys.executable, "-c", CLOCK.format(statement)]
    return lambda: int(subprocess.check_output(argv, cwd="/"))


@pytest.fixture
def empty(tmp_path):
    """Make a folder with a package that does nothing."""
    package = tmp_path / "empty"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "__main__.py").write_text("")
    return tmp_path


def bench_python_command(bench, empty, native, target):
    module = (sys.executable, "-m")
    bench.extra_ms(
        "`python -m memc PID` - `python -m` of an empty package, a shell",
        native.command(*module, "memc", target("shell"), folder=empty),
        native.command(*module, "empty", folder=empty),
        goal="≤ 5 ms",
    )


def bench_import(bench):
    ours, other = clocked("import memc"), clocked("pass")
    bench.extra_ms("`import memc`", ours, other, goal="≤ 0.5 ms")


def bench_first_snapshot(bench):
    own = "import memc, os; memc.snapshot(os.getpid())"
    ours, other = clocked(own), clocked("import os; os.getpid()")
    bench.extra_ms("`import memc` and a first snapshot of itself", ours, other)
