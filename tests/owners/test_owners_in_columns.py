"""Owners that are decided in columns are those of a plain walk of the rules."""

from array import array

import pytest
from hypothesis import given, strategies as st
from support import children
from support.corpus import captures
from support.layouts import maps_text, smaps_text
from support.owner_layouts import LAYOUTS
from support.readers import PURE

from memc.owners.kinds import NAMED
from memc.owners.layout import Layout
from memc.owners.looks import BYTE, Looks, OfLook
from memc.owners.rules import OF_KIND, RULES, owners
from memc.owners.where import WHERE
from memc.proc.threads import read_threads

MIB = 1 << 20


def told(owner):
    return owner.owner, owner.why, owner.label, owner.guess


def walked(table, **known):
    """Try all rules for each region, in order: what the table of rules says."""
    layout = Layout(table, **known)
    found = []
    for i, kind in enumerate(layout.kind):
        tries = ((rule, rule.test(layout, i)) for rule in OF_KIND[kind])
        rule, label = next(pair for pair in tries if pair[1] is not None)
        found.append((rule.owner, rule.why, label, rule.guess))
    return found


def known_of(table):
    """Give what may be known beside a table: of threads, and of file systems."""
    ends = list(table.columns["end"])
    yield {}
    yield {"threads": {1: None}, "mounts": lambda: {(0, 0): "tmpfs"}}
    pointers = {n: end - 8 for n, end in enumerate(ends[:40], 2)}
    yield {"threads": {1: None} | pointers, "mounts": lambda: {(0, 0): "hugetlbfs"}}
    yield {"threads": dict.fromkeys(range(1, 2 + len(ends) // 9))}


def assert_equal(table):
    for known in known_of(table):
        assert list(map(told, owners(table, **known))) == walked(table, **known)


@pytest.mark.parametrize(("kind", "path"), captures())
def test_owners_of_captures_are_those_of_a_walk(backend, kind, path):
    table = backend.parse_text(path.read_bytes(), kind, strict=False)
    assert_equal(table)


@pytest.mark.parametrize("case", LAYOUTS, ids=lambda case: f"{case[0]}: {case[3]}")
def test_owners_of_layouts_are_those_of_a_walk(backend, case):
    text = case[4]
    assert_equal(backend.parse_text(smaps_text(text), "smaps", strict=True))
    assert_equal(backend.parse_text(maps_text(text), "maps", strict=True))


# What a region of a random layout is made of; the first of each is the usual one.
NAMES = (
    *("", "", "", "", "[heap]", "[stack]", "[vdso]", "[anon:x]", "[anon:.bss]"),
    *("/lib/libc.so.6", "/lib/libjvm.so", "/usr/bin/node", "/usr/bin/python3.11"),
    *("/usr/bin/php", "/usr/bin/qemu-system-x86_64", "/lib/libjemalloc.so.2"),
    *("/memfd:java_heap", "/memfd:x (deleted)", "/dev/shm/x", "/run/x", "/data/f"),
    *("/dev/hugepages/rtemap_1", "/anon_hugepage (deleted)", "anon_inode:[perf_event]"),
    *("[anon: glibc: pthread stack: 9]", "/lib/libmimalloc.so", "socket:[7]"),
)
PERMS = ("rw-p", "rw-p", "---p", "r--p", "r-xp", "rwxp", "rw-s", "r--s", "---s")
FLAGS = ("rd wr ac", "mr", "nr", "nh", "nh nr", "gu nh", "dc nr", "ht", "ss", "pf", "")
SIZES = (
    *(4096, 4096, 16384, 65536, 132 * 1024, MIB, MIB, 2 * MIB, 4 * MIB, 8 * MIB),
    *(32 * MIB, 62 * MIB, 64 * MIB, 256 * MIB, 1 << 32, 1 << 36),
)
GAPS = (0, 0, 0, 0, 4096, 256 * 1024, MIB, 1 << 37)
UNITS = (4096, 4096, 65536, 256 * 1024, MIB, 2 * MIB, 4 * MIB, 32 * MIB, 64 * MIB)
BASES = (0x400000, 0x80000000, 0xC000000000, 0x20000000000, 0x7F0000000000)
AMOUNTS = (
    "",
    "Rss: 0",
    "Rss: 8",
    "Rss: 1024",
    "Swap: 4",
    "Rss: 512, Private_Dirty: 512",
)


@st.composite
def layouts(draw):
    """Write a layout of regions side by side or apart, at round places or at others."""
    place, text = draw(st.sampled_from(BASES)), ""
    for _ in range(draw(st.integers(1, 24))):
        unit = draw(st.sampled_from(UNITS))
        place += draw(st.sampled_from(GAPS))
        place = -(-place // unit) * unit + draw(st.sampled_from((0, 0, 0, 16384)))
        end = place + draw(st.sampled_from(SIZES))
        name, perm = draw(st.sampled_from(NAMES)), draw(st.sampled_from(PERMS))
        offset = draw(st.sampled_from((0, 0, 4096, 0x10000)))
        flags, more = draw(st.sampled_from(FLAGS)), draw(st.sampled_from(AMOUNTS))
        text += f"{place:x}-{end:x} {perm} {name} @{offset:x}"
        text += f" # {flags} # {more.replace(':', '')}\n" if more else f" # {flags}\n"
        place = end
    return text


@given(layouts())
def test_owners_of_random_layouts_are_those_of_a_walk(text):
    assert_equal(PURE.parse_text(smaps_text(text), "smaps", strict=True))
    assert_equal(PURE.parse_text(maps_text(text), "maps", strict=True))


@pytest.mark.kernel
@pytest.mark.parametrize("kind", ["maps", "smaps"])
def test_owners_of_a_live_process_are_those_of_a_walk(backend, kind):
    with children.script("holder") as child:
        for _ in iter(child.stdout.readline, b"\n"):
            pass
        children.stop(child)
        known = {"threads": read_threads(child.pid)}
        table = backend.collect(child.pid, kind, "/proc")
    assert list(map(told, owners(table, **known))) == walked(table, **known)
    assert_equal(table)


class Own:
    """A layout that gives a rule nothing but what regions that look alike share."""

    def __init__(self, layout, i):
        for word in ("name", "perm", "flags", "kind"):
            setattr(self, word, {i: getattr(layout, word)[i]})
        self.code, self.runs = layout.code, layout.runs
        self.known_flags, self.recall = layout.known_flags, layout.recall
        self.file = {i: layout.file(i)}.__getitem__

    def has_flag(self, i, flag):
        return flag in (self.flags[i] or ())


@pytest.mark.parametrize("case", LAYOUTS, ids=lambda case: f"{case[0]}: {case[3]}")
def test_rules_without_a_place_look_at_no_more_than_the_region_itself(case):
    """Where they do look at more, they belong into ``memc.owners.where``."""
    layout = Layout(PURE.parse_text(smaps_text(case[4]), "smaps", strict=True))
    for i in range(len(layout.kind)):
        for rule in RULES:
            is_name = layout.name[i].startswith("[anon:") or NAMED not in rule.kinds
            if rule.test not in WHERE and is_name:
                label = rule.test(layout, i)
                assert rule.test(Own(layout, i), i) == label


def ids(*values):
    return memoryview(array("I", values))


LARGE = (1 << 32) - 1
# The numbers of names, those of flags, the permissions, the looks, why.
LOOKS = [
    ((), (), b"", [], "no regions have no looks"),
    ((0, 0, 1), (0, 0, 0), b"\3\3\3", [0, 0, 1], "the names differ"),
    ((0, 0, 0), (5, 4, 5), b"\3\3\3", [0, 1, 0], "the flags differ"),
    ((7, 7, 7), (5, 5, 5), b"\3\3\1", [0, 0, 1], "the permissions differ"),
    ((1, 0), (0, 1), b"\0\0", [0, 1], "a name is no flag"),
    ((1 << 24, 0), (0, 1 << 24), b"\3\3", [0, 1], "numbers may be large"),
    ((LARGE, LARGE), (1 << 16, 1 << 16), b"\3\3", [0, 0], "as large as may be"),
    ((LARGE, LARGE), (LARGE, LARGE), b"\3\3", [0, 1], "no room: told apart"),
]


@pytest.mark.parametrize(("names", "flags", "perms", "found", "why"), LOOKS)
def test_regions_look_alike_if_names_flags_and_permissions_are(
    names, flags, perms, found, why
):
    looks = Looks(ids(*names), ids(*flags), bytearray(perms))
    assert list(looks.of) == found, why
    assert looks.first == [found.index(look) for look in sorted(set(found))]


@pytest.mark.parametrize("count", [1, BYTE - 1, BYTE, BYTE + 1, 3 * BYTE])
def test_few_and_many_looks_are_spread_alike(count):
    """Looks of which there are more than a byte can number are in a list."""
    names = [*range(count), *range(0, count, 2), 0]
    looks = Looks(ids(*names), ids(*[0] * len(names)), bytearray(len(names)))
    assert isinstance(looks.of, bytes) == (count <= BYTE)
    assert looks.spread([f"name {n}" for n in range(count)]) == [
        f"name {n}" for n in names
    ]
    assert looks.spread_bytes(n % 7 for n in range(count)) == bytes(
        n % 7 for n in names
    )
    for part in (1, 2, 5, 100):
        wanted = [row for row, n in enumerate(names) if n % part == 0]
        assert looks.rows(n % part == 0 for n in range(count)) == wanted
    texts = [str(n) for n in range(count)]
    for each in (looks.each(texts), OfLook(looks, texts), looks.spread(texts)):
        assert [each[row] for row in range(len(names))] == list(map(str, names))
        with pytest.raises(IndexError):
            each[len(names)]


def test_regions_that_look_alike_are_told_apart_by_their_places():
    """One of these is above a guard, the others are not."""
    text = "".join(f"{n:x}0000000-{n:x}0100000 rw-p # rd\n" for n in range(1, 9))
    text = f"1ffff000-20000000 ---p # rd\n{text[text.index('20000000') :]}"
    table = PURE.parse_text(smaps_text(text), "smaps", strict=True)
    found = [owner.owner for owner in owners(table)]
    assert found == ["guard", "thread stack", *["anonymous"] * 6]
