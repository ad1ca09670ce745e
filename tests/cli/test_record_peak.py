"""When a program had most, from recordings that the tests write row by row."""

import pytest
from support.cases import cases

from memc.cli.record.peak import find
from memc.record.store import MIN_SIZE, Store

BEGAN = 1000


@pytest.fixture
def record(tmp_path):
    """Give a function that writes a recording and returns its path."""

    def write(processes, usage, held=(), boots=("boot",), hugetlb=()):
        path = str(tmp_path / "x.memc")
        for boot in boots:
            store = Store(path, max_size=MIN_SIZE)
            store.begin_run(("1", None, None, boot, 5, "{}", BEGAN))
            store.begin_segment(BEGAN, 0)
            store.batch.add("_tick", (store.segment, BEGAN, 0, 0, 0, 0, 0))
            for pid, parent, first_ms, last_ms in processes:
                number = store.new_process()
                store.batch.add("_process", (
                    number, boot, pid, 1, first_ms, parent, 0, "x", b"x", "x", "/",
                    first_ms, last_ms, store.segment,
                ))  # fmt: skip
                for t_ms, kb in usage.get((pid, first_ms), ()):
                    store.batch.add("_usage", (
                        store.segment, number, t_ms, kb, *(None,) * 7, 1, "S",
                    ))  # fmt: skip
                for t_ms, kb in hugetlb:
                    store.batch.add("_beside", (store.segment, number, t_ms, kb, None))
                for t_ms, owner, kb, pss in held:
                    store.batch.add("_held", (
                        store.segment, number, t_ms, owner, kb, 0, pss, None, kb, 1,
                    ))  # fmt: skip
            for number in {owner for _, owner, *_ in held}:
                store.batch.add("_owner", (number, f"owner {number}"))
            store.close(9000, "test")
        return path

    return write


# when, how much, who, why, rows of processes, of usage
PEAKS = [
    (3000, 300, [7], "the largest", [(7, 1, 1000, 9000)],
     {(7, 1000): [(1000, 900), (2000, 100), (3000, 300), (4000, 200)]}),
    (2000, 30, [7], "the first of the same size", [(7, 1, 1000, 9000)],
     {(7, 1000): [(2000, 30), (3000, 10), (4000, 30)]}),
    (3000, 250, [7, 8], "with a child", [(7, 1, 1000, 9000), (8, 7, 2000, 9000)],
     {(7, 1000): [(2000, 100)], (8, 2000): [(2000, 50), (3000, 150)]}),
    (2000, 150, [7, 8], "a child that ended", [(7, 1, 1000, 9000), (8, 7, 2000, 3000)],
     {(7, 1000): [(2000, 100), (4000, 140)], (8, 2000): [(2000, 50)]}),
    (2000, 60, [7, 8, 9], "a grandchild that stands first",
     [(9, 8, 2000, 9000), (8, 7, 2000, 9000), (7, 1, 1000, 9000)],
     {(7, 1000): [(2000, 10)], (8, 2000): [(2000, 20)], (9, 2000): [(2000, 30)]}),
    (2000, 10, [7], "others do not count", [(7, 1, 1000, 9000), (8, 1, 1000, 9000)],
     {(7, 1000): [(2000, 10)], (8, 1000): [(2000, 500)]}),
    (2000, 10, [7], "exec: another program in the same process",
     [(7, 1, 1000, 2000), (7, 1, 2000, 9000)],
     {(7, 1000): [(1000, 900)], (7, 2000): [(2000, 10)]}),
    (2500, 10, [7], "a child of memc that still waits at the second look",
     [(7, 1, 0, 2500), (7, 1, 2500, 9000)],
     {(7, 0): [(1000, 900), (2000, 900)], (7, 2500): [(2500, 10)]}),
    (2000, 10, [7], "the kernel tells nothing of a zombie",
     [(7, 1, 1000, 9000), (8, 7, 2000, 9000)],
     {(7, 1000): [(2000, 10)], (8, 2000): [(2000, None)]}),
]  # fmt: skip


@cases(PEAKS, why=3)
@pytest.mark.parametrize("boots", [("boot",), ("old", "boot"), ("boot", "boot2")])
def test_peak_is_the_largest_sum_after_the_first_look(case, record, boots):
    t_ms, kb, pids, _, processes, usage = case
    peak = find(record(processes, usage, boots=boots), 7)
    assert (peak.t_ms, peak.rss_kb, peak.pids) == (t_ms, kb, pids)
    assert peak.after_ms == t_ms - BEGAN


def test_nothing_is_told_of_what_was_seen_at_the_first_look_only(record):
    path = record([(7, 1, 1000, 1500)], {(7, 1000): [(1000, 900)]})
    assert find(path, 7) is None


# owners and PSS, why, what was read: when, owner, RSS, PSS
HELD = [
    ([("owner 2", 60), ("owner 1", 40)], 90, "read at the peak",
     [(3000, 1, 40, 40), (3000, 2, 60, 50)]),
    ([("owner 1", 70)], 70, "read before", [(2000, 1, 70, 70)]),
    ([("owner 1", 90)], 90, "again while it was about as much",
     [(3000, 1, 40, 40), (4000, 1, 90, 90)]),
    ([("owner 1", 40)], 40, "not after it fell", [(3000, 1, 40, 40), (6000, 1, 5, 5)]),
    ([("owner 1", 5)], 5, "after, if never before", [(6000, 1, 5, 5)]),
    ([("owner 1", 40)], None, "no PSS", [(3000, 1, 40, None)]),
    ([], None, "nothing was read", []),
]  # fmt: skip


@cases(HELD, why=2)
def test_owners_are_those_that_were_read_while_it_had_most(case, record):
    owners, pss_kb, _, held = case
    usage = {(7, 1000): [(1000, 1), (3000, 100), (4000, 96), (5000, 10)]}
    peak = find(record([(7, 1, 1000, 9000)], usage, held), 7)
    assert peak.t_ms == 3000
    assert [item for item in peak.owners if item[1]] == owners
    assert peak.pss_kb == pss_kb


def test_pages_of_hugetlb_count_and_are_told_apart(record):
    usage = {(7, 1000): [(2000, 100), (3000, 90), (4000, 100)]}
    hugetlb = [(3000, 2048), (4000, 0)]
    peak = find(record([(7, 1, 1000, 9000)], usage, hugetlb=hugetlb), 7)
    assert (peak.t_ms, peak.rss_kb, peak.hugetlb_kb) == (3000, 90, 2048)
    assert peak.pids == [7]
