"""``memc show`` on a terminal: its width, colours, and names that mean it harm."""

import pytest
from support.commands import COMMANDS
from support.family import counters, fill
from support.terminal import run_on_terminal
from support.text import record
from support.trees import Tree

from memc.analysis.groups import BY

pytestmark = pytest.mark.kernel

NARROW = (80, "region")
LONG = b"/srv/" + b"long/" * 30 + b"end.dat"
HOSTILE = b"/tmp/\x1b[31m\xe2\x80\xaegpj\xff\r.txt"


@pytest.mark.parametrize("by", BY)
def test_lines_fit_the_terminal(tree, by):
    memc = COMMANDS["python"]
    smaps = record(0x10000, 0x20000, *counters(8, 8), perm="r--p", name=LONG)
    tree.add(1, smaps=smaps)
    args = ("show", 1, "--by", by, "--proc", tree)
    for columns in (60, 80, 160):
        out = run_on_terminal(memc, *args, COLUMNS=str(columns), TERM="dumb").decode()
        lines = out.splitlines()
        assert max(map(len, lines)) <= columns
        assert by not in ("path", "region") or ".dat\r\n" in out
        assert ("no room here" in out) == (columns == 60 or (columns, by) == NARROW)
    for out in (memc(*args).out, run_on_terminal(memc, *args, "--wide")):
        assert by not in ("path", "region") or LONG in out


@pytest.mark.parametrize("by", ["path", "region", "process"])
def test_names_reach_the_terminal_escaped(tree, by):
    memc = COMMANDS["python"]
    smaps = record(0x10000, 0x20000, *counters(8, 8), perm="r--p", name=HOSTILE)
    tree.add(1, smaps=smaps, comm=b"x\x1b]0;y\x07\n")
    out = memc("show", 1, "--by", by, "--proc", tree).out
    assert out.decode().replace("\n", "").isprintable()
    assert rb"x\x1b]0;y\x07" in out
    assert by == "process" or rb"/tmp/\x1b[31m\u202egpj\xff\x0d.txt" in out


def test_colour_is_for_terminals(memc, tmp_path):
    args = ("show", 11, "--proc", fill(Tree(tmp_path / "proc")))
    plain = memc(*args).out
    assert b"\x1b" not in plain
    assert b"\x1b[1m" in run_on_terminal(memc, *args)
    for forbidden in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        shown = run_on_terminal(memc, *args, **forbidden)
        assert b"\x1b" not in shown
        assert len(shown.splitlines()) == len(plain.splitlines())
