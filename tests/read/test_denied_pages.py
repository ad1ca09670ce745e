"""Details "rss", "uss" and "rollup" where the kernel or a permission says no.

What is not known is null and said to be, and smaps is never read in its place.
"""

import sys

import orjson
import pytest
from support import children, documents
from support.boxes import IS_ROOT, WITHOUT_RIGHTS
from support.tables import rows
from support.text import page, record
from support.tracer import Reader
from support.trees import PAGE_KB, Tree
from support.words import ENDED

pytestmark = pytest.mark.kernel

DETAIL = pytest.mark.parametrize("detail", ["rss", "uss", "pss"])
FULL = pytest.mark.parametrize("full", [False, True], ids=["short", "full"])
NO_SCAN = (
    "rss_kb is unknown: this kernel cannot scan page tables (PAGEMAP_SCAN, Linux 6.7), "
    "or this is a copy of /proc"
)
NO_RIGHT = (
    "rss_kb is unknown: pagemap may be read by the same user or with CAP_SYS_PTRACE "
    "and CAP_DAC_READ_SEARCH"
)
NO_ROLLUP = (
    "pss_kb, uss_kb and swap_kb are unknown: smaps_rollup may be read by the "
    "same user or with CAP_PERFMON (CAP_SYS_PTRACE before Linux 6.15)"
)
COLUMNS = {
    "rss": ["rss_kb", "swap_kb", "hugetlb_kb"],
    "uss": [
        *("rss_kb", "anon_huge_pages_kb", "swap_kb"),
        *("uss_kb", "file_kb", "hugetlb_kb"),
    ],
    "pss": [
        *("rss_kb", "pss_kb", "anon_huge_pages_kb", "swap_kb"),
        *("uss_kb", "file_kb", "hugetlb_kb"),
    ],
}
HEAVY = 112 << 20
SMAPS = record(4096, 8192, b"Rss: 4 kB")


def notes(snap):
    return [(note.code, note.count, note.text) for note in snap.notes]


# why, the file pagemap of a copied tree
PAGEMAPS = [("missing", None), ("empty", b""), ("of a copy", bytes(8 * 4096))]


@DETAIL
@pytest.mark.parametrize(("why", "pagemap"), PAGEMAPS, ids=[w for w, _ in PAGEMAPS])
def test_kernel_without_the_ioctl_tells_nothing_and_says_so(
    backend, tree, detail, why, pagemap
):
    tree.add(7, maps=page(1) + page(2), smaps=SMAPS, pagemap=pagemap)
    snap = backend.collect(7, detail, str(tree))
    assert notes(snap) == [("degraded", 1, NO_SCAN)], why
    assert list(snap.columns)[10:] == COLUMNS[detail]
    assert all(list(snap.columns[name]) == [None] * 2 for name in COLUMNS[detail])
    assert (snap.total_rss_kb, snap.total_vsize_kb) == (25 * PAGE_KB, 8)


@DETAIL
def test_notes_stand_in_the_order_of_their_codes(backend, tree, detail):
    tree.add(7, maps=page(2) + page(1) + b"zzz\n")
    snap = backend.collect(7, detail, str(tree))
    assert [note.code for note in snap.notes] == ["torn", "bad_line", "degraded"]


@DETAIL
@FULL
def test_json_of_a_copy_is_what_orjson_prints(backend, tree, detail, full):
    tree.add(7, maps=page(1) + page(2))
    snap = backend.collect(7, detail, str(tree))
    document = documents.snapshot(snap, rows(snap), full=full)
    assert orjson.dumps(document) == snap.to_json(full=full)
    assert document["regions"][0]["rss_kb"] is None


@DETAIL
@FULL
def test_json_of_a_live_process_is_what_orjson_prints(backend, target, detail, full):
    snap = backend.collect(target, detail, "/proc")
    document = documents.snapshot(snap, rows(snap), full=full)
    assert orjson.dumps(document) == snap.to_json(full=full)
    pretty = orjson.dumps(document, option=orjson.OPT_INDENT_2)
    assert pretty == snap.to_json(pretty=True, full=full)
    shown = document["regions"][0]
    extra = [*documents.SHOWN[detail]]
    more = ["offset", "dev_major", "dev_minor", "inode"] * full
    more += ["hugetlb_kb" if detail == "rss" else "anon_huge_pages_kb"] * full
    base = [*documents.BASE, *["pathname"] * ("pathname" in shown)]
    assert list(shown) == [*base, *extra, *more]


PROGRAM = """
import sys
from memc.read.backend import backend
from memc.read.options import Options
snap = backend().collect(int(sys.argv[1]), Options(sys.argv[2], proc=sys.argv[3]))
for note in snap.notes:
    print(note.code, note.text)
print(snap.to_json(full=True).decode())
"""


def collect_with_fewer_rights(memc, prefix, *args):
    """Let another process take the snapshot; give its notes and its document."""
    runner = type(memc)(memc.name, (sys.executable, "-c", PROGRAM), memc.backend)
    result = runner(*args, prefix=prefix)
    assert (result.status, result.err) == (0, b"")
    *said, document = result.out.decode().splitlines()
    return said, orjson.loads(document)


@pytest.fixture
def locked(tmp_path):
    """Give a copy whose pagemap and smaps_rollup are not for us to read."""
    tree = Tree(tmp_path / "proc")
    status = b"Threads:\t1\n"
    folder = tree.add(7, maps=page(1), status=status, pagemap=b"", smaps_rollup=b"")
    for name in ("pagemap", "smaps_rollup"):
        (folder / name).chmod(0)
    return str(tree)


@pytest.fixture(params=["python", "pure"])
def reader(request):
    from support.commands import COMMANDS

    return COMMANDS[request.param]


# detail, what is unknown, what is said
LOCKED = [
    ("rss", ["rss_kb", "swap_kb", "hugetlb_kb"], NO_RIGHT),
    ("uss", ["rss_kb", "swap_kb", "file_kb", "uss_kb"], NO_RIGHT),
    ("rollup", ["pss_kb", "uss_kb"], NO_ROLLUP),
]


@pytest.mark.parametrize(("detail", "unknown", "text"), LOCKED)
def test_what_is_denied_is_null_and_names_what_would_help(
    reader, locked, detail, unknown, text
):
    told, document = collect_with_fewer_rights(
        reader, WITHOUT_RIGHTS, 7, detail, locked
    )
    assert told == [f"denied {text}"]
    (where,) = document.get("regions", [document])
    assert {name: where[name] for name in unknown} == dict.fromkeys(unknown)
    assert document["total_rss_kb"] == 25 * PAGE_KB


CAP_SYS_PTRACE = ("setpriv", "--bounding-set=-all,+sys_ptrace", "--inh-caps=-all")


@pytest.mark.parametrize("detail", ["rss", "uss"])  # "pss" reads smaps of a small one
def test_a_capability_for_maps_is_not_enough_for_pagemap(reader, detail):
    """Only root can start a process of another user; others look at their own."""
    stranger = {"user": 65534, "group": 65534, "extra_groups": ()} if IS_ROOT else {}
    prefix = CAP_SYS_PTRACE if IS_ROOT else ()
    with children.waiting(**stranger) as child:
        told, document = collect_with_fewer_rights(
            reader, prefix, child.pid, detail, "/proc"
        )
    assert told == ([f"denied {NO_RIGHT}"] if IS_ROOT else [])
    known = [region["rss_kb"] is not None for region in document["regions"]]
    assert known == [not IS_ROOT] * len(known)
    assert document["total_rss_kb"] > 0


def kill(child):
    """Kill and leave a zombie."""
    child.kill()
    children.wait_for_end(child.pid)


def reap(child):
    child.kill()
    child.wait()


ENDS = {"kill": kill, "reap": reap}


@DETAIL
@pytest.mark.parametrize("end", ENDS)
def test_process_that_ends_in_mid_read_has_no_figures(reader, detail, end):
    runner = type(reader)(reader.name, (sys.executable, "-c", PROGRAM), reader.backend)
    # For "pss", smaps of a small process is read instead.
    with (
        children.script("changer", ballast=HEAVY * (detail == "pss")) as child,
        Reader(runner, child.pid, detail, "/proc") as traced,
    ):
        traced.run_until(f"/proc/{child.pid}/pagemap")
        ENDS[end](child)
        status, out, err = traced.finish()
    assert (status, err) == (0, b"")
    said, document = out.decode().splitlines()
    assert said == f"cut {ENDED}"
    regions = orjson.loads(document)["regions"]
    assert len(regions) > 300
    assert {region["rss_kb"] for region in regions} == {None}
    assert orjson.loads(document)["total_rss_kb"] is None
