"""Trees of memory: what parts have adds up, small parts are summed, none is lost."""

import pytest
from hypothesis import given, strategies as st
from support.cases import cases
from support.family import counters
from support.report_trees import check, paths
from support.text import record

from memc.analysis.differences import compare
from memc.analysis.groups import group
from memc.fast import parse_smaps_text
from memc.report.changes import changes
from memc.report.document import Asked, snapshot
from memc.report.tree import LABELS, NODES, SHARE, Node, fit, grown, leaves, tree_of
from memc.targets.target import Target

# Regions: resident memory, its share, and a name.
REGIONS = st.lists(
    st.tuples(
        st.sampled_from([0, 0, 4, 8, 400, 4_000_000]),
        st.sampled_from([0, 1, 4]),
        st.sampled_from([b"", b"[heap]", b"/lib/a.so", b"[stack]"]),
    ),
    max_size=12,
)
CROWD = st.lists(st.tuples(st.sampled_from(["a", "b", ""]), REGIONS), max_size=5)


def target(pid, name, regions, *, is_pss=True):
    text = b"".join(
        record(
            (i + 1) << 24,
            ((i + 1) << 24) + 4096 * (i + 1),
            *counters(rss, min(pss, rss) if is_pss else None),
            name=path,
        )
        for i, (rss, pss, path) in enumerate(regions)
    )
    return Target(parse_smaps_text(text), pid, name, proc="", file="x")


def crowd(drawn, **options):
    return [target(i, *who, **options) for i, who in enumerate(drawn, 1)]


@given(CROWD, st.booleans())
def test_parts_add_up_to_what_memc_show_says(drawn, is_pss):
    targets = crowd(drawn, is_pss=is_pss)
    made = snapshot(targets, Asked())
    (tree,) = made["trees"]
    check(tree)
    groups = group(targets, "process")
    total = groups.total(f"{made['measure']}_kb")
    assert (tree["kb"][0] or 0) == (total or 0)
    has_memory = any(one.sources for one in targets)
    assert made["numbers"][0]["value_kb"] == (total if has_memory else 0)
    rows = {key: i for i, key in enumerate(groups.keys)}
    for number, one in enumerate(targets):
        kb = groups.value(f"{made['measure']}_kb", rows[number]) if one.sources else 0
        told = [tree["kb"][at] for at, pid in enumerate(tree["pid"]) if pid == one.pid]
        assert told == [kb] * bool(one.sources or len(targets) == 1)


@given(CROWD, CROWD)
def test_changes_add_up_to_what_memc_diff_says(before, after):
    sides = crowd(before), crowd(after)
    diff = compare(*sides)
    made = changes(diff, Asked())
    (tree,) = made["trees"]
    check(tree)
    growth = diff.by("process")
    name = f"{made['measure']}_kb"
    assert (tree["change_kb"][0] or 0) == (growth.total(name) or 0)
    assert (tree["kb"][0] or 0) == (growth.after.total(name) or 0)
    for owner in (grew for grew in made["grew"] if grew["owner"]):
        change = owner["after_kb"] - (owner["before_kb"] or 0)
        by = diff.by("owner")
        assert change == by.value(name, by.keys.index(owner["owner"]))


# kb of leaves, what is small, what is shown, why
LEAVES = [
    ([100, 10, 10], 50, {"0": 100, "2 smaller regions": 20}, "small ones are summed"),
    ([100, 10], 50, {"0": 100, "1": 10}, "one alone needs no sum"),
    ([100, 0, 0], 50, {"0": 100}, "what has nothing is no part"),
    ([100, None], 50, {"0": 100, "1 region, not known": None}, "one is not known"),
    ([None, None], 1, {"2 regions, not known": None}, "none is known"),
    ([], 1, {}, "there is none"),
]


@cases(LEAVES, why=3)
def test_small_leaves_are_one(case):
    amounts, least, expected, _ = case
    found = [(kb, None, i) for i, kb in enumerate(amounts)]
    made = leaves(found, "region", str, least)
    assert {node.label: node.kb for node in made} == expected


# what parts had, what the whole has now, what they have then, why
FITS = [
    ([60, 40], 100, [60, 40], "nothing came"),
    ([60, 40], 130, [60, 40, 30], "what came is a part"),
    ([60, 40], 95, [57, 38], "a little went: in proportion"),
    ([7, 7, 7], 20, [6, 7, 7], "rounded, and the whole is exact"),
    ([60, 40], 50, [], "half went: it would be a guess"),
    ([60, 40], None, [], "the whole is not known"),
]


@cases(FITS, why=3)
def test_parts_that_were_read_earlier_fit_the_whole(case):
    parts, kb, expected, _ = case
    node = Node("x", parts=[Node(str(i), part) for i, part in enumerate(parts)])
    node.parts.sort(key=lambda part: part.label)
    fit(node, kb, "came")
    assert [part.kb for part in node.parts] == expected
    assert node.kb == kb
    check(tree_of(node, None))


@given(st.lists(st.integers(1, 10**7), min_size=1), st.integers(90, 100))
def test_parts_in_proportion_add_up(parts, percent):
    whole = sum(parts) * percent // 100
    inner = Node("inner", parts=[Node(str(i), kb) for i, kb in enumerate(parts)])
    node = Node("x", parts=[inner, Node("other", 0)])
    fit(node, whole, "came")
    assert node.kb == whole
    check(tree_of(node, None))


@pytest.mark.parametrize("length", [1, 100])
@pytest.mark.parametrize("trees", [1, 6])
def test_tree_of_too_many_parts_sums_larger_ones(trees, length):
    whole, asked = 10**9, []

    def make(least_kb, is_tight):
        asked.append((least_kb, is_tight))
        count = 10**10 // least_kb
        return Node("x", parts=[Node("y" * length, 1)] * count)

    node, least_kb = grown(make, whole, trees=trees)
    assert asked[0] == (whole // SHARE, False)
    assert asked[1:] == [(asked[0][0] << i, True) for i in range(1, len(asked))]
    assert least_kb == asked[-1][0]
    assert len(asked) > 1
    assert (len(node.parts) + 1) * trees <= NODES
    assert len(node.parts) * length * trees <= LABELS


def test_regions_below_a_twenty_thousandth_are_summed():
    regions = [(4, 4, b"")] * 30 + [(10**6, 10**6, b"[heap]")]
    tree = snapshot([target(1, "x", regions)], Asked())["trees"][0]
    found = paths(tree)
    assert found["anonymous/30 smaller regions"] == 120
    assert sum(name.count("/") == 1 for name in found) == 2


def test_process_of_60000_regions_has_a_tree_within_bounds():
    regions = [(4 + i % 3, 4, b"[heap]" if i % 2 else b"") for i in range(60_000)]
    tree = snapshot([target(1, "x", regions)], Asked())["trees"][0]
    check(tree)
    assert len(tree["label"]) <= NODES
    assert tree["kb"][0] == sum(min(4, rss) for rss, _, _ in regions)


def test_names_cannot_act():
    made = snapshot([target(1, "\x1b[31m\u202e", [(4, 4, b"/\x07")])], Asked())
    assert made["title"] == r"Memory of 1 \x1b[31m\u202e"
    assert not any(char in str(made) for char in "\x1b\u202e\x07")
