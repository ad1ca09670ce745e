"""What is got from a snapshot outlives it, and is never written to."""

import gc
import weakref
from pathlib import Path

import pytest
from support.cases import cases
from support.text import record
from support.trees import PAGE_KB

from memc.errors import FormatError

PAGES = 500
TEXT = b"".join(
    record(
        i * 4096,
        (i + 1) * 4096,
        b"Rss: %d kB" % i,
        *([b"Pss: %d kB" % i] * (i % 2)),
        b"VmFlags: rd wr",
        name=b"/file %d" % i,
    )
    for i in range(PAGES)
)


@pytest.fixture
def snapshot(backend, tree):
    """Give a function that makes a fresh snapshot; nothing else holds what it gives."""
    tree.add(7, maps=b"", smaps=TEXT)
    return lambda: backend.collect(7, "smaps", str(tree))


def churn():
    """Collect, then allocate and fill so much that freed memory would change."""
    gc.collect()
    junk = [bytearray(b"\xaa" * size) for size in (64, 512, 4096, 8192, 65536) * 50]
    assert junk
    gc.collect()


# why, how something is got from a snapshot, how it is read, what it must then say
HELD = [
    ("a view", lambda s: s.columns["rss_kb"].values, list, list(range(PAGES))),
    (
        "a slice of a view",
        lambda s: s.columns["rss_kb"].values[100:],
        list,
        list(range(100, PAGES)),
    ),
    (
        "a cast of a view",
        lambda s: s.columns["rss_kb"].values.cast("B").cast("Q"),
        list,
        list(range(PAGES)),
    ),
    (
        "a bitmap",
        lambda s: s.columns["pss_kb"].valid,
        lambda valid: [valid[i >> 3] >> (i & 7) & 1 for i in range(PAGES)],
        [i % 2 for i in range(PAGES)],
    ),
    ("a column", lambda s: s.columns["start"], list, [i * 4096 for i in range(PAGES)]),
    (
        "a column of strings",
        lambda s: s.columns["pathname"],
        list,
        [f"/file {i}" for i in range(PAGES)],
    ),
    ("the columns", lambda s: s.columns, lambda c: c["rss_kb"][7], 7),
    (
        "a region",
        lambda s: s[8],
        lambda r: (r.pathname, r.vm_flags),
        ("/file 8", ("rd", "wr")),
    ),
    ("regions", lambda s: s[3:5], lambda r: [x.rss_kb for x in r], [3, 4]),
    ("an iterator", iter, lambda rest: sum(r.rss_kb for r in rest), sum(range(PAGES))),
]


@cases(HELD, why=0)
def test_what_was_got_outlives_its_snapshot(snapshot, case):
    _, get, read, expected = case
    held = get(snapshot())
    churn()
    assert expected == read(held)


def test_snapshots_of_processes_outlive_the_system_snapshot(backend, tree):
    for pid in (1, 2, 3):
        tree.add(pid, smaps=TEXT, comm=b"p\n")
    system = backend.collect_all("smaps", skip_kernel=False, jobs=2, proc=str(tree))
    snap = system.processes[1].snapshot
    view = system.processes[2].snapshot.columns["rss_kb"].values
    del system
    churn()
    assert snap.pid == 2
    assert list(range(PAGES)) == [region.rss_kb for region in snap] == list(view)
    assert b'"pid":2' in snap.to_json()


def test_snapshot_is_freed_when_nothing_holds_it(snapshot):
    snap = snapshot()
    assert sum(1 for _ in snap) == PAGES
    reference = weakref.ref(snap)
    assert reference() is snap
    del snap
    gc.collect()
    assert reference() is None


def test_region_keeps_its_snapshot_until_it_goes_itself(snapshot):
    snap = snapshot()
    reference, region = weakref.ref(snap), snap[0]
    del snap
    gc.collect()
    assert reference() is not None
    del region
    gc.collect()
    assert reference() is None


def test_the_text_is_not_needed_any_more(backend):
    text = bytearray(TEXT)
    table = backend.parse_text(text, "smaps", strict=True)
    text[:] = b"\xaa" * len(text)
    text.clear()
    churn()
    assert f"/file {PAGES - 1}" == table[-1].pathname
    assert list(range(PAGES)) == list(table.columns["rss_kb"])


@pytest.mark.parametrize("name", ["start", "perm", "pathname", "rss_kb", "pss_kb"])
def test_no_view_can_be_written_to(snapshot, name):
    column = snapshot().columns[name]
    for view in (column.values, column.valid):
        if view is not None:
            assert view.readonly
            with pytest.raises(TypeError):
                view[0] = 1


def resident_kb():
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE_KB


def test_what_is_not_held_any_more_is_given_back(backend):
    """A table, and what an error leaves behind: some 300 KiB each, 200 times."""
    bad = TEXT * 3 + b"junk\n"
    grown = []
    for _ in range(3):
        before = resident_kb()
        for _ in range(100 if backend.name == "native" else 5):
            backend.parse_text(TEXT * 3, "smaps", strict=True)
            with pytest.raises(FormatError):
                backend.parse_text(bad, "smaps", strict=True)
        grown.append(resident_kb() - before)
    assert min(grown) < 4096
