"""No line of any help has more than 80 columns, nor one of a manual page."""

import os
import subprocess

import pytest
from support.commands import COMMANDS as RUNNERS

from memc.cli.commands import COMMANDS
from memc.cli.manual import man

WIDTH = 80
# How wide the terminal says that it is: help of argparse goes by it.
TERMINALS = ("80", "500", "40", "")
# A manual page has a margin of 7 columns; an example begins 2 columns to the left.
EXAMPLE = WIDTH - 5


def help_of(word, columns):
    environ = os.environ | {"COLUMNS": columns}
    done = subprocess.run(
        [*RUNNERS["python"].argv, *word.split(), "--help"],
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@pytest.mark.parametrize("columns", TERMINALS)
@pytest.mark.parametrize("word", ["", *COMMANDS])
def test_help_has_80_columns_at_most(word, columns):
    text = help_of(word, columns)
    assert len(text.splitlines()) > 20
    assert [line for line in text.splitlines() if len(line) > WIDTH] == []


def test_examples_of_the_manual_pages_fit_in_80_columns():
    inside, wide = False, []
    for line in "".join(man.pages().values()).splitlines():
        inside = line == ".EX" or (inside and line != ".EE")
        shown = line.replace(r"\-", "-").replace(r"\e", "\\")
        shown = shown.replace(r"\(aq", "'").replace(r"\(ha", "^")
        wide += [line] * (inside and len(shown) > EXAMPLE)
    assert wide == []
