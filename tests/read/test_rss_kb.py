"""One number, read from statm alone, is what a snapshot tells."""

import os
import signal

import pytest
from support import children
from support.cases import cases

import memc

PAGE_KB = os.sysconf("SC_PAGE_SIZE") // 1024
STATUS = b"Name:\tsh\nState:\tS (sleeping)\nVmSize:\t  400 kB\nVmRSS:\t   20 kB\n"


def test_a_stopped_process_has_what_its_totals_tell():
    with children.waiting() as child:
        child.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, child.pid, os.WSTOPPED)
        found = memc.rss_kb(child.pid)
        assert found == memc.snapshot(child.pid, detail="totals").total_rss_kb
        assert found % PAGE_KB == 0


@cases(
    [
        (7 * PAGE_KB, b"100 7 3 1 0 5 0\n", "a number of pages"),
        (20, b"100\n", "a line that is cut: status tells it"),
        (20, b"100 x\n", "no number"),
        (20, b"100 1_0 3\n", "no number of the kernel"),
        (20, b"100 %d 3\n" % 10**20, "more than there can be"),
        (20, b"", "an empty file"),
        (20, None, "no statm in a copy"),
    ],
    why=2,
)
def test_statm_is_read_or_else_status(case, tree):
    expected, statm, _ = case
    tree.add(7, status=STATUS, statm=statm)
    assert memc.rss_kb(7, proc=str(tree)) == expected
    if expected == 20:
        again = memc.snapshot(7, detail="totals", proc=str(tree))
        assert again.total_rss_kb == expected


def test_a_process_whose_first_thread_ended_still_has_memory():
    with children.script("leaderless") as child:
        assert memc.rss_kb(child.pid)
        assert memc.rss_kb(child.pid) == pytest.approx(
            memc.snapshot(child.pid, detail="totals").total_rss_kb, rel=0.2
        )


@cases(
    [
        (memc.ProcessGone, {"pid": 2**22 + 1}, "no such pid"),
        (ValueError, {"pid": 0}, "no pid"),
        (TypeError, {"pid": "1"}, "no number"),
        (ValueError, {"pid": 1, "proc": "a\0"}, "no path"),
        (memc.MemcError, {"pid": 1, "proc": "/nowhere"}, "no root"),
    ],
    why=2,
)
def test_errors_are_those_of_a_snapshot(case):
    expected, how, _ = case
    with pytest.raises(expected) as ours:
        memc.rss_kb(**how)
    with pytest.raises(expected) as theirs:
        memc.snapshot(detail="totals", **how)
    assert str(ours.value) == str(theirs.value)
