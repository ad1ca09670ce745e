"""Everything public of memc 1.0 is here, and is called as it was then.

The names of Python and the options are in tests/data/names-1.0.0.json, and those of C
in tests/clib/consumer/since_1_0.c, which is compiled against this version.
"""

import importlib
import inspect
import json
import subprocess
import sys

import pytest
from support.corpus import OWN

import memc

NAMES = json.loads((OWN / "names-1.0.0.json").read_text())
MARKS = {
    inspect.Parameter.KEYWORD_ONLY: "*",
    inspect.Parameter.VAR_POSITIONAL: "**",
    inspect.Parameter.VAR_KEYWORD: "***",
}
# Defaults that are other ones now, and why that breaks nobody.
DEFAULTS = {
    ("diff", "names"): "hugetlb_kb came in: it is counted beside RSS",
}


def found(name):
    value = memc
    for part in name.split("."):
        if value is memc and part in ("fast", "fallback", "owners"):
            value = importlib.import_module(f"memc.{part}")
        else:
            value = getattr(value, part)
    return value


def parameters(call):
    """Give each parameter but self as it is written in the file of names."""
    for item in inspect.signature(call).parameters.values():
        if item.name != "self":
            default = "" if item.default is item.empty else f"={item.default!r}"
            yield f"{MARKS.get(item.kind, '')}{item.name}{default}"


def by_place(told):
    return [one.partition("=")[0] for one in told if not one.startswith("*")]


@pytest.mark.parametrize("name", NAMES["python"])
def test_name_is_there_and_takes_what_it_took(name):
    value = found(name)
    then = NAMES["python"][name]
    if then is None:
        return
    now = list(parameters(value))
    other = {param for where, param in DEFAULTS if where == name}
    assert [one for one in then if one.strip("*").partition("=")[0] not in other] == [
        one for one in now if one in then
    ]
    assert by_place(now)[: len(by_place(then))] == by_place(then)
    added = [one for one in now if one not in then and "=" not in one]
    assert added == [], "a call of 1.0 does not give them"


@pytest.mark.parametrize("name", {where for where, _ in DEFAULTS})
def test_default_that_differs_is_of_a_parameter_that_was_there(name):
    then = NAMES["python"][name]
    assert [one for where, one in DEFAULTS if where == name] == [
        one.strip("*").partition("=")[0]
        for one in then
        if one not in list(parameters(found(name)))
    ]


@pytest.mark.parametrize("command", NAMES["options"])
def test_each_option_of_a_command_is_there(command):
    argv = [sys.executable, "-m", *command.split(), "--help"]
    done = subprocess.run(argv, check=True, capture_output=True, text=True)
    words = {word.rstrip(",") for word in done.stdout.split()}
    assert {*NAMES["options"][command]} <= words
