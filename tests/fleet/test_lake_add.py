"""What ``memc.load`` reads goes into a lake, each sample once and with its sums."""

import gzip
import json
import os
import time

import pytest
from support.cases import cases
from support.lakes import ask, count, memc_lake, rows_of, samples
from support.recordings import NOON, Made

import memc
from memc.fleet import lake

AMOUNTS = ("size_kb", "rss_kb", "pss_kb", "uss_kb", "swap_kb")
SMAPS = """\
55d0c0000000-55d0c0021000 rw-p 00000000 00:00 0                          [heap]
Size:                132 kB
Rss:                  64 kB
Pss:                  64 kB
Shared_Clean:          0 kB
Shared_Dirty:          0 kB
Private_Clean:         0 kB
Private_Dirty:        64 kB
Swap:                  8 kB
7f0000000000-7f0000100000 r-xp 00000000 08:01 77           /usr/lib/libx.so.1 (deleted)
Size:               1024 kB
Rss:                 400 kB
Pss:                 100 kB
Shared_Clean:        400 kB
Shared_Dirty:          0 kB
Private_Clean:         0 kB
Private_Dirty:         0 kB
Swap:                  0 kB
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0             [vsyscall]
Size:                  4 kB
Rss:                   0 kB
Pss:                   0 kB
Shared_Clean:          0 kB
Shared_Dirty:          0 kB
Private_Clean:         0 kB
Private_Dirty:         0 kB
Swap:                  0 kB
"""
ROLLUP = """\
55d0c0000000-ffffffffff601000 ---p 00000000 00:00 0                      [rollup]
Rss:                 464 kB
Pss:                 164 kB
Private_Dirty:        64 kB
Private_Clean:         0 kB
Swap:                  8 kB
"""
MAPS = "".join(line + "\n" for line in SMAPS.splitlines() if not line[:1].isupper())


def region(**more):
    plain = {
        "start": "0x55d0c0000000",
        "end": "0x55d0c0021000",
        "type": "heap",
        "perm": "rw-p",
        "size_kb": 132,
    }
    return plain | more


def document(regions, pid=7, ts_ms=NOON, **more):
    return {
        "pid": pid,
        "timestamp_ms": ts_ms,
        "total_rss_kb": None,
        "total_vsize_kb": None,
        "region_count": len(regions),
        "regions": regions,
    } | more


def system(*processes, ts_ms=NOON, **more):
    return {
        "timestamp_ms": ts_ms,
        "process_count": len(processes),
        "processes": [
            {"pid": one["pid"], "name": one.pop("of", "x"), "snapshot": one} | more
            for one in processes
        ],
        "skipped_processes": [],
    }


def put(path, *documents):
    path.write_text("".join(json.dumps(one) + "\n" for one in documents))
    return path


SOURCES = [
    (1, SMAPS.encode(), 3, 3, "the text of smaps"),
    (1, MAPS.encode(), 3, 3, "the text of maps, which has no amounts"),
    (1, ROLLUP.encode(), 1, 0, "the text of smaps_rollup: a whole process"),
    (1, gzip.compress(SMAPS.encode()), 3, 3, "data of gzip"),
    (2, (SMAPS + SMAPS).encode(), 6, 6, "texts of two processes, alike"),
]


@cases(SOURCES, why=4)
def test_texts_go_in(tmp_path, case):
    processes, data, owners, regions, _ = case
    (tmp_path / "t").write_bytes(data)
    added = lake.add(tmp_path / "lake", tmp_path / "t", "web1")
    assert added.skipped == 0
    # Texts of two processes that do not differ at all are told once.
    if processes == 1:
        assert count(tmp_path / "lake", "owners") == owners
        assert count(tmp_path / "lake", "regions") == regions
    again = lake.add(tmp_path / "lake", tmp_path / "t", "web1")
    assert (again.samples, again.rows) == (0, {})


def test_amounts_are_those_of_the_source(tmp_path):
    (tmp_path / "t").write_text(SMAPS)
    lake.add(tmp_path / "lake", tmp_path / "t", "web1")
    columns = "owner, regions, size_kb, rss_kb, pss_kb, uss_kb, swap_kb, detail"
    assert rows_of(tmp_path / "lake", "owners", columns) == [
        ("kernel pages", 1, 4, 0, 0, 0, 0, "smaps"),
        ("library text", 1, 1024, 400, 100, 0, 0, "smaps"),
        ("malloc main heap", 1, 132, 64, 64, 64, 8, "smaps"),
    ]
    columns = '"start", "end", path, deleted, pathname, uss_kb'
    assert rows_of(tmp_path / "lake", "regions", columns) == [
        (-10485760, -10481664, None, False, "[vsyscall]", 0),
        (0x55D0C0000000, 0x55D0C0021000, None, False, "[heap]", 64),
        (
            *(0x7F0000000000, 0x7F0000100000, "/usr/lib/libx.so.1", True),
            *("/usr/lib/libx.so.1 (deleted)", 0),
        ),
    ]


@pytest.mark.kernel
@pytest.mark.parametrize("detail", ["maps", "rss", "uss", "pss", "smaps", "totals"])
def test_all_processes_in_every_detail(tmp_path, detail):
    snap = memc.snapshot(os.getpid(), detail=detail)
    same = memc.Process(1 << 22, "other", snap, cgroup="/system.slice/a.service")
    mine = memc.Process(snap.pid, snap.name, snap, uid=0, cgroup="/")
    found = memc.SystemSnapshot(snap.timestamp_ms, (mine, same), ())
    path = tmp_path / "all.json"
    path.write_bytes(found.to_json(full=True))
    lake.add(tmp_path / "lake", path, "web1")
    told = [p.snapshot for p in memc.load(path).processes]
    told = [snap for snap in told if snap.same_memory_as is None]
    regions = sum(map(len, told))
    assert count(tmp_path / "lake", "regions") == regions
    if detail != "totals":
        sql = "select sum(regions) from t"
        assert ask(tmp_path / "lake", "owners", sql) == [(regions,)]
        assert ask(tmp_path / "lake", "groups", sql) == [(regions,)]
    for name in AMOUNTS:  # groups sum what owners have, but for what is not known
        both = [
            ask(tmp_path / "lake", table, f'select sum(v) from (select "group", owner, '
                f"case when count(*) = count({name}) then sum({name}) end v "
                f'from t group by "group", owner)')
            for table in ("owners", "groups")
        ]  # fmt: skip
        assert both[0] == both[1]


def test_a_sum_is_null_if_one_of_its_processes_is_not_known(tmp_path):
    path = put(
        tmp_path / "a.json",
        system(
            document([region(rss_kb=4, swap_kb=0)], pid=1),
            document([region(rss_kb=None, swap_kb=0)], pid=2),
        ),
    )
    lake.add(tmp_path / "lake", path, "web1")
    columns = "owner, processes, regions, size_kb, rss_kb, swap_kb"
    found = rows_of(tmp_path / "lake", "groups", columns)
    assert found == [("anonymous", 2, 2, 264, None, 0)]


def test_a_stream_goes_in_by_its_times(tmp_path):
    one = [document([region()], ts_ms=NOON + i * 1000) for i in range(5)]
    path = put(tmp_path / "s.ndjson", *one)
    added = lake.add(tmp_path / "lake", path, "web1")
    assert (added.samples, added.skipped) == (5, 0)
    assert [ts for _, _, ts, _ in samples(tmp_path / "lake")] == [
        NOON + i * 1000 for i in range(5)
    ]
    put(path, *one, document([region()], ts_ms=NOON + 9000))  # it grew
    added = lake.add(tmp_path / "lake", path, "web1")
    assert (added.samples, added.skipped) == (1, 5)
    assert count(tmp_path / "lake", "regions") == 6


def test_a_large_stream_is_read_line_by_line(tmp_path, monkeypatch):
    from memc.fleet import sources

    monkeypatch.setattr(sources, "LARGE", 1)
    path = put(
        tmp_path / "s", *(document([region()], ts_ms=NOON + i) for i in range(9))
    )
    assert lake.rows(path, "web1").read_all().num_rows == 9
    with path.open("a") as file:
        file.write('{"pid": 7, "timestamp_ms": 1')
    with pytest.raises(memc.MemcError, match="its last line is not whole"):
        lake.add(tmp_path / "lake", path, "web1")
    assert samples(tmp_path / "lake") == []


def test_every_takes_one_sample_in_each_such_time(tmp_path):
    many = [document([region()], ts_ms=NOON + i * 20_000) for i in range(9)]
    path = put(tmp_path / "s.ndjson", *many)
    assert memc_lake("add", tmp_path / "all", path).status == 0
    assert len(samples(tmp_path / "all")) == 9
    assert memc_lake("add", tmp_path / "lake", path, "--every", "1m").status == 0
    assert len(samples(tmp_path / "lake")) == 3


def recording(path, minutes=3):
    made = Made(path)
    made.run(NOON)
    a = made.start(NOON, 10, cgroup="/system.slice/nginx.service", uid=33)
    b = made.start(NOON, 11, name=b"od\xffd")
    for i in range(minutes * 60):
        usage = {a: {"rss_kb": 100 + i}, b: {}} if i == 0 else {a: {"rss_kb": 100 + i}}
        held = {a: {"anonymous": {"rss_kb": 60 + i, "uss_kb": 60, "regions": 3}}}
        made.tick(NOON + i * 1000, usage, held=held)
    made.close()
    return path


def test_a_recording_goes_in_by_the_minute(tmp_path):
    path = recording(tmp_path / "day.memc")
    added = lake.add(tmp_path / "lake", path)
    ends = [NOON, NOON + 60_000, NOON + 120_000, NOON + 179_000]
    assert added.samples == len(ends)
    assert samples(tmp_path / "lake") == [("host", "boot-1", ms, None) for ms in ends]
    columns = "ts, owner, regions, rss_kb, uss_kb, cgroup, uid, memory_kb"
    found = rows_of(tmp_path / "lake", "owners", columns, "\"group\" = 'nginx.service'")
    assert [row[1:] for row in found] == [
        ("anonymous", 3, 60 + i, 60, "/system.slice/nginx.service", 33, 16_000_000)
        for i in (0, 60, 120, 179)
    ]
    again = lake.add(tmp_path / "lake", path)
    assert (again.samples, again.skipped) == (0, len(ends))


def test_regions_of_a_recording_go_in_by_the_hour(tmp_path):
    (tmp_path / "t").write_text(SMAPS)
    snap = memc.load(tmp_path / "t")
    made = Made(tmp_path / "r.memc")
    made.run(NOON)
    a = made.start(NOON, 10)
    for i in range(70):
        snap.timestamp_ms = NOON + i * 60_000
        frames = {a: snap} if i % 20 == 0 else {}
        held = {a: {"anonymous": 60 + i}}
        made.tick(NOON + i * 60_000, {a: {"rss_kb": 99}}, held=held, frames=frames)
    made.close()
    added = lake.add(tmp_path / "lake", tmp_path / "r.memc")
    assert added.rows["regions"] == 6
    hours = {ts_ms for _, _, ts_ms, _ in samples(tmp_path / "lake", "regions")}
    assert hours == {NOON, NOON + 3_600_000}
    again = lake.add(tmp_path / "lake", tmp_path / "r.memc")
    assert (again.samples, again.rows) == (0, {})


def test_the_host_of_a_recording_that_is_no_name_needs_another(tmp_path):
    path = recording(tmp_path / "day.memc", 1)
    import sqlite3

    db = sqlite3.connect(path)
    with db:
        db.execute("update _run set host='../etc'")
    db.close()
    done = memc_lake("add", tmp_path / "lake", path)
    assert done.status == 1
    assert b"give one with --host" in done.err
    assert memc_lake("add", tmp_path / "lake", path, "--host", "web1").status == 0
    assert {host for host, *_ in samples(tmp_path / "lake")} == {"web1"}


def test_stdin_files_and_folders_go_in_at_once(tmp_path):
    folder = tmp_path / "many" / "below"
    folder.mkdir(parents=True)
    for i in range(4):
        put(folder / f"{i}.json", document([region()], ts_ms=NOON + i))
    put(folder / ".5.json.tmp", document([region()], ts_ms=NOON + 5))  # still written
    copy = tmp_path / "copy" / "12"
    copy.mkdir(parents=True)
    (copy / "maps").write_text(MAPS)
    one = put(tmp_path / "one", document([region()], ts_ms=NOON + 99))
    args = ("-", tmp_path / "many", tmp_path / "copy", "--host", "web1")
    with one.open("rb") as stdin:
        done = memc_lake("add", tmp_path / "lake", *args, stdin=stdin)
    assert done.status == 0
    assert done.out.startswith(b"added 6 samples of 6 files: ")
    assert len(samples(tmp_path / "lake")) == 6


def test_damaged_files_are_named_and_the_others_go_in(tmp_path):
    good = put(tmp_path / "good.json", document([region()]))
    cut = tmp_path / "cut.json"
    cut.write_text(json.dumps(document([region()]))[:-9])
    mixed = put(tmp_path / "mixed.ndjson", document([region()], ts_ms=NOON + 1))
    mixed.write_text(mixed.read_text() + '{"pid": 7, "nonsense": 1}\n' * 2)
    other = tmp_path / "other"
    other.write_text("hello\n")
    torn = tmp_path / "torn.parquet"
    torn.write_bytes(b"PAR1" + b"\1" * 99)
    bad = [cut, mixed, other, torn, tmp_path / "missing"]
    done = memc_lake("add", tmp_path / "lake", *bad[:2], good, *bad[2:], "--host", "h")
    assert done.status == 1
    for path in bad:
        assert f"{path}: ".encode() in done.err
    assert b"good.json" not in done.err
    assert samples(tmp_path / "lake") == [("h", None, NOON, "process 7")]


def test_a_file_whose_name_is_in_the_words_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = memc_lake("add", tmp_path / "lake", "f", "N", "--host", "h")
    for name in (b"f", b"N"):
        assert b"memc: " + name + b": No such file or directory" in done.err


HOSTS = [
    (0, "web-7.example.org", "a name with points"),
    (0, "a" * 253, "as long as names may be"),
    (2, "a" * 254, "longer"),
    (2, "../x", "a path"),
    (2, "..", "the folder above"),
    (2, "", "nothing"),
    (2, "we b", "a blank"),
    (2, "wéb", "a letter that no name of a host has"),
    (2, "web\n", "the end of a line"),
]


@cases(HOSTS, why=2)
def test_hosts_have_names_that_folders_can_have(tmp_path, case):
    status, host, _ = case
    path = put(tmp_path / "a.json", document([region()]))
    done = memc_lake("add", tmp_path / "lake", path, f"--host={host}")
    assert done.status == status
    assert (tmp_path / "lake").exists() == (status == 0)


def test_the_same_file_twice_is_skipped_and_counted(tmp_path):
    path = put(tmp_path / "a.json", document([region()]))
    first = memc_lake("add", tmp_path / "lake", path, path, "--host", "h")
    assert b"added 1 sample of 2 files" in first.out
    assert b"1 sample skipped, which the lake has" in first.out
    again = memc_lake("add", tmp_path / "lake", path, "--host", "h")
    assert again.out == (
        b"added 0 samples of 1 file; 1 sample skipped, which the lake has\n"
    )
    assert count(tmp_path / "lake", "regions") == 1
    other = memc_lake("add", tmp_path / "lake", path, "--host", "other")
    assert b"added 1 sample" in other.out


@pytest.mark.parametrize("sign", [-1, 1])
def test_clocks_that_are_apart_are_told(tmp_path, sign):
    now_ms = time.time_ns() // 1_000_000
    far = put(tmp_path / "f", document([region()], ts_ms=now_ms + sign * 3_600_000))
    near = put(tmp_path / "n", document([region()], ts_ms=now_ms))
    done = memc_lake("add", tmp_path / "lake", far, "--host", "h")
    side = b"after" if sign > 0 else b"before"
    assert b"the newest time of h is " in done.err
    assert side + b" now: it is old, or a clock is wrong" in done.err
    assert memc_lake("add", tmp_path / "other", near, "--host", "h").err == b""
    sql = "select epoch_ms(received) - epoch_ms(ts) from t"
    assert abs(ask(tmp_path / "lake", "owners", sql)[0][0] + sign * 3_600_000) < 60_000


def test_odd_paths_and_names(tmp_path):
    paths = ["/ü\N{SNOWMAN}", "/a\udcff", "/b'; drop table t --", "/c\td"]
    regions = [
        region(
            pathname=path,
            type="mapped_file",
            start=hex(i << 20),
            end=hex((i << 20) + 4096),
        )
        for i, path in enumerate(paths, 1)
    ]
    regions[1]["pathname"], regions[1]["pathname_hex"] = (
        "/a\N{REPLACEMENT CHARACTER}",
        "2f61ff",
    )
    found = memc.load(put(tmp_path / "a", system(document(regions), ts_ms=NOON)))
    lake.add(tmp_path / "lake", found, "h")
    got = rows_of(tmp_path / "lake", "regions", "pathname, pathname_hex")
    assert sorted(got) == sorted(
        [
            ("/ü\N{SNOWMAN}", None),
            ("/a\N{REPLACEMENT CHARACTER}", "2f61ff"),
            ("/b'; drop table t --", None),
            ("/c\td", None),
        ]
    )


def test_new_fields_of_a_kernel_become_columns(tmp_path):
    put(tmp_path / "old", document([region()]))
    new = region(brand_new_kb=12, Odd_Field=3)
    put(tmp_path / "new", document([new], ts_ms=NOON + 1))
    lake.add(tmp_path / "lake", tmp_path / "old", "h")
    lake.add(tmp_path / "lake", tmp_path / "new", "h")
    put(tmp_path / "old", document([region()], ts_ms=NOON + 2))
    lake.add(tmp_path / "lake", tmp_path / "old", "h")
    columns = "brand_new_kb, odd_field"
    found = rows_of(tmp_path / "lake", "regions", columns)
    assert found == [
        (12, 3),
        (None, None),
        (None, None),
    ]
    put(tmp_path / "bad", document([region(brand_new_kb="many")], ts_ms=NOON + 3))
    with pytest.raises(memc.MemcError, match="brand_new_kb is "):
        lake.add(tmp_path / "lake", tmp_path / "bad", "h")


def test_an_amount_that_no_machine_has_is_refused(tmp_path):
    path = put(tmp_path / "a", document([region(rss_kb=2**64 - 1)]))
    with pytest.raises(memc.MemcError, match="than any machine has"):
        lake.add(tmp_path / "lake", path, "h")
    assert samples(tmp_path / "lake") == []


# the amounts of a region, the tables, whether they go in, why
BOUNDS = [
    (
        {"rss_kb": 1 << 42},
        ("owners", "groups"),
        True,
        "all memory that a CPU can address",
    ),
    ({"rss_kb": (1 << 42) + 1}, ("owners", "groups"), False, "more than that"),
    ({"swap_kb": 1 << 60}, ("owners",), False, "a sum of eight would overflow"),
    ({"pss_kb": 1 << 60}, ("regions",), False, "in the table of regions, too"),
    ({"brand_new_kb": 1 << 60}, ("regions",), False, "in a column that memc is told"),
]


@cases(BOUNDS, why=3)
def test_amounts_have_bounds_so_that_one_host_fails_no_sum_of_all(tmp_path, case):
    amounts, tables, is_taken, _ = case
    path = put(tmp_path / "bad", document([region(**amounts)]))
    good = put(tmp_path / "good", document([region()], ts_ms=NOON + 1))
    added = memc_lake("add", tmp_path / "lake", path, good, "--table", ",".join(tables))
    assert added.status == (not is_taken)
    words = f"{next(iter(amounts))} is {next(iter(amounts.values())):,}: more than any"
    assert is_taken or (str(path) in (told := added.err.decode()) and words in told)
    assert len({key for key, *_ in rows_of(tmp_path / "lake", tables[0], "ts")}) == (
        1 + is_taken
    )


@pytest.mark.parametrize(
    ("column", "number"), [("rss_kb", 1 << 60), ("rss_kb", -1), ("regions", -5)]
)
def test_rows_made_elsewhere_have_the_same_bounds(tmp_path, column, number):
    import pyarrow as pa

    path = put(tmp_path / "a", document([region()]))
    made = lake.rows(path, "h", "groups").read_all()
    at = made.schema.get_field_index(column)
    values = pa.array([number] * made.num_rows, made.schema.field(column).type)
    made = made.set_column(at, made.schema.field(column), values)
    with pytest.raises(memc.MemcError, match=f"{column} is {number:,}: "):
        lake.write(tmp_path / "lake", {"groups": made})


@pytest.mark.parametrize("words", [("add", "-", "x"), ("add", "-"), ("ask", "-")])
def test_the_sign_of_stdin_is_no_lake(tmp_path, monkeypatch, words):
    monkeypatch.chdir(tmp_path)
    done = memc_lake(*words, *(("growth",) if words[0] == "ask" else ()))
    assert (done.status, b"'-' is no lake: write ./- for a" in done.err) == (2, True)
    assert [*tmp_path.iterdir()] == []


def test_rows_made_elsewhere_are_the_same_rows(tmp_path):
    path = recording(tmp_path / "day.memc", 2)
    lake.add(tmp_path / "here", path, "h")
    made = {table: lake.rows(path, "h", table) for table in ("owners", "groups")}
    lake.write(tmp_path / "there", made)
    for table in ("owners", "groups"):
        here, there = (rows_of(tmp_path / at, table) for at in ("here", "there"))
        assert here == there
        assert here
    again = lake.write(tmp_path / "there", {"owners": lake.rows(path, "h", "owners")})
    assert (again.samples, again.skipped) == (0, 3)


def test_hosts_that_could_not_be_asked_have_a_table(tmp_path):
    import pyarrow as pa

    rows = {
        "host": ["web1"],
        "ts": pa.array([NOON], pa.timestamp("ms", "UTC")),
        "reason": ["slow"],
        "text": ["no answer within 5 s"],
    }
    lake.write(tmp_path / "lake", {"missing": pa.table(rows)})
    found = rows_of(tmp_path / "lake", "missing", "host, reason, date")
    assert [(host, reason, str(day)) for host, reason, day in found] == [
        ("web1", "slow", "2026-11-26")
    ]


def test_many_small_files_are_few_commits(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    many = int(os.environ.get("MEMC_TEST_FILES", "200"))
    for i in range(many):
        put(folder / f"{i:05}", document([region()], ts_ms=NOON + i * 100))
    done = memc_lake("add", tmp_path / "lake", folder, "--host", "h")
    assert done.status == 0
    assert count(tmp_path / "lake", "owners") == many
    assert len(lake.files(str(tmp_path / "lake"), "owners")) <= 2


def test_a_pipe_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "p")
    done = memc_lake("add", tmp_path / "lake", tmp_path / "p", timeout=60)
    assert done.status == 1
    assert b"a pipe" in done.err
