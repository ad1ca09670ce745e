"""A lake holds each sample once: after kills, beside other writers, on a full disk."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time

import pytest
from deltalake import DeltaTable, write_deltalake
from support.cases import cases
from support.lakes import PYTHON, ask, count, memc_lake, samples
from support.recordings import NOON

import memc
from memc.fleet import lake

KILLS = int(os.environ.get("MEMC_TEST_KILLS", "8"))
TABLES = ("groups", "owners", "regions")
DAY = "2026-11-26"
# Adds documents without end, and says of each batch when it is in the lake.
ADDS = """
import sys
from memc.fleet import lake, lake_compact
from memc.table.snapshot import SystemSnapshot
from datetime import date
import memc
folder, host, first = sys.argv[1], sys.argv[2], int(sys.argv[3])
found = memc.load(sys.argv[4])
for i in range(first, first + 10_000):
    lake.add(folder, SystemSnapshot(i, found.processes, ()), host)
    print(i, flush=True)
    if i % 5 == 0:
        for table in ("groups", "owners", "regions"):
            lake_compact.compact(folder, table, date(2030, 1, 1), date(2026, 11, 26))
"""


def region(i):
    start = 0x55D0C0000000 + i * 0x100000
    return {
        "start": hex(start),
        "end": hex(start + 0x21000),
        "type": "anonymous",
        "perm": "rw-p",
        "size_kb": 132,
    }


def system(path, ts_ms=NOON, processes=3):
    def process(pid):
        regions = [region(i) for i in range(5)]
        snapshot = {
            "pid": pid,
            "timestamp_ms": ts_ms,
            "total_rss_kb": 4,
            "total_vsize_kb": 660,
            "region_count": 5,
            "regions": regions,
        }
        return {"pid": pid, "name": f"p{pid}", "snapshot": snapshot}

    whole = {
        "timestamp_ms": ts_ms,
        "process_count": processes,
        "processes": [process(pid) for pid in range(1, processes + 1)],
        "skipped_processes": [],
    }
    path.write_text(json.dumps(whole))
    return path


def times(folder, table, rows):
    """Return the times in a table, each of which must have so many rows."""
    sql = "select host, epoch_ms(ts), count(*) from t group by all"
    found = ask(folder, table, sql)
    assert {n for _, _, n in found} <= {rows}
    return {(host, ts_ms) for host, ts_ms, _ in found}


def check_whole(folder, said):
    """Check that all tables have what was acknowledged, and nothing torn."""
    for table, rows in (("regions", 15), ("owners", 3), ("groups", 3)):
        assert times(folder, table, rows) >= said, table


def test_kills_at_any_moment_lose_and_double_nothing(tmp_path):
    source = system(tmp_path / "s.json")
    folder = tmp_path / "lake"
    said, first = set(), NOON
    for _ in range(KILLS):
        argv = [sys.executable, "-c", ADDS, folder, "h", str(first), source]
        with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as child:
            for _ in range(random.randint(1, 8)):
                said.add(("h", int(child.stdout.readline())))
            time.sleep(random.uniform(0, 0.3))
            child.kill()
            said |= {("h", int(line)) for line in child.stdout if line.endswith("\n")}
        first = max(ts_ms for _, ts_ms in said) + 1
        check_whole(folder, said)
        # The batch that was cut off is added again, by who does not know of it.
        lake.add(folder, memc.load(system(tmp_path / "again", first)), "h")
        lake.add(folder, memc.load(system(tmp_path / "again", first)), "h")
        said.add(("h", first))
        first += 1
        check_whole(folder, said)


# Kills the process at the n-th change of a file, before or after it.
HOOK = """
import os, signal, sys
left = int(sys.argv[1])
def hook(event, args):
    global left
    is_write = event == "open" and isinstance(args[2], int) and args[2] & os.O_CREAT
    if is_write or event in ("os.rename", "os.remove", "os.mkdir"):
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)
import memc.fleet.lake_batch, deltalake, duckdb, memc.fleet.lake_compact
from deltalake import DeltaTable
real = DeltaTable.create_write_transaction
def commit(self, *args, **how):
    hook("os.rename", ())
    real(self, *args, **how)
    hook("os.rename", ())
DeltaTable.create_write_transaction = commit
write = memc.fleet.lake_batch.pq.write_table
def write_table(*args, **how):
    hook("os.rename", ())
    write(*args, **how)
memc.fleet.lake_batch.pq.write_table = write_table
sys.addaudithook(hook)
from memc.cli.main import main
sys.argv[1:] = sys.argv[2:]
sys.exit(main())
"""


def test_a_kill_at_each_change_of_a_file_leaves_a_lake_that_goes_on(tmp_path):
    source = system(tmp_path / "s.json")
    old = system(tmp_path / "old.json", NOON - 1)
    empty = tmp_path / "empty"
    lake.add(empty, memc.load(old), "h")
    lake.add(empty, memc.load(system(tmp_path / "o2.json", NOON - 2)), "h")
    places = range(1, 60) if KILLS > 8 else (2, 4, 7, 9)
    for args in (
        ["add", None, source, "--host", "h"],
        ["compact", None, "--date", DAY],
    ):
        for n in places:
            folder = tmp_path / f"lake-{n}"
            shutil.copytree(empty, folder)
            argv = [*args[:1], folder, *args[2:]]
            child = [sys.executable, "-c", HOOK, str(n), "lake", *map(str, argv)]
            done = subprocess.run(child, capture_output=True, check=False)
            killed = done.returncode == -signal.SIGKILL
            assert killed or done.returncode == 0, done.stderr
            check_whole(folder, {("h", NOON - 1), ("h", NOON - 2)})
            lake.add(folder, memc.load(source), "h")
            assert memc_lake("compact", folder, "--date", DAY).status == 0 or n % 5
            check_whole(folder, {("h", NOON - 1), ("h", NOON - 2), ("h", NOON)})
            shutil.rmtree(folder)
            if not killed:
                break


def test_two_adds_of_one_batch_and_a_compaction_at_once(tmp_path):
    folder = tmp_path / "lake"
    paths = [system(tmp_path / f"{i}.json", NOON + i) for i in range(12)]
    lake.add(folder, memc.load(paths[0]), "h")
    add = ("lake", "add", folder, *paths, "--host", "h")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
    both = [PYTHON.start(*add, **quiet) for _ in range(2)]
    both += [
        PYTHON.start("lake", "compact", folder, "--date", DAY, **quiet)
        for _ in range(2)
    ]
    errors = [child.communicate()[1] for child in both]
    assert [child.returncode for child in both] == [0] * 4, errors
    assert memc_lake("compact", folder, "--date", DAY).status == 0
    check_whole(folder, {("h", NOON + i) for i in range(12)})
    for table in TABLES:
        assert len(lake.files(str(folder), table)) == 1


def test_a_race_is_run_again_and_doubles_nothing(tmp_path, monkeypatch):
    """Somebody else adds the same sample between the look and the commit."""
    from memc.fleet import lake_log

    folder = tmp_path / "lake"
    found = memc.load(system(tmp_path / "s.json"))
    lake.add(folder, memc.load(system(tmp_path / "o.json", NOON - 1)), "h")
    real, raced = lake_log.Log.commit, []

    def commit(self, *args, **how):
        if not raced:
            raced.append(self.table)
            lake.add(folder, found, "h")
        real(self, *args, **how)

    monkeypatch.setattr(lake_log.Log, "commit", commit)
    lake.add(folder, found, "h")
    assert raced
    check_whole(folder, {("h", NOON), ("h", NOON - 1)})


def test_of_two_compactions_one_begins_again(tmp_path, monkeypatch):
    from datetime import date

    from memc.fleet import lake_compact, lake_log

    folder = tmp_path / "lake"
    for i in range(3):
        lake.add(folder, memc.load(system(tmp_path / "s", NOON + i)), "h")
    real, raced = lake_log.Log.commit, []

    def compact():
        lake_compact.compact(str(folder), "owners", date(2030, 1, 1))

    def commit(self, *args, **how):
        if not raced:
            raced.append(self.table)
            compact()
        real(self, *args, **how)

    monkeypatch.setattr(lake_log.Log, "commit", commit)
    compact()
    assert raced
    assert len(lake.files(str(folder), "owners")) == 1
    check_whole(folder, {("h", NOON + i) for i in range(3)})


def test_a_large_file_is_there_as_a_whole_or_not_at_all(tmp_path, monkeypatch):
    from memc.fleet import lake_batch, sources

    monkeypatch.setattr(lake_batch, "ROWS", 20)
    monkeypatch.setattr(sources, "LARGE", 1)
    whole = [system(tmp_path / "s", NOON + i).read_text() for i in range(9)]
    stream = tmp_path / "stream"
    stream.write_text("\n".join([*whole[:8], whole[8][:-5]]) + "\n")
    folder = tmp_path / "lake"
    with pytest.raises(memc.FormatError, match="line 9"):
        lake.add(folder, stream, "h")
    assert [count(folder, table) for table in TABLES] == [0, 0, 0]
    assert not [*folder.rglob("*.parquet")]
    stream.write_text("\n".join(whole) + "\n")
    lake.add(folder, stream, "h")
    check_whole(folder, {("h", NOON + i) for i in range(9)})
    assert lake.add(folder, stream, "h").skipped == 9


@pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts a small disk")
def test_a_full_disk_and_one_to_read_alone_are_told(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=300k", "memc-test", str(disk)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("mounts are refused here")
    try:
        said, status = set(), False
        for i in range(60):
            source = system(tmp_path / "s.json", NOON + i)
            try:
                lake.add(disk / "lake", memc.load(source), "h")
            except memc.MemcError as error:
                status = "cannot write" in str(error)
                break
            said.add(("h", NOON + i))
        assert status
        check_whole(disk / "lake", said)
        subprocess.run(["mount", "-o", "remount,size=9m", str(disk)], check=True)
        lake.add(disk / "lake", memc.load(source), "h")
        check_whole(disk / "lake", said | {("h", NOON + i)})
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        with pytest.raises(memc.MemcError, match=r"cannot write to .*ead-only"):
            lake.add(disk / "lake", memc.load(system(tmp_path / "o", NOON - 1)), "h")
        assert lake.add(disk / "lake", memc.load(source), "h").skipped == 1
        check_whole(disk / "lake", said)
    finally:
        subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_lake_that_may_not_be_written(tmp_path):
    lake.add(tmp_path / "lake", memc.load(system(tmp_path / "s")), "h")
    for path in [*(tmp_path / "lake").rglob("*"), tmp_path / "lake"]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        source = system(tmp_path / "s", NOON + 1)
        done = memc_lake("add", tmp_path / "lake", source, "--host", "h")
        assert done.status == 1
        assert b"cannot write to " in done.err
        assert count(tmp_path / "lake") == 3
    finally:
        for path in [tmp_path / "lake", *(tmp_path / "lake").rglob("*")]:
            path.chmod(0o755)


def _file(path):
    path.write_text("x")


def _empty_log(path):
    (path / "_delta_log").mkdir(parents=True)


def _torn_log(path):
    lake.add(path.parent, memc.load(path.parent.parent / "s"), "h")
    for log in (path / "_delta_log").iterdir():
        log.write_bytes(log.read_bytes()[:40])


def _foreign(path):
    import pyarrow as pa

    write_deltalake(str(path), pa.table({"a": [1]}))


def _newer(path):
    lake.add(path.parent, memc.load(path.parent.parent / "s"), "h")
    DeltaTable(str(path)).alter.set_table_properties(
        {"memc.format": "2"}, raise_if_not_exists=False
    )


def _link(path):
    target = path.parent.parent / "elsewhere"
    target.mkdir()
    path.symlink_to(target)


def _linked_day(path):
    target = path.parent.parent / "elsewhere"
    target.mkdir()
    lake.add(path.parent, memc.load(path.parent.parent / "o"), "h")
    shutil.move(path / f"date={DAY}", target)
    (path / f"date={DAY}").symlink_to(target / f"date={DAY}")


def _others(path):
    path.mkdir()
    (path / "letters.txt").write_text("x")


FOREIGN = [
    (_file, "not no folder", "a file in the place of a table"),
    (_empty_log, "its log cannot be read", "a log of nothing"),
    (_torn_log, "its log cannot be read", "a log that was cut"),
    (_foreign, "a table of Delta Lake, but not one of memc", "a foreign table"),
    (_newer, "a newer memc made it", "a table of a later format"),
    (_link, "not a symbolic link", "a link that leads anywhere"),
    (_linked_day, "not a symbolic link", "a day that is such a link"),
    (_others, "no table of a lake", "a folder of somebody's letters"),
]


@cases(FOREIGN, why=2)
def test_what_is_no_table_of_a_lake_is_refused_and_not_touched(tmp_path, case):
    make, words, _ = case
    system(tmp_path / "s")
    system(tmp_path / "o", NOON - 1)
    (tmp_path / "lake").mkdir()
    make(tmp_path / "lake" / "owners")
    before = sorted(map(str, tmp_path.rglob("*")))
    with pytest.raises(memc.MemcError, match=words):
        lake.add(
            tmp_path / "lake", memc.load(system(tmp_path / "s")), "h", tables=["owners"]
        )
    assert sorted(map(str, tmp_path.rglob("*"))) == before


def test_a_file_that_is_refused_tells_no_clock(tmp_path):
    """What is said of the clocks of hosts is said of what was added."""
    (tmp_path / "lake").mkdir()
    _foreign(tmp_path / "lake" / "owners")
    done = memc_lake("add", tmp_path / "lake", system(tmp_path / "s"), "--host", "h")
    assert done.status == 1
    assert b"not one of memc" in done.err
    assert b"newest time" not in done.err


def test_a_damaged_file_is_named_by_compact_on_one_line(tmp_path):
    folder = tmp_path / "lake"
    system(tmp_path / "s")
    assert memc_lake("add", folder, tmp_path / "s", "--host", "h").status == 0
    (bad,) = lake.files(str(folder), "groups")
    os.truncate(bad, 100)
    done = memc_lake("compact", folder, "--date", DAY)
    assert done.status == 1
    (line,) = done.err.decode().splitlines()
    assert bad in line
    assert b"owners: 1 day" in done.out


def test_a_lake_that_is_no_folder(tmp_path):
    system(tmp_path / "s")
    (tmp_path / "file").write_text("x")
    for folder, words in (
        (tmp_path / "file", b"not a folder"),
        (tmp_path / "no" / "lake", b"no lake can be made there"),
        (os.fsencode(tmp_path) + b"/\xff", b"not UTF-8"),
        (tmp_path / "a%20b", b"a % and digits"),
        (tmp_path / "a\\b", b"a \\ or a control character"),
        (tmp_path / "a\nb", b"a \\ or a control character"),
        (tmp_path / "a\x1b[31mb", b"a \\ or a control character"),
    ):
        name = os.fsdecode(folder)
        done = memc_lake("add", name, tmp_path / "s", "--host", "h")
        assert done.status == 1
        assert words in done.err
        assert b"Traceback" not in done.err
    assert sorted(os.listdir(tmp_path)) == ["file", "s"]  # nothing was half made


def test_a_lake_with_an_odd_name(tmp_path):
    folder = tmp_path / "l'ake [1]* \N{SNOWMAN} %2"
    for i in range(2):
        source = system(tmp_path / "s", NOON + i)
        assert memc_lake("add", folder, source, "--host", "h").status == 0
    assert memc_lake("compact", folder, "--date", DAY).status == 0
    for table in TABLES:
        files = lake.files(str(folder), table)
        assert [os.path.isfile(path) for path in files] == [True]


def test_incoming_is_taken_in_and_what_is_torn_stays(tmp_path):
    folder = tmp_path / "lake"
    incoming = folder / "incoming"
    (incoming / "web1").mkdir(parents=True)
    (incoming / "we b").mkdir()
    (incoming / "web2").symlink_to(tmp_path)
    system(incoming / "web1" / "a.json")
    system(incoming / "we b" / "a.json")
    torn = incoming / "web1" / "torn.parquet"
    torn.write_bytes(b"PAR1" + os.urandom(300))
    secret = incoming / "web1" / "z.json"
    secret.symlink_to("/etc/passwd")
    done = memc_lake("add", folder)
    assert done.status == 1
    for name in (torn, secret, incoming / "we b", incoming / "web2"):
        assert f"{name}: ".encode() in done.err
    assert samples(folder) == [("web1", None, NOON, None)]
    left = sorted(path.name for path in (incoming / "web1").iterdir())
    assert left == ["torn.parquet", "z.json"]


def test_rows_of_parquet_that_a_host_wrote_are_taken_in(tmp_path):
    import pyarrow.parquet as pq

    path = tmp_path / "lake" / "incoming" / "web1" / "boot-1.parquet"
    path.parent.mkdir(parents=True)
    found = memc.load(system(tmp_path / "s"))
    pq.write_table(lake.rows(found, "web1", "owners").read_all(), path)
    done = memc_lake("add", tmp_path / "lake")
    assert done.status == 0
    assert count(tmp_path / "lake", "owners") == 3
    assert not path.exists()


def test_a_host_without_a_lake_writes_files_that_a_lake_takes_in(tmp_path):
    host, folder = tmp_path / "host", tmp_path / "lake"
    source = system(tmp_path / "s")
    args = ("add", host, source, "--host", "web1", "--format", "parquet")
    assert b"added 1 sample of 1 file: 3 rows of groups" in memc_lake(*args).out
    assert memc_lake(*args).out.startswith(b"added ")
    files = sorted((host / "incoming" / "web1").iterdir())
    assert [path.name.split(".", 1)[1] for path in files] == [
        f"{table}.parquet" for table in TABLES
    ]
    assert lake.files(str(host), "owners") == [str(files[1])]
    assert not (host / "owners").exists()
    shutil.copytree(host, folder)
    assert memc_lake("add", folder).status == 0
    check_whole(folder, {("web1", NOON)})
    assert not [*(folder / "incoming" / "web1").iterdir()]


def test_a_drop_forgets_old_days_alone(tmp_path):
    folder = tmp_path / "lake"
    for days in (0, 1, 5):
        source = system(tmp_path / "s", NOON - days * 86_400_000)
        lake.add(folder, memc.load(source), "h")
    done = memc_lake("drop", folder, "--before", DAY, "--table", "owners,regions")
    assert done.out == (
        b"owners: 2 days before 2026-11-26 dropped, 6 rows\n"
        b"regions: 2 days before 2026-11-26 dropped, 30 rows\n"
    )
    assert [len(samples(folder, table)) for table in TABLES] == [3, 1, 1]
    assert memc_lake("drop", folder).status == 2


WRONG = [
    ((), b"what to do?", "no action"),
    (("burn", "L"), b"'burn' is no action", "another action"),
    (("add",), b"no lake is named", "no lake"),
    (("add", "L"), b"nothing to add", "no file, and no incoming/"),
    (("add", "L", "f", "--before", "1d"), b"takes no --before", "an option of drop"),
    (("compact", "L", "--host", "h"), b"takes no --host", "an option of add"),
    (("compact", "L", "--date", "today"), b"a date such as", "no date"),
    (("compact", "L", "M"), b"unexpected 'M'", "two lakes"),
    (("drop", "L", "--before", "soon"), b"days such as 30d", "no age"),
    (("add", "L", "f", "--table", "owner"), b"some of groups", "another table"),
    (("add", "L", "f", "--every", "0s"), b"a time such as", "no time"),
]


@cases(WRONG, why=2)
def test_a_wrong_command_line_is_told(case):
    args, words, _ = case
    done = memc_lake(*args)
    assert done.status == 2
    assert words in done.err
