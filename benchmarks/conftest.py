"""The benchmarks of memc: `pytest benchmarks` runs them all and prints the tables.

Every ratio is of two times taken by turns in the same run: of memc to the floor (see
floor.c), to `cat`, or to another program.  Shown is the median of the rounds' ratios,
and beside it the ratio of the two minima.  Nothing is asserted: timings depend on the
machine, and a figure that is worse than another's is shown as it is.

--quick takes a fraction of the time, --table FILE writes the tables there too, and
--benchmark-json FILE the times themselves.  What is measured is the package that is
installed beside this Python, not the sources.
"""

import os
import shutil
import sys
import sysconfig
from contextlib import ExitStack
from pathlib import Path

import pytest
import targets
from native import CommandError, Native
from report import Report
from rounds import Bench

ROOT = Path(__file__).parent.parent
REPORT = pytest.StashKey[Report]()
ORDER = (
    *("parse", "details", "peers", "commands", "startup", "all", "machine"),
    *("python", "memory", "instructions", "stall"),
)


def pytest_addoption(parser):
    group = parser.getgroup("memc")
    group.addoption("--quick", action="store_true", help="fewer and shorter rounds")
    group.addoption("--table", metavar="FILE", help="write the tables to FILE too")


def pytest_configure(config):
    # `python -m pytest` puts the checkout first, whose memc has no extension module.
    sys.path[:] = [p for p in sys.path if Path(p).resolve() != ROOT]
    os.environ.pop("MEMC_BACKEND", None)
    try:
        import memc.fast  # noqa: F401 - to see that it is there
    except ImportError as error:
        raise pytest.UsageError(
            f"install memc first: pip install '.[bench]' ({error})"
        ) from error
    config.stash[REPORT] = Report()


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: ORDER.index(item.path.stem.removeprefix("bench_")))


def pytest_terminal_summary(terminalreporter, config):
    report = config.stash[REPORT]
    if not report.ratios:
        return
    quick = " --quick" if config.option.quick else ""
    lines = report.lines(f"`pytest benchmarks{quick}`")
    terminalreporter.write_line("")
    for line in lines:
        terminalreporter.write_line(line)
    if config.option.table:
        Path(config.option.table).write_text("\n".join(lines) + "\n")


@pytest.fixture
def report(request):
    return request.config.stash[REPORT]


@pytest.fixture(scope="session")
def quick(request):
    return request.config.option.quick


@pytest.fixture
def bench(benchmark, report, quick):
    seconds, at_least = (0.5, 3) if quick else (5, 7)
    return Bench(benchmark, report, seconds=seconds, at_least=at_least)


@pytest.fixture
def peer(bench):
    """Give a function that compares another program and tells it in memc's row."""

    def tell(what, name, ours, other, *, program=None):
        report = bench.report
        if program and not shutil.which(program):
            report.peer(what, name, "not installed")
            pytest.skip(f"{program} is not installed")
        try:
            rounds = bench.compare(ours, other)
        except CommandError:
            report.peer(what, name, "failed")
            raise
        report.peer(what, name, f"{rounds.ratio:.1f}")

    return tell


@pytest.fixture(scope="session")
def native(tmp_path_factory):
    return Native(tmp_path_factory.mktemp("native"))


@pytest.fixture(scope="session")
def command():
    """Give the path of memc's command."""
    return os.path.join(sysconfig.get_path("scripts"), "memc")


@pytest.fixture
def memc(command, native):
    """Give a function that makes a whole run of the command."""
    return lambda *argv: native.command(command, *argv)


@pytest.fixture(scope="session")
def target(native):
    """Give a function: the pid of a process of so many regions, or of a kind."""
    with ExitStack() as stack:
        pids = {}

        def get(size):
            if size not in pids:
                started = stack.enter_context(targets.start(native, size))
                pids[size] = started.pid
            return pids[size]

        yield get


@pytest.fixture(scope="session")
def system(native):
    with targets.system(native) as found:
        yield found
