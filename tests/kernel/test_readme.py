"""The README is true: its examples run, and its tables are the program's."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from support import children
from support.commands import SCRIPTS

from memc.cli.collect.options import OPTIONS
from memc.table.fields import TYPES

ROOT = Path(__file__).parent.parent.parent
README = (ROOT / "README.md").read_text()
pytestmark = pytest.mark.kernel


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def shell(command, tmp_path):
    path = f"{SCRIPTS}:{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", command],
        check=False,
        capture_output=True,
        cwd=tmp_path,
        env={**os.environ, "PATH": path},
    )


CONSOLE = [line[2:] for block in blocks("console") for line in block.splitlines()
           if line.startswith("$ ")]  # fmt: skip
SHELL = [line for block in blocks("bash") for line in block.splitlines()
         if line.startswith("memc ")]  # fmt: skip


def test_readme_has_examples_of_each_kind():
    assert len(CONSOLE) >= 5
    assert len(SHELL) >= 3
    assert len(blocks("python")) >= 3
    assert len(blocks("c")) == 1


@pytest.mark.parametrize("command", CONSOLE)
def test_example_with_output_runs(command, tmp_path):
    with children.waiting() as child:
        command = command.replace("1234", str(child.pid))
        done = shell(command.replace("--count 0", "--count 2"), tmp_path)
    assert (done.returncode, b"Traceback" in done.stderr) == (0, False), done.stderr
    assert done.stdout or "--output" in command


@pytest.mark.parametrize("command", SHELL)
def test_shell_example_runs(command, tmp_path):
    done = shell(command, tmp_path)
    assert (done.returncode, b"Traceback" in done.stderr) == (0, False), done.stderr


@pytest.mark.parametrize("code", blocks("python"))
def test_python_example_runs(code, tmp_path):
    done = subprocess.run(
        [sys.executable, "-I", "-W", "error::RuntimeWarning", "-c", code],
        check=False,
        capture_output=True,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout


def test_options_table_is_the_programs():
    start = README.index("| option | meaning | default |")
    table = README[start : README.index("\n\n", start)]
    named = set(re.findall(r"(?<![\w-])(--?[a-z][a-z-]*)", table))
    assert named == {name for option in OPTIONS for name in option.names}


def test_types_table_is_the_programs():
    start = README.index("| `type` | |")
    table = README[start : README.index("\n\n", start)]
    rows = [line.split("|")[1] for line in table.splitlines()[2:]]
    assert {name for row in rows for name in re.findall(r"`(\w+)`", row)} == set(TYPES)
