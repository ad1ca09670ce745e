"""Folded stacks: every kB is in one line, and no name breaks a line."""

import re

import pytest
from support.cases import cases
from support.made_targets import made

import memc
from memc.export.folded import Stacks, differing, frame, lines
from memc.targets.target import Target

# As flamegraph.pl reads a line: the stack, and the amount behind the last blank.
LINE = re.compile(r"^(.*)\s+?(\d+(?:\.\d*)?)$")


@pytest.fixture(scope="module")
def targets():
    system = memc.snapshot_all(detail="smaps", skip_kernel=True, cgroups=True)
    return [
        Target(p.snapshot, p.pid, p.name, proc="", file="", started=p.started)
        for p in system.processes
    ]


@pytest.mark.kernel
@pytest.mark.parametrize("name", ["pss_kb", "rss_kb", "private_kb", "size_kb"])
def test_sum_of_lines_is_the_sum_of_the_amount(targets, name):
    stacks = Stacks(targets, name)
    total = 0
    for line in lines(stacks.amounts):
        found = LINE.match(line.removesuffix("\n"))
        assert not LINE.match(found[1])  # else it would be a difference
        total += int(found[2])
    assert total == sum(kb for t in targets for kb in t.values(name) if kb)
    assert stacks.unknown == 0


# expected, text, why
FRAMES = [
    ("a:b", "a;b", "; ends a frame"),
    ("a b", "a\nb", "a newline ends a line"),
    ("a [31m", "a\x1b[31m", "a control character"),
    ("a b", "a\u2028b", "some take it for the end of a line"),
    ("a b", "a\u202eb", "it turns text around"),
    ("a\ufffdb", "a\udcffb", "a byte that is not UTF-8"),
    ("", " \t ", "nothing is left"),
    ("日本", "日本", "letters stay"),
]


@cases(FRAMES, why=2)
def test_frame_has_nothing_that_ends_it(case):
    expected, text, _ = case
    assert frame(text) == expected


def test_last_frame_with_a_number_is_no_value():
    stacks = Stacks([made([("/x/model 12", 8, 8)])], "rss_kb")
    (line,) = lines(stacks.amounts)
    assert line.endswith("model_12 8\n")


def test_unknown_amounts_are_counted_and_never_zero():
    target = made([("/x/a", 8, 8), ("/x/b", 4, 8)], pss_kb=[None, 3])
    stacks = Stacks([target], "pss_kb")
    assert (stacks.known, stacks.unknown) == (1, 1)
    assert [*stacks.amounts.values()] == [3]


def test_difference_has_two_values_in_each_line():
    sides = [Stacks([made([(path, 8, 8)])], "rss_kb") for path in ("/x/a", "/x/b")]
    found = [line.split()[-2:] for line in differing(*(s.amounts for s in sides))]
    assert found == [["8", "0"], ["0", "8"]]
