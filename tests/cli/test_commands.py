"""The table of sub-commands: the exit status of failure, the package that one needs."""

import subprocess
import sys

import pytest
from support.cases import cases
from support.commands import COMMANDS as RUNNERS

import memc.cli
from memc.cli.commands import COMMANDS, Command
from memc.errors import MemcError

# A missing module as Python tells of one, whatever is installed.
HEAD = "import sys\nsys.modules['whirligig'] = None\n"
BODY = """
from memc.errors import MemcError
def run(argv):
    if argv:
        raise MemcError(argv[0])
    print("runs")
    return 0
"""
MAIN = """
import sys
import memc.cli
from memc.cli.commands import COMMANDS, Command
from memc.cli.main import main
memc.cli.__path__.append(sys.argv.pop(1))
COMMANDS["whirl"] = Command("whirl", "it turns", failure=3, needs={"whirligig": "wind"})
sys.exit(main())
"""


@pytest.fixture
def make(tmp_path, monkeypatch):
    """Give a function that makes the folder of a command called whirl."""
    monkeypatch.setattr(memc.cli, "__path__", [*memc.cli.__path__, str(tmp_path)])

    def write(code):
        folder = tmp_path / "whirl"
        folder.mkdir()
        (folder / "__init__.py").write_text("")
        (folder / "command.py").write_text(code)
        return tmp_path

    monkeypatch.setitem(sys.modules, "whirligig", None)
    yield write
    for name in ("memc.cli.whirl", "memc.cli.whirl.command"):
        sys.modules.pop(name, None)


@pytest.mark.parametrize("line", ["import whirligig", "from whirligig.app import A"])
def test_missing_package_that_it_needs_is_told_with_the_cure(make, line):
    make(line)
    with pytest.raises(MemcError) as caught:
        Command("whirl", "", needs={"whirligig": "wind"}).module()
    assert str(caught.value) == "memc whirl needs whirligig: pip install 'memc[wind]'"


def test_package_below_another_has_an_extra_of_its_own():
    needs = {"whirl": "wind", "whirl.storm": "storm"}
    for missing, extra in (("whirl.storm.eye", "storm"), ("whirl.calm", "wind")):
        error = Command("whirl", "", needs=needs)._missing(
            ModuleNotFoundError(name=missing)
        )
        assert str(error).endswith(f": pip install 'memc[{extra}]'")


# the module that is missing, why, the package that it needs, what it imports
OTHERS = [
    ("memc_missing", "another package", "whirligig", "import memc_missing"),
    ("whirligig", "it says to need none", "", "import whirligig"),
    ("whirligig", "a name that begins alike", "whirl", "import whirligig"),
    ("memc.missing", "a module of memc", "whirligig", "import memc.missing"),
]


@cases(OTHERS, why=1)
def test_any_other_missing_module_is_raised_as_it_is(make, case):
    missing, _, needs, line = case
    make(line)
    with pytest.raises(ModuleNotFoundError) as caught:
        Command("whirl", "", needs={needs: "wind"}).module()
    assert caught.value.name == missing


# status, stdout, stderr, why, its code, arguments
RUNS = [
    (3, "", "memc: memc whirl needs whirligig: pip install 'memc[wind]'\n", "missing",
     HEAD + "import whirligig" + BODY, []),
    (0, "runs\n", "", "nothing is missing", BODY, []),
    (3, "", "memc: full\n", "it fails", BODY, ["full"]),
]  # fmt: skip


@cases(RUNS, why=3)
def test_command_is_its_folder_and_its_entry(make, case):
    *expected, _, code, args = case
    argv = [sys.executable, "-c", MAIN, str(make(code)), "whirl", *args]
    done = subprocess.run(argv, check=False, capture_output=True, text=True, cwd="/")
    assert [done.returncode, done.stdout, done.stderr] == expected


PROC = "--proc", "/nothing"
# status, command, arguments
FAILURES = [
    (1, "show", ["--all", *PROC]),
    (2, "diff", ["--all", "--after", "1ms", *PROC]),
    (2, "check", ["--all", "--max-rss", "1M", *PROC]),
    (1, "machine", [*PROC]),
    (1, "query", ["/nothing"]),
    (1, "replay", ["/nothing"]),
    (1, "bundle", ["/nothing", "-o", "/dev/null"]),
    (1, "export", ["--all", "--to", "csv", *PROC]),
    (1, "report", ["--all", "-o", "/dev/null", *PROC]),
    (1, "top", ["--once", *PROC]),
    (1, "record", ["-o", "/nowhere/x.memc", *PROC]),
    (1, "push", ["--count", "1", *PROC]),
    (1, "serve", ["--once", *PROC]),
]


def test_every_command_is_in_the_table_of_failures():
    # tests/fleet has those of memc lake, whose packages are not installed here.
    assert {name for _, name, _ in FAILURES} == set(COMMANDS) - {"lake"}


@cases(FAILURES, why=1)
def test_failure_has_the_exit_status_of_the_command(case):
    status, name, args = case
    assert COMMANDS[name].failure == status
    result = RUNNERS["python"](name, *args)
    assert (result.status, result.out) == (status, b"")
    assert result.err.startswith(b"memc: /nothing: No such file or directory")
