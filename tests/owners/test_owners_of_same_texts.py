"""What the texts of a table decide is found once for all tables with the same texts.

So it must follow from the texts alone: from names, permissions, VmFlags and offsets,
from which regions touch each other, and from what lies far above the program.
"""

import re

import pytest
from support.corpus import captures
from support.layouts import lines, maps_text, smaps_text
from support.owner_layouts import LAYOUTS
from support.readers import NATIVE

from memc.owners import texts
from memc.owners.layout import Layout
from memc.owners.rules import ALONE, Decided, owners

BEYOND = ("end", "huge", "memo", "mounts", "name_ids", "pointers", "single", "start",
          "table", "threads", "tids")  # fmt: skip
GIB, TIB = 1 << 30, 1 << 40
PART, HEAP = "400000-401000 r--p /bin/a", "400000-401000 r-xp /bin/a\n"
LIB, RUN = "/usr/lib/libz.so.1", "/opt/plugin"

# What differs between two tables, the first, the second, why that must be seen
PAIRS = [
    ("far", f"400000-401000 r-xp /bin/a\n700000-701000 r-xp {RUN}",
     f"400000-401000 r-xp /bin/a\n7f0000700000-7f0000701000 r-xp {RUN}",
     "code far above the program is a library's"),
    ("touching", f"{PART}\n401000-402000 r-xp\n402000-403000 r--p /bin/a",
     f"{PART}\n501000-502000 r-xp\n602000-603000 r--p /bin/a",
     "code that a program moved lies between its parts"),
    ("offset", "400000-401000 r--p /memfd:a\n401000-402000 r-xp /memfd:a @1000",
     "400000-401000 r--p /memfd:a @1000\n401000-402000 r-xp /memfd:a @2000",
     "a program in a memfd is mapped from its start"),
    ("32 bits", f"400000-401000 r-xp /bin/a\n60000000-60001000 r-xp {RUN}",
     f"40000400000-40000401000 r-xp /bin/a\n40060000000-40060001000 r-xp {RUN}",
     "in 32 bits nothing is farther than 512 MiB"),
    ("size", "400000-401000 r-xp /bin/a\n500000-510000 rwxp",
     "400000-401000 r-xp /bin/a\n500000-8500000 rwxp",
     "much memory that is written and executed is a runtime's heap"),
    ("aligned", f"{HEAP}7f0004000000-7f0005000000 rw-p\n7f0005000000-7f0008000000 ---p",
     f"{HEAP}7f0004100000-7f0005100000 rw-p\n7f0005100000-7f0008100000 ---p",
     "heaps of glibc begin at 64 MiB"),
    ("deleted", f"400000-401000 r-xp /bin/a\n500000-501000 r-xp {LIB}",
     f"400000-401000 r-xp /bin/a\n500000-501000 r-xp {LIB} (deleted)",
     "the names differ"),
]  # fmt: skip


def told(table, **known):
    return [(o.owner, o.why, o.label, o.guess) for o in owners(table, **known)]


def alone(table):
    """Tell the owners as if no other table had been seen."""
    texts._known.clear()
    return told(table)


def after(first, second):
    """Tell the owners of the second table after those of the first."""
    texts._known.clear()
    told(first)
    return told(second)


@pytest.mark.parametrize(("name", "one", "other", "why"), PAIRS)
def test_tables_are_told_apart(backend, name, one, other, why):
    both = [
        backend.parse_text(maps_text(text), "maps", strict=True)
        for text in (one, other)
    ]
    for some, others in (both, both[::-1]):
        assert after(some, others) == alone(others), why
    assert name == "deleted" or alone(both[0]) != alone(both[1]), why


def moved(text, gap, top):
    """Move each region a gap farther up, and all but the first file's to the top."""
    places = [(start, end) for start, end, *_ in lines(text)]
    first = next(iter(lines(text)))[3]
    shifts = [i * gap + top * (line[3] != first) for i, line in enumerate(lines(text))]
    new = iter(
        f"{start + shift:x}-{end + shift:x}"
        for (start, end), shift in zip(places, shifts, strict=True)
    )
    return re.sub(r"(?m)^ *[0-9a-f]+-[0-9a-f]+", lambda _: next(new), text)


@pytest.mark.parametrize("case", LAYOUTS, ids=lambda case: f"{case[0]}: {case[3]}")
def test_owners_of_moved_layouts_do_not_depend_on_others(backend, case):
    text = case[4]
    tables = [
        backend.parse_text(write(moved(text, gap, top)), kind, strict=True)
        for write, kind in ((smaps_text, "smaps"), (maps_text, "maps"))
        for gap, top in ((0, 0), (64 << 10, 0), (0, 4 * GIB), (0, 2 * TIB))
    ]
    fresh = [alone(table) for table in tables]
    texts._known.clear()
    for _ in range(2):
        assert [told(table) for table in tables] == fresh


@pytest.mark.parametrize(("kind", "path"), captures())
def test_rules_without_a_place_look_at_texts_alone(backend, kind, path):
    table = backend.parse_text(path.read_bytes(), kind, strict=False)
    layout = Layout(table, {1: None}, dict)
    Decided(layout)  # the rules with a place look at kinds that are known then
    for name in BEYOND:
        delattr(layout, name)
    for i in layout.looks.first:
        for rule in ALONE[layout.kind[i]]:
            rule.test(layout, i)


def test_owners_of_equal_texts_are_the_same_objects(backend):
    text = maps_text(LAYOUTS[0][4])
    some, others = (backend.parse_text(text, "maps", strict=True) for _ in range(2))
    assert all(a is b for a, b in zip(owners(some), owners(others), strict=True))


def test_few_texts_are_kept(backend):
    for i in range(3 * texts.COUNT_MAX):
        text = maps_text(f"400000-401000 r-xp /bin/program{i}")
        owners(backend.parse_text(text, "maps", strict=True))
        assert len(texts._known) <= texts.COUNT_MAX
    kept = set(texts._known)
    many = "\n".join(f"{i:x}000-{i:x}800 r--p /f" for i in range(1, texts.ROWS_MAX + 2))
    owners(backend.parse_text(maps_text(many), "maps", strict=True))
    assert set(texts._known) == kept


def test_strings_of_equal_pools_are_decoded_once():
    text = smaps_text("1000-2000 r--p /f # rd mr\n3000-4000 rw-p /g # rd wr")
    some, others = (NATIVE.parse_text(text, "smaps", strict=True) for _ in range(2))
    for name in ("pathname", "vm_flags"):
        pairs = zip(some.columns[name], others.columns[name], strict=True)
        assert all(a is b for a, b in pairs)


@pytest.mark.parametrize(("device", "asked"), [("08:01", 0), ("00:2a", 1)])
def test_mounts_are_read_only_for_files_without_a_device(backend, device, asked):
    text = maps_text("1000-2000 rw-s /srv/f", device)
    calls = []

    def mounts():
        calls.append(device)
        return {(0, 0x2A): "tmpfs"}

    (owner,) = owners(backend.parse_text(text, "maps", strict=True), mounts=mounts)
    assert len(calls) == asked
    assert owner.owner == ("shared memory" if asked else "mapped file")
