"""Which region is which: one case a way in which memory changes."""

import pytest
from hypothesis import given, settings, strategies as st
from support import grammar
from support.cases import cases
from support.readers import PURE
from support.text import header

import memc
from memc.analysis import match
from memc.analysis.groups import BY

LIB, FILE = b"/lib/libx.so", b"/srv/data"
HEAP, STACK = b"[heap]", b"[stack]"


def line(start, end, perm="rw-p", name=b"", *, inode=0, offset=0):
    """Write a maps line of pages."""
    text = header(start << 12, end << 12, perm, name, inode).decode("latin-1")
    return text.replace("00000000", f"{offset << 12:08x}", 1).encode("latin-1")


def table(*regions):
    lines = [line(*r[:-1], **r[-1]) if isinstance(r[-1], dict) else line(*r)
             for r in regions]  # fmt: skip
    return PURE.parse_text(b"".join(lines), "maps", strict=True)


def told(diff):
    """Give the kind of each change, and in pages where it was and is."""
    return [
        (c.kind, *([(r.start >> 12, r.end >> 12) for r in side]
                   for side in (c.before, c.after)))
        for c in diff
    ]  # fmt: skip


def at(inode, offset=0):
    return {"inode": inode, "offset": offset}


# changes, before, after, why
MATCHES = [
    (
        [("same", [(1, 2)], [(1, 2)]), ("same", [(5, 9)], [(5, 9)])],
        [(1, 2), (5, 9, "rw-p", HEAP)],
        [(1, 2), (5, 9, "rw-p", HEAP)],
        "nothing happened",
    ),
    (
        [("grew", [(5, 9)], [(5, 12)])],
        [(5, 9, "rw-p", HEAP)],
        [(5, 12, "rw-p", HEAP)],
        "brk() moves the end of the heap",
    ),
    (
        [("grew", [(90, 99)], [(80, 99)])],
        [(90, 99, "rw-p", STACK)],
        [(80, 99, "rw-p", STACK)],
        "a stack grows down",
    ),
    (
        [("grew", [(64, 70)], [(64, 75)]), ("shrank", [(70, 128)], [(75, 128)])],
        [(64, 70), (70, 128, "---p")],
        [(64, 75), (75, 128, "---p")],
        "a malloc arena grows into what is reserved behind it",
    ),
    (
        [("split", [(10, 20)], [(10, 13), (13, 15), (15, 20)])],
        [(10, 20, "r--p", FILE, at(7))],
        [
            (10, 13, "r--p", FILE, at(7)),
            (13, 15, "rw-p", FILE, at(7, 3)),
            (15, 20, "r--p", FILE, at(7, 5)),
        ],
        "mprotect() of the middle of a file",
    ),
    (
        [("merged", [(10, 13), (13, 15), (15, 20)], [(10, 20)])],
        [(10, 13), (13, 15, "r--p"), (15, 20)],
        [(10, 20)],
        "and back again",
    ),
    (
        [("split", [(10, 20)], [(10, 12), (18, 20)])],
        [(10, 20)],
        [(10, 12), (18, 20)],
        "munmap() of the middle",
    ),
    (
        [("grew", [(10, 20)], [(8, 20)])],
        [(10, 20)],
        [(8, 20)],
        "mmap() below: the kernel makes one region of two",
    ),
    (
        [("changed", [(10, 20)], [(10, 20)])],
        [(10, 20)],
        [(10, 20, "r--p")],
        "permissions changed",
    ),
    (
        [("changed", [(10, 20)], [(10, 20)])],
        [(10, 20, "r--p", FILE, at(7))],
        [(10, 20, "r-xp", FILE, at(7))],
        "permissions that make it another type",
    ),
    (
        [("changed", [(10, 20)], [(10, 20)])],
        [(10, 20, "r-xp", LIB, at(7))],
        [(10, 20, "r-xp", LIB + b" (deleted)", at(7))],
        "the file was deleted",
    ),
    (
        [("gone", [(10, 20)], []), ("appeared", [], [(10, 20)])],
        [(10, 20, "r-xp", LIB + b" (deleted)", at(7))],
        [(10, 20, "r-xp", LIB, at(8))],
        "another file has the name: another inode",
    ),
    (
        [("moved", [(10, 20)], [(50, 60)])],
        [(10, 20)],
        [(50, 60)],
        "mremap() moved what is alone of its size",
    ),
    (
        [
            ("gone", [(10, 20)], []),
            ("gone", [(30, 40)], []),
            ("appeared", [], [(50, 60)]),
        ],
        [(10, 20), (30, 40)],
        [(50, 60)],
        "one of two of a size: nothing tells which",
    ),
    (
        [
            ("moved", [(10, 20)], [(50, 60)]),
            ("split", [(40, 90)], [(40, 50), (60, 90)]),
        ],
        [(10, 20), (40, 90, "---p")],
        [(40, 50, "---p"), (50, 60), (60, 90, "---p")],
        "mremap() into the middle of what was reserved",
    ),
    (
        [("changed", [(10, 20)], [(10, 20)]), ("changed", [(30, 40)], [(30, 40)])],
        [(10, 20), (30, 40, "r-xp")],
        [(10, 20, "r-xp"), (30, 40)],
        "two halves of a JIT compiler's memory took turns",
    ),
    (
        [("gone", [(10, 20)], []), ("appeared", [], [(50, 70)])],
        [(10, 20)],
        [(50, 70)],
        "moved and grown: nothing tells that it is the same",
    ),
    (
        [
            ("moved", [(10, 12)], [(60, 62)]),
            ("moved", [(12, 18)], [(62, 68)]),
            ("moved", [(30, 34)], [(80, 99)]),
        ],
        [
            (10, 12, "r--p", LIB, at(7)),
            (12, 18, "r-xp", LIB, at(7, 2)),
            (30, 34, "rw-p", HEAP),
        ],
        [
            (60, 62, "r--p", LIB, at(7)),
            (62, 68, "r-xp", LIB, at(7, 2)),
            (80, 99, "rw-p", HEAP),
        ],
        "another run of the program: ASLR",
    ),
    (
        [
            ("gone", [(10, 12)], []),
            ("moved", [(12, 18)], [(14, 20)]),
            ("appeared", [], [(12, 14)]),
        ],
        [(10, 12, "r--p", LIB, at(7)), (12, 18, "r-xp", LIB, at(7, 2))],
        [(12, 14, "r--p", LIB, at(7, 9)), (14, 20, "r-xp", LIB, at(7, 2))],
        "a library two pages higher, over what it was: the place of the file tells",
    ),
    (
        [("same", [(10, 20)], [(10, 20)]), ("same", [(30, 40)], [(30, 40)])],
        [(10, 20), (30, 40)],
        [(10, 20), (30, 40)],
        "two nameless ones of a size that changed places look as they were",
    ),
    (
        [("grew", [(10, 20)], [(10, 30)]), ("shrank", [(40, 60)], [(40, 50)])],
        [(10, 20), (40, 60)],
        [(10, 30), (40, 50)],
        "two nameless ones that changed places look as if they grew and shrank",
    ),
    (
        [("gone", [(10, 20)], []), ("appeared", [], [(10, 20)])],
        [(10, 20, "r--p", FILE, at(7))],
        [(10, 20, "r--p", b"/srv/other", at(8))],
        "another file in its place",
    ),
    (
        [("moved", [(10, 20)], [(70, 80)]), ("moved", [(30, 40)], [(90, 100)])],
        [(10, 20, "r--p", FILE, at(7)), (30, 40, "r--p", FILE, at(7))],
        [(70, 80, "r--p", FILE, at(7)), (90, 100, "r--p", FILE, at(7))],
        "a file that is mapped twice: in order of address",
    ),
    (
        [("same", [(10, 20)], [(10, 20)]), ("gone", [(30, 40)], [])],
        [(10, 20, "r--p", FILE, at(7)), (30, 40, "r--p", FILE, at(7))],
        [(10, 20, "r--p", FILE, at(7))],
        "one of two stays where it is",
    ),
    ([("appeared", [], [(1, 2)])], [], [(1, 2)], "from nothing"),
    ([("gone", [(1, 2)], [])], [(1, 2)], [], "to nothing"),
    ([], [], [], "nothing at all"),
]  # fmt: skip


@cases(MATCHES, why=3)
def test_region_is_known_again(case):
    expected, before, after, _ = case
    found = told(memc.diff(table(*before), table(*after)))
    assert sorted(expected, key=str) == sorted(found, key=str)


MIRRORED = {"appeared": "gone", "split": "merged", "grew": "shrank"}
MIRRORED |= {after: before for before, after in MIRRORED.items()}


def mirror(change):
    kind, before, after = change
    return MIRRORED.get(kind, kind), after, before


@cases(MATCHES, why=3)
def test_way_back_is_the_mirror_of_the_way(case):
    _, before, after, _ = case
    there = told(memc.diff(table(*before), table(*after)))
    back = told(memc.diff(table(*after), table(*before)))
    assert sorted(map(mirror, there), key=str) == sorted(back, key=str)


def test_name_is_enough_where_there_are_no_inodes(tmp_path):
    """A short JSON document has names and permissions, and no more of a file."""
    text = table((10, 20, "r--p", FILE, at(7)), (30, 40, "rw-p", HEAP))
    path = tmp_path / "short.json"
    path.write_bytes(snapshot_of(text).to_json())
    found = memc.diff(memc.load(path), text)
    assert [change.kind for change in found] == ["same", "same"]


def snapshot_of(text):
    from memc.table.snapshot import Reading, Snapshot

    return Snapshot(text, Reading(7, "maps", 0))


def parse(text):
    return PURE.parse_text(text, "smaps", strict=False)


def is_sound(parsed):
    """Tell regions of no bytes apart: the kernel prints none."""
    return all(region.start < region.end for region in parsed)


texts = grammar.smaps(values=grammar.small).map(parse).filter(is_sound)


@given(text=texts)
@settings(max_examples=60)
def test_table_is_the_same_as_itself(text):
    found = memc.diff(text, text)
    assert found.is_same
    assert len(found) == len(text)


@given(before=texts, after=texts)
@settings(max_examples=80)
def test_each_region_is_in_one_change_and_growth_adds_up(before, after):
    found = memc.diff(before, after)
    for side, whole in (("before", before), ("after", after)):
        starts = [r.start for change in found for r in getattr(change, side)]
        assert sorted(starts) == [region.start for region in whole]
    sizes = [sum(whole.columns["size_kb"]) for whole in (before, after)]
    assert sizes[1] - sizes[0] == found.growth("size")
    assert found.growth("size") == sum(change.growth("size_kb") for change in found)
    for by in BY:
        groups = found.by(by)
        assert sizes[1] - sizes[0] == sum(groups.amounts["size_kb"])
        assert found.is_same == (groups.unchanged == len(groups))


@given(before=texts, after=texts)
@settings(max_examples=60)
def test_way_back_of_anything_is_the_mirror(before, after):
    there, back = memc.diff(before, after), memc.diff(after, before)
    kinds = sorted(MIRRORED.get(change.kind, change.kind) for change in there)
    assert kinds == sorted(change.kind for change in back)


@pytest.mark.parametrize("count", [3, 700])
def test_many_that_all_changed_are_told_apart(count):
    spans = [(i * 16, i * 16 + 4, "rw-p" if i % 2 else "r--p") for i in range(count)]
    after = [(start, end + i % 3, perm) for i, (start, end, perm) in enumerate(spans)]
    kinds = [c.kind for c in memc.diff(table(*spans), table(*after))]
    assert kinds == ["same" if i % 3 == 0 else "grew" for i in range(count)]


def numbers(found):
    return list(found.before), list(found.after), found.count


def nothing_equal(olds, news):
    return [match.NEW] * len(olds), [match.NEW] * len(news)


@st.composite
def readings(draw):
    """Give two readings of a process of which most regions stay."""
    place, text = 16, []
    for _ in range(draw(st.integers(0, 24))):
        place += draw(st.sampled_from((0, 0, 1, 8)))
        size = draw(st.integers(1, 4))
        perm = draw(st.sampled_from(("rw-p", "rw-p", "r--p", "r-xp")))
        name, inode = draw(st.sampled_from(((b"", 0), (b"", 0), (HEAP, 0), (LIB, 7))))
        offset = draw(st.integers(0, 2)) if inode else 0
        text.append((place, place + size, perm, name, at(inode, offset)))
        place += size
    after = []
    for start, end, *more in text:
        how = draw(st.sampled_from("======-<rs"))
        if how == "=":
            after.append((start, end, *more))
        elif how == "<" and end - start > 1:
            after.append((start, end - 1, *more))
        elif how == "r":
            after.append((start, end, "rw-p", *more[1:]))
        elif how == "s" and end - start > 1:
            after += (start, start + 1, *more), (start + 1, end, "---p", *more[1:])
    return table(*text), table(*after)


@given(tables=readings())
@settings(max_examples=150)
def test_equal_regions_are_matched_as_by_the_stages(tables):
    """They are matched first, in columns; the stages would match them so, too."""
    fast = numbers(match.match(*tables))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(match, "equal_rows", nothing_equal)
        assert numbers(match.match(*tables)) == fast


@given(tables=readings())
def test_kinds_are_those_of_each_change_alone(tables):
    for change in memc.diff(*tables):
        before, after = change.before, change.after
        if len(before) != 1 or len(after) != 1:
            assert change.kind in ("appeared", "gone", "split", "merged")
            continue
        places = [(r.start, r.end, r.perm, r.pathname, r.offset, r.inode)
                  for r in (*before, *after)]  # fmt: skip
        assert (change.kind == "same") == (places[0] == places[1])
        assert change.growth("size") == after[0].size_kb - before[0].size_kb
