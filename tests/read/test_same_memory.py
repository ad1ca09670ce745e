"""Two processes that have one memory: it is told and counted once."""

import os
import signal
from contextlib import contextmanager

import orjson
import pytest
from support import boxes, children
from support.text import page

from memc.proc import same, stat

pytestmark = pytest.mark.kernel

DETAIL = pytest.mark.parametrize(
    "detail", ["maps", "smaps", "rss", "uss", "pss", "totals", "rollup"]
)
# pid, name, state, parent, ..., start time, ..., start_code, end_code, start_stack
STAT = b"%d (a) S %d 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 %d 0 0 0 1 2 %d\n"


@contextmanager
def cloned():
    with children.script("cloner") as child:
        second = int(child.stdout.readline())
        try:
            yield child.pid, second
        finally:
            os.kill(second, signal.SIGKILL)


@pytest.fixture(scope="module")
def pair():
    with cloned() as pids:
        yield pids


@DETAIL
def test_the_first_tells_it_and_the_second_names_the_first(backend, pair, detail):
    first, second = pair
    by_pid = {p.pid: p for p in backend.collect_all(detail).processes}
    assert by_pid[first].snapshot.same_memory_as is None
    assert by_pid[first].snapshot.total_rss_kb > 32 << 10
    snap = by_pid[second].snapshot
    assert snap.same_memory_as == first
    assert (len(snap), snap.total_rss_kb, snap.total_vsize_kb) == (0, None, None)
    assert set(snap.totals.values()) <= {None}
    assert snap.name == by_pid[second].name != ""


def test_documents_say_so_and_are_loaded(memc, pair, tmp_path):
    from memc import load

    first, second = pair
    file = tmp_path / "all.json"
    result = memc("--all", "--skip-kernel", "--smaps", "--output", file)
    assert result.status == 0
    (found,) = (p for p in load(str(file)).processes if p.pid == second)
    assert (found.snapshot.same_memory_as, found.snapshot.total_vsize_kb) == (
        first,
        None,
    )


def test_sums_count_it_once(memc, pair):
    first, second = pair
    shown = memc("show", first, second, "--by", "process", "--json")
    document = orjson.loads(shown.out)
    own, shared = document["groups"]
    assert (own["pid"], shared["pid"]) == pair
    assert (shared["same_memory_as"], shared["pss_kb"]) == (first, None)
    assert document["total"]["pss_kb"] == own["pss_kb"]
    table = memc("show", first, second)
    assert str(second).encode() in table.out
    assert f"has the memory of {first}".encode() in table.out


def test_checks_judge_it_once(memc, pair):
    limit = ["--total", "--max-rss", "60M"]
    assert memc("check", *pair, *limit).status == 0
    over = memc("check", *pair, "--max-rss", "1M")
    assert (over.status, over.err) == (1, b"")
    assert over.out.count(b"\n") == 1


def test_one_alone_is_told_whole(backend, pair):
    for pid in pair:
        assert backend.collect(pid, "maps").total_rss_kb > 32 << 10


def test_a_child_between_vfork_and_exec_is_known(backend, tmp_path):
    with children.between_vfork_and_exec(tmp_path) as (parent, child, _):
        by_pid = {p.pid: p.snapshot for p in backend.collect_all("maps").processes}
    assert by_pid[child].same_memory_as == parent.pid


def test_forked_processes_are_not_one(backend):
    with children.script("forker") as child:
        pids = [pid for pid, _ in orjson.loads(child.stdout.readline())[2]]
        found = {p.pid: p.snapshot for p in backend.collect_all("maps").processes}
        assert [found[pid].same_memory_as for pid in pids] == [None] * len(pids)


@contextmanager
def other_pids(count):
    """Give a /proc with pids of its own, and shells forked from one.

    Where memc is, most of their pids are those of threads of the kernel.
    """
    fork = "(echo ready; read x) <&3 &"
    script = f"exec 3<&0; for i in $(seq {count}); do {fork} done; read x"
    box = ("--pid", "--fork", "--mount-proc", "--kill-child")
    argv = [*boxes.NAMESPACE, *box, "bash", "-c", script]
    with children.running(*argv) as child:
        for _ in range(count - 1):
            child.stdout.readline()
        yield children.proc_below(child)


def test_pids_of_another_namespace_are_not_those_of_the_kernel(backend):
    with other_pids(60) as proc:
        for _ in range(2):
            found = backend.collect_all("maps", proc=proc).processes
            assert len(found) > 60
            assert {p.snapshot.same_memory_as for p in found} == {None}


def test_processes_whose_first_threads_have_ended_are_not_one(backend):
    """kcmp(2) compares the memories of the first threads: none and none."""
    with children.script("leaderless") as one, children.script("leaderless") as two:
        found = {p.pid: p.snapshot for p in backend.collect_all("maps").processes}
        pids = (one.pid, two.pid)
        assert [found[pid].same_memory_as for pid in pids] == [None, None]
        assert min(found[pid].total_rss_kb for pid in pids) > 32 << 10


# parent of the second, places of both, regions of the second, whether they are one
COPIES = [
    (7, (5, 5), page(1), True, "a child that tells the same"),
    (1, (5, 5), page(1), False, "no child of it"),
    (7, (5, 6), page(1), False, "other places: it called exec"),
    (7, (5, 5), page(2), False, "other regions"),
]


@pytest.mark.parametrize("case", COPIES, ids=[case[-1] for case in COPIES])
def test_where_nobody_can_be_asked_equal_parent_and_child_are_one(backend, tree, case):
    parent, (one, other), maps, is_one, _ = case
    tree.add(7, maps=page(1), stat=STAT % (7, 1, 10, one))
    tree.add(8, maps=maps, stat=STAT % (8, parent, 20, other))
    found = backend.collect_all("maps", proc=str(tree)).processes
    assert [p.snapshot.same_memory_as for p in found] == [None, 7 if is_one else None]


def holder(pid):
    """Return a process with the places of the others, and the first for its parent."""
    text = STAT % (pid, 10 if pid > 10 else 1, pid, 7)
    return same.Holder(pid, stat.split(text)[1])


class Memories:
    """The kcmp(2) of a kernel that knows the memory of each process, and counts."""

    def __init__(self, memories, denied=()):
        self.memories, self.denied, self.asked = memories, {*denied}, 0

    def __call__(self, a, b):
        self.asked += 1
        if {a, b} & self.denied:
            return -1
        one, other = self.memories[a], self.memories[b]
        return 0 if one == other else 1 + (one > other)


ALL = dict(zip(range(10, 40), range(70, 10, -2), strict=True))  # each has its own
MEMORIES = [
    (ALL, (), {}, "forked processes, each with its own memory"),
    ({**ALL, 12: 90, 30: 90}, (), {30: 12}, "two have one"),
    ({**ALL, 11: 5, 10: 5, 39: 5}, (), {11: 10, 39: 10}, "three have one"),
    (dict.fromkeys(ALL, 1), (), dict.fromkeys([*ALL][1:], 10), "all have one"),
    (
        {10: 1, 11: 1},
        (10,),
        {11: 10},
        "the kernel tells nothing: what was read is equal",
    ),
]


@pytest.mark.parametrize(("memories", "denied", "expected", "why"), MEMORIES)
def test_one_memory_is_found_among_forked_processes(
    monkeypatch, memories, denied, expected, why
):
    made = Memories(memories, denied)
    monkeypatch.setattr(same, "_asker", lambda: made)
    monkeypatch.setattr(same, "_may_ask", lambda _: True)
    several = map(holder, memories)
    assert same._find_among(None, several, lambda *_: True) == expected, why


def test_processes_of_their_own_are_asked_about_once(monkeypatch):
    made = Memories(ALL)
    monkeypatch.setattr(same, "_asker", lambda: made)
    monkeypatch.setattr(same, "_may_ask", lambda _: True)
    assert same._ask([holder(pid) for pid in ALL]) is None
    sorting = made.asked
    assert same._find_among(None, [holder(pid) for pid in ALL], None) == {}
    assert made.asked == 2 * sorting


@pytest.mark.parametrize("name", ["native", "pure"])
def test_either_backend_asks_the_kernel_itself(monkeypatch, name):
    monkeypatch.setenv("MEMC_BACKEND", name)
    compare = same._find_asker()
    with children.waiting() as child:
        pid = os.getpid()
        answers = {compare(pid, child.pid), compare(child.pid, pid)}
        assert answers <= {1, 2}
        assert len(answers) == 2
        assert compare(pid, pid) == 0
    assert compare(pid, children.ended()) == -1
