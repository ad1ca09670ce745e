"""The memory that one process has alone, and that several have together."""

import os

import pytest
from support.cases import cases
from support.ending import victims
from support.readers import PURE
from support.text import record

import memc
from memc.freeing.frames import anonymous_kb
from memc.freeing.own import own_of
from memc.proc.files import ProcessFiles
from memc.proc.root import list_pids, open_root

pytestmark = pytest.mark.kernel

IS_ROOT = os.geteuid() == 0
PAGE = os.sysconf("SC_PAGE_SIZE")
ROW = "Rss: {} kB\nPrivate_Clean: {} kB\nPrivate_Dirty: {} kB\nAnonymous: {} kB\n"


def region(amounts, perm):
    lines = ROW.format(*amounts).encode().splitlines()
    return record(0x1000, 0x100000, *lines, perm=perm)


# least, most; Rss, Private_Clean, Private_Dirty, Anonymous; perm; why
ROWS = [
    ((0, 0), (0, 0, 0, 0), "rw-p", "nothing resident"),
    ((40, 40), (40, 0, 40, 40), "rw-p", "all its own"),
    ((30, 30), (40, 0, 30, 40), "rw-p", "a quarter is shared from fork"),
    ((0, 0), (40, 0, 0, 40), "rw-p", "all shared from fork"),
    ((0, 0), (40, 40, 0, 0), "r--p", "pages of a file that nobody else maps"),
    ((0, 10), (40, 0, 10, 10), "rw-p", "changed pages, or others of the file"),
    ((10, 10), (40, 30, 10, 10), "rw-p", "changed pages, and the others private too"),
    ((0, 10), (40, 20, 0, 10), "rw-p", "not known: 20 private of 10 and 30"),
    ((4, 10), (40, 24, 10, 10), "rw-p", "at least 4 of 34 private are not the file's"),
    ((0, 0), (40, 0, 40, 40), "rw-s", "shared memory is no memory of its own"),
]


@cases(ROWS, why=3)
def test_rows_of_smaps_tell_the_bounds(case):
    expected, amounts, perm, _ = case
    table = PURE.parse_text(region(amounts, perm), "smaps", strict=True)
    own = own_of(table)
    assert (own.least, own.most) == expected
    assert [*own.mixed] == (
        [(0x1000, 0x100000, *expected)] if expected[0] < expected[1] else []
    )


def test_other_texts_do_not_tell_it():
    table = PURE.parse_text(record(0x1000, 0x2000, b"Rss: 4 kB"), "smaps", strict=True)
    assert own_of(table) is None


def pages_kb(pid, snap):
    """Count in pagemap the anonymous pages that no other process has."""
    found = 0
    with open(f"/proc/{pid}/pagemap", "rb", buffering=0) as file:
        for row in snap:
            if not row.perm.endswith("p") or not row.rss_kb:
                continue
            file.seek(row.start // PAGE * 8)
            data = file.read((row.end - row.start) // PAGE * 8)
            entries = memoryview(data).cast("Q")
            found += sum(e >> 63 and e >> 56 & 1 and not e >> 61 & 1 for e in entries)
    return found * PAGE // 1024


KINDS = ["malloc", "thp", "free", "fork", "cowfile", "dirty", "memfdopen", "shanon"]


@pytest.mark.parametrize("kind", KINDS)
def test_smaps_tells_what_pagemap_counts(kind, tmp_path):
    with victims(kind, 8, tmp_path) as them:
        them.stop()
        for pid in them.pids:
            found = memc.freed(pid)
            snap = memc.snapshot(pid, detail="smaps")
            assert found.is_exact or found.shared_kb is None
            assert found.anonymous_kb == pages_kb(pid, snap)


def test_members_from_fork_have_a_sum_between_two_bounds(tmp_path):
    """Own memory of each ≤ page frames ≤ the sum of Pss_Anon, also for some of them."""
    with victims("fork", 16, tmp_path) as them, open_root("/proc") as root:
        them.stop()
        for pids in (them.pids, them.pids[:3], them.pids[1:2], them.pids[1:]):
            snaps = {pid: memc.snapshot(pid, detail="smaps") for pid in pids}
            owns = [own_of(snap) for snap in snaps.values()]
            least = sum(own.least for own in owns)
            most = sum(rollup_kb(pid, "Pss_Anon") for pid in pids)
            found = memc.freed(pids)
            assert least <= found.anonymous_kb <= most + len(pids)
            frames = anonymous_kb(root, snaps.items())
            if frames is not None:  # root counts them
                assert found.is_exact
                assert frames == found.anonymous_kb


def rollup_kb(pid, key):
    with open_root("/proc") as root, ProcessFiles(root, pid) as files:
        lines = files.read("smaps_rollup").decode().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{key}:"))


def test_group_with_all_relatives_is_exact_without_frames(tmp_path, monkeypatch):
    monkeypatch.setattr("memc.freeing.anonymous.anonymous_kb", lambda *_: None)
    with victims("fork", 16, tmp_path) as them:
        them.stop()
        whole, part = memc.freed(them.pids), memc.freed(them.pids[1:])
        frames = sum(rollup_kb(pid, "Pss_Anon") for pid in them.pids)
    assert whole.is_exact or not IS_ROOT  # others may hide whose fork they are
    assert part.at_least_kb < part.at_most_kb
    assert any("from fork" in note for note in part.notes)
    if whole.is_exact:
        assert whole.anonymous_kb == frames


def test_memory_that_two_processes_are_counts_once_and_stays_for_one(tmp_path):
    from support.children import between_vfork_and_exec

    with between_vfork_and_exec(tmp_path) as (parent, child, _):
        both = memc.freed([parent.pid, child])
        alone = memc.freed(child)
        whole = memc.freed(parent.pid)
    assert both.anonymous_kb > 0
    assert both.at_least_kb > 1000
    for one in (alone, whole):
        assert one.anonymous_kb == 0
        assert one.page_tables_kb == 0
        assert any("which stays" in note for note in one.notes), one.notes


def test_every_process_of_this_machine_has_an_answer():
    with open_root("/proc") as root:
        pids = list_pids(root)
    for pid in pids:
        try:
            found = memc.freed(pid)
        except memc.ProcessGone:
            continue
        if found.at_most_kb is not None:
            assert 0 <= found.at_least_kb <= found.at_most_kb
