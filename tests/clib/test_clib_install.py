"""The C library as others use it: installed, found, linked, run on a live process."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support import children
from support.cases import cases
from support.commands import CHANGING
from support.manual import all_blocks, blocks

import memc
from memc.cli import share

FOLDER = Path(__file__).parent
ROOT = FOLDER.parent.parent
CONSUMER = FOLDER / "consumer"
TOOLS = (
    *("cmake", "make", "cc", "gcc", "c++", "g++", "ar", "as", "ld", "nm", "ranlib"),
    *("pkg-config", "sh"),
)
# How much of it is shared changes as other processes come and go.
SHARING = re.compile(rb'("(?:pss|(?:shared|private)_(?:clean|dirty))_kb": ?)[0-9]+')
COMPLAINT = "consumer: expected a number at line 2, column 6\n"
WARNINGS = ("-Wall", "-Wextra", "-Wpedantic", "-Werror")

INSTALLED = {
    "bin/memc",
    "include/memc/memc.h",
    "include/memc/arrow.h",
    "include/memc/memc_api.h",
    "include/memc/memc_version.h",
    "lib/cmake/memc/memcConfig.cmake",
    "lib/cmake/memc/memcConfigVersion.cmake",
    "lib/cmake/memc/memcTargets-release.cmake",
    "lib/cmake/memc/memcTargets.cmake",
    "lib/libmemc.a",
    "lib/pkgconfig/memc.pc",
}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Give a runner whose programs are those of TOOLS, and no Python among them."""
    tools = tmp_path_factory.mktemp("tools")
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found, f"{tool} is missing"
        (tools / tool).symlink_to(found)
    assert shutil.which("python3", path=tools) is None

    def run(*argv, check=True, env=None):
        return subprocess.run(
            [str(arg) for arg in argv],
            check=check,
            env={"PATH": str(tools), "LC_ALL": "C", **(env or {})},
            capture_output=True,
            text=True,
        )

    return run


@pytest.fixture(scope="module")
def installed(run, tmp_path_factory):
    """Build and install as docs/c.md says; give the build folder and the prefix.

    CMake looks for a Python beyond the PATH, too: it shall find none.
    """
    build, prefix = tmp_path_factory.mktemp("build"), tmp_path_factory.mktemp("prefix")
    without = "-DCMAKE_DISABLE_FIND_PACKAGE_Python=ON"
    told = run("cmake", "-G", "Unix Makefiles", "-B", build, "-S", ROOT, without)
    assert "No Python 3.11 or later: no manual pages and no completion" in told.stdout
    run("cmake", "--build", build, f"-j{os.cpu_count()}")
    run("cmake", "--install", build, "--prefix", prefix)
    return build, prefix


@pytest.fixture
def prefix(installed):
    return installed[1]


@pytest.fixture
def moved(prefix):
    """Give the prefix under another name; there is nothing where it was installed."""
    yield prefix.rename(prefix.with_name("another-place"))
    prefix.with_name("another-place").rename(prefix)


@pytest.fixture
def child():
    with children.waiting() as child:
        children.stop(child)
        yield child


def configure(run, prefix, build, *options, check=True):
    return run(
        *("cmake", "-G", "Unix Makefiles", "-S", CONSUMER, "-B", build),
        *(f"-DCMAKE_PREFIX_PATH={prefix}", *options),
        check=check,
    )


def by_cmake(run, prefix, build, language):
    configure(run, prefix, build, f"-DLANGUAGE={language}")
    run("cmake", "--build", build)
    return build / "consumer"


def by_pkg_config(run, prefix, build, language):
    compiler, source, standard = {
        "C": ("cc", "consumer.c", "-std=gnu99"),
        "CXX": ("c++", "consumer.cpp", "-std=c++11"),
    }[language]
    (folder,) = prefix.glob("lib*/pkgconfig")
    env = {"PKG_CONFIG_PATH": str(folder)}
    flags = run("pkg-config", "--cflags", "--libs", "memc", env=env).stdout.split()
    build.mkdir(exist_ok=True)
    target = build / "consumer"
    run(compiler, standard, *WARNINGS, CONSUMER / source, "-o", target, *flags)
    return target


@pytest.fixture
def consumer(run, tmp_path):
    """Give a builder of the consumer, and that a runner of it."""

    def build(way, prefix, language="C"):
        program = way(run, prefix, tmp_path / "consumer", language)
        return lambda pid, **options: run(program, pid, **options)

    return build


def masked(document):
    return SHARING.sub(rb"\1N", CHANGING.sub(rb"\1N", document))


def assert_reads(consumer, child):
    """Everything that the consumers print, about a child that stands still."""
    done = consumer(child.pid)
    version, document, *samples = done.stdout.splitlines()
    snap = memc.snapshot(child.pid, detail="smaps")
    assert version == f"memc {memc.__version__}"
    assert masked(document.encode()) == masked(snap.to_json())
    line = f"{memc.snapshot(child.pid).total_rss_kb} kB resident, {len(snap)} regions"
    assert samples == [line] * 3
    assert done.stderr == COMPLAINT


def test_just_the_library_its_packages_and_the_command_are_installed(prefix):
    files = {str(p.relative_to(prefix)) for p in prefix.rglob("*") if not p.is_dir()}
    assert {re.sub(r"^lib[^/]*/", "lib/", name) for name in files} == INSTALLED


def test_the_build_asks_for_no_python(installed):
    build, _ = installed
    assert "python_" not in (build / "CMakeCache.txt").read_text().lower()


def test_pages_and_completion_are_installed_where_there_is_python(run, tmp_path):
    build, prefix = tmp_path / "build", tmp_path / "prefix"
    python = f"-DPython_EXECUTABLE={sys.executable}"
    run("cmake", "-G", "Unix Makefiles", "-B", build, "-S", ROOT, python)
    run("cmake", "--build", build, "--target", "memc_share")
    run("cmake", "--install", build, "--prefix", prefix, "--component", "share")
    found = {
        str(path.relative_to(prefix / "share")): path.read_text()
        for path in prefix.rglob("*")
        if path.is_file()
    }
    assert found == share.files()


@pytest.mark.parametrize("language", ["C", "CXX"])
@pytest.mark.parametrize("way", [by_cmake, by_pkg_config])
def test_consumer_reads_a_live_process(prefix, consumer, child, way, language):
    assert_reads(consumer(way, prefix, language), child)


@pytest.mark.parametrize("way", [by_cmake, by_pkg_config])
def test_what_was_installed_may_be_moved(moved, consumer, child, way):
    assert_reads(consumer(way, moved), child)


@cases(
    [
        (True, "1", "the same major version"),
        (True, "1.0", "the first of this major version"),
        (True, "1.0.0", "the same, with its patch"),
        (True, ".".join(memc.__version__.split(".")[:2]), "the version it is"),
        (True, memc.__version__, "the same, with its patch"),
        (False, "1.99", "a minor version that is newer"),
        (False, "0.9", "an earlier major version"),
        (False, "2.0", "another major version"),
    ],
    why=2,
)
def test_package_is_found_when_its_version_will_do(run, prefix, tmp_path, case):
    found, version, _ = case
    done = configure(run, prefix, tmp_path, f"-DVERSION={version}", check=False)
    assert (done.returncode == 0) == found
    words = " ".join(done.stderr.split())
    assert found or f'compatible with requested version "{version}"' in words


def test_all_that_memc_1_0_declared_is_there(run, prefix, tmp_path):
    (folder,) = prefix.glob("lib*/pkgconfig")
    env = {"PKG_CONFIG_PATH": str(folder)}
    flags = run("pkg-config", "--cflags", "--libs", "memc", env=env).stdout.split()
    target = tmp_path / "since_1_0"
    source = CONSUMER / "since_1_0.c"
    run("cc", "-std=gnu11", *WARNINGS, source, "-o", target, *flags)
    assert run(target).stdout == "34 functions\n"


def test_consumer_says_why_a_process_cannot_be_read(prefix, consumer):
    gone = children.ended()
    done = consumer(by_pkg_config, prefix)(gone, check=False)
    assert done.returncode == 1
    assert done.stderr == f"{COMPLAINT}consumer: process {gone}: no such process\n"


@pytest.mark.parametrize(
    ("page", "code"), all_blocks("c"), ids=[page for page, _ in all_blocks("c")]
)
def test_example_of_a_page_is_compiled_as_it_says_and_runs(
    run, prefix, tmp_path, page, code
):
    lines = "".join(blocks(page, "bash")).splitlines()
    (line,) = [line for line in lines if line.startswith("cc ")]
    source = re.search(r"\w+\.c\b", line)[0]
    (tmp_path / source).write_text(code)
    (folder,) = prefix.glob("lib*/pkgconfig")
    env = {"PKG_CONFIG_PATH": str(folder)}
    done = run("sh", "-c", f'cd "$1" && {line}', "sh", tmp_path, env=env)
    assert re.search(r"heap|regions|PSS", done.stdout)
    assert "warning" not in done.stderr


def test_command_works_where_the_python_package_is_not(run, prefix, child):
    done = run(prefix / "bin" / "memc", child.pid, "--smaps", "--compact")
    snap = memc.snapshot(child.pid, detail="smaps")
    assert masked(done.stdout.encode()) == masked(snap.to_json() + b"\n")


@pytest.mark.parametrize("args", [["--help"], ["1", "--count", "2"], []])
def test_command_says_in_one_line_what_needs_the_python_package(run, prefix, args):
    done = run(prefix / "bin" / "memc", *args, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"memc: {prefix}/bin/memc-py: No such file or directory: "
        "without the Python package only 'memc PID' and 'memc --all' work, with the "
        "options that choose what is read and its form\n"
    )
