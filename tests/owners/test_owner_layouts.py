"""Owners in layouts of the kinds that reports told of."""

import pytest
from hypothesis import assume, given, strategies as st
from support.layouts import maps_text, smaps_text
from support.owner_layouts import LAYOUTS
from support.readers import PURE

from memc.owners.heaps import GO_STARTS, TIB
from memc.owners.layout import Layout
from memc.owners.rules import OF_KIND, owners
from memc.owners.where import WHERE

MIB = 1 << 20


def word(owner):
    """Write an owner as ``memc show`` does."""
    return f"{owner.owner}{'?' * owner.guess}"


def owner_at(table, start, **known):
    row = list(table.columns["start"]).index(start)
    return owners(table, **known)[row]


@pytest.mark.parametrize("case", LAYOUTS, ids=lambda case: f"{case[0]}: {case[3]}")
def test_region_of_a_layout_has_its_owner(backend, case):
    owner, why, start, _, text = case
    found = owner_at(backend.parse_text(smaps_text(text), "smaps", strict=True), start)
    assert (owner, why) == (word(found), found.why)


@pytest.mark.parametrize("case", LAYOUTS, ids=lambda case: f"{case[0]}: {case[3]}")
def test_rules_match_nothing_outside_of_their_places(case):
    layout = Layout(PURE.parse_text(smaps_text(case[4]), "smaps", strict=True))
    for i, kind in enumerate(layout.kind):
        assert {
            rule.why
            for rule in OF_KIND[kind]
            if rule.test in WHERE
            and i not in WHERE[rule.test](layout)
            and rule.test(layout, i) is not None
        } == set()


STACK = "7f0000000000-7f0001000000 rw-p"
POOL = "7f0000000000-7f000c800000 rw-p"
# owner, the stack pointers, why, the layout
POINTED = [
    ("anonymous", [1 * MIB, 2 * MIB, 3 * MIB, 4 * MIB], "4: data above", POOL),
    ("anonymous", [n * MIB - 9 for n in range(197, 201)], "4: data below", POOL),
    ("thread stack", [8 * n * MIB - 9 for n in range(1, 26)], "17: merged", POOL),
    ("anonymous", [100 * MIB], "4: one of a pool", POOL),
    ("thread stack", [16 * MIB - 9], "a stack", STACK),
    ("thread stack", [16 * MIB - 9], "9: executable", STACK.replace("rw-", "rwx")),
    ("thread stack", [1024 * MIB - 9], "30: 1 GiB above a guard",
     "7efffffff000-7f0000000000 ---p\n7f0000000000-7f0040000000 rw-p"),
]  # fmt: skip


@pytest.mark.parametrize("case", POINTED, ids=lambda case: f"{case[0]}: {case[2]}")
def test_stack_pointers_make_a_stack_of_what_holds_little_else(case):
    owner, places, _, text = case
    threads = {1: 4096} | {9 + n: 0x7F0000000000 + p for n, p in enumerate(places)}
    table = PURE.parse_text(maps_text(text), "maps", strict=True)
    assert owner == word(owner_at(table, 0x7F0000000000, threads=threads))


def stacks(number, size):
    """Write stacks side by side, each above its guard."""
    places = [0x7F0000001000 + n * (size + 4096) for n in range(number)]
    return "\n".join(
        f"{p - 4096:x}-{p:x} ---p # mr nh\n{p:x}-{p + size:x} rw-p # ac nh"
        for p in places
    )


def test_stacks_of_far_more_than_the_threads_are_fibers():
    """Case 27: 500 fibers, 10 threads, of which the pointers are known."""
    table = PURE.parse_text(smaps_text(stacks(510, MIB)), "smaps", strict=True)
    threads = {1: None} | {
        2 + n: 0x7F0000000000 + n * (MIB + 4096) + MIB for n in range(10)
    }
    found = [word(owner) for owner in owners(table, threads=threads)]
    assert found.count("fiber stack?") == 500
    assert found.count("thread stack") == 10
    assert found.count("guard") == 510


def test_stacks_of_ended_threads_are_no_fibers():
    """glibc keeps stacks of up to 40 MiB for new threads."""
    table = PURE.parse_text(smaps_text(stacks(5, 8 * MIB)), "smaps", strict=True)
    threads = {1: None, 2: 0x7F0000000000 + 8 * MIB}
    found = [owner.owner for owner in owners(table, threads=threads)]
    assert found.count("thread stack") == 5


@pytest.mark.parametrize(
    ("kind", "owner"),
    [("tmpfs", "shared memory"), ("ramfs", "shared memory"), ("hugetlbfs", "hugetlb")],
)
def test_mounts_tell_what_has_no_disk(backend, kind, owner):
    """Case 12: a tmpfs is mounted anywhere."""
    text = maps_text("7f0000000000-7f0000100000 rw-s /data/x", "00:26")
    table = backend.parse_text(text, "maps", strict=True)
    found = owner_at(table, 0x7F0000000000, mounts=lambda: {(0, 0x26): kind})
    assert (owner, False) == (found.owner, found.guess)
    found = owner_at(table, 0x7F0000000000, mounts=lambda: {(8, 1): kind})
    assert found.owner == "mapped file"


@given(
    heaps=st.integers(1, 6),
    used=st.integers(1, 16383),
    base=st.integers(0x7000_0000_0000 >> 26, 0x7FFF_0000_0000 >> 26),
    flags=st.sampled_from(["rd wr nr", None]),
)
def test_heaps_of_glibc_are_found_however_they_merged(heaps, used, base, flags):
    """Case 10: full heaps below one that is not full, as one region or as two."""
    start = base << 26
    # Without flags nothing tells a heap from Go's where Go asks for memory.
    assume(flags or start % TIB not in GO_STARTS)
    full, end = start + (heaps << 26), start + (heaps + 1 << 26)
    more = f" # {flags}" if flags else ""
    for first in (
        [(start, full + used * 4096)],
        [(start, full), (full, full + used * 4096)],
    ):
        text = "\n".join(f"{a:x}-{b:x} rw-p{more}" for a, b in first)
        text += f"\n{full + used * 4096:x}-{end:x} ---p{more}"
        found = owners(PURE.parse_text(smaps_text(text), "smaps", strict=True))
        assert {owner.owner for owner in found[:-1]} == {"glibc arena"}
        assert found[-1].owner == "reserved"


@given(
    start=st.sampled_from([0xC000000000, 0x1C000000000, 0x4000000000, 0x14000000000]),
    used=st.integers(1, 15),
    flags=st.sampled_from(["rd wr ac", None]),
    library=st.booleans(),
)
def test_the_heap_of_go_is_found_with_and_without_flags(start, used, flags, library):
    """Case 3: on amd64 and arm64, with cgo and without."""
    more = f" # {flags}" if flags else ""
    middle = start + used * 4 * MIB
    text = f"{start:x}-{middle:x} rw-p{more}\n{middle:x}-{start + 64 * MIB:x} ---p"
    text = f"400000-600000 r-xp /srv/app\n{text}"
    if library:
        text += "\n7f0000000000-7f0000100000 r-xp /lib/libc.so.6"
    found = owners(PURE.parse_text(smaps_text(text), "smaps", strict=True))
    assert word(found[1]) == "Go heap?"
    assert found[2].owner == "reserved"


LLVM = """
    557da398c000-557da671e000 r--p /usr/bin/chromium
    557da671f000-557db483e000 r-xp /usr/bin/chromium @2d92000
    557db483e000-557db5392000 r--p /usr/bin/chromium @10eb0000
    557db5393000-557db548d000 rw-p /usr/bin/chromium @11a04000"""


def test_offsets_tell_relro_of_a_file_by_the_linker_of_llvm():
    """The code and the relro share a page of the file; GNU's linker pads files."""
    table = PURE.parse_text(maps_text(LLVM), "maps", strict=True)
    assert word(owner_at(table, 0x557DB483E000)) == "program relro?"
    padded = maps_text(LLVM.replace("@10eb0000", "@10eb1000"))
    table = PURE.parse_text(padded, "maps", strict=True)
    assert word(owner_at(table, 0x557DB483E000)) == "program rodata"


class Short:
    """A table with the columns of a document that ``memc PID --smaps`` prints."""

    def __init__(self, table):
        left_out = ("offset", "vm_flags", "dev_major", "dev_minor", "inode")
        self.columns = {
            name: table.columns[name]
            for name in table.columns
            if name not in left_out and "page" not in name and "huge" not in name
        }
        self.rows = len(table)

    def __len__(self):
        return self.rows


@pytest.mark.parametrize("case", LAYOUTS, ids=lambda case: f"{case[0]}: {case[3]}")
def test_owners_do_not_depend_on_how_a_process_was_read(case):
    """A document without VmFlags gives the same owner, or does not know one."""
    owner, _, start, _, text = case
    table = PURE.parse_text(smaps_text(text), "smaps", strict=True)
    row = list(table.columns["start"]).index(start)
    found = owners(Short(table))[row].owner
    assert found == owner.removesuffix("?") or found in ("anonymous", "mapped file")
