"""Why a process has no memory: kernel thread, zombie, ended, or it unmapped all."""

import os
import signal
import subprocess

import pytest
from support import children
from support.boxes import inside
from support.cases import cases
from support.commands import COMMANDS
from support.trees import Tree

from memc.proc.state import why_empty

NONE = "has no memory"
THREAD = f"{NONE}: it is a kernel thread"
NOW = "had no memory when it was read, and has some by now"
KTHREAD, EXITING = 0x200000 | 0x40, 0x4

# what is said, why, status, flags in stat or None where there is no stat
STATES = [
    (THREAD, "status says so", "State:\tI (idle)\nKthread:\t1\nThreads:\t1\n", None),
    (THREAD, "flags say so", "State:\tS (sleeping)\nThreads:\t1\n", KTHREAD),
    (f"{NONE}: it has ended and is a zombie", "a zombie",
     "State:\tZ (zombie)\nKthread:\t0\nThreads:\t1\n", EXITING),
    ("its first thread has ended: its memory is not known", "a living thread",
     "State:\tZ (zombie)\nThreads:\t3\n", EXITING),
    (f"{NONE} any more: it is ending", "killed, and torn down",
     "State:\tR (running)\nKthread:\t0\nThreads:\t1\n", EXITING),
    (f"{NONE}: it has unmapped all of it", "it lives and has nothing",
     "State:\tt (tracing stop)\nKthread:\t0\nThreads:\t1\n", 0),
    (NONE, "status is of no use", "\n", None),
    (NOW, "exec gave it memory since", "State:\tR (running)\nVmSize:\t8 kB\n", 0),
]  # fmt: skip


# Their memory may not be freed yet: it is unknown, and the snapshot is cut.
FREED = (
    "its first thread has ended: its memory is not known",
    f"{NONE} any more: it is ending",
)


def tree_of(folder, status, flags):
    tree = Tree(folder / "proc")
    files = {}
    if flags is not None:
        state, threads = status.split("\t")[1][0], status.split("\t")[-1].strip()
        stat = f"7 (a) {state} 0 0 0 0 0 {flags} {'0 ' * 10}{threads} 0 4711\n"
        files = {"stat": stat.encode()}
    zeros = b"0 0 0 0 0 0 0\n"
    tree.add(
        7,
        maps=b"",
        smaps=b"",
        statm=zeros,
        status=status.encode(),
        comm=b"a\n",
        **files,
    )
    return tree


@cases(STATES, why=1)
def test_each_state_has_its_words_in_every_command(tmp_path, case):
    said, _, status, flags = case
    tree = tree_of(tmp_path, status, flags)
    assert why_empty(7, str(tree)) == said
    if said == NOW:
        return
    memc = COMMANDS["python"]
    if said in FREED:
        check = memc("check", 7, "--max-rss", "1G", "--proc", tree)
        assert (check.status, b"rss cannot be judged" in check.err) == (2, True)
        return
    check = memc("check", 7, "--max-rss", "1G", "--proc", tree)
    assert (check.status, check.err.decode()) == (2, f"memc: process 7 a: {said}\n")
    show = memc("show", 7, "--proc", tree)
    assert (show.out, show.err.decode()) == (
        b"no regions\n", f"memc: process 7 a: {said}\n"
    )  # fmt: skip
    diff = memc("diff", 7, "--after", "1ms", "--proc", tree)
    assert (diff.status, diff.err.decode()) == (0, f"memc: process 7 a: {said}\n")


# why, the options of the plain form
PLAIN = [
    ("the layout", []),
    ("smaps", ["--smaps", "--full"]),
    ("page tables", ["--rss"]),
    ("no regions at all", ["--totals"]),
]


@cases(STATES, why=1)
@pytest.mark.parametrize(
    "options", [row[1] for row in PLAIN], ids=[p[0] for p in PLAIN]
)
def test_plain_form_has_the_same_words(memc, tmp_path, case, options):
    said, _, status, flags = case
    if said == NOW and options == ["--totals"]:
        return  # status tells that there is memory
    tree = tree_of(tmp_path, status, flags)
    result = memc(7, *options, "--compact", prefix=inside(tree))
    is_freed = said in FREED and options == ["--totals"]  # its totals are null
    expected = "" if is_freed else f"memc: process 7: {said}\n"
    assert (result.status, result.err.decode()) == (0, expected)


def test_samples_tell_it_once(memc, tmp_path):
    tree = tree_of(tmp_path, STATES[0][2], None)
    result = memc(7, "--count", 3, "--interval", 1, "--compact", "--proc", tree)
    assert result.err.decode() == f"memc: process 7: {THREAD}\n"
    assert len(result.out.splitlines()) == 3


@pytest.mark.kernel
def test_plain_form_tells_a_zombie(memc):
    child = subprocess.Popen(["/bin/true"])
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    said = memc(child.pid).err.decode()
    child.wait()
    zombie = f"{NONE}: it has ended and is a zombie"
    assert said == f"memc: process {child.pid}: {zombie}\n"


@pytest.mark.kernel
def test_zombie_and_ended_process_are_told_apart():
    assert why_empty(children.ended()) == f"{NONE}: it has ended"
    child = subprocess.Popen(["/bin/true"])
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert why_empty(child.pid) == f"{NONE}: it has ended and is a zombie"
    child.wait()


@pytest.mark.kernel
def test_living_process_is_no_kernel_thread():
    child = subprocess.Popen(["/bin/sleep", "60"])
    try:
        assert why_empty(child.pid) == NOW
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()
