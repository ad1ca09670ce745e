"""The native command starts Python without a search for packages: it can follow."""

import json
import os
import shutil
import subprocess
import sys

import pytest
from support import children
from support.commands import COMMANDS, NATIVE, SIBLING
from support.corpus import CHECKOUT

from memc.cli.commands import COMMANDS as WORDS

SHORT = ("show", "diff", "check", "machine")
TOLD = """
import json, sys
print(json.dumps([sys.flags.no_site, sys.flags.safe_path, *sys.argv]))
"""


def flags_of(folder, *words, first=None):
    """Tell with which flags the native command starts a memc-py that tells them."""
    folder.mkdir(exist_ok=True)
    native = shutil.copy(NATIVE, folder / "memc")
    sibling = folder / "memc-py"
    sibling.write_text(f"{first or f'#!{sys.executable}'}\n{TOLD}")
    sibling.chmod(0o755)
    done = subprocess.run([native, *words], capture_output=True, text=True, check=True)
    no_site, safe_path, *argv = json.loads(done.stdout)
    assert argv == [str(sibling), *words]
    return no_site, safe_path


@pytest.mark.parametrize("word", SHORT)
def test_short_commands_start_without_the_search(tmp_path, word):
    assert word in WORDS
    assert flags_of(tmp_path, word, "-a b", "") == (1, True)


@pytest.mark.parametrize("words", [(), ("--help",), *((w,) for w in WORDS)])
def test_other_commands_start_python_as_it_is(tmp_path, words):
    if words[:1] not in {(word,) for word in SHORT}:
        assert flags_of(tmp_path, *words) == (0, False)


@pytest.mark.parametrize(
    "first",
    [
        f"#!{sys.executable} -X utf8",  # a flag of its own
        f"#! {sys.executable}",
        f"#!/bin/sh\n'''exec' '{sys.executable}' \"$0\" \"$@\"\n' '''",  # a long path
        f"#!/usr/bin/env {sys.executable}",
    ],
)
def test_another_first_line_is_left_to_the_kernel(tmp_path, first):
    assert flags_of(tmp_path, "show", first=first) == (0, False)


def run(*argv, **env):
    return subprocess.run(
        list(map(str, argv)),
        cwd="/",
        env={**os.environ, **env},
        capture_output=True,
        check=False,
    )


def test_memc_that_lies_elsewhere_is_found_by_the_search(tmp_path):
    """The folder beside is not there, as in Debian's dist-packages."""
    script = shutil.copy(SIBLING, tmp_path / "memc-py")
    done = run(sys.executable, "-SP", script, "show", "--help")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == COMMANDS["native"]("show", "--help").out


def test_memc_is_found_where_a_folder_beside_has_no_more_than_its_extension(tmp_path):
    """An editable install has such a folder, and a file *.pth tells where memc is."""
    python = "python{}.{}".format(*sys.version_info)
    (tmp_path / "bin").mkdir()
    beside = tmp_path / sys.platlibdir / python / "site-packages" / "memc"
    beside.mkdir(parents=True)
    script = shutil.copy(SIBLING, tmp_path / "bin" / "memc-py")
    done = run(sys.executable, "-SP", script, "show", "--help")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == COMMANDS["native"]("show", "--help").out


@pytest.mark.parametrize("words", [("show",), ("lake",)])
@pytest.mark.parametrize("name", ["a b", "x" * 250])
def test_a_path_that_no_first_line_can_hold_is_no_hindrance(tmp_path, name, words):
    folder = tmp_path / name
    folder.mkdir()
    python = folder / "python3"
    python.symlink_to(sys.executable)
    is_quick = words == ("show",) and " " not in name
    found = flags_of(folder, *words, first=f"#!{python}")
    assert found == ((1, True) if is_quick else (0, False))


def test_a_path_that_the_user_gave_comes_first(tmp_path):
    (tmp_path / "memc").mkdir()
    (tmp_path / "memc" / "__init__.py").write_text("raise SystemExit('given')")
    done = run(sys.executable, "-SP", SIBLING, "show", PYTHONPATH=str(tmp_path))
    assert (done.returncode, done.stderr) == (1, b"given\n")


LATE = """
import sys
sys.path.append({folder!r})
from memc.cli import late
late.install()
import memc.cli.late
try:
    import nowhere
except ModuleNotFoundError as error:
    print(error, "site" in sys.modules)
import pytest
print(sys.meta_path.count(late.Late), {folder!r} in sys.path)
"""


def test_the_search_is_made_when_a_package_is_missing(tmp_path):
    (tmp_path / "memc").symlink_to(CHECKOUT / "memc")
    done = run(sys.executable, "-SP", "-c", LATE.format(folder=str(tmp_path)))
    assert done.stderr == b""
    assert done.stdout.decode().splitlines() == [
        "No module named 'nowhere' True",
        "0 True",
    ]


def test_what_a_short_command_does_needs_no_search():
    with children.waiting() as child:
        code = "import os, runpy, sys; sys.argv = [sys.argv[1], 'show', sys.argv[2]];"
        code += "os._exit = lambda status: print('site' in sys.modules);"
        code += "runpy.run_path(sys.argv[0], run_name='__main__')"
        done = run(sys.executable, "-SP", "-c", code, SIBLING, child.pid)
    assert done.stderr == b""
    assert done.stdout.splitlines()[-1] == b"False"
