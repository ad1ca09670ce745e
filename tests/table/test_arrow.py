"""Columns out: the Arrow streams of tables, snapshots and system snapshots.

Read by a consumer that keeps to the specification and no library; what libraries make
of them is in tests/arrow, which has its own requirements.
"""

import gc
import os
import sys
import threading
from pathlib import Path

import pytest
from support import arrow
from support.text import header, record
from support.trees import PAGE_KB

import memc
from memc.errors import MemcError
from memc.ffi._memc import ffi
from memc.table.fields import CORE, TYPES

ODD = b"/odd \xff name"
TEXT = (
    record(0x1000, 0x3000, b"Rss: 4 kB", b"VmFlags: rd wr ", name=b"/a")
    + record(0x3000, 0x4000, b"Rss: 0 kB", b"New: 7", perm="r-xs", name=b"/a")
    + record(
        0x5000, 0x6000, b"Pss: 1 kB", b"VmFlags: ", name="/b \N{BLACK STAR}".encode()
    )
    + record(2**64 - 0x800000, 2**64 - 0x7FF000, perm="--xp", name=b"[vsyscall]")
)


@pytest.fixture
def native(backends):
    return backends[0]


def plain(value):
    """Give a value as Arrow shows it."""
    if isinstance(value, tuple):
        value = " ".join(value)
    if isinstance(value, str):
        return os.fsencode(value).decode("utf-8", "replace")
    return value


def shown(table):
    return {name: list(map(plain, column)) for name, column in table.columns.items()}


@pytest.fixture
def table(backend):
    return backend.parse_text(TEXT, "smaps", strict=True)


def test_every_value_of_a_table_arrives(table):
    fields, batches = arrow.read(table)
    assert [shown(table)] == batches
    assert list(table.columns) == [name for name, _, _ in fields]
    assert batches[0]["start"][3:] == [2**64 - 0x800000]
    assert batches[0]["rss_kb"] == [4, 0, None, None]
    assert batches[0]["vm_flags"] == ["rd wr", None, "", None]
    assert batches[0]["perm"][1:2] == ["r-xs"]


def test_schema_says_what_each_column_is(table):
    forms = {name: (form, text) for name, form, text in arrow.schema(table)}
    assert {
        **dict.fromkeys(["start", "end", "offset", "inode", "size_kb"], (b"L", False)),
        **dict.fromkeys(["dev_major", "dev_minor"], (b"I", False)),
        **dict.fromkeys(["perm", "type"], (b"C", True)),
        "pathname": (b"I", True),
    } == {name: forms[name] for name in CORE}
    assert (forms["new"], forms["vm_flags"]) == ((b"L", False), (b"I", True))


def test_path_that_is_not_utf8_is_replaced_and_kept_in_hex(backend):
    names = [b"/a", ODD, b"", b"/odd \xfe name", b"\xed\xa0\x80"]
    text = b"".join(
        header(i * 4096, (i + 1) * 4096, name=name) for i, name in enumerate(names)
    )
    table = backend.parse_text(text, "maps", strict=True)
    _, [found] = arrow.read(table)
    assert [name.decode("utf-8", "replace") for name in names] == found["pathname"]
    assert [None, ODD.hex(), None, names[3].hex(), names[4].hex()] == found[
        "pathname_hex"
    ]
    order = list(found)
    assert order.index("pathname_hex") == order.index("pathname") + 1


def test_table_without_rows_has_a_schema_and_no_array(backend):
    table = backend.parse_text(b"", "smaps", strict=True)
    fields, batches = arrow.read(table)
    assert ([*CORE], []) == ([name for name, _, _ in fields], batches)


def test_every_type_and_permission_has_its_name(backend):
    perms = [f"{r}{w}{x}{s}" for r in "r-" for w in "w-" for x in "x-" for s in "sp-"]
    text = b"".join(
        header(i * 4096, (i + 1) * 4096, perm) for i, perm in enumerate(perms)
    )
    table = backend.parse_text(text, "maps", strict=True)
    assert perms == arrow.read(table)[1][0]["perm"]
    stream = arrow.open_stream(table)
    [array] = arrow.arrays(stream)
    where = CORE.index("type")
    words = arrow.texts(array.children[where].contents.dictionary.contents)
    assert list(TYPES) == words
    arrow.release(array)
    arrow.release(stream)


# ---- All processes -------------------------------------------------------------------


@pytest.fixture
def system(backend, tree):
    status = b"Name:\tx\nUid:\t1000\t1001\t1001\t1001\n"
    cgroup = b"4:cpu,memory:/docker/fbb1\n1:name=systemd:/\n0::/\n"
    tree.add(1, smaps=TEXT, comm=b"one\n", status=status, cgroup=cgroup)
    tree.add(2, smaps=b"", comm=b"thread\n")
    name = record(0x1000, 0x2000, b"Name: [stack]", name=ODD)
    tree.add(30, smaps=name, comm=b"\xff\n", cgroup=b"0::/user.slice\n")
    return backend.collect_all(
        "smaps", skip_kernel=False, jobs=2, proc=str(tree), cgroups=True
    )


def test_processes_of_a_system_are_arrays_of_one_schema(system):
    fields, batches = arrow.read(system)
    names = [name for name, _, _ in fields]
    assert names[:4] == ["pid", "name", "uid", "cgroup"]
    assert [len(batch["pid"]) for batch in batches] == [4, 1]
    assert names.index("pathname_hex") == names.index("pathname") + 1
    assert names[-1] == "region_name"
    one, other = batches
    assert (one["pid"], other["pid"]) == ([1] * 4, [30])
    assert (one["name"], other["name"]) == (["one"] * 4, ["\N{REPLACEMENT CHARACTER}"])
    assert (one["uid"], other["uid"]) == ([1001] * 4, [None])
    assert (one["cgroup"], other["cgroup"]) == (["/docker/fbb1"] * 4, ["/user.slice"])


def test_column_that_a_process_lacks_is_null(system):
    _, (one, other) = arrow.read(system)
    expected = shown(system.processes[0].snapshot)
    assert expected == {name: one[name] for name in expected}
    assert (one["region_name"], other["rss_kb"]) == ([None] * 4, [None])
    assert (["[stack]"], [ODD.hex()]) == (other["region_name"], other["pathname_hex"])
    assert (other["vm_flags"], other["new"]) == ([None], [None])


def test_all_arrays_of_a_system_have_the_same_dictionaries(system):
    stream = arrow.open_stream(system)
    found = list(arrow.arrays(stream))
    words = [
        [
            arrow.texts(array.children[i].contents.dictionary.contents)
            for i in range(array.n_children)
            if array.children[i].contents.dictionary
        ]
        for array in found
    ]
    assert words[0] == words[1]
    for node in (*found, stream):
        arrow.release(node)


def test_cgroups_are_read_only_when_asked_for(backend, tree):
    tree.add(1, maps=header(0x1000, 0x2000), cgroup=b"0::/x\n")
    system = backend.collect_all("maps", skip_kernel=False, jobs=1, proc=str(tree))
    assert system.processes[0].cgroup is None
    assert arrow.read(system)[1][0]["cgroup"] == [None]


def test_both_backends_give_the_same_streams(backends, tree):
    tree.add(1, smaps=TEXT + record(2**64 - 0x1000, 2**64 - 1, name=ODD))
    tree.add(2, smaps=TEXT, status=b"Uid:\t7\t8\n")
    made = [
        b.collect_all("smaps", skip_kernel=False, jobs=1, proc=str(tree), cgroups=True)
        for b in backends
    ]
    assert arrow.read(made[0]) == arrow.read(made[1])


# ---- Memory --------------------------------------------------------------------------


def address(view):
    """Give where a view lies; None for no view."""
    return view and int(ffi.cast("uintptr_t", ffi.from_buffer(view)))


def integers(table):
    """Name the columns whose stored values are what Arrow shows."""
    return [name for name, c in table.columns.items() if c.values.format != "I"] + [
        "dev_major",
        "dev_minor",
    ]


def test_integers_of_a_table_are_not_copied(native):
    table = native.parse_text(TEXT, "smaps", strict=True)
    [found] = arrow.addresses(table)
    for name in integers(table):
        column = table.columns[name]
        assert (address(column.values), address(column.valid)) == found[name]
        assert found[name][0] % 64 == 0


def test_integers_of_a_system_are_not_copied(native, tree):
    for pid in range(1, 9):
        tree.add(pid, smaps=TEXT * (pid % 2))
    system = native.collect_all("smaps", skip_kernel=False, jobs=2, proc=str(tree))
    tables = [p.snapshot for p in system.processes if len(p.snapshot)]
    for table, found in zip(tables, arrow.addresses(system), strict=True):
        for name in integers(table):
            assert address(table.columns[name].values) == found[name][0]


def churn():
    gc.collect()
    junk = [bytearray(b"\xaa" * size) for size in (64, 512, 4096, 65536) * 50]
    assert junk
    gc.collect()


def test_stream_outlives_the_table(backend, tree):
    tree.add(1, smaps=TEXT)
    expected = shown(backend.parse_text(TEXT, "smaps", strict=True))
    stream = arrow.open_stream(backend.collect(1, "smaps", str(tree)))
    churn()
    [array] = arrow.arrays(stream)
    fields = arrow.stream_schema(stream)
    arrow.release(stream)
    churn()
    for i, (name, form, _) in enumerate(fields):
        assert expected[name] == arrow.values(array.children[i].contents, form)
    arrow.release(array)


def test_child_that_was_moved_out_outlives_its_array(table):
    expected = list(map(plain, table.columns["pathname"]))
    stream = arrow.open_stream(table)
    [array] = arrow.arrays(stream)
    child = arrow.move(array.children[CORE.index("pathname")].contents)
    arrow.release(array)
    arrow.release(stream)
    del table
    churn()
    assert expected == arrow.values(child, b"I")
    arrow.release(child)


def test_processes_outlive_the_system_in_a_stream(system):
    expected = arrow.read(system)[1]
    stream = arrow.open_stream(system)
    del system
    churn()
    fields = arrow.stream_schema(stream)
    for batch, array in zip(expected, arrow.arrays(stream), strict=True):
        for i, (name, form, _) in enumerate(fields):
            assert batch[name] == arrow.values(array.children[i].contents, form)
        arrow.release(array)
    arrow.release(stream)


def test_stream_is_released_by_another_thread(table):
    stream = arrow.open_stream(table)
    found = [*arrow.arrays(stream), stream]
    del table
    thread = threading.Thread(target=lambda: [arrow.release(node) for node in found])
    thread.start()
    thread.join()
    assert not any(node.release for node in found)


def resident_kb():
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE_KB


def test_capsules_that_nobody_takes_leave_nothing_behind(backend):
    """A stream and a schema of 600 KiB each, 150 times, and half-read ones."""
    text = b"".join(header(i * 4096, (i + 1) * 4096) for i in range(8000))
    grown = []
    for _ in range(3):
        table = backend.parse_text(text, "maps", strict=True)
        before = resident_kb()
        for _ in range(50 if backend.name == "native" else 10):
            assert table.__arrow_c_stream__()
            assert table.__arrow_c_schema__()
            stream = arrow.open_stream(table)
            arrow.release(next(arrow.arrays(stream)))
            arrow.release(stream)
        grown.append(resident_kb() - before)
    assert min(grown) < 4096


def test_requested_schema_is_not_needed_to_be_met(table):
    assert table.__arrow_c_stream__(requested_schema=table.__arrow_c_schema__())


def test_without_the_core_the_error_says_what_is_missing(backends, monkeypatch):
    table = backends[1].parse_text(TEXT, "smaps", strict=True)
    monkeypatch.setitem(sys.modules, "memc.ffi.capsules", None)
    monkeypatch.delattr(memc.ffi, "capsules")
    with pytest.raises(MemcError, match="Arrow streams need the C core of memc"):
        table.__arrow_c_stream__()


# ---- Totals --------------------------------------------------------------------------

STATUS = b"Name:\ta\nUid:\t7\t7\t7\t7\nVmSwap:\t%d kB\nThreads:\t3\n"
WHOSE = ["pid", "name", "uid", "cgroup", "started", "cmdline"]
SUMS = ["total_rss_kb", "total_vsize_kb"]


def whole(snap):
    """Give what a row tells of a snapshot of totals."""
    return {name: getattr(snap, name) for name in SUMS} | snap.totals


@pytest.fixture
def many(tree):
    tree.add(3, status=STATUS % 8, statm=b"100 25 0 0 0 0 0\n")
    tree.add(4, status=STATUS % 0, statm=None)
    tree.add(5, status=b"Name:\tk\n", statm=b"0 0 0 0 0 0 0\n")
    return tree


@pytest.mark.parametrize("detail", ["totals", "rollup"])
def test_totals_of_a_system_are_a_row_for_each_process(backends, many, detail):
    """Field 8: the stream had no rows, and the columns of regions."""
    read = [
        arrow.read(b.collect_all(detail, skip_kernel=False, jobs=1, proc=str(many)))
        for b in backends
    ]
    assert read[0] == read[1]
    system = backends[0].collect_all(detail, skip_kernel=False, jobs=1, proc=str(many))
    fields, batches = read[0]
    first, *_ = system.processes
    names = [*WHOSE, *whole(first.snapshot)]
    assert [name for name, _, _ in fields] == names
    rows = [{name: values[0] for name, values in batch.items()} for batch in batches]
    assert [len(batch["pid"]) for batch in batches] == [1, 1, 1]
    for row, process in zip(rows, system.processes, strict=True):
        assert row["pid"] == process.pid
        assert {name: row[name] for name in names[6:]} == whole(process.snapshot)
    # A copy does not tell whether its machine had swap for shared memory.
    assert (rows[0]["swap_kb"], rows[0]["total_rss_kb"]) == (None, 25 * PAGE_KB)
    assert (rows[1]["total_rss_kb"], rows[2]["threads"]) == (None, None)


@pytest.mark.parametrize("detail", ["totals", "rollup"])
def test_totals_of_a_process_are_one_row(backends, many, detail):
    read = [arrow.read(b.collect(3, detail, proc=str(many))) for b in backends]
    assert read[0] == read[1]
    expected = whole(backends[0].collect(3, detail, proc=str(many)))
    assert read[0][1] == [{name: [value] for name, value in expected.items()}]


def test_totals_from_a_file_are_the_same_rows(backends, many, tmp_path):
    system = backends[0].collect_all(
        "rollup", skip_kernel=False, jobs=1, proc=str(many)
    )
    path = tmp_path / "file"
    path.write_bytes(system.to_json(full=True))
    assert arrow.read(memc.load(path))[1] == arrow.read(system)[1]
    path.write_bytes(system.processes[0].snapshot.to_json(full=True))
    assert arrow.read(memc.load(path)) == arrow.read(system.processes[0].snapshot)


def test_totals_next_to_regions_stay_out(tmp_path):
    """No row can be a process and a region at once."""
    path = tmp_path / "file"
    path.write_bytes(
        b'{"timestamp_ms":0,"process_count":2,"skipped":0,"skipped_processes":[],'
        b'"processes":[{"pid":1,"name":"a","snapshot":{"pid":1,"timestamp_ms":0,'
        b'"total_rss_kb":4,"total_vsize_kb":4,"swap_kb":9}},{"pid":2,"name":"b",'
        b'"snapshot":{"pid":2,"timestamp_ms":0,"total_rss_kb":4,"total_vsize_kb":4,'
        b'"region_count":1,"regions":[{"start":"0x1000","end":"0x2000",'
        b'"type":"anonymous","perm":"rw-p","size_kb":4}]}}]}'
    )
    fields, batches = arrow.read(memc.load(path))
    assert [batch["pid"] for batch in batches] == [[2]]
    assert "swap_kb" not in [name for name, _, _ in fields]
