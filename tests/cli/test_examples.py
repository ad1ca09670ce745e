"""The command lines that the C++ memc documents, as a shell runs them.

Process 1234 is one that the test has, and intervals are shorter.
"""

import os
import signal
import subprocess
from pathlib import Path

import orjson
import pytest
from support.boxes import NAMESPACE
from support.cases import cases
from support.commands import COMMANDS, SCRIPTS
from support.streams import documents

pytestmark = pytest.mark.kernel

# A system of the shell and what it starts, so that "all" are few.
BOX = (*NAMESPACE, "--pid", "--fork", "--mount-proc", "--kill-child")
HEAP = """'.regions[] | select(.type == "heap")'"""


@pytest.fixture
def shell(tmp_path, target):
    """Give a function that runs a line in a folder of its own."""

    def shell(line, box=()):
        path = f"{SCRIPTS}{os.pathsep}{os.environ['PATH']}"
        return subprocess.run(
            [*box, "sh", "-c", line.replace("1234", str(target))],
            check=True,
            cwd=tmp_path,
            env=COMMANDS["native"].environment(PATH=path),
            capture_output=True,
        )

    return shell


# the line, why, how many documents it shows, whether they have the counters of smaps
LINES = [
    ("memc 1234", "a single snapshot", 1, False),
    ("memc 1234 --smaps", "with detailed memory info", 1, True),
    ("memc $$", "the current shell", 1, False),
    ("memc 1234 --output x.json; cat x.json", "a file", 1, False),
    ("memc 1234 --count 5 --interval 20 --compact", "five samples", 5, False),
    ("memc 1234 --interval 20", "an interval alone: one sample", 1, False),
]


@cases(LINES, why=1)
def test_one_process_is_shown_as_documented(shell, case):
    line, _, count, smaps = case
    done = shell(line)
    found = documents(done.stdout)
    assert len(found) == count
    assert all(d["regions"] for d in found)
    assert {"pss_kb" in r for d in found for r in d["regions"]} == {smaps}
    if "--compact" in line:
        assert len(done.stdout.splitlines()) == count


# the line, why
SYSTEM = [
    ("memc --all", "all processes"),
    ("memc --all --smaps", "with smaps detail"),
    ("memc --all --smaps --output system.json; cat system.json", "to a file"),
    (
        "memc --all --smaps --compact --output system.json; cat system.json",
        "to a smaller file",
    ),
    ("memc --all --skip-kernel", "without kernel threads"),
]


@cases(SYSTEM, why=1)
def test_all_processes_are_shown_as_documented(shell, case):
    line, _ = case
    done = shell(line, BOX)
    (document,) = documents(done.stdout)
    assert document["process_count"] == 2
    assert document["processes"][0]["name"] == "sh"
    assert "Collected 2, skipped 0" in done.stderr.decode()
    assert len(done.stdout.splitlines()) == 1 or "--compact" not in line


def test_continuous_sampling_ends_with_ctrl_c(target):
    """A terminal sends SIGINT to the whole job."""
    argv = ["--count", "0", "--interval", "5"]
    command = COMMANDS["native"]
    with command.start(target, *argv, stdout=subprocess.PIPE, process_group=0) as child:
        assert child.stdout.readline() == b"{\n"
        os.killpg(child.pid, signal.SIGINT)
        assert child.stdout.read().endswith(b"\n}\n")
    assert child.returncode == 0


def test_heap_is_picked_by_jq(shell):
    found = shell(f"memc 1234 --smaps | jq -c {HEAP}").stdout.splitlines()
    assert found
    assert all(orjson.loads(line)["type"] == "heap" for line in found)


def test_version_and_help_are_shown(shell):
    assert shell("memc --version").stdout.startswith(b"memc ")
    assert b"--output" in shell("memc --help").stdout


def test_written_file_is_in_the_current_folder(shell, tmp_path):
    shell("memc 1234 --output snapshot.json")
    assert [path.name for path in Path(tmp_path).iterdir()] == ["snapshot.json"]
