"""Growth is judged of one process: the same pid and the same start time."""

import os
import shutil

import pytest
from support.text import header

from memc.limits.gate import Gate
from memc.limits.limits import GrowthLimit
from memc.read.backend import backend
from memc.read.options import Options
from memc.targets.choice import Choice
from memc.targets.read import read

STAT = b"7 (%b) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 %d 0 0\n"
STATUS = b"Threads:\t1\nRssAnon:\t8 kB\nVmRSS:\t8 kB\n"


def put(tree, name, started):
    shutil.rmtree(os.path.join(str(tree), "7"), ignore_errors=True)
    tree.add(
        *(7,),
        maps=header(0x1000, 0x3000),
        statm=b"9 2 0 0 0 0 0\n",
        status=STATUS,
        comm=name + b"\n",
        stat=STAT % (name, started),
    )


# why, the process at the second reading, whether it is judged, words
LATER = [
    ("the same", (b"old", 70), True, False),
    ("exec keeps the start time", (b"new", 70), True, True),
    ("the pid was reused", (b"old", 80), False, False),
    ("the pid was reused by another program", (b"new", 80), False, False),
]


@pytest.mark.parametrize("total", [False, True], ids=["each", "total"])
@pytest.mark.parametrize("case", LATER, ids=[case[0] for case in LATER])
def test_growth_is_of_one_process(tree, monkeypatch, case, total):
    _, later, judged, renamed = case
    put(tree, b"old", 70)
    monkeypatch.setattr("time.sleep", lambda _: put(tree, *later))
    choice = Choice(proc=str(tree))
    choice.pids = [7]
    gate = Gate(choice, [GrowthLimit("rss", 10, 60)], backend())
    gate.run(apart_s=0.001, total=total)
    assert (bool(gate.checked), bool(gate.errors)) == (judged, not judged)
    assert bool(gate.renamed) is renamed


def test_reading_leaves_the_options_of_the_caller(tree):
    put(tree, b"old", 70)
    choice, options = Choice(proc=str(tree)), Options(proc=str(tree))
    choice.every = True
    assert len(read(choice, options).targets) == 1
    assert options.skip_kernel is False
