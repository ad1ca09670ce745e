"""Details "rss" and "uss" of stopped processes: the very figures of smaps, gently."""

import json
import os
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from support import children
from support.cases import cases
from support.pages import assert_equal, between_equals, huge_pages
from support.trees import PAGE_KB

pytestmark = pytest.mark.kernel

DETAIL = pytest.mark.parametrize("detail", ["rss", "uss"])
HUGE_KB = 2048

# Of the pages that count, which are mapped here alone, and which are file or shared
# memory: all or none.
ALL, NONE = True, False
# kind, why, uss, file
KINDS = [
    ("private", "it is anonymous", ALL, NONE),
    ("shared", "it lies in a file without a name", ALL, ALL),
    ("memfd", "nobody else has it mapped", ALL, ALL),
    ("private memfd", "what is written is a copy", ALL, NONE),
    ("private file that is written", "what is written is a copy", ALL, NONE),
    ("zero page", "reading makes nothing", NONE, NONE),
    ("given back", "page tables are left, and empty", NONE, NONE),
    ("free when needed", "nothing needed it", ALL, NONE),
    ("out of reach", "protection is not absence", ALL, NONE),
    ("with guard pages", "a guard is no page", ALL, NONE),
    ("1 TiB of which two pages are touched", "a reservation is free", ALL, NONE),
    ("every 50th page", "what is read at once ends in a gap", ALL, NONE),
    ("pages ever farther apart", "far ones are read apart", ALL, NONE),
    ("stripe 0", "a range goes on behind it", ALL, NONE),
    ("stripe 57", "a range goes over it", ALL, NONE),
    ("stripe 99", "a range ends in it", ALL, NONE),
    ("huge", "it is counted in small pages", ALL, NONE),
    ("huge and split", "a part is not there", ALL, NONE),
    ("huge zero page", "reading makes nothing", NONE, NONE),
]
# kind, whether no other mapping has its pages
FILES = [
    ("file that is read", ALL),
    ("shared file that is written", ALL),
    ("file that is mapped twice", NONE),
]


@pytest.fixture(scope="module")
def kinds(tmp_path_factory):
    """Give a stopped process, and by kind its region's address and pages."""
    folder = tmp_path_factory.mktemp("kinds")
    with huge_pages(2) as some:
        program = children.script("kinds", folder, *["huge"] * some)
        child = program.__enter__()
    try:
        told = json.loads(child.stdout.readline())
        children.stop(child)
        yield SimpleNamespace(pid=child.pid, told=told, huge=some)
    finally:
        program.__exit__(None, None, None)


def region_at(snap, address):
    return next(region for region in snap if region.start == address)


@cases(KINDS, why=0)
def test_each_kind_of_memory_counts_as_it_must(backend, kinds, case):
    kind, _, uss, file = case
    address, pages = kinds.told[kind]
    region = region_at(backend.collect(kinds.pid, "uss", "/proc"), address)
    size_kb = pages * PAGE_KB
    assert (region.rss_kb, region.uss_kb) == (size_kb, size_kb if uss else 0)
    assert region.file_kb == (size_kb if file else 0)
    is_memory = region.perm.endswith("s") or kind == "private memfd"
    assert region.swap_kb in ((0, None) if is_memory else (0,))


@cases(FILES, why=0)
def test_file_counts_more_than_was_touched(backend, kinds, case):
    """The kernel maps what lies around it too."""
    kind, uss = case
    address, pages = kinds.told[kind]
    region = region_at(backend.collect(kinds.pid, "uss", "/proc"), address)
    assert region.rss_kb == region.file_kb >= pages * PAGE_KB
    assert region.uss_kb == (region.rss_kb if uss else 0)
    assert region.swap_kb in (0, None)


def test_what_was_paged_out_is_swap_or_still_there(backend, kinds):
    address, pages = kinds.told["paged out"]
    region = region_at(backend.collect(kinds.pid, "uss", "/proc"), address)
    assert region.rss_kb + region.swap_kb == pages * PAGE_KB


@DETAIL
def test_hugetlb_memory_is_in_no_rss(backend, kinds, detail):
    """Also a memfd of it, which only PROCMAP_QUERY tells from another."""
    snap = backend.collect(kinds.pid, detail, "/proc")
    for kind in {"hugetlb", "shared hugetlb"} & kinds.told.keys():
        region = region_at(snap, kinds.told[kind][0])
        assert (region.size_kb, region.rss_kb, region.swap_kb) == (HUGE_KB, 0, 0)
    smaps = backend.collect(kinds.pid, "smaps", "/proc")
    populated = [r for r in smaps if r.private_hugetlb_kb]
    assert len(populated) == (2 if kinds.huge else 0)


def node(_folder):
    return ("node", "-e", "console.log('ready'); process.stdin.resume()")


def java(folder):
    code = 'System.out.println("ready"); System.in.read();'
    main = f"public static void main(String[] a) throws Exception {{ {code} }}"
    source = folder / "Wait.java"
    source.write_text(f"class Wait {{ {main} }}\n")
    return ("java", str(source))


def python(_folder):
    code = "import json, re, decimal; print('ready', flush=True); input()"
    return (sys.executable, "-c", code)


# Each with what must be there for it.
PROGRAMS = [(python, sys.executable), (node, "node"), (java, "javac")]
FOUND = [program for program, needed in PROGRAMS if shutil.which(needed)]


@pytest.fixture(scope="module", params=FOUND, ids=lambda program: program.__name__)
def program(request, tmp_path_factory):
    """Give the pid of a stopped program that others wrote."""
    argv = request.param(tmp_path_factory.mktemp("program"))
    with children.running(*argv) as child:
        children.stop(child)
        yield child.pid


@DETAIL
def test_every_region_of_our_own_is_what_smaps_says(backend, kinds, detail):
    assert_equal(*between_equals(backend, kinds.pid, detail))


@DETAIL
def test_every_region_of_every_mapping_is_what_smaps_says(backend, target, detail):
    assert_equal(*between_equals(backend, target, detail))


@DETAIL
def test_every_region_of_a_program_is_what_smaps_says(backend, program, detail):
    snap, regions = between_equals(backend, program, detail)
    assert_equal(snap, regions)
    assert snap.notes == ()
    assert snap.total_rss_kb == sum(region["rss_kb"] for region in regions)


def test_memory_of_a_server_that_forked_is_of_those_who_wrote_it(backend):
    with children.script("forker") as child:
        address, pages, own = json.loads(child.stdout.readline())
        assert len(own) == 3
        for pid, written in own:
            region = region_at(backend.collect(pid, "uss", "/proc"), address)
            assert region.rss_kb == pages * PAGE_KB
            assert region.uss_kb == written * PAGE_KB
            assert_equal(*between_equals(backend, pid, "uss"))


@DETAIL
def test_backends_tell_the_same_in_every_column(backends, kinds, detail):
    ours, theirs = (b.collect(kinds.pid, detail, "/proc") for b in backends)
    assert list(ours.columns) == list(theirs.columns)
    own = [i for i, region in enumerate(ours) if region.type != "shared_lib"]
    for name in ours.columns:
        column, other = list(ours.columns[name]), list(theirs.columns[name])
        assert [column[i] for i in own] == [other[i] for i in own]


@DETAIL
def test_this_very_process_can_be_read_while_it_changes(backend, detail):
    snap = backend.collect(os.getpid(), detail, "/proc")
    assert snap.total_rss_kb == sum(snap.columns["rss_kb"]) > 1000


@DETAIL
def test_zombie_is_empty_and_whole(backend, detail):
    with children.zombie() as pid:
        snap = backend.collect(pid, detail, "/proc")
    assert (len(snap), snap.notes, snap.total_rss_kb) == (0, (), 0)


@DETAIL
def test_nothing_of_smaps_is_read(backend, kinds, detail):
    """Each byte is of maps: the totals are those of the regions."""
    snap = backend.collect(kinds.pid, detail, "/proc")
    assert snap.bytes_read == len(Path(f"/proc/{kinds.pid}/maps").read_bytes())
    assert snap.longest_read_ns == 0
