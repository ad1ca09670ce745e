"""The command as it is installed: version, help, the native file and its sibling."""

import os
import shutil
import sys
import sysconfig
import tomllib
from importlib import metadata
from pathlib import Path

import orjson
import pytest
from support import children
from support.boxes import PRIVATE_SYSTEM
from support.commands import COMMANDS, NATIVE, SIBLING, Command

pytestmark = pytest.mark.kernel

EVERY = [*COMMANDS.values()]
OPTIONS = [
    "--all",
    "--smaps",
    "--full",
    "--compact",
    "--skip-kernel",
    "--proc",
    "--version",
    "--help",
    "-v",
    "-h",
    "--jobs",
]


@pytest.mark.parametrize("command", EVERY, ids=lambda c: c.name)
@pytest.mark.parametrize("option", ["--version", "-v"])
def test_version_is_that_of_the_package(command, option, root):
    result = command(option)
    expected = f"memc {metadata.version('memc')}\n".encode()
    assert (result.status, result.out, result.err) == (0, expected, b"")
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    assert metadata.version("memc") == project["version"]


@pytest.mark.parametrize("command", EVERY, ids=lambda c: c.name)
@pytest.mark.parametrize("args", [["--help"], ["-h"], ["5", "-h"], ["--all", "--help"]])
def test_help_names_every_option_and_gives_examples(command, args):
    result = command(*args)
    assert (result.status, result.err) == (0, b"")
    text = result.out.decode()
    assert [option for option in OPTIONS if option not in text] == []
    assert text.startswith("usage: memc PID")
    assert "memc $$ --smaps | jq" in text
    assert max(map(len, text.splitlines())) <= 88


@pytest.mark.parametrize("command", EVERY, ids=lambda c: c.name)
def test_a_live_process_is_printed(command, target):
    result = command(target, "--smaps", "--full", "--compact")
    assert (result.status, result.err) == (0, b"")
    document = orjson.loads(result.out)
    assert (document["pid"], "notes" in document) == (target, False)
    assert {"heap", "stack", "code", "vdso"} <= {r["type"] for r in document["regions"]}
    assert result.out == orjson.dumps(document) + b"\n"


@pytest.mark.parametrize("command", EVERY, ids=lambda c: c.name)
def test_all_processes_of_a_live_system_are_printed(command, waiting):
    """A system of two: the command itself, and one that waits for its input."""
    result = command("--all", "--smaps", prefix=PRIVATE_SYSTEM, stdin=waiting)
    document = orjson.loads(result.out)
    assert (result.status, document["process_count"], document["skipped"]) == (0, 2, 0)
    assert result.err.decode().splitlines() == [
        "Scanning 2 processes…",
        "Collected 2, skipped 0",
    ]
    assert [p["pid"] for p in document["processes"]] == [1, 2]
    assert all(p["snapshot"]["region_count"] > 5 for p in document["processes"])
    assert document["processes"][1]["name"] == "sh"


@pytest.mark.parametrize("command", EVERY, ids=lambda c: c.name)
def test_a_kernel_thread_or_zombie_is_empty_and_whole(command):
    with children.zombie() as pid:
        result = command(pid, "--compact")
    document = orjson.loads(result.out)
    assert (result.status, document["region_count"], document["regions"]) == (0, 0, [])
    assert (document["total_rss_kb"], "notes" in document) == (0, False)


def test_native_command_works_through_a_symlink(tmp_path, target):
    link = tmp_path / "linked"
    link.symlink_to(NATIVE)
    linked = Command("linked", (str(link),))
    assert linked(target).status == 0
    assert linked("--version").out == COMMANDS["python"]("--version").out


def test_sibling_is_found_whatever_the_native_command_is_called(target):
    path = os.path.dirname(NATIVE) + os.pathsep + os.environ["PATH"]
    bare = Command("bare", ("memc",))
    assert bare(target, env={"PATH": path}).status == 0
    assert bare("--version", env={"PATH": path}).status == 0


@pytest.fixture
def alone(tmp_path):
    """Give the native command where there is no sibling."""
    return Command("alone", (shutil.copy(NATIVE, tmp_path / "memc"),))


def test_native_command_answers_without_python(alone, target, waiting):
    switches = ["--smaps", "--compact", "--full", "--skip-kernel"]
    for count in range(len(switches)):
        assert alone(target, *switches[:count]).status == 0
    result = alone("--all", *switches, prefix=PRIVATE_SYSTEM, stdin=waiting)
    assert (result.status, orjson.loads(result.out)["process_count"]) == (0, 2)


def test_native_command_says_its_own_read_errors(alone):
    pid = children.ended()
    said = f"memc: process {pid}: no such process\n".encode()
    assert (alone(pid).status, alone(pid).err) == (1, said)


@pytest.mark.parametrize(
    "args", [["--help"], ["show", "5"], ["abc"], [], ["--all", "5"]]
)
def test_native_command_without_sibling_says_so_in_one_line(alone, args):
    result = alone(*args)
    assert (result.status, result.out) == (1, b"")
    (line,) = result.err.decode().splitlines()
    assert line.startswith("memc: ")
    assert "memc-py" in line


def test_native_command_runs_its_sibling_where_the_first_line_of_it_fails(tmp_path):
    """pip writes the path of Python into that line, also if it has a blank."""
    folder = tmp_path / "a folder"
    folder.mkdir()
    native = shutil.copy(NATIVE, folder / "memc")
    (folder / "python3").symlink_to(sys.executable)
    _, *lines = Path(SIBLING).read_text().splitlines(keepends=True)
    sibling = folder / "memc-py"
    sibling.write_text(f"#!{folder}/python3\n{''.join(lines)}")
    sibling.chmod(0o755)
    memc = Command("blank", (native,))
    result = memc("show", "--help", env={"PYTHONPATH": sysconfig.get_path("purelib")})
    assert (result.status, result.err) == (0, b"")
    assert result.out == COMMANDS["native"]("show", "--help").out


def test_native_command_leaves_another_backend_to_python(target):
    native = COMMANDS["native"]
    result = native(target, env={"MEMC_BACKEND": "pure"})
    assert (result.status, result.err) == (0, b"")


@pytest.mark.parametrize("name", ["native", "python", "sibling"])
def test_unknown_backend_is_refused_with_the_choices(name, target):
    memc = Command(name, COMMANDS[name].argv)
    result = memc(target, env={"MEMC_BACKEND": "rust"})
    assert (result.status, result.out) == (1, b"")
    (line,) = result.err.decode().splitlines()
    assert "'native'" in line
    assert "'pure'" in line
