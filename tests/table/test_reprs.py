"""What a debugger shows of each object: which it is, and whether it is whole."""

import pickle

import pytest
from support.text import page, record

from memc.owners.rules import RULES, owners
from memc.table.build import column
from memc.table.columns import Column
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
    assert repr(snap.columns["start"]) == "<Column start of 2: 0x1000, 0x3000>"
    assert repr(snap.columns["rss_kb"]) == "<Column rss_kb of 2 kB, 1 missing: 8, None>"
    assert repr(snap.columns["perm"]) == "<Column perm of 2: 'rw-p', 'rw-p'>"


def test_owner_and_rule_tell_why(snap):
    assert repr(owners(snap)[0]) == "<Owner malloc main heap: [heap]: what brk gives>"
    assert all(f": {rule.why}>" in repr(rule) for rule in RULES)


def test_target_tells_its_file_and_process(snap):
    target = Target(snap, 8, "sh", proc="", file="saved.json")
    assert repr(target).startswith("<Target saved.json 8 'sh': <Snapshot of process 8")


def test_part_of_a_column_is_a_list(snap):
    assert snap.columns["rss_kb"][:] == [8, None]
    assert snap.columns["rss_kb"][1:] == [None]


@pytest.mark.parametrize(
    ("column", "text"),
    [
        (column("Q", []), "<Column of 0: no regions>"),
        (column("Q", [1, None, 3]), "<Column of 3, 1 missing: 1, None, 3>"),
        (column("Q", [None] * 9), f"<Column of 9, 9 missing: {'None, ' * 8}…>"),
        (column("B", [0], ["a\u202e\n"]), "<Column of 1: 'a\\u202e\\n'>"),
        (column("I", [0], ["x" * 99]), f"<Column of 1: '{'x' * 46}…>"),
    ],
    ids=["nothing", "no name", "long", "hostile", "long text"],
)
def test_column_shows_its_first_values(column, text):
    assert repr(column) == text


def test_column_that_is_copied_alone_keeps_its_name(snap):
    rss = snap.columns["rss_kb"]
    copied = pickle.loads(pickle.dumps(rss))
    assert (repr(copied), copied.missing) == (repr(rss), 1)


def test_what_is_missing_is_counted_without_the_bits_after_the_last_row():
    valid = memoryview(b"\xfd\xff")  # nine rows
    stored = memoryview(bytes(9))
    assert Column(stored, valid).missing == 1
    assert Column(stored).missing == 0
