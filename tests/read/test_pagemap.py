"""How the page tables are walked in pure Python, against a kernel made up.

What cannot be arranged with a real one is here: slow calls, old kernels, a process that
ends, layouts by the hundred; and that no call is asked for more than it may do.
"""

import itertools

import pytest
from hypothesis import example, given, settings, strategies as st
from support.pagemaps import (
    FILE,
    GUARD,
    HUGE,
    MARKER,
    MIGRATION,
    PAGE,
    PFNZERO,
    PRESENT,
    SWAPPED,
    Pagemap,
)
from support.readers import PURE

from memc.proc import pagescan as _pagemap
from memc.pure import pagemap as _pages

KB = PAGE // 1024
SLOW, FAST = _pagemap.SLOW_NS + 1, _pagemap.FAST_NS - 1
GONE = ProcessLookupError("ioctl")


def layout(*regions):
    """Give a table of regions (first page, pages, permissions)."""
    lines = [
        f"{first * PAGE:08x}-{(first + count) * PAGE:08x} {perm} 00000000 00:00 0 \n"
        for first, count, perm in regions
    ]
    return PURE.parse_text("".join(lines).encode(), "maps", strict=True)


def count(table, detail="uss", *, swaps=True):
    pages = _pages.Pages(table, 0, _pagemap.Walk(0), swaps=swaps)
    return pages.count(detail, None)


def kb(values):
    return [value * KB for value in values]


@pytest.fixture
def install(monkeypatch):
    """Give a function that puts a made-up pagemap in the place of the kernel."""

    def put(pages, **options):
        made_up = Pagemap(pages, **options)
        made_up.install(monkeypatch)
        return made_up

    return put


# what each column holds of one page, why, its categories
CATEGORIES = [
    ((1, 0, 0, 1, 0, 0), "private memory", PRESENT),
    ((1, 0, 0, 1, 1, 0), "a file", PRESENT | FILE),
    ((1, 1, 0, 1, 0, 0), "a part of a huge page", PRESENT | HUGE),
    ((1, 0, 0, 1, 1, 0), "a part of a huge page of a file", PRESENT | HUGE | FILE),
    ((0, 0, 1, 0, 0, 0), "swapped out", SWAPPED),
    ((0, 0, 0, 0, 0, 0), "a marker of userfaultfd", SWAPPED | MARKER),
    ((0, 0, 0, 0, 0, 0), "a page on its way elsewhere", SWAPPED | MIGRATION),
    ((0, 0, 0, 0, 0, 0), "the zero page", PRESENT | PFNZERO),
    ((0, 0, 0, 0, 0, 0), "the huge zero page", PRESENT | PFNZERO | HUGE),
    ((0, 0, 0, 0, 0, 0), "a guard page", SWAPPED | GUARD),
    ((0, 0, 0, 0, 0, 0), "a file's page that is not there", FILE),
]


@pytest.mark.parametrize(
    ("expected", "categories"),
    [(expected, categories) for expected, _, categories in CATEGORIES],
    ids=[why for _, why, _ in CATEGORIES],
)
def test_each_page_is_counted_by_its_categories(install, expected, categories):
    install({7: (categories, True)})
    found = count(layout((7, 1, "rw-p")))
    assert [values for (values,) in found.values()] == kb(expected)
    assert list(found) == [*_pages.USS_COLUMNS]


def test_page_that_others_have_too_is_resident_and_not_own(install):
    install({7: (PRESENT, False), 8: (PRESENT, True)})
    found = count(layout((7, 2, "rw-p")))
    assert (found["rss_kb"], found["uss_kb"]) == (kb([2]), kb([1]))


def test_hugetlb_memory_is_an_amount_of_its_own(install):
    pages = dict.fromkeys(range(512, 1536), (PRESENT | HUGE, True))
    made_up = install(pages)
    made_up.hugetlb = [(1024 * PAGE, 1536 * PAGE)]
    found = count(layout((512, 512, "rw-p"), (1024, 512, "rw-s")))
    assert found["rss_kb"] == kb([512, 0])
    assert found["swap_kb"] == [0, 0]
    assert found["hugetlb_kb"] == kb([0, 512])


def test_swap_of_shared_memory_is_unknown(install):
    install({7: (SWAPPED, False), 8: (SWAPPED, False)})
    assert count(layout((7, 1, "rw-s"), (8, 1, "rw-p")))["swap_kb"] == [None, KB]


def test_nothing_is_swapped_where_the_machine_has_no_swap(install):
    made_up = install({7: (SWAPPED | MARKER, False), 8: (SWAPPED, False)}, tells=False)
    found = count(layout((7, 1, "rw-s"), (8, 1, "rw-p")), swaps=False)
    assert (found["swap_kb"], made_up.reads) == ([0, 0], [])


# swap of three regions in pages, why, VmSwap in pages
UNTOLD = [
    ([2, 1, 0], "all is swap: there are no markers", 3),
    ([None, None, 0], "some are markers, and nobody knows which", 2),
    ([None, None, 0], "VmSwap is late", 4),
    ([None, None, 0], "VmSwap is unknown", None),
]


@pytest.mark.parametrize(
    ("expected", "vm_swap"),
    [(expected, vm_swap) for expected, _, vm_swap in UNTOLD],
    ids=[why for _, why, _ in UNTOLD],
)
def test_kinds_that_are_not_told_are_judged_by_their_sum(
    tree, install, monkeypatch, expected, vm_swap
):
    made_up = install(dict.fromkeys((7, 8, 20), (SWAPPED, False)), tells=False)
    made_up.maps = True
    lines = [
        f"{first * PAGE:08x}-{(first + 5) * PAGE:08x} rw-p 00000000 00:00 0 \n"
        for first in (5, 20, 40)
    ]
    status = b"" if vm_swap is None else b"VmSwap:\t%d kB\n" % (vm_swap * KB)
    tree.add(7, maps="".join(lines).encode(), pagemap=b"", status=status)
    monkeypatch.setattr("memc.proc.swap.is_used", lambda is_copy: is_copy)
    snap = PURE.collect(7, "rss", str(tree))
    pages = [None if kb is None else kb // KB for kb in snap.columns["swap_kb"]]
    assert pages == expected


def test_kernel_that_knows_no_guard_pages_is_asked_without(install):
    install({7: (PRESENT, True)}, known=0xFF)
    assert count(layout((7, 1, "rw-p")))["rss_kb"] == [KB]


def test_kernel_without_procmap_query_tells_hugetlb_by_its_name(install, monkeypatch):
    made_up = install({512: (PRESENT | HUGE, True)})

    def refuse(_arg):
        raise OSError(25, "ioctl")

    monkeypatch.setattr(made_up, "query", refuse)
    line = f"{512 * PAGE:08x}-{1024 * PAGE:08x} rw-p 00000000 00:11 5"
    name = "/anon_hugepage (deleted)"
    table = PURE.parse_text(f"{line} {name}\n".encode(), "maps", strict=True)
    found = count(table)
    assert (found["rss_kb"], found["hugetlb_kb"]) == ([0], [KB])


@st.composite
def worlds(draw):
    """Draw regions that do not overlap, and pages in them and between them."""
    kinds = st.sampled_from([c for _, _, c in CATEGORIES])
    regions, pages, at = [], {}, draw(st.integers(1, 1 << 20))
    for _ in range(draw(st.integers(1, 8))):
        at += draw(st.sampled_from([0, 0, 1, 3, 1 << 22, 1 << 30]))
        size = draw(st.sampled_from([1, 2, 5, 600, 1 << 16]))
        regions.append((at, size, draw(st.sampled_from(["rw-p", "r--s", "---p"]))))
        step = draw(st.sampled_from([1, 2]))
        used = range(at, at + min(size, draw(st.integers(0, 700))), step)
        kind = draw(kinds)
        pages |= {number: (kind, draw(st.booleans())) for number in used[:20]}
        pages |= dict.fromkeys(used[20:], (kind, True))
        at += size
    pages[at + 5] = (PRESENT, True)  # behind the last region
    return regions, pages


@given(world=worlds(), costs=st.lists(st.sampled_from([FAST, SLOW]), min_size=1))
@settings(max_examples=150)
def test_any_layout_is_counted_page_by_page(world, costs):
    regions, pages = world
    made_up = Pagemap(pages, costs=costs)
    with pytest.MonkeyPatch.context() as monkeypatch:
        made_up.install(monkeypatch)
        found = count(layout(*regions))
    amounts = {categories: expected for expected, _, categories in CATEGORIES}
    for row, (first, size, perm) in enumerate(regions):
        inside = [pages[n] for n in made_up.order if first <= n < first + size]
        told = [amounts[categories] for categories, _ in inside]
        rss, huge, swap, _, file, _ = (sum(t[i] for t in told) for i in range(6))
        own = sum(bool(amounts[c][3]) and alone for c, alone in inside)
        expected = kb([rss, huge, swap, own, file, 0])
        if perm.endswith("s"):
            expected[2] = None
        assert [values[row] for values in found.values()] == expected


@given(costs=st.lists(st.sampled_from([FAST, 400_000, SLOW]), min_size=1, max_size=40))
@settings(max_examples=50)
def test_no_call_is_asked_for_more_than_it_may_do(costs):
    """Ranges of one page, and one of very many: calls stop early for either reason."""
    pages = dict.fromkeys((*range(0, 4000, 2), *range(4000, 20_000)), (PRESENT, True))
    made_up = Pagemap(pages, costs=costs)
    with pytest.MonkeyPatch.context() as monkeypatch:
        made_up.install(monkeypatch)
        (rss_kb,) = count(layout((0, 1 << 16, "rw-p")))["rss_kb"]
    assert rss_kb == len(pages) * KB
    may = _pagemap.FIRST_PAGES
    for start, end, max_pages, room in made_up.scans:
        assert end - start <= _pagemap.MAX_SPAN
        assert max_pages <= min(may, _pagemap.MAX_PAGES)
        assert room == _pagemap.RANGES
        may = max_pages * 2
    assert max(made_up.reads) <= _pagemap.ENTRIES * 8


def test_first_call_is_a_careful_one(install):
    made_up = install({5: (PRESENT, True)})
    count(layout((5, 1 << 28, "rw-p")))
    start, end, max_pages, _ = made_up.scans[0]
    assert (start, end - start) == (5 * PAGE, _pagemap.FIRST_SPAN)
    assert max_pages == _pagemap.FIRST_PAGES


def test_slow_calls_are_followed_by_smaller_ones_and_fast_by_larger(install):
    costs = [SLOW, SLOW, SLOW, 500_000, FAST]
    made_up = install({5: (PRESENT, True)}, costs=costs)
    count(layout((5, 1 << 28, "rw-p")))
    spans = [end - start for start, end, _, _ in made_up.scans[:7]]
    assert [_pagemap.FIRST_SPAN // part for part in (1, 2, 4, 8, 8, 4, 2)] == spans


CALL_NS = st.integers(1, 3 * _pagemap.SLOW_NS)


@given(costs=st.lists(CALL_NS, min_size=1, max_size=60))
@example(costs=[200_000])  # calls so short that each alone needs no pause
@example(costs=[SLOW, FAST])
def test_process_has_its_lock_for_a_moment_each_two_milliseconds(costs):
    made_up = Pagemap({5: (PRESENT, True)}, costs=costs)
    with pytest.MonkeyPatch.context() as monkeypatch:
        made_up.install(monkeypatch)
        count(layout((5, 1 << 28, "rw-p")), "rss")
    costs += costs[-1:] * len(made_up.scans)
    paused = [scans for scans, _ in made_up.pauses]
    for since, to in itertools.pairwise([0, *paused, len(made_up.scans)]):
        assert sum(costs[since : to - 1]) <= _pagemap.HELD_NS


def test_process_has_its_lock_for_a_moment_between_reads_of_its_entries(install):
    many = _pagemap.ENTRIES + 1
    made_up = install({5 + i: (PRESENT, True) for i in range(many)})
    assert count(layout((5, many, "rw-p")), "uss")["uss_kb"] == kb([many])
    assert [reads for _, reads in made_up.pauses] == [1]


def test_calls_never_shrink_to_nothing(install):
    made_up = install({5: (PRESENT, True)}, costs=[SLOW])
    count(layout((5, 1 << 22, "rw-p")))
    assert made_up.scans[20][2] == _pagemap.MIN_PAGES
    assert made_up.scans[20][1] - made_up.scans[20][0] == _pagemap.MIN_SPAN


def test_calls_never_grow_without_end(install):
    made_up = install({5: (PRESENT, True)})
    count(layout((5, 1 << 34, "rw-p")))
    spans = [end - start for start, end, _, _ in made_up.scans]
    assert max(spans) == _pagemap.MAX_SPAN


def test_holes_are_not_walked(install):
    """Between program and libraries lie 128 TiB, and nobody pays for them."""
    made_up = install({5: (PRESENT, True), 1 << 34: (PRESENT, True)})
    found = count(layout((5, 1, "rw-p"), (1 << 34, 1, "rw-p")))
    assert found["rss_kb"] == kb([1, 1])
    assert len(made_up.scans) == 2


def test_gate_region_is_not_asked_for(install):
    made_up = install({5: (PRESENT, True)})
    found = count(layout((5, 1, "rw-p"), (1 << 51, 1, "--xp")))
    assert found["rss_kb"] == kb([1, 0])
    assert [end for _, end, _, _ in made_up.scans] == [6 * PAGE]
    made_up.scans.clear()
    assert count(layout((1 << 51, 1, "--xp")))["rss_kb"] == [0]
    assert made_up.scans == []


def test_interrupted_call_is_made_again(install):
    made_up = install({5: (PRESENT, True)}, fails=[InterruptedError()] * 2)
    assert count(layout((5, 1, "rw-p")))["rss_kb"] == [KB]
    assert len(made_up.scans) == 3


def test_process_without_pagemap_entries_any_more_is_gone(install, monkeypatch):
    install({5: (PRESENT, True)})
    monkeypatch.setattr(_pagemap.os, "pread", lambda *_: b"")
    with pytest.raises(ProcessLookupError):
        count(layout((5, 1, "rw-p")))


@pytest.mark.parametrize("detail", ["rss", "uss"])
def test_process_that_dies_in_mid_walk_has_no_figures_and_says_so(
    tree, install, detail
):
    """It is seen to be whole no more, and its maps cannot be read again."""
    line = f"{5 * PAGE:08x}-{9 * PAGE:08x} rw-p 00000000 00:00 0 \n".encode()
    tree.add(7, maps=line, pagemap=b"")
    install({5: (PRESENT, True)}, fails=[GONE])
    snap = PURE.collect(7, detail, str(tree))
    assert list(snap.columns["rss_kb"]) == [None]
    assert [note.code for note in snap.notes] == ["cut"]
    assert snap.total_rss_kb is None
