"""Documents of memc 1.0.0 are read for good: see tests/data/README.md for each file."""

from support.cases import cases
from support.old_documents import NAMES, load, raw
from support.tables import notes, rows
from support.words import torn

LIB = "/usr/lib/libodd-\udcff.so (deleted)"
BASE = "start end perm pathname type size_kb"
PLACE = "offset dev_major dev_minor inode"
COUNTERS = """rss_kb pss_kb shared_clean_kb shared_dirty_kb private_clean_kb
private_dirty_kb swap_kb"""
REST = """kernel_page_size_kb mmu_page_size_kb referenced_kb anonymous_kb thp_eligible
vm_flags future_kb"""
SMAPS = f"{BASE} {COUNTERS}"

# column, and its values in the three regions of process 7; None is missing
SERVER = {
    "start": (0x10000, 0x400000, 0x7FFFF000),
    "end": (0x14000, 0x402000, 0x80000000),
    "perm": ("rw-p", "r-xp", "rw-p"),
    "pathname": ("[heap]", LIB, "[stack]"),
    "type": ("heap", "shared_lib", "stack"),
    "size_kb": (16, 8, 4),
    "offset": (0, 0, 0),
    "dev_major": (0, 0, 0),
    "dev_minor": (0, 0, 0),
    "inode": (0, 77, 0),
    "rss_kb": (12, 8, 4),
    "pss_kb": (12, 2, 4),
    "shared_clean_kb": (0, 8, 0),
    "shared_dirty_kb": (0, 0, 0),
    "private_clean_kb": (0, 0, 0),
    "private_dirty_kb": (12, 0, 4),
    "swap_kb": (4, 0, 0),
    "uss_kb": (12, 0, 4),
    "file_kb": (0, 8, 0),
    "kernel_page_size_kb": (4, 4, 4),
    "mmu_page_size_kb": (4, 4, 4),
    "referenced_kb": (12, 8, 4),
    "anonymous_kb": (12, 0, 4),
    "thp_eligible": (0, 0, 0),
    "vm_flags": (
        ("rd", "wr", "mr", "mw", "me", "ac", "sd"),
        ("rd", "ex", "mr", "mw", "me", "sd"),
        ("rd", "wr", "mr", "mw", "me", "gd", "ac"),
    ),
    "future_kb": (None, 3, None),
}
TORN = {
    "start": 0x1000,
    "end": 0x4000,
    "perm": "rw-p",
    "pathname": "",
    "type": "anonymous",
    "size_kb": 12,
}
ODD = {
    "start": 0x1000,
    "end": 0x3000,
    "perm": "r--p",
    "pathname": "/a",
    "type": "mapped_file",
    "size_kb": 8,
}
AMOUNTS = {"rss_kb": 8, "pss_kb": 8, "private_clean_kb": 8}
ODD_SMAPS = ODD | dict.fromkeys(COUNTERS.split(), 0) | AMOUNTS
ODD_FULL = ODD_SMAPS | dict.fromkeys(PLACE.split(), 0)
DEGRADED = (
    "smaps was not read: it may hold up the process for about 38 ms, and the budget is "
    "1 ms; this is detail rss"
)
TOTALS = {
    "rss_anon_kb": 16,
    "rss_file_kb": 8,
    "rss_shmem_kb": 0,
    "swap_kb": 4,
    "threads": 3,
}


def server(columns):
    """Give the regions of process 7 by these columns, what is missing left out."""
    return [
        {
            name: SERVER[name][i]
            for name in columns.split()
            if SERVER[name][i] is not None
        }
        for i in range(3)
    ]


# detail, regions, totals, notes, its file
SINGLE = [
    ("maps", server(BASE), {}, [], "maps"),
    ("maps", server(f"{BASE} {PLACE}"), {}, [], "maps-full"),
    ("smaps", server(SMAPS), {}, [], "smaps"),
    ("smaps", server(f"{SMAPS} {PLACE} {REST}"), {}, [], "smaps-full"),
    ("rss", server(f"{BASE} rss_kb swap_kb"), {}, [], "rss"),
    ("uss", server(f"{BASE} rss_kb swap_kb uss_kb file_kb"), {}, [], "uss"),
    ("totals", [], TOTALS, [], "totals"),
    ("rollup", [], TOTALS | {"pss_kb": 18, "uss_kb": 16}, [], "totals-full"),
    ("maps", [TORN], {}, [torn(1)], "torn"),
    ("rss", server(BASE), {}, [("degraded", 1, DEGRADED)], "degraded"),
]
RSS = {"torn": 4, "degraded": 2_000_000}


def assert_is_told(snap, document, who=None):
    """Compare what every document tells, and see that nobody makes up the rest."""
    for name in ("pid", "timestamp_ms", "total_rss_kb", "total_vsize_kb"):
        assert getattr(snap, name) == document[name]
    for name in ("cost_ns", "bytes_read"):
        assert getattr(snap, name) == document.get(name)
    assert (snap.name, snap.started) == (who, None)


@cases(SINGLE, why=4)
def test_document_of_one_process_is_read_as_it_was_meant(case):
    detail, regions, totals, told, name = case
    snap = load(name)
    assert (detail, regions, totals) == (snap.detail, rows(snap), snap.totals)
    assert told == notes(snap)
    assert (7, RSS.get(name, 24)) == (snap.pid, snap.total_rss_kb)
    assert (12 if name == "torn" else 28) == snap.total_vsize_kb
    assert_is_told(snap, *raw(name))


# detail, regions of process 7, regions of process 12, its file
EVERY = [
    ("maps", server(BASE), [ODD], "all"),
    ("smaps", server(SMAPS), [ODD_SMAPS], "all-smaps"),
    ("smaps", server(f"{SMAPS} {PLACE} {REST}"), [ODD_FULL], "all-smaps-full"),
]


def assert_is_all(system, document, case):
    """Compare a system with what it should be, and with its document."""
    detail, first, second, _ = case
    assert document["timestamp_ms"] == system.timestamp_ms
    assert [first, second] == [rows(p.snapshot) for p in system.processes]
    assert [detail] * 2 == [p.snapshot.detail for p in system.processes]
    who = [(p.pid, p.name) for p in system.processes]
    assert who == [(7, "server"), (12, "odd \N{REPLACEMENT CHARACTER}")]
    for process, told in zip(system.processes, document["processes"], strict=True):
        assert_is_told(process.snapshot, told["snapshot"], process.name)
        found = (process.uid, process.started, process.cgroup, process.cmdline)
        assert found == (None,) * 4
    (skipped,) = system.skipped
    assert (skipped.pid, skipped.name, skipped.reason) == (30, "broken", "error")
    assert system.notes == ()
    assert system.unread == ("uid", "started", "cgroup", "cmdline")


@cases(EVERY, why=3)
def test_document_of_all_processes_is_read_as_it_was_meant(case):
    assert_is_all(load(case[3]), *raw(case[3]), case)


# regions of each sample, its file
STREAMS = [
    (server(SMAPS), "stream"),
    (server(f"{BASE} {PLACE}"), "stream-full"),
]


@cases(STREAMS, why=1)
def test_stream_is_a_list_of_its_samples(case):
    regions, name = case
    samples = load(name)
    assert [regions] * 2 == list(map(rows, samples))
    for snap, document in zip(samples, raw(name), strict=True):
        assert_is_told(snap, document)


def test_stream_of_all_processes_is_a_list_of_its_samples():
    for system, document in zip(load("all-stream"), raw("all-stream"), strict=True):
        assert_is_all(system, document, EVERY[0])


def test_every_document_is_tested():
    tested = [case[-1] for case in (*SINGLE, *EVERY, *STREAMS)]
    assert {*tested, "all-stream"} == {*NAMES}
