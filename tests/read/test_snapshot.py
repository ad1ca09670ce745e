"""Snapshots of one process and of all, read from made-up trees that look like /proc."""

import time

import orjson
import pytest
from support import documents, oracle
from support.cases import cases
from support.tables import rows
from support.text import header, page, record
from support.trees import PAGE_KB, STATM

import memc
from memc.errors import AccessDenied, MemcError, ProcessError, ProcessGone

ODD = b'/\xff\xfe\\012 "quoted" \\ \x01\x1f\x7f \xc3\xa9 \xf0\x9f\x98\x80 (deleted)'
MAPS = (
    page(1)
    + header(0x5000, 0x8000, "r-xp", ODD)
    + header(0x9000, 0xA000, "rw-s", b"/\t")
)
SMAPS = (
    record(
        0x1000, 0x3000, b"Rss: 8 kB", b"Pss: 5 kB", b"VmFlags: rd wr ", name=b"[heap]"
    )
    + record(0x5000, 0x8000, b"Rss: 4 kB", b"Swap: 0 kB", perm="r-xp", name=ODD)
    + record(
        0x9000, 0xA000, b"Rss: 0 kB", b"Future: 3 kB", b"Name: \xff", b"THPeligible: 1"
    )
)
FULL = pytest.mark.parametrize("full", [False, True], ids=["short", "full"])
DETAIL = pytest.mark.parametrize("detail", ["maps", "smaps"])


@pytest.fixture
def proc(tree):
    tree.add(7, maps=MAPS, smaps=SMAPS, comm=b"odd \xff\n")
    return tree


@pytest.fixture(params=["native", "pure"])
def api(request, monkeypatch):
    """Give the package with one backend chosen."""
    monkeypatch.setenv("MEMC_BACKEND", request.param)
    return memc


@DETAIL
def test_snapshot_has_the_regions_of_the_file(api, proc, detail):
    expected, _ = oracle.read(MAPS if detail == "maps" else SMAPS)
    snap = api.snapshot(7, detail=detail, proc=str(proc))
    assert expected == rows(snap)
    assert (7, detail, 3, ()) == (snap.pid, snap.detail, snap.region_count, snap.notes)
    assert isinstance(snap, memc.Snapshot)


def test_maps_is_the_default_detail(api, proc):
    assert api.snapshot(7, proc=str(proc)).detail == "maps"


# total_rss_kb, why, detail, files
TOTALS = [
    (12, "the sum of the regions", "smaps", {"smaps": SMAPS}),
    (25 * PAGE_KB, "statm", "maps", {"maps": MAPS}),
    (25 * PAGE_KB, "one region does not tell", "smaps", {"smaps": SMAPS + page(20)}),
    (25 * PAGE_KB, "no region to sum", "smaps", {"smaps": b""}),
    (0, "statm of a kernel thread", "maps", {"maps": b"", "statm": b"0 0 0 0 0 0 0\n"}),
    (None, "no statm", "maps", {"maps": MAPS, "statm": None}),
    (None, "statm is empty", "maps", {"maps": MAPS, "statm": b""}),
    (None, "statm is no numbers", "maps", {"maps": MAPS, "statm": b"a b c\n"}),
    (None, "statm has one number", "maps", {"maps": MAPS, "statm": b"100\n"}),
    (12, "statm is not needed", "smaps", {"smaps": SMAPS, "statm": None}),
]


@cases(TOTALS, why=1)
def test_total_rss_is_measured_or_unknown_never_zero_for_unknown(backend, tree, case):
    expected, _, detail, files = case
    tree.add(7, **files)
    snap = backend.collect(7, detail, str(tree))
    assert expected == snap.total_rss_kb
    assert expected == orjson.loads(snap.to_json())["total_rss_kb"]


@DETAIL
def test_total_vsize_is_the_sum_over_the_regions(backend, proc, detail):
    snap = backend.collect(7, detail, str(proc))
    assert sum(region.size_kb for region in snap) == snap.total_vsize_kb


def test_bytes_read_are_those_of_the_files(backend, proc):
    snap = backend.collect(7, "maps", str(proc))
    assert len(MAPS) + len(STATM) == snap.bytes_read


def test_timestamp_is_now_and_cost_is_counted(backend, proc):
    before = time.time_ns() // 1_000_000
    snap = backend.collect(7, "smaps", str(proc))
    assert before <= snap.timestamp_ms <= time.time_ns() // 1_000_000
    assert snap.cost_ns > 0


@DETAIL
@FULL
def test_json_is_what_orjson_prints(backend, proc, detail, full):
    snap = backend.collect(7, detail, str(proc))
    document = documents.snapshot(snap, rows(snap), full=full)
    assert orjson.dumps(document) == snap.to_json(full=full)
    pretty = orjson.dumps(document, option=orjson.OPT_INDENT_2)
    assert pretty == snap.to_json(pretty=True, full=full)


@FULL
@pytest.mark.parametrize("pretty", [False, True])
def test_json_of_no_region_at_all(backend, tree, full, pretty):
    tree.add(7, maps=b"")
    snap = backend.collect(7, "maps", str(tree))
    option = orjson.OPT_INDENT_2 if pretty else None
    expected = orjson.dumps(documents.snapshot(snap, [], full=full), option=option)
    assert expected == snap.to_json(pretty=pretty, full=full)


def test_json_of_a_torn_snapshot_ends_with_its_notes(backend, tree):
    tree.add(7, maps=page(2) + page(1) + b"zzz\n")
    snap = backend.collect(7, "maps", str(tree))
    document = orjson.loads(snap.to_json())
    assert list(document)[-2:] == ["regions", "notes"]
    assert [note["code"] for note in document["notes"]] == ["torn", "bad_line"]
    assert list(document["notes"][0]) == ["code", "count", "text"]
    assert orjson.dumps(documents.snapshot(snap, rows(snap))) == snap.to_json()


def test_large_json_is_whole(backend, tree):
    """More than one chunk of the writer, with names of many lengths."""
    text = b"".join(
        header(i * 4096, (i + 1) * 4096, name=b"/" + b"\xff\x01x" * (i % 300))
        for i in range(1500)
    )
    tree.add(7, maps=text)
    snap = backend.collect(7, "maps", str(tree))
    document = documents.snapshot(snap, rows(snap))
    assert orjson.dumps(document) == snap.to_json()


def test_json_without_orjson_is_the_same(proc, backend, monkeypatch):
    from memc.table import document, json_text

    plain = documents.snapshot(
        snap := backend.collect(7, "smaps", str(proc)), rows(snap)
    )
    expected = [document.dumps(plain, pretty=pretty) for pretty in (False, True)]
    monkeypatch.setattr(json_text, "ORJSON", None)
    assert expected == [
        document.dumps(plain, pretty=pretty) for pretty in (False, True)
    ]


# error, message, why, pid, detail
REFUSED = [
    (TypeError, "pid", "no number", "7", "maps"),
    (TypeError, "pid", "a float", 7.0, "maps"),
    (TypeError, "pid", "None", None, "maps"),
    (ValueError, "pid", "0", 0, "maps"),
    (ValueError, "pid", "negative", -7, "maps"),
    (ValueError, "'smaps'", "an unknown detail names the choices", 7, "all"),
    (ValueError, "detail", "a detail of a later issue", 7, "everything"),
    (ProcessGone, "no such process", "nobody has it", 8, "maps"),
    (ProcessGone, "no such process", "over any pid", 2**31, "maps"),
    (ProcessGone, "no such process", "over 64 bits", 10**20, "maps"),
    (ProcessError, "smaps: no such file: an old kernel", "no smaps", 9, "smaps"),
    (ProcessError, "maps: Is a directory", "read fails", 10, "maps"),
    (ProcessError, "maps: Too many levels of symbolic links", "open fails", 11, "maps"),
]


@cases(REFUSED, why=2)
def test_bad_argument_or_process_raises(api, proc, case):
    error, message, _, pid, detail = case
    proc.add(9, maps=MAPS)
    (proc.add(10) / "maps").mkdir()
    (proc.add(11) / "maps").symlink_to("maps")
    with pytest.raises(error, match=message) as caught:
        api.snapshot(pid, detail=detail, proc=str(proc))
    if isinstance(caught.value, ProcessError):
        assert pid == caught.value.pid
        assert str(caught.value).startswith(f"process {pid}: ")


@pytest.mark.parametrize("name", ["nowhere", "file"])
@pytest.mark.parametrize("call", ["snapshot", "snapshot_all"])
def test_proc_that_is_no_tree_is_an_error_of_its_own(api, tmp_path, name, call):
    (tmp_path / "file").write_bytes(b"")
    proc = str(tmp_path / name)
    arguments = (7,) if call == "snapshot" else ()
    with pytest.raises(MemcError, match="not a proc file system, or a copy") as caught:
        getattr(api, call)(*arguments, proc=proc)
    assert type(caught.value) is MemcError
    assert str(caught.value).startswith(f"{proc}: ")


def test_errors_are_also_those_of_the_system():
    assert issubclass(ProcessGone, ProcessLookupError)
    assert issubclass(AccessDenied, PermissionError)
    assert issubclass(ProcessError, MemcError)


@pytest.mark.parametrize("kind", ["maps", "smaps"])
@pytest.mark.parametrize("name", ["fast", "fallback"])
def test_fast_and_fallback_read_a_process_and_a_text(proc, name, kind):
    module = getattr(memc, name)
    data = MAPS if kind == "maps" else SMAPS
    expected, _ = oracle.read(data)
    live = getattr(module, f"parse_{kind}")(7, proc=str(proc))
    text = getattr(module, f"parse_{kind}_text")(data)
    assert expected == rows(live) == rows(text)
    assert () == live.notes == text.notes


@pytest.mark.parametrize("name", ["fast", "fallback"])
def test_text_is_read_strictly_unless_told(name):
    module = getattr(memc, name)
    with pytest.raises(memc.FormatError):
        module.parse_maps_text(b"zzz\n" + page(1))
    assert len(module.parse_maps_text(b"zzz\n" + page(1), strict=False)) == 1
    assert len(module.parse_smaps_text(b"zzz\n" + page(1), strict=False)) == 1
