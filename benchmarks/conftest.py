"""The benchmarks of memc: `pytest benchmarks` runs them all and prints the tables.

A file bench_NAME.py is a section: its docstring is the title and the text, and its ROWS
are the rows by name.  How a row is run stands in rows.py, how things are timed in
rounds.py, and what is read in targets.py.  Nothing is asserted: timings depend on the
machine, and a figure that is worse than another's is shown as it is.

--quick takes a fraction of the time, --write writes docs/speed.md and the README's
table, and --benchmark-json FILE the times themselves.  What is measured is the package
that is installed beside this Python, not the sources.
"""

import os
import sys
from pathlib import Path

import pytest
from native import Native
from report import ROOT, AbsentError, Report
from rounds import Bench
from suite import HEADLINES, ORDER, sections
from targets import Targets

REPORT = pytest.StashKey[Report]()


def pytest_addoption(parser):
    group = parser.getgroup("memc")
    group.addoption("--quick", action="store_true", help="fewer and shorter rounds")
    group.addoption("--write", action="store_true", help="write docs/speed.md, README")


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
    config.stash[REPORT] = Report(sections())


def pytest_generate_tests(metafunc):
    if "row" in metafunc.fixturenames:
        rows = metafunc.module.ROWS
        metafunc.parametrize(("what", "row"), rows.items(), ids=list(rows))


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: ORDER.index(item.path.stem.removeprefix("bench_")))


def pytest_terminal_summary(terminalreporter, config):
    report = config.stash[REPORT]
    if not report.rows:
        return
    options = " --quick" if config.option.quick else ""
    terminalreporter.write_line("\n" + report.page(options))
    if not config.option.write:
        return
    missing = report.missing()
    if missing:
        terminalreporter.write_line(f"nothing written: no figure for {missing}")
    else:
        report.write(options, HEADLINES)


@pytest.fixture(scope="session")
def quick(request):
    return request.config.option.quick


@pytest.fixture(scope="session")
def native(tmp_path_factory):
    return Native(tmp_path_factory.mktemp("native"))


@pytest.fixture
def bench(benchmark, native, quick, request):
    seconds, at_least = (0.4, 2) if quick else (2, 5)
    report = request.config.stash[REPORT]
    return Bench(benchmark, report, native, seconds=seconds, at_least=at_least)


@pytest.fixture(scope="module")
def targets(native, quick):
    """Give a function: the target of a kind, started when it is first asked for."""
    with Targets(native, quick=quick) as started:
        yield started


@pytest.fixture
def fill(bench, targets):
    """Give a function that runs a row, and says in the table what it lacks."""

    def run(what, row):
        try:
            row.fill(what, bench, targets)
        except AbsentError as why:
            bench.report.absent(what, str(why))
            pytest.skip(str(why))
        except Exception:
            bench.report.absent(what, "failed")
            raise

    return run
