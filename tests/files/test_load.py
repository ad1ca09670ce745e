"""Files in: what was written, printed or copied is read back as it was."""

import json
import os
import pickle
import shutil

import pytest
from hypothesis import given, settings
from support import arrow, documents, grammar
from support.cases import cases
from support.tables import notes, rows
from support.text import header, record

import memc
from memc.errors import FormatError, MemcError
from memc.table.region import Note
from memc.table.snapshot import Reading, Snapshot

ODD = b"/odd \xff name"
MAPS = header(0x1000, 0x3000, name=b"/a") + header(0x3000, 0x4000, "r-xs", ODD, 7)
SMAPS = record(
    0x1000, 0x3000, b"Rss: 4 kB", b"Pss: 2 kB", b"New: 1", b"VmFlags: rd wr", name=ODD
) + record(0x4000, 0x5000, b"Rss: 0 kB", b"VmFlags: ")


@pytest.fixture(autouse=True)
def chosen(request, monkeypatch):
    """Let ``memc.load`` read through the backend that the test has."""
    if "backend" in request.fixturenames:
        monkeypatch.setenv("MEMC_BACKEND", request.getfixturevalue("backend").name)


@pytest.fixture
def save(tmp_path):
    """Give a function that writes a file whose name says nothing."""

    def write(*documents, end=b"\n"):
        path = tmp_path / "file"
        path.write_bytes(b"".join(document + end for document in documents))
        return path

    return write


def seen(snap):
    """Everything that a document tells of a snapshot."""
    told = [snap.pid, snap.timestamp_ms, snap.total_rss_kb, snap.total_vsize_kb]
    told += [snap.detail, snap.totals, snap.cost_ns, snap.bytes_read]
    return told, list(snap.columns), rows(snap), notes(snap)


# ---- JSON ----------------------------------------------------------------------------


@pytest.fixture
def take(backend, tree):
    """Give a function that takes a snapshot of a made-up process."""
    status = b"Threads:\t3\nRssAnon:\t8 kB\n"
    rollup = record(0, 0x1000, b"Rss: 4 kB", b"Pss: 3 kB", b"Private_Dirty: 2 kB")
    tree.add(7, maps=MAPS, smaps=SMAPS, status=status, smaps_rollup=rollup)
    return lambda detail, **more: backend.collect(7, detail, str(tree), **more)


@pytest.mark.parametrize("pretty", [False, True], ids=["compact", "pretty"])
@pytest.mark.parametrize(
    "detail", ["maps", "smaps", "rss", "uss", "pss", "totals", "rollup"]
)
def test_full_document_is_read_back_as_it_was(take, save, detail, pretty):
    snap = take(detail)
    loaded = memc.load(save(snap.to_json(pretty=pretty, full=True)))
    assert seen(snap) == seen(loaded)
    assert snap.to_json(full=True) == loaded.to_json(full=True)
    assert snap.to_json() == loaded.to_json()


def test_plain_document_has_the_columns_it_shows(take, save):
    snap = take("smaps")
    loaded = memc.load(save(snap.to_json()))
    assert snap.to_json() == loaded.to_json()
    assert (loaded.cost_ns, loaded.bytes_read) == (None, None)
    shown = ["start", "end", "perm", "pathname", "type", "size_kb", "rss_kb", "pss_kb"]
    assert [*shown, "vm_flags"] == list(loaded.columns)
    assert [(r.offset, r.inode) for r in loaded] == [(None, None)] * 2
    assert [r.vm_flags for r in loaded] == [("rd", "wr"), ()]
    assert [region.pathname for region in snap] == [
        region.pathname for region in loaded
    ]


def test_system_document_is_read_back_as_it_was(backend, tree, save):
    tree.add(1, smaps=SMAPS, comm=b"one\n")
    tree.add(2, smaps=b"")
    tree.add(30)
    system = backend.collect_all("smaps", skip_kernel=False, jobs=1, proc=str(tree))
    loaded = memc.load(save(system.to_json(pretty=True, full=True)))
    assert system.to_json(full=True) == loaded.to_json(full=True)
    assert [(p.pid, p.name, p.uid, p.cgroup) for p in loaded.processes] == [
        (1, "one", None, None),
        (2, "made-up", None, None),
    ]
    assert (system.timestamp_ms, "error") == (
        loaded.timestamp_ms,
        loaded.skipped[0].reason,
    )


def shown(row):
    """Give a region as a document can tell it: of texts, only pathname is exact."""
    found = {}
    for name, value in row.items():
        if isinstance(value, tuple):
            found[name] = tuple(map(documents.shown, value))
        elif isinstance(value, str) and name != "pathname":
            found[name] = documents.shown(value)
        else:
            found[name] = value
    return found


@given(text=grammar.smaps())
@settings(max_examples=60)
def test_full_document_of_any_text_is_read_back(backends, tmp_path_factory, text):
    path = tmp_path_factory.getbasetemp() / "any"
    for backend in backends:
        table = backend.parse_text(text, "smaps", strict=False)
        snap = Snapshot(table, Reading(1, "smaps" if len(table) else "maps", 2))
        path.write_bytes(snap.to_json(full=True))
        loaded = memc.load(path)
        assert snap.to_json(full=True) == loaded.to_json(full=True)
        assert list(map(shown, rows(snap))) == rows(loaded)
        assert notes(snap) == notes(loaded)


@cases(
    [
        ("a line each", False, b"\n"),
        ("pretty", True, b"\n"),
        ("pretty, with blank lines", True, b"\n\n"),
        ("with CR LF", False, b"\r\n"),
    ],
    why=0,
)
def test_stream_is_a_list(take, save, case):
    _, pretty, end = case
    snaps = [take("maps"), take("totals"), take("smaps")]
    path = save(*(snap.to_json(pretty=pretty, full=True) for snap in snaps), end=end)
    assert [seen(snap) for snap in snaps] == [seen(snap) for snap in memc.load(path)]


def test_notes_are_read_back(take, save):
    snap = take("maps", late=2)
    loaded = memc.load(save(snap.to_json()))
    assert (Note("late", 2, snap.notes[0].text),) == loaded.notes


def test_loaded_snapshot_is_an_arrow_stream_too(take, save):
    snap = take("smaps")
    loaded = memc.load(save(snap.to_json(full=True)))
    assert arrow.read(snap) == arrow.read(loaded)


# ---- Text ----------------------------------------------------------------------------


@cases([("maps", MAPS, None), ("smaps", SMAPS, 4), ("maps", MAPS[:-1], None)], why=0)
def test_text_is_a_snapshot_of_nobody_at_no_time(backend, save, case):
    detail, text, rss = case
    loaded = memc.load(save(text, end=b""))
    table = backend.parse_text(text, detail, strict=True)
    assert (list(table.columns), rows(table)) == (list(loaded.columns), rows(loaded))
    assert [loaded.pid, loaded.timestamp_ms, loaded.cost_ns, loaded.bytes_read] == [
        None
    ] * 4
    assert (detail, rss) == (loaded.detail, loaded.total_rss_kb)
    assert json.loads(loaded.to_json())["pid"] is None
    again = memc.load(save(loaded.to_json(full=True)))
    assert seen(loaded) == seen(again)


def test_path_may_be_a_string_or_bytes_of_any_name(tmp_path):
    path = tmp_path / "maps.json"
    path.write_bytes(MAPS)
    assert len(memc.load(str(path))) == len(memc.load(path)) == 2


# ---- Directories ---------------------------------------------------------------------


def test_copy_of_proc_is_a_system(backend, tree):
    tree.add(1, smaps=SMAPS, status=b"Uid:\t5\t6\t7\t8\n", cgroup=b"0::/x\n")
    tree.add(2, maps=MAPS, comm=b"old\n")
    tree.add(3)
    (tree.path / "meminfo").write_bytes(b"MemTotal: 1 kB\n")
    loaded = memc.load(str(tree))
    assert loaded.timestamp_ms is None
    found = [
        (p.pid, p.name, p.uid, p.cgroup, p.snapshot.detail) for p in loaded.processes
    ]
    assert found == [(1, "made-up", 6, "/x", "smaps"), (2, "old", None, None, "maps")]
    assert [skip.pid for skip in loaded.skipped] == [3]
    assert [p.snapshot.timestamp_ms for p in loaded.processes] == [None, None]
    table = backend.parse_text(SMAPS, "smaps", strict=True)
    assert rows(table) == rows(loaded.processes[0].snapshot)


@pytest.mark.usefixtures("backend")
def test_user_and_group_of_a_process_without_smaps_are_kept(tree):
    for pid, files in {1: {"smaps": SMAPS}, 2: {"maps": MAPS}}.items():
        more = {"status": b"Uid:\t0\t7\t0\t0\n", "cgroup": b"4:memory:/docker/fbb1\n"}
        tree.add(pid, **files, **more)
    loaded = memc.load(str(tree))
    found = [(p.pid, p.uid, p.cgroup, p.snapshot.detail) for p in loaded.processes]
    assert found == [(1, 7, "/docker/fbb1", "smaps"), (2, 7, "/docker/fbb1", "maps")]


@cases(
    [
        ("smaps before maps", {"maps": MAPS, "smaps": SMAPS}, "smaps"),
        ("maps alone", {"maps": MAPS}, "maps"),
    ],
    why=0,
)
def test_copy_of_one_process_is_a_snapshot(backend, tree, case):
    _, files, detail = case
    folder = tree.add(12, **files)
    table = backend.parse_text(files[detail], detail, strict=True)
    for path, pid in ((folder, 12), (f"{folder}/", 12), (tree.path / "bug", None)):
        if pid is None:
            shutil.copytree(folder, path)
        loaded = memc.load(path)
        assert (pid, detail, rows(table)) == (loaded.pid, loaded.detail, rows(loaded))


def test_directory_without_any_of_the_files_says_what_it_looked_for(tmp_path):
    with pytest.raises(MemcError, match="expected maps or smaps, or numbered"):
        memc.load(tmp_path)


def test_bad_line_in_a_directory_names_the_file(tree):
    folder = tree.add(12, maps=MAPS + b"junk\n")
    with pytest.raises(
        FormatError, match=f"^{folder}/maps: expected .* at line 3, col"
    ):
        memc.load(folder, strict=True)
    assert [note.code for note in memc.load(folder).notes] == ["bad_line"]


# ---- Errors --------------------------------------------------------------------------

SNAP = {
    "pid": 1,
    "timestamp_ms": 2,
    "total_rss_kb": 3,
    "total_vsize_kb": 8,
    "region_count": 1,
}
REGION = {
    "start": "0x1000",
    "end": "0x3000",
    "type": "heap",
    "perm": "rw-p",
    "size_kb": 8,
}


def document(regions=(REGION,), **changes):
    whole = SNAP | {"regions": regions} | changes
    return json.dumps({k: v for k, v in whole.items() if v is not ...}).encode()


def region(**changes):
    return document([{k: v for k, v in (REGION | changes).items() if v is not ...}])


def in_system(text):
    process = b'{"pid": 1, "name": "x", "snapshot": %b}' % text
    return (
        b'{"timestamp_ms": 1, "process_count": 1, "processes": [%b], "skipped": 0,'
        b' "skipped_processes": []}' % process
    )


# what is wrong, the file, what the error says is expected, line, column
BAD = [
    ("nothing at all", b"", "JSON of memc, or text of maps or smaps", 1, 1),
    ("blank", b" \n\n", "JSON of memc, or text of maps or smaps", 1, 1),
    ("a bad line of text", MAPS + b"1000-x\n", "end address", 3, 6),
    ("other JSON", b'{"a": 1}', "a document of memc", 1, 1),
    ("a list", b"\n\n[1]", "a document of memc", 3, 1),
    ("cut JSON", document()[:-5], "JSON", 1, len(document()) - 4),
    ("JSON cut on line 2", b'{\n"pid": 1', "JSON", 2, 9),
    ("cut in a stream", document() + b"\n" + document()[:30], "JSON", 2, 31),
    ("cut pretty stream", b'{\n"pid": 1\n}\n{\n"x"', "the key", 1, 1),
    ("no timestamp", document(timestamp_ms=...), 'the key "timestamp_ms"', 1, 1),
    ("pid is text", document(pid="1"), "a number from 0 to 2147483647 as pid", 1, 1),
    ("pid is true", document(pid=True), "a number from 0 to 2147483647 as pid", 1, 1),
    ("regions", document(regions=3), "a list as regions, in the document", 1, 1),
    ("a region", document([3]), "an object as regions[0], in", 1, 1),
    (
        "wrong count",
        document(region_count=2),
        "1, as it has regions, as region_c",
        1,
        1,
    ),
    ("no start", region(start=...), 'an address such as "0x7f0000001000" as reg', 1, 1),
    ("start", region(start=4096), "as regions[0].start, in the document", 1, 1),
    ("start", region(start="4096"), "as regions[0].start, in the document", 1, 1),
    ("start", region(start="0x"), "as regions[0].start, in the document", 1, 1),
    ("start", region(start="0x" + "f" * 17), "as regions[0].start, in the d", 1, 1),
    ("order", region(end="0x10"), "a region behind the one before as regions[0]", 1, 1),
    ("order", document([REGION] * 2, region_count=2), "before as regions[1]", 1, 1),
    ("perm", region(perm="rwx"), 'permissions such as "rw-p" as regions[0].perm', 1, 1),
    ("type", region(type="rope"), "a type of region as regions[0].type", 1, 1),
    ("size", region(size_kb=None), "a number from 0 to 18446744073709551615", 1, 1),
    ("rss", region(rss_kb=-1), "as regions[0].rss_kb, in the document", 1, 1),
    ("rss", region(rss_kb=1.5), "as regions[0].rss_kb, in the document", 1, 1),
    ("rss", region(rss_kb=True), "as regions[0].rss_kb, in the document", 1, 1),
    ("unknown", region(new_kb=2**64 - 1, x=[1]), "as regions[0].x, in", 1, 1),
    ("name", region(pathname=7), "a string as regions[0].pathname", 1, 1),
    ("hex", region(pathname="x", pathname_hex="xyz"), "bytes in hex as reg", 1, 1),
    ("flags", region(vm_flags="rd wr"), "a list as regions[0].vm_flags", 1, 1),
    ("flags", region(vm_flags=[1]), "a string as regions[0].vm_flags", 1, 1),
    ("dev", region(dev_major=2**32), "a number from 0 to 4294967295 as", 1, 1),
    ("notes", document(notes=[{"code": "torn"}]), 'the key "text" as notes[0]', 1, 1),
    (
        "in a process",
        in_system(region(perm=3)),
        " as processes[0].snapshot.regions[0].perm, in the document",
        1,
        1,
    ),
    (
        "in the second document",
        document() + b"\n" + region(perm=3),
        " as regions[0].perm, in the document",
        2,
        1,
    ),
]


@cases(BAD, why=0)
def test_bad_file_says_what_was_expected_where(save, case):
    _, data, what, line, column = case
    path = save(data, end=b"")
    with pytest.raises(FormatError) as caught:
        memc.load(path, strict=True)
    error = caught.value
    assert what in error.what
    assert (line, column, str(path)) == (error.line, error.column, error.path)
    assert (
        str(error) == f"{path}: expected {error.what} at line {line}, column {column}"
    )


def test_error_with_a_path_travels_between_processes():
    error = FormatError("x", 1, 2, "/file")
    again = pickle.loads(pickle.dumps(error))
    assert (str(error), error.path) == (str(again), again.path)


def test_file_that_is_not_there_is_an_os_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        memc.load(tmp_path / "none")


def test_this_process_is_read_as_a_directory():
    loaded = memc.load(f"/proc/{os.getpid()}")
    assert (os.getpid(), "smaps") == (loaded.pid, loaded.detail)
    assert loaded.total_rss_kb > 0


# why, the key, a value that Python may take for a number or for hex
ODD_VALUES = [
    *((f"start {text!r}", "start", text) for text in (
        "0x1_000", "0x 1000", " 0x1000", "0x1000 ", "0x+1000", "0x-1", "-0x1", "0x",
        "1000", "0x\uff11000", "0x11111111111111111", "0x0x1", 4096, True, None,
    )),
    *((f"size {value!r}", "size_kb", value) for value in (True, 1e3, -1, 2**64, "4")),
    *((f"hex {text!r}", "pathname_hex", text) for text in ("2f 61", " 2f", "2", "", 1)),
]  # fmt: skip


@cases(ODD_VALUES, why=0)
def test_value_is_what_memc_writes_or_an_error(save, case):
    region = {"start": "0x1000", "end": "0x2000", "type": "anonymous", "perm": "rw-p"}
    region |= {"size_kb": 4, case[1]: case[2]}
    document = {"pid": 1, "timestamp_ms": 2, "total_rss_kb": 3, "total_vsize_kb": 4}
    document |= {"region_count": 1, "regions": [region]}
    with pytest.raises(FormatError):
        memc.load(save(json.dumps(document).encode()))
