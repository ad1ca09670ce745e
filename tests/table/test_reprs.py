"""What a debugger shows of each object: which it is, and whether it is whole."""

import pytest
from support.text import page, record

from memc.owners.rules import RULES, owners
from memc.targets.target import Target

HEAP = record(0x1000, 0x3000, b"Rss: 8 kB", name=b"[heap]")


@pytest.fixture
def snap(backend, tree):
    tree.add(8, smaps=HEAP + record(0x3000, 0x4000), maps=page(1))
    return backend.collect(8, "smaps", str(tree))


@pytest.fixture
def system(backend, tree):
    tree.add(6, maps=None)
    tree.add(7, maps=page(2) + page(1))
    return backend.collect_all("maps", skip_kernel=False, jobs=1, proc=str(tree))


def test_snapshot_and_table_tell_their_regions_and_notes(backend, snap, tree):
    assert repr(snap) == "<Snapshot of process 8: 2 regions, smaps>"
    tree.add(7, maps=page(2) + page(1))
    torn = backend.collect(7, "maps", str(tree))
    assert repr(torn) == "<Snapshot of process 7: 2 regions, maps, torn>"
    table = backend.parse_text(page(2) + b"x\n", "maps", strict=False)
    assert repr(table) == "<Table of 1 regions, bad_line>"


def test_system_tells_its_processes(system):
    assert repr(system) == "<SystemSnapshot of 1 processes, 1 skipped>"
    assert repr(system.skipped[0]) == "Skipped(6, 'made-up', 'error')"
    assert repr(system.processes[0]).startswith("Process(7, 'made-up', <Snapshot of ")


def test_columns_tell_their_names_and_what_is_missing(snap):
    assert repr(snap.columns).startswith("<Columns start end perm offset ")
    assert repr(snap.columns["start"]) == "<Column of 2 Q>"
    assert repr(snap.columns["rss_kb"]) == "<Column of 2 Q, some missing>"


def test_owner_and_rule_tell_why(snap):
    assert repr(owners(snap)[0]) == "<Owner malloc main heap: [heap]: what brk gives>"
    assert all(f": {rule.why}>" in repr(rule) for rule in RULES)


def test_target_tells_its_file_and_process(snap):
    target = Target(snap, 8, "sh", proc="", file="saved.json")
    assert repr(target).startswith("<Target saved.json 8 'sh': <Snapshot of process 8")


def test_part_of_a_column_is_a_list(snap):
    assert snap.columns["rss_kb"][:] == [8, None]
    assert snap.columns["rss_kb"][1:] == [None]
