"""What real Arrow libraries make of our columns.

They are 600 MB, so this folder is not run with the rest and has an extra of its own:

    pip install '.[test,arrow-test]' && pytest tests/arrow
"""

import gc
import subprocess
import sys

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from support.text import header, record

ODD = b"/odd \xff name"
VSYSCALL = 2**64 - 0xA00000
TEXT = (
    record(0x1000, 0x3000, b"Rss: 4 kB", b"VmFlags: rd wr ", name=b"/a")
    + record(0x3000, 0x4000, b"Rss: 8 kB", perm="r-xs", name=b"/a")
    + record(0x5000, 0x6000, b"Pss: 1 kB", b"VmFlags: ", name=ODD)
    + record(VSYSCALL, VSYSCALL + 4096, b"Rss: 0 kB", perm="--xp", name=b"[vsyscall]")
)
PATHS = ["/a", "/a", "/odd \N{REPLACEMENT CHARACTER} name", "[vsyscall]"]
RSS = [4, 8, None, 0]
FLAGS = ["rd wr", None, "", None]


def as_duckdb(source):
    """Let SQL find the Python variable `source`."""
    assert source is not None
    names = [row[0] for row in duckdb.sql("DESCRIBE FROM source").fetchall()]
    columns = zip(*duckdb.sql("FROM source").fetchall(), strict=True)
    return dict(zip(names, map(list, columns), strict=True))


def as_pandas(source):
    frame = pd.DataFrame.from_arrow(source)
    return {
        name: [None if pd.isna(value) else value for value in frame[name]]
        for name in frame.columns
    }


READERS = {
    "pyarrow": lambda source: pa.table(source).to_pydict(),
    "polars": lambda source: pl.DataFrame(source).to_dict(as_series=False),
    "pandas": as_pandas,
    "duckdb": as_duckdb,
}
CMDLINES = b"snapshot_all(cmdlines=True) reads it"


@pytest.fixture(params=READERS.values(), ids=READERS)
def read(request):
    return request.param


@pytest.fixture
def table(backend):
    return backend.parse_text(TEXT, "smaps", strict=True)


@pytest.fixture
def system(backend, tree):
    tree.add(
        1,
        smaps=TEXT,
        comm=b"one\n",
        status=b"Uid:\t1\t1001\n",
        cgroup=b"0::/user.slice\n",
        stat=b"1 (one) S" + b" 0" * 18 + b" 4711 0\n",
    )
    tree.add(2, smaps=b"", comm=b"thread\n")
    tree.add(3, smaps=record(0x1000, 0x2000, b"New: 3", name=b"/a"), comm=b"\xff\n")
    return backend.collect_all(
        "smaps", skip_kernel=False, jobs=1, proc=str(tree), cgroups=True
    )


def test_table_is_read_whole(table, read):
    found = read(table)
    assert [*table.columns, "pathname_hex"] == sorted(
        found, key=[*table.columns, "pathname_hex"].index
    )
    assert list(found["start"]) == [0x1000, 0x3000, 0x5000, VSYSCALL]
    assert (found["pathname"], found["rss_kb"], found["vm_flags"]) == (
        PATHS,
        RSS,
        FLAGS,
    )
    assert list(found["perm"]) == ["rw-p", "r-xs", "rw-p", "--xp"]
    assert list(table.columns["type"]) == list(found["type"])
    assert [None, None, ODD.hex(), None] == list(found["pathname_hex"])


def test_system_is_read_whole(system, read):
    found = read(system)
    front = ["pid", "name", "uid", "cgroup", "started", "cmdline"]
    assert list(found)[:7] == [*front, "start"]
    assert list(found["pid"]) == [1, 1, 1, 1, 3]
    assert list(found["name"]) == ["one"] * 4 + ["\N{REPLACEMENT CHARACTER}"]
    assert (
        found["uid"],
        found["cgroup"],
    ) == ([1001] * 4 + [None], ["/user.slice"] * 4 + [None])
    assert list(found["started"]) == [4711] * 4 + [None]
    assert list(found["cmdline"]) == [None] * 5
    assert ([*RSS, None], [None] * 4 + [3]) == (found["rss_kb"], found["new"])
    assert [*PATHS, "/a"] == list(found["pathname"])


def test_table_without_rows_is_an_empty_one(backend, read):
    source = backend.parse_text(b"", "maps", strict=True)
    if read is as_duckdb:
        assert duckdb.sql("SELECT count(*) FROM source").fetchall() == [(0,)]
    else:
        assert {name: [] for name in source.columns} == read(source)


def test_what_was_read_outlives_the_table(backend, read):
    found = {}
    for _ in range(3):
        found = read(backend.parse_text(TEXT, "smaps", strict=True))
    gc.collect()
    junk = [bytearray(b"\xaa" * size) for size in (64, 512, 4096, 65536) * 50]
    assert junk
    assert (found["pathname"], found["rss_kb"]) == (PATHS, RSS)


def test_arrays_outlive_the_table(backend):
    arrow = pa.table(backend.parse_text(TEXT, "smaps", strict=True))
    frame = pl.DataFrame(backend.parse_text(TEXT, "smaps", strict=True))
    gc.collect()
    junk = [bytearray(b"\xaa" * size) for size in (64, 512, 4096, 65536) * 50]
    assert junk
    arrow.validate(full=True)
    assert RSS == arrow["rss_kb"].to_pylist() == frame["rss_kb"].to_list()
    assert PATHS == arrow["pathname"].to_pylist() == frame["pathname"].to_list()


def test_schema_alone(table, system):
    for source in (table, system):
        arrow = pa.table(source)
        arrow.validate(full=True)
        assert pa.schema(source) == arrow.schema
    notes = {field.name: field.metadata for field in arrow.schema if field.metadata}
    assert notes == {"cmdline": {b"memc": b"not read: " + CMDLINES}}
    text = pa.dictionary(pa.uint32(), pa.utf8())
    assert (text, pa.uint64()) == (
        arrow.schema.field("cgroup").type,
        arrow["start"].type,
    )


def test_groups_run_over_all_processes(system):
    """One dictionary for all arrays: pyarrow cannot group by differing ones."""
    arrow = pa.table(system).group_by("pathname").aggregate([("start", "count")])
    assert {"/a": 3, PATHS[2]: 1, PATHS[3]: 1} == dict(
        zip(*arrow.to_pydict().values(), strict=True)
    )
    frame = pl.DataFrame(system).group_by("pathname").len()
    assert {"/a": 3, PATHS[2]: 1, PATHS[3]: 1} == dict(frame.iter_rows())
    query = "SELECT pathname, count(*) FROM system GROUP BY ALL"
    assert {"/a": 3, PATHS[2]: 1, PATHS[3]: 1} == dict(duckdb.sql(query).fetchall())


# ---- Nothing is copied ---------------------------------------------------------------


def start_of(array):
    return array.buffers()[1].address


def test_numpy_sees_the_memory_of_a_column(backend):
    """By the buffer protocol; the array holds the memory."""
    table = backend.parse_text(TEXT, "smaps", strict=True)
    column = table.columns["start"]
    for array in (np.asarray(column.values), np.frombuffer(column.values, np.uint64)):
        assert array.ctypes.data == np.asarray(column.values).ctypes.data
        assert (array.dtype, array.flags.writeable) == (np.uint64, False)
    del table, column
    gc.collect()
    assert array.tolist() == [0x1000, 0x3000, 0x5000, VSYSCALL]


def test_pyarrow_sees_the_memory_of_a_table(backends):
    table = backends[0].parse_text(TEXT, "smaps", strict=True)
    arrow = pa.table(table)
    for name in ("start", "end", "offset", "inode", "size_kb", "rss_kb", "dev_major"):
        [chunk] = arrow[name].chunks
        assert np.asarray(table.columns[name].values).ctypes.data == start_of(chunk)


def test_integers_of_a_system_of_50000_regions_are_not_copied(backends, tree):
    """Each of pyarrow's chunks is the column of a process, and so is polars' start."""
    text = b"".join(
        record(i * 8192, i * 8192 + 4096, b"Rss: %d kB" % i, b"VmFlags: rd", name=b"/f")
        for i in range(5000)
    )
    for pid in range(1, 11):
        tree.add(pid, smaps=text)
    system = backends[0].collect_all(
        "smaps", skip_kernel=False, jobs=None, proc=str(tree)
    )
    arrow = pa.table(system)
    assert (len(arrow), len(arrow["start"].chunks)) == (50000, 10)
    for name in ("start", "end", "offset", "inode", "size_kb", "rss_kb"):
        for process, chunk in zip(system.processes, arrow[name].chunks, strict=True):
            column = process.snapshot.columns[name]
            assert np.asarray(column.values).ctypes.data == start_of(chunk)
    assert pc.sum(arrow["rss_kb"]).as_py() == 10 * sum(range(5000))
    frame = pl.DataFrame(system)
    chunks = frame["rss_kb"].get_chunks()
    for process, chunk in zip(system.processes, chunks, strict=True):
        column = process.snapshot.columns["rss_kb"]
        seen = chunk.to_numpy(allow_copy=False)
        assert np.asarray(column.values).ctypes.data == seen.ctypes.data


def test_20000_capsules_that_nobody_takes_leave_nothing_behind(backends):
    table = backends[0].parse_text(header(0x1000, 0x2000), "maps", strict=True)
    for _ in range(1000):
        assert table.__arrow_c_stream__()
    before = resident_kb()
    for _ in range(20_000):
        table.__arrow_c_stream__()
    assert resident_kb() - before < 1024


def resident_kb():
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * 4


def test_memc_itself_needs_none_of_them():
    code = "import memc, sys; memc.fast; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, cwd="/"
    )
    found = set(done.stdout.decode().split())
    assert found & {"duckdb", "numpy", "pandas", "polars", "pyarrow"} == set()
