"""The document of a report: what it tells of processes and of changes."""

import subprocess
import sys

import pytest
from support import report_documents
from support.cases import cases
from support.family import counters
from support.report_trees import check, paths
from support.text import header, record

from memc.analysis.differences import compare
from memc.fast import parse_maps_text, parse_smaps_text
from memc.report.changes import changes
from memc.report.document import Asked, snapshot
from memc.table.snapshot import Reading, Snapshot
from memc.targets.target import Target

HEAP = record(0x1000, 0x5000, *counters(16, 8, swap=4), name=b"[heap]")
LIBRARY = record(0x9000, 0xB000, *counters(8, 2), perm="r--p", name=b"/lib/a.so")
HUGE = record(
    0x200000, 0x600000, *counters(0, 0), b"Private_Hugetlb: 4096 kB",
    b"Shared_Hugetlb: 0 kB", name=b"/anon_hugepage",
)  # fmt: skip


def target(pid, text, name="prog", *, cgroup=None, uid=None):
    made = Target(parse_smaps_text(text), pid, name, proc="", file="x")
    made.facts.uid = uid
    made.facts.paths = None if cgroup is None else [cgroup]
    return made


def whole(pid, name="prog", *, is_other=False, **totals):
    """Return a process of which only totals are known."""
    reading = Reading(pid, "totals")
    reading.total_rss_kb, reading.total_vsize_kb = totals.pop("rss_kb", None), 100
    reading.totals = {"swap_kb": None, **totals}
    empty = parse_maps_text(b"")
    made = Target(Snapshot(empty, reading), pid, name, proc="", file="x")
    made.is_other = is_other
    return made


def shared(pid, other):
    return Target(
        Snapshot(parse_smaps_text(HEAP), Reading(other, "smaps")).shared_with(other),
        pid,
        "twin",
        proc="",
        file="x",
    )


# by, cgroup, uid, the first part, why
FIRST = [
    ("service", "/system.slice/nginx.service", 0, "nginx.service", "a unit"),
    ("service", "/user.slice", 0, "prog", "no unit: its name"),
    ("service", None, 0, "prog", "the control group is not known: its name"),
    ("user", None, 0, "root", "a user with a name"),
    ("user", None, 4_000_000_000, "4000000000", "a user without"),
    ("user", None, None, "(not known)", "the user is not known"),
    ("cgroup", "/system.slice/nginx.service", 0, "/system.slice/nginx.service", "one"),
    ("cgroup", None, 0, "(not known)", "the control group is not known"),
]


@cases(FIRST, why=4)
def test_map_begins_with_what_is_asked_for(case):
    by, cgroup, uid, expected, _ = case
    targets = [target(i, HEAP, cgroup=cgroup, uid=uid) for i in (1, 2)]
    made = snapshot(targets, Asked(by=by))
    assert made["levels"] == [by, "process", "owner", "region"]
    (tree,) = made["trees"]
    check(tree)
    assert tree["label"][1] == expected
    assert (
        paths(tree)[
            f"{expected.strip('/')}/1 prog/malloc main heap/1000-5000 rw-p [heap]"
        ]
        == 8
    )


def test_one_process_begins_with_owners():
    made = snapshot([target(7, HEAP + LIBRARY)], Asked())
    assert made["levels"] == ["owner", "region"]
    (tree,) = made["trees"]
    assert (tree["label"][0], tree["pid"][0], tree["kb"][0]) == ("7 prog", 7, 10)
    assert made["title"] == "Memory of 7 prog"
    assert [one["text"] for one in made["numbers"]] == ["10 KiB", "4 KiB", "2"]


# targets, measure, kb of the root, words in how, why
UNKNOWN = [
    ([whole(1), target(2, HEAP)], "pss", 8, "1 process has is not known", "totals"),
    ([whole(1, rss_kb=9), whole(2)], "rss", 9, "1 process has is not known", "no RSS"),
    ([whole(1), whole(2)], "size", 200, "SIZE is what is mapped", "sizes alone"),
    ([whole(1, rss_kb=9), whole(2, rss_kb=0)], "rss", 9, "2 processes only", "a sum"),
]


@cases(UNKNOWN, why=4)
def test_what_is_not_known_is_told_and_is_not_0(case):
    targets, measure, kb, words, _ = case
    made = snapshot(targets, Asked())
    (tree,) = made["trees"]
    check(tree)
    assert (made["measure"], tree["kb"][0]) == (measure, kb)
    assert any(words in sentence for sentence in made["how"])
    of = {row["pid"]: row for row in made["largest"]}
    for one in targets:
        if one.is_sum:
            assert of[one.pid]["regions"] is None
            assert of[one.pid]["pss_kb"] is None


def test_region_that_is_not_known_is_told():
    text = HEAP + header(0x7000, 0x8000, name=b"[stack]")
    made = snapshot([target(1, text)], Asked())
    found = paths(made["trees"][0])
    unknown = [name for name, kb in found.items() if kb is None]
    assert any("not known" in name for name in unknown)
    assert made["numbers"][0]["text"] == "8 KiB+"


def test_pages_of_hugetlb_are_in_the_map_and_told():
    made = snapshot([target(1, HEAP + HUGE)], Asked())
    assert made["trees"][0]["kb"][0] == 8 + 4096
    assert made["numbers"][0]["value_kb"] == 8
    assert made["numbers"][0]["note"] == "and 4.00 MiB in pages of hugetlb"
    assert any("hugetlb" in words for words in made["how"])


def test_memory_that_two_processes_have_counts_once():
    made = snapshot([target(1, HEAP), shared(2, 1)], Asked())
    assert made["trees"][0]["kb"][0] == 8
    assert "2 twin has the memory of 1, and is counted there." in made["how"]


def test_largest_are_as_many_as_asked_for():
    targets = [target(i, HEAP + LIBRARY * (i == 3)) for i in (1, 2, 3)]
    rows = snapshot(targets, Asked(top=2))["largest"]
    assert [row["pid"] for row in rows] == [3, 1]
    assert rows[0] == {
        "name": "prog",
        "pid": 3,
        "user": None,
        "service": "prog",
        "rss_kb": 24,
        "pss_kb": 10,
        "swap_kb": 4,
        "regions": 2,
    }


def test_largest_are_named_right_if_some_have_no_memory():
    targets = [target(1, b"", "kernel"), target(2, HEAP, "a"), target(3, HEAP, "b")]
    rows = snapshot(targets, Asked())["largest"]
    assert [(row["pid"], row["name"]) for row in rows] == [(2, "a"), (3, "b")]


def test_guess_has_a_mark_and_is_explained():
    anonymous = record(0x100000, 0x200000, *counters(8, 8))
    made = snapshot([target(1, anonymous * 1 + HEAP)], Asked())
    marked = [label for label in made["trees"][0]["label"] if label.endswith("?")]
    told = any("is a guess" in words for words in made["how"])
    assert bool(marked) == told


GROWN = HEAP.replace(b"Rss: 16", b"Rss: 20").replace(b"Pss: 8", b"Pss: 12")
# before, after, kb, change of the root, what grew by process, why
CHANGES = [
    ([target(1, HEAP)], [target(1, GROWN)], 12, 4, [(1, 8, 12)], "it grew"),
    ([target(1, GROWN)], [target(1, HEAP)], 8, -4, [(1, 12, 8)], "it shrank"),
    ([target(1, HEAP)], [target(1, HEAP)], 8, 0, [], "it is the same"),
    (
        [target(1, HEAP)],
        [target(1, HEAP), target(2, HEAP)],
        16,
        8,
        [(2, None, 8)],
        "one began",
    ),
    (
        [target(1, HEAP), target(2, HEAP)],
        [target(1, HEAP)],
        8,
        -8,
        [(2, 8, 0)],
        "one ended",
    ),
    ([whole(1, rss_kb=5)], [whole(1, rss_kb=9)], 9, 4, [(1, 5, 9)], "of totals"),
    ([whole(1, rss_kb=5)], [target(1, HEAP)], 16, 11, [(1, 5, 16)], "of a total"),
]


@cases(CHANGES, why=5)
def test_changes_of_processes(case):
    before, after, kb, change, grew, _ = case
    made = changes(compare(before, after, alone=True), Asked())
    (tree,) = made["trees"]
    check(tree)
    assert (tree["kb"][0], tree["change_kb"][0]) == (kb, change)
    assert [one["value_kb"] for one in made["numbers"]] == [kb - change, kb, change]
    found = [row for row in made["grew"] if row["owner"] is None]
    assert [(row["pid"], row["before_kb"], row["after_kb"]) for row in found] == grew


def test_change_that_one_side_does_not_tell_is_not_0():
    before = [whole(1), target(2, HEAP)]
    after = [target(1, HEAP), target(2, HEAP)]
    made = changes(compare(before, after), Asked())
    (tree,) = made["trees"]
    check(tree)
    of = dict(zip(tree["pid"], tree["change_kb"], strict=True))
    assert (of[1], of[2]) == (None, 0)


def test_process_with_two_sides_is_one_of_those_of_which_only_totals_are_known():
    before, after = ([whole(pid, rss_kb=9) for pid in (1, 2)] for _ in range(2))
    after[1].table.total_rss_kb = None
    made = changes(compare(before, after, alone=True), Asked())
    told = "Of 2 processes only totals were read: "
    assert any(words.startswith(told) for words in made["how"]), made["how"]


def test_what_grew_comes_first_then_what_shrank_most():
    sizes = {1: (100, 50), 2: (10, 90), 3: (10, 20), 4: (90, 80)}
    sides = [
        [whole(pid, rss_kb=kbs[side]) for pid, kbs in sizes.items()] for side in (0, 1)
    ]
    made = changes(compare(*sides), Asked(top=1))
    assert [row["pid"] for row in made["grew"]] == [2, 1]
    made = changes(compare(*sides), Asked())
    assert [row["pid"] for row in made["grew"]] == [2, 3, 1, 4]


@pytest.mark.parametrize(
    "made",
    [
        report_documents.snapshot_document(),
        report_documents.diff_document(),
        report_documents.recording_document(minutes=60),
    ],
    ids=["snapshot", "diff", "recording"],
)
def test_made_up_documents_have_the_shape_of_true_ones(made):
    targets = [target(1, HEAP), target(2, GROWN)]
    true = {
        "snapshot": lambda: snapshot(targets, Asked()),
        "diff": lambda: changes(compare(targets, targets), Asked()),
        "recording": lambda: snapshot(targets, Asked()),
    }[made["kind"]]()
    assert made.keys() == true.keys()
    for name in ("numbers", "trees", "largest"):
        assert made[name][0].keys() == true[name][0].keys()
    for tree in made["trees"]:
        check(tree)


PLAIN = """
import subprocess
import sys
import memc.report.changes, memc.report.document, memc.report.span
sys.exit("plotly" in sys.modules)
"""


def test_documents_are_made_without_plotly():
    assert subprocess.run([sys.executable, "-c", PLAIN], check=False).returncode == 0
