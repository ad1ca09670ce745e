"""The scripts: how a shell reads them, where they are, and what they are made of."""

import importlib.metadata
import os
import subprocess
from types import SimpleNamespace

import pytest
from support.commands import COMMANDS as RUNNERS
from support.shells import SHELLS

from memc.cli.collect.options import OPTIONS, SHELLS as NAMED
from memc.cli.commands import COMMANDS
from memc.cli.common.parser import Parser
from memc.cli.completion.forms import KINDS, forms, is_said
from memc.cli.completion.scripts import PATHS, script

CHECKS = {
    "bash": [["bash", "-n"], ["shellcheck"]],
    "zsh": [["zsh", "-n"]],
    "fish": [["fish", "-n"]],
}


def test_a_shell_reads_its_script_without_a_fault(shell):
    for check in CHECKS[shell.name]:
        argv = [*check, shell.script]
        done = subprocess.run(argv, check=False, capture_output=True, text=True)
        assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)


def test_each_shell_has_a_script():
    assert tuple(PATHS) == NAMED == SHELLS


@pytest.mark.parametrize("name", SHELLS)
def test_script_is_printed_and_installed(name):
    result = RUNNERS["native"]("--completion", name)
    assert (result.status, result.err) == (0, b"")
    assert result.out.decode() == script(name)
    files = importlib.metadata.files("memc")
    (path,) = [f for f in files if str(f).endswith(f"share/{PATHS[name]}")]
    assert path.locate().read_text() == script(name)


@pytest.mark.parametrize("name", SHELLS)
def test_no_place_of_a_template_is_left(name):
    words = script(name).split()
    assert [w for w in words if w.startswith("@") and w.strip("@").isupper()] == []


def test_the_way_that_the_docs_give_turns_it_on(tmp_path):
    """`source <(memc ...)` defines what completes, in bash and zsh."""
    memc = RUNNERS["native"].argv[-1]
    env = os.environ | {"PATH": f"{os.path.dirname(memc)}:{os.environ['PATH']}"}
    zsh = "autoload -Uz compinit && compinit -u -D && source <(memc --completion zsh)"
    for argv in (
        ["bash", "-c", "source <(memc --completion bash); complete -p memc"],
        ["zsh", "-fc", f"{zsh} && echo $_comps[memc] memc"],
        ["fish", "-c", "memc --completion fish | source; complete -c memc"],
    ):
        home = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
        env |= home
        done = subprocess.run(
            argv, check=False, env=env, capture_output=True, text=True
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert "memc" in done.stdout


def test_every_option_with_a_value_says_what_completes_it():
    """Say it by `choices`, by a metavar of OF_METAVAR, or by `completes` or `words`."""
    unsaid = [
        (name, option.names)
        for name in COMMANDS
        for option in COMMANDS[name].module().parser().options
        if not option.action.startswith("store_") and not is_said(option)
    ]
    assert unsaid == []
    assert [o.names for o in OPTIONS if o.metavar and not is_said(of_plain(o))] == []


def of_plain(option):
    """Give an option of the plain form as one of a sub-command."""
    how = {"metavar": option.metavar}
    return SimpleNamespace(completes=None, words=option.words, how=how)


def test_every_kind_that_is_named_is_one():
    values = [
        value
        for form in forms()
        for told in (form.steps, form.behind.values(), *(r.values for r in form.rows))
        for value in told
    ]
    assert {kind for value in values for kind in value.kinds} == {*KINDS}


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ({"metavar": "WHAT"}, False),
        ({}, False),
        ({"metavar": "FILE"}, True),
        ({"metavar": "T1 T2"}, True),
        ({"metavar": "OUT.zip"}, True),
        ({"metavar": "AMOUNT|N%"}, True),
        ({"metavar": "FILE WHAT"}, False),
        ({"metavar": "WHAT", "completes": ""}, True),
        ({"metavar": "WHAT", "words": ("a", "b")}, True),
        ({"choices": ("a", "b")}, True),
    ],
)
def test_what_says_what_completes_an_option(how, expected):
    made = Parser("whirl", "", "", "")
    made.add_argument("--turn", **how)
    assert is_said(made.options[0]) is expected
    assert made.full().read([]).turn is None
