"""Details "totals" and "rollup": status, statm and smaps_rollup in a few figures."""

import orjson
import pytest
from support import documents
from support.cases import cases
from support.trees import PAGE_KB, STATM
from support.words import NO_SWAP

from memc.errors import ProcessError, ProcessGone
from memc.table import fields

STATUS = b"""Name:\tRssAnon: 7
State:\tS (sleeping)
VmSize:\t 400 kB
VmSwap:\t     3 kB
RssAnon:\t      60 kB
RssFile:\t      30 kB
RssShmem:\t      10 kB
VmPeak:\t     500 kB
VmLck:\t       1 kB
VmPin:\t       2 kB
VmHWM:\t     110 kB
VmData:\t      50 kB
VmStk:\t     132 kB
VmExe:\t       8 kB
VmLib:\t      12 kB
VmPTE:\t      72 kB
HugetlbPages:\t    4096 kB
Threads:\t4
"""
ROLLUP = b"""1000-7000 ---p 00000000 00:00 0                          [rollup]
Rss:                 100 kB
Pss:                  77 kB
Pss_Dirty:            50 kB
Private_Clean:        11 kB
Private_Dirty:        42 kB
Swap:                  5 kB
"""
TOLD = {
    "rss_anon_kb": 60,
    "rss_file_kb": 30,
    "rss_shmem_kb": 10,
    "hugetlb_kb": 4096,
    "swap_kb": None,  # VmSwap leaves swapped shared memory out
    "threads": 4,
    "peak_rss_kb": 110,
    "page_tables_kb": 72,
    "locked_kb": 1,
    "peak_vsize_kb": 500,
    "pinned_kb": 2,
    "data_kb": 50,
    "stack_kb": 132,
    "text_kb": 8,
    "library_kb": 12,
}
REST = ("peak_vsize_kb", "pinned_kb", "data_kb", "stack_kb", "text_kb", "library_kb")
MORE = {"pss_kb": 77, "uss_kb": 53, "swap_kb": 5}
UNKNOWN = dict.fromkeys(TOLD)
NO_FILE = (
    "this kernel has neither smaps_rollup (Linux 4.14) nor smaps, "
    "or this is a copy of /proc"
)
FULL = pytest.mark.parametrize("full", [False, True], ids=["short", "full"])
DETAIL = pytest.mark.parametrize("detail", ["totals", "rollup"])


@pytest.fixture
def proc(tree):
    tree.add(7, status=STATUS, smaps_rollup=ROLLUP)
    return tree


# totals, why, status
STATUSES = [
    (TOLD, "all are there", STATUS),
    (UNKNOWN, "an empty file", b""),
    (UNKNOWN | {"threads": 1}, "a kernel thread", b"State:\tS\nThreads:\t1\n"),
    (TOLD | {"swap_kb": None}, "an old kernel", STATUS.replace(b"VmSwap", b"VmOld")),
    (
        TOLD | {"threads": None},
        "no number",
        STATUS.replace(b"Threads:\t4", b"Threads:"),
    ),
    (TOLD, "the first of two", STATUS + b"Threads:\t9\nVmPTE:\t9 kB\n"),
    (TOLD | {"page_tables_kb": None}, "no VmPTE", STATUS.replace(b"VmPTE", b"Vm")),
    (
        TOLD | {"peak_rss_kb": None},
        "the first of two is no number",
        b"VmHWM: x kB\n" + STATUS,
    ),
    (TOLD, "no colon, and a NUL", b"VmPTE\nVmPTE\0: 5\n" + STATUS),
    (TOLD, "65,536 groups", b"Groups:\t" + b"4294967294 " * 2**16 + b"\n" + STATUS),
    (
        TOLD,
        "as long as a buffer",
        b"G:\t" + b"1" * (2**14 - 4 - len(STATUS)) + b"\n" + STATUS,
    ),
    (TOLD, "a longer key", b"RssAnonymous:\t1 kB\nThreads_x: 1\n" + STATUS),
    (TOLD, "cut in the end", STATUS[:-1]),
    (
        TOLD,
        "64 bits",
        STATUS.replace(b"     3 kB", b"%d kB" % (2**64 - 1)),
    ),
    (
        TOLD | {"swap_kb": None},
        "more than 64 bits",
        STATUS.replace(b"     3 kB", b"%d kB" % 2**64),
    ),
]


@cases(STATUSES, why=1)
def test_totals_are_those_of_status(backend, tree, case):
    expected, _, status = case
    tree.add(7, status=status)
    snap = backend.collect(7, "totals", str(tree))
    assert expected == snap.totals
    assert (snap.detail, len(snap)) == ("totals", 0)
    told = b"VmSwap" in status and b"%d kB" % 2**64 not in status
    assert [(n.code, n.text) for n in snap.notes] == [("degraded", NO_SWAP)] * told


# rss and size in pages or None, why, statm
STATMS = [
    (25, 100, "the second and the first number", STATM),
    (0, 0, "a kernel thread", b"0 0 0 0 0 0 0\n"),
    (None, None, "it cannot be read", None),
    (None, None, "empty", b""),
    (None, None, "one number", b"100\n"),
    (None, None, "no numbers", b"a b\n"),
    (None, None, "blanks in front", b" 100 25\n"),
    (None, None, "too large a size", b"%d 25\n" % 2**64),
    (None, None, "too large a size in kB", b"%d 25\n" % (2**64 // PAGE_KB)),
]


@cases(STATMS, why=2)
@DETAIL
def test_sizes_are_those_of_statm(backend, tree, detail, case):
    resident, size, _, statm = case
    tree.add(7, status=STATUS, smaps_rollup=ROLLUP, statm=statm)
    snap = backend.collect(7, detail, str(tree))
    expected = [None if n is None else n * PAGE_KB for n in (resident, size)]
    assert expected == [snap.total_rss_kb, snap.total_vsize_kb]


# pss and uss, why, smaps_rollup, notes
ROLLUPS = [
    (MORE, "both are there", ROLLUP, []),
    (
        {"pss_kb": None, "uss_kb": None},
        "an empty file",
        b"",
        [("degraded", 1, NO_SWAP)],
    ),
    (MORE | {"pss_kb": None}, "no Pss", ROLLUP.replace(b"Pss:", b"Old:"), []),
    (
        MORE | {"uss_kb": None},
        "half of the private",
        ROLLUP.replace(b"Private_Clean", b"Private"),
        [],
    ),
    (
        {"pss_kb": None, "uss_kb": None},
        "no file",
        None,
        [("degraded", 1, f"pss_kb, uss_kb and swap_kb are unknown: {NO_FILE}")],
    ),
]


@cases(ROLLUPS, why=1)
def test_rollup_adds_pss_and_uss(backend, tree, case):
    expected, _, rollup, notes = case
    tree.add(7, status=STATUS, smaps_rollup=rollup)
    snap = backend.collect(7, "rollup", str(tree))
    assert TOLD | expected == snap.totals
    assert [(n.code, n.count, n.text) for n in snap.notes] == notes
    assert (snap.detail, len(snap)) == ("rollup", 0)


def test_bytes_read_are_those_of_the_files(backend, proc):
    totals, rollup = (
        backend.collect(7, detail, str(proc)) for detail in ("totals", "rollup")
    )
    assert len(STATUS) + len(STATM) == totals.bytes_read
    assert len(STATUS) + len(STATM) + len(ROLLUP) == rollup.bytes_read
    assert (totals.longest_read_ns, rollup.longest_read_ns > 0) == (0, True)


@DETAIL
@FULL
def test_json_is_what_orjson_prints(backend, proc, detail, full):
    snap = backend.collect(7, detail, str(proc))
    document = documents.snapshot(snap, [], full=full)
    keys = ["pid", *["name", "started"] * full, "timestamp_ms"]
    hidden = () if full else REST
    totals = [name for name in snap.totals if name not in hidden]
    keys += ["total_rss_kb", "total_vsize_kb", *totals]
    keys += [*["cost_ns", "bytes_read"] * full, *["notes"] * (detail == "totals")]
    assert keys == list(document)
    assert orjson.dumps(document) == snap.to_json(full=full)
    pretty = orjson.dumps(document, option=orjson.OPT_INDENT_2)
    assert pretty == snap.to_json(pretty=True, full=full)


@FULL
def test_json_of_what_is_unknown_is_null_and_noted(backend, tree, full):
    tree.add(7, status=b"", statm=None)
    snap = backend.collect(7, "rollup", str(tree))
    document = orjson.loads(snap.to_json(full=full))
    names = {"total_rss_kb", "total_vsize_kb", *UNKNOWN, *MORE}
    names -= set() if full else {*REST}
    assert dict.fromkeys(names) == {name: document[name] for name in names}
    assert list(document)[-1] == "notes"
    assert orjson.dumps(documents.snapshot(snap, [], full=full)) == snap.to_json(
        full=full
    )


@DETAIL
@FULL
def test_json_of_all_processes_is_what_orjson_prints(backend, proc, detail, full):
    proc.add(9, status=b"", statm=b"0 0 0 0 0 0 0\n")
    proc.add(11, statm=None)
    system = backend.collect_all(detail, skip_kernel=False, jobs=1, proc=str(proc))
    assert [p.pid for p in system.processes] == [7, 9]
    assert [(s.pid, s.reason) for s in system.skipped] == [(11, "error")]
    document = documents.system(system, full=full, rows=lambda _snap: [])
    assert orjson.dumps(document) == system.to_json(full=full)


@DETAIL
def test_skip_kernel_leaves_out_what_has_no_size(backend, proc, detail):
    proc.add(9, status=b"Threads:\t1\n", statm=b"0 0 0 0 0 0 0\n")
    system = backend.collect_all(detail, skip_kernel=True, jobs=1, proc=str(proc))
    assert [p.pid for p in system.processes] == [7]


@DETAIL
def test_process_without_status_is_an_error(backend, tree, detail):
    tree.add(7)
    with pytest.raises(ProcessError, match="status: no such file: an old kernel"):
        backend.collect(7, detail, str(tree))
    with pytest.raises(ProcessGone, match="process 8: no such process"):
        backend.collect(8, detail, str(tree))


def test_names_of_totals_are_those_of_both_backends(backend, proc):
    names = [name for name, _ in fields.TOTALS]
    assert names[9:15] == [*REST] == [*fields.FULL_TOTALS]
    assert names == list(backend.collect(7, "rollup", str(proc)).totals)
    assert names[:15] == list(backend.collect(7, "totals", str(proc)).totals)


@pytest.mark.parametrize("detail", ["maps", "rss", "uss", "smaps"])
def test_details_with_regions_have_no_totals(backend, tree, detail):
    tree.add(7, maps=b"", smaps=b"")
    assert backend.collect(7, detail, str(tree)).totals == {}
