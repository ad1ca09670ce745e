"""Heaps of languages and allocators, in layouts made at random, and near misses."""

import pytest
from hypothesis import given, strategies as st
from support.layouts import smaps_text
from support.readers import PURE

from memc.owners.rules import owners

KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30
TOP = 0x7F00_0000_0000
PAGES = st.integers(0, (1 << 34) - 1)


def line(start, size, flags=None, perm="rw-p", **kb):
    """Write a region as `support.layouts` reads it."""
    amounts = ", ".join(f"{name} {value}" for name, value in kb.items())
    more = f" # {flags or ''} # {amounts}" if amounts else f" # {flags}" * bool(flags)
    return f"{start:x}-{start + size:x} {perm}{more}"


def found(program, *lines):
    """Give the owners of regions by their starts, in a process with this program."""
    text = f"400000-800000 r-xp {program}\n" + "\n".join(lines)
    table = PURE.parse_text(smaps_text(text), "smaps", strict=True)
    starts = table.columns["start"].values.tolist()
    return dict(zip(starts, owners(table), strict=True))


def arenas(places):
    """Write full arenas of CPython: a page number and a count of arenas for each."""
    start, lines = TOP, []
    for page, count in places:
        start += (page % 64) * 4096
        kb = count * (1008 if start % (16 * KIB) else 1024)
        lines.append((start, line(start, count * MIB, "rd wr ac", Rss=kb, Swap=0)))
        start += count * MIB + 64 * MIB
    return dict(lines)


@given(places=st.lists(st.tuples(PAGES, st.integers(1, 9)), min_size=1, max_size=20))
def test_arenas_of_python_are_found_where_some_prove_it(places):
    made = arenas(places)
    got = found("/usr/bin/python3.12", *made.values())
    sizes = {s: n for s, (_, n) in zip(made, places, strict=True)}
    telling = {start for start in made if start % (16 * KIB)}
    rest = made.keys() - telling
    assert {got[start].owner for start in telling} <= {"Python memory"}
    left, expected = sum(sizes[s] for s in telling), {}
    for start in sorted(rest, key=lambda s: (sizes[s], s)):
        left -= sizes[start]
        expected[start] = "Python memory" if left >= 0 else "anonymous"
    assert {start: got[start].owner for start in rest} == expected
    assert all(got[start].guess for start in telling)


@given(page=PAGES, count=st.integers(1, 200), touched=st.integers(1008, 1024))
def test_what_a_python_program_maps_itself_is_no_arena(page, count, touched):
    """All of it is touched, or it is a block of malloc with a page for its size."""
    start = TOP + page % (1 << 20) * 4096
    for size in (count * MIB, count * MIB + 4096):
        block = line(start, size, "rd wr ac", Rss=size // KIB, Swap=0)
        assert found("/usr/bin/python3.12", block)[start].owner == "anonymous"
    if touched > 1008:
        block = line(start, count * MIB, "rd wr ac", Rss=count * touched, Swap=0)
        assert found("/usr/bin/python3.12", block)[start].owner == "anonymous"


@pytest.mark.parametrize("kb", [{}, {"Rss": 0, "Swap": 0}])
def test_sizes_alone_make_no_arena(kb):
    block = line(TOP + 4096, 4 * MIB, "rd wr ac", **kb)
    assert found("/usr/bin/python3.12", block)[TOP + 4096].owner == "anonymous"


@given(
    unit=st.integers(1, 1 << 28),
    size=st.integers(1, 512),
    flags=st.sampled_from(["rd wr dc nr", "rd wr nr", "rd wr dc ac", "rd wr ac"]),
    off=st.sampled_from([0, 4 * KIB, 128 * KIB]),
)
def test_pages_of_v8_have_both_flags_and_begin_at_256_kib(unit, size, flags, off):
    start = (1 << 36) + unit * 256 * KIB + off
    known = found("/usr/bin/node", line(start, size * 4096, flags))[start]
    other = found("/usr/bin/app", line(start, size * 4096, flags))[start]
    is_v8 = flags == "rd wr dc nr" and not off
    assert (known.owner == "V8 heap", other.owner == "V8 heap") == (is_v8, is_v8)
    assert not is_v8 or (known.guess, other.guess) == (False, True)


def super_page(start, size, *, notes):
    """Write a super page of PartitionAlloc, guarded; `notes` is the page below."""
    below = [line(start, 16 * KIB, perm="---p")]
    if notes:
        below = [
            line(start - 8 * KIB, 16 * KIB, perm="---p"),
            line(start + 8 * KIB, 4 * KIB, "rd wr ac"),
            line(start + 12 * KIB, 4 * KIB, perm="---p"),
        ]
    payload, end = start + 16 * KIB, start + 16 * KIB + size
    above = -(-end // (2 * MIB)) * 2 * MIB + 2 * MIB - end
    return [*below, line(payload, size, "rd wr ac"), line(end, above, perm="---p")]


@given(number=st.integers(1 << 22, 1 << 25), parts=st.integers(1, 126))
def test_super_pages_of_partition_alloc_are_found(number, parts):
    start = number * 2 * MIB
    for notes in (False, True):
        lines = super_page(start, parts * 16 * KIB, notes=notes)
        owner = found("/usr/lib/chromium/chromium", *lines)[start + 16 * KIB]
        assert (owner.owner, owner.guess) == ("PartitionAlloc", True)


@given(number=st.integers(1 << 22, 1 << 25), pages=st.integers(4, 9000))
def test_large_blocks_of_partition_alloc_have_notes_below(number, pages):
    start, size = number * 2 * MIB, pages * 4096
    owner = found("/srv/app", *super_page(start, size, notes=True))[start + 16 * KIB]
    assert owner.owner == "PartitionAlloc"
    is_payload = size < 2 * MIB and not size % (16 * KIB)
    lines = super_page(start, size, notes=False)
    owner = found("/srv/app", *lines)[start + 16 * KIB]
    assert (owner.owner == "PartitionAlloc") == is_payload


@given(
    shift=st.integers(4 * KIB, 2 * MIB - 4 * KIB).map(lambda n: n // 4096 * 4096),
    parts=st.integers(1, 100),
)
def test_a_guarded_stack_elsewhere_is_none_of_partition_alloc(shift, parts):
    start = TOP + shift
    if start % (2 * MIB) == 16 * KIB:
        start += 4096
    lines = [
        line(start - 16 * KIB, 16 * KIB, perm="---p"),
        line(start, parts * 16 * KIB, "rd wr ac"),
        line(start + parts * 16 * KIB, 4 * MIB, perm="---p"),
    ]
    owner = found("/usr/lib/chromium/chromium", *lines)[start]
    assert owner.owner != "PartitionAlloc"


@given(
    chunk=st.integers(1, 1 << 18),
    pages=st.integers(1, 5000),
    off=st.sampled_from([0, 4 * KIB, MIB]),
)
def test_blocks_of_php_begin_at_2_mib(chunk, pages, off):
    start, size = (0x7E << 40) + chunk * 2 * MIB + off, pages * 4096
    got = found("/usr/bin/php8.2", line(start, size, "rd wr ac"))[start]
    is_php = not off and size >= 2 * MIB
    assert got.owner == ("PHP memory" if is_php else "anonymous")
    assert not is_php or got.guess
    other = found("/usr/bin/ruby", line(start, size, "rd wr ac"))[start]
    assert other.owner == "anonymous"


@given(
    place=st.integers(0, 1 << 20),
    pages=st.integers(1, 9000),
    flags=st.sampled_from(["rd wr nr", "rd wr ac", "rd wr dc nr"]),
)
def test_mimalloc_begins_at_32_mib_in_its_range(place, pages, flags):
    start = (1 << 40) + place * 32 * MIB
    got = found("/srv/app", line(start, pages * 4096, flags))[start]
    is_there = 2 << 40 <= start < 30 << 40
    assert (got.owner == "mimalloc") == (is_there and flags == "rd wr nr")
    beside = found("/srv/app", line(start + 4096, pages * 4096, flags))
    assert beside[start + 4096].owner != "mimalloc"


@given(
    page=PAGES,
    mib=st.integers(1, 64),
    flags=st.sampled_from(["rd wr nr", "rd wr ac", "rd wr nr ac"]),
)
def test_jemalloc_reserves_no_swap_and_is_loaded(page, mib, flags):
    start = TOP + page % (1 << 20) * 4096
    start += 4096 * (not start % (64 * MIB))  # glibc's heaps are there
    block = line(start, mib * MIB, flags)
    library = line(0x7FF0_0000_0000, MIB, perm="r-xp /usr/lib/libjemalloc.so.2")
    got = found("/srv/app", block, library)[start]
    is_jemalloc = flags == "rd wr nr" and mib >= 2
    assert (got.owner == "jemalloc") == is_jemalloc
    assert found("/srv/app", block)[start].owner == "anonymous"


@given(
    mib=st.integers(8, 30000),
    others=st.lists(st.tuples(st.integers(1, 7000), st.booleans()), max_size=8),
    page=PAGES,
)
def test_the_largest_memory_of_java_is_its_heap(mib, others, page):
    start = (0x70 << 40) + page % (1 << 20) * 4096
    library = line(0x7FF0_0000_0000, MIB, perm="r-xp /jre/lib/server/libjvm.so")
    heap = line(start, mib * MIB, "rd wr ac", Rss=8 * MIB, Swap=0)
    lines, place = [heap], start + mib * MIB + GIB
    for pages, is_arena in others:
        place = -(-place // (64 * MIB)) * 64 * MIB + (0 if is_arena else MIB)
        flags = "rd wr nr" if is_arena else "rd wr ac"
        lines.append(line(place, pages * 4096, flags, Rss=pages * 4, Swap=0))
        place += pages * 4096 + GIB
    got = found("/jre/bin/java", *lines, library)
    heaps = [begin for begin, owner in got.items() if owner.owner == "Java heap"]
    assert heaps == [start]
    assert got[start].guess
