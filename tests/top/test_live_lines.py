"""Histories and rates of a process that lives, at times that the tests choose."""

import os

import pytest
from support.cases import cases

from memc.proc.root import open_root
from memc.record.followed import Followed
from memc.top.live_lines import Living
from memc.top.moment import POINTS, STEP_MS


@pytest.fixture
def told():
    """Give a function: the last line after looks at times, with an RSS each."""
    with open_root("/proc") as root:

        def told(looks):
            living = Living(Followed(os.getpid()), 1, is_young=False)
            line = living.line
            for at, (at_ms, rss_kb) in enumerate(looks):
                living.amounts = (rss_kb, *[None] * 5)
                if not at:
                    living.meet(root, at_ms, step_ms=STEP_MS)
                line = living.update(root, at_ms, step_ms=STEP_MS, is_changed=True)
            return line

        yield told


# looks, history, rate in a minute, why
HISTORIES = [
    ([(0, 10)], [10], None, "one look tells no growth"),
    ([(0, 10), (1000, 12)], [12], 120, "the last point is of now"),
    ([(0, 10), (5000, 12), (6000, 14)], [10, 14], 40, "a point every five seconds"),
    ([(0, 10), (60_000, 70)], [10, *[None] * 11, 70], 60, "nobody looked between"),
    ([(0, None), (5000, 5)], [None, 5], None, "what was not known is not 0"),
    ([(0, 5), (5000, None)], [5, None], None, "nor what is not known now"),
    ([(0, 9), (10 ** 9, 9)], [*[None] * (POINTS - 1), 9], None, "asleep for long"),
    ([(0, None), (1, 5), (95_000, 5), (105_000, 15)], [5, *[None] * 18, 5, None, 15],
     6, "from the first that is known on"),
    ([(0, 1), (5000, 2), (200_000, 2), (310_000, 32), (320_000, 62)],
     [*[None] * 35, 2, *[None] * 21, 32, None, 62], 31, "held for minutes"),
    ([(at * STEP_MS, at) for at in range(200)], [*range(140, 200)], 12,
     "five minutes, and no more"),
]  # fmt: skip


@cases(HISTORIES, why=3)
def test_history_and_rate(case, told):
    looks, history, rate, _ = case
    line = told(looks)
    assert line.history == history
    assert line.rate_kb_min == (None if rate is None else pytest.approx(rate, rel=0.03))


def test_faults_are_counted_in_a_second():
    followed = Followed(os.getpid())
    with open_root("/proc") as root:
        living = Living(followed, 1, is_young=False)
        living.meet(root, 0, step_ms=STEP_MS)
        found = []
        for at_ms, minor, major in [(0, 5, 5), (500, 10, 5), (1500, 10, 35)]:
            followed.minflt, followed.majflt = minor, major
            line = living.update(root, at_ms, step_ms=STEP_MS, is_changed=False)
            found.append(line.faults_s)
    assert found == [None, 10, 30]


def test_a_line_that_says_the_same_is_the_same():
    with open_root("/proc") as root:
        living = Living(Followed(os.getpid()), 1, is_young=False)
        living.meet(root, 0, step_ms=STEP_MS)
        lines = [
            living.update(root, at_ms, step_ms=STEP_MS, is_changed=False)
            for at_ms in (0, 1000, 2000)
        ]
    assert lines[1] is lines[2]
