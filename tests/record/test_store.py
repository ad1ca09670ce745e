"""The store of a recording: its size, its faults, and who may write to it."""

import os
import random
import sqlite3
import subprocess
import sys

import pytest

import memc
from memc.files.recording import open as opening
from memc.record.batch import NUMBERS
from memc.record.room import NoRoom, Room
from memc.record.store import MIN_SIZE, Full, Store

RUN = ("1", None, None, "boot", 5, "{}", 0)


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "a %3f?mode=ro#é run.memc")


def make(path, max_size=MIN_SIZE * 2):
    store = Store(path, max_size=max_size)
    store.begin_run(RUN)
    store.begin_segment(0, 0)
    return store


def add(store, t_ms, processes=20, size=100):
    for process in range(processes):
        row = (store.segment, process, t_ms, 1, 2, 3, 4, 5, 6, 7, 8, 9, "S")
        store.batch.add("_usage", row)
    row = (store.segment, 1, t_ms, 1, "{}", random.randbytes(size))
    store.batch.add("_frame", row)
    store.batch.add("_tick", (store.segment, t_ms, 0, 0, processes, 0, 0))


def sizes(path):
    return sum(
        os.stat(path + end).st_size
        for end in ("", "-wal")
        if os.path.exists(path + end)
    )


def fill(store, path, batches, **kinds):
    """Write batches, as a recorder does; return the largest size, and why it failed."""
    largest, why = 0, set()
    for t_ms in range(batches):
        add(store, t_ms, **kinds)
        try:
            if store.is_segment_full():
                store.begin_segment(t_ms, 0)
            store.flush()
        except Full as error:
            why.add(error.why)
            store.keep_events(error)
        largest = max(largest, sizes(path))
    return largest, why


KINDS = {
    "small rows": {"batches": 800, "processes": 100, "size": 10},
    "frames": {"batches": 800, "size": 20_000},
    "large frames": {"batches": 200, "size": 300_000},
    "one row each time": {"batches": 1500, "processes": 1, "size": 1},
}


@pytest.mark.parametrize("max_size", [MIN_SIZE, MIN_SIZE * 4])
@pytest.mark.parametrize("kinds", KINDS.values(), ids=KINDS)
def test_file_and_wal_stay_within_the_size_at_every_moment(path, max_size, kinds):
    store = make(path, max_size)
    largest, why = fill(store, path, **kinds)
    store.close(9, "done")
    assert largest <= max_size
    assert not why
    check(path)


def check(path):
    db = opening.connect(path)
    assert db.execute("pragma integrity_check").fetchall() == [("ok",)]
    ticks = "select segment, t_ms from _tick"
    lost = f"select count(*) from _usage where (segment, t_ms) not in ({ticks})"
    assert db.execute(lost).fetchone() == (0,)
    ticks = [t for (t,) in db.execute("select t_ms from tick order by 1")]
    db.close()
    return ticks


def test_what_is_kept_is_most_of_the_size(path):
    """Ten times the size is written; after each drop most of it is there still."""
    most = MIN_SIZE * 4
    store, kept, written = make(path, most), [], 0
    for t_ms in range(most * 10 // 300_000):
        add(store, t_ms, size=300_000)
        if store.is_segment_full():
            store.begin_segment(t_ms, 0)
        store.flush()
        written += 300_000
        assert sizes(path) <= most
        if written > most:
            kept.append(store.size() / most)
    store.close(9, "done")
    assert min(kept) >= 0.6


def test_a_reader_that_stays_does_not_let_the_file_grow(path):
    store = make(path)
    add(store, 1)
    store.flush()
    reader = opening.connect(path)
    reader.execute("begin")
    reader.execute("select count(*) from usage").fetchone()
    largest, why = fill(store, path, 600, size=20_000)
    assert largest <= MIN_SIZE * 2
    assert why == {"reader"}
    reader.close()
    store.flush()
    add(store, 5000)
    store.flush()
    store.close(9, "done")
    assert check(path)[-1] == 5000


def test_a_batch_that_is_larger_than_the_file_may_be(path):
    store = make(path, MIN_SIZE)
    add(store, 1, size=MIN_SIZE)
    with pytest.raises(Full, match="--max-size has no room"):
        store.flush()
    store.batch.clear_but_events(MIN_SIZE)
    store.flush()
    store.begin_segment(2, 0)
    add(store, 3)
    store.close(9, "done")
    assert check(path) == [3]


def test_events_that_wait_for_room_take_a_part_of_the_size_at_most(path):
    store = make(path, MIN_SIZE)
    store.flush()
    for t_ms in range(4000):
        process = (t_ms, "b", t_ms, 1, 0, 1, 0, "a", None, None, None, 1, 2, 1)
        store.batch.add("_process", process)
        store.batch.add("_event", (1, t_ms, t_ms, "ended", None))
    lost = store.keep_events(Full("no room", "reader"))
    assert 1000 < lost < 4000
    assert store.batch.size <= MIN_SIZE // 10
    store.close(9, "done")
    db = opening.connect(path)
    ask = "select min(t_ms), max(t_ms), count(*), count(name) from event"
    kept = 4000 - lost
    assert db.execute(ask).fetchone() == (lost, 3999, kept, kept)
    db.close()


@pytest.mark.parametrize(("count", "length"), [(30_000, 20), (6000, 300)])
def test_names_of_files_are_within_the_size_too(path, count, length):
    store, chance = make(path, MIN_SIZE), random.Random(1)
    for t_ms in range(6):
        if store.is_segment_full():
            store.begin_segment(t_ms, 0)
        add(store, t_ms, processes=1, size=1)
        for _ in range(count):
            store.strings.number(chance.randbytes(length))
        try:
            store.flush()
        except Full as error:
            store.keep_events(error)
        assert sizes(path) <= MIN_SIZE
    store.drop()


def test_rows_that_are_counted_as_numbers_have_no_texts(path):
    make(path).close(9, "done")
    db = opening.connect(path)
    columns = {
        (name, kind)
        for table in NUMBERS
        for _, name, kind, *_ in db.execute(f"pragma table_info({table})")
    }
    db.close()
    others = {name for name, kind in columns if kind.lower() != "int"}
    assert others == {"state"}  # one letter


# Why there is no room, and how much of what there was none for the next flush needs.
LACKED = {"reader": 1, "disk full": 2, "size": 2}


@pytest.mark.parametrize(("why", "part"), LACKED.items())
def test_after_a_flush_without_room_the_next_needs_as_much(
    path, monkeypatch, why, part
):
    store, needed = make(path), []
    add(store, 1, size=100_000)
    size = store.batch.size

    def full(_, size, _pages, _segment):
        needed.append(size)
        raise NoRoom(why)

    monkeypatch.setattr(Room, "make", full)
    for _ in range(3):
        with pytest.raises(Full) as caught:
            store.flush()
        store.keep_events(caught.value)
    assert needed == [size, size, size // part]
    monkeypatch.undo()
    store.flush()
    add(store, 2)
    store.close(9, "done")
    assert check(path) == [2]


def test_a_second_recorder_is_refused(path):
    store = make(path)
    with pytest.raises(memc.MemcError, match=f"process {os.getpid()} records into it"):
        Store(path, max_size=MIN_SIZE)
    store.close(9, "done")
    make(path).close(10, "again")
    db = opening.connect(path)
    assert db.execute("select id, why from run").fetchall() == [
        (1, "done"),
        (2, "again"),
    ]
    db.close()


CRASH = """
import sys
sys.path.insert(0, {folder!r})
from test_store import add, make
store = make({path!r})
t_ms = {begin}
while True:
    for _ in range(10):
        t_ms += 1
        add(store, t_ms, size=3000)
    store.flush()
    print(t_ms, flush=True)
    if store.is_segment_full():
        store.begin_segment(t_ms, 0)
"""


def test_sigkill_damages_nothing_and_loses_only_what_waited(path):
    begin = 0
    for _ in range(20):
        code = CRASH.format(folder=os.path.dirname(__file__), path=path, begin=begin)
        with subprocess.Popen(
            [sys.executable, "-c", code], stdout=subprocess.PIPE
        ) as child:
            lines = [child.stdout.readline() for _ in range(random.randrange(1, 30))]
            child.kill()
            lines += child.stdout.read().splitlines()
        ticks = check(path)
        begin = ticks[-1]
        assert begin >= max(int(line) for line in lines if line.strip())


def foreign(path, **pragmas):
    db = sqlite3.connect(path)
    db.execute("create table mine(a)")
    for name, value in pragmas.items():
        db.execute(f"pragma {name}={value}")
    db.commit()
    db.close()


def other_file(path):
    with open(path, "wb") as file:
        file.write(b"hello\n" * 100)


REFUSED = {
    "a text": (other_file, "not a recording of memc"),
    "a database of another": (foreign, "an SQLite file, but not a recording of memc"),
    "a newer recording": (
        lambda path: foreign(path, application_id=0x4D454D43, user_version=2),
        "a recording of version 2, and this memc reads 1: a newer memc made it",
    ),
    "a folder": (os.mkdir, "Is a directory"),
    "a pipe": (os.mkfifo, "not a regular file"),
}


@pytest.mark.parametrize(("put", "words"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_recording_is_refused_and_stays_as_it_is(path, put, words):
    put(path)
    before = os.stat(path)
    with pytest.raises((memc.MemcError, OSError), match=words):
        Store(path, max_size=MIN_SIZE)
    after = os.stat(path)
    assert (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)


LINKS = {"to a recording": True, "to nothing": False}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a link away")
@pytest.mark.parametrize("is_there", LINKS.values(), ids=LINKS)
def test_a_link_of_another_user_is_not_followed(tmp_path, is_there):
    shared, mine = tmp_path / "shared", tmp_path / "mine.memc"
    shared.mkdir()
    shared.chmod(0o1777)
    if is_there:
        make(str(mine)).close(9, "done")
    before = mine.read_bytes() if is_there else None
    link = shared / "run.memc"
    link.symlink_to(mine)
    os.lchown(link, 65534, 65534)
    with pytest.raises((memc.MemcError, OSError)):
        Store(str(link), max_size=MIN_SIZE)
    assert mine.exists() == is_there
    assert before == (mine.read_bytes() if is_there else None)
    assert link.is_symlink()


def test_a_link_of_this_user_is_followed(tmp_path):
    link, mine = tmp_path / "link.memc", tmp_path / "mine.memc"
    link.symlink_to(mine)
    store = make(str(link))
    add(store, 1)
    store.close(9, "done")
    assert link.is_symlink()
    assert check(str(mine)) == [1]


def test_a_full_disk_loses_only_what_it_has_no_room_for(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "none", str(folder)], check=True
    )
    try:
        path = str(folder / "run.memc")
        store = make(path, MIN_SIZE * 100)
        why, written = set(), 0
        for t_ms in range(1000):
            add(store, t_ms, size=3000)
            try:
                if store.is_segment_full():
                    store.begin_segment(t_ms, 0)
                store.flush()
                written = t_ms
            except Full as error:
                why.add(error.why)
                store.batch.clear_but_events(MIN_SIZE)
                store.batch.takes_all = True
        size = store.size()
        store.drop()
        assert why <= {"disk full"}
        assert size < 4 << 20
        assert written > 900  # a full disk did not stop it
        assert check(path)[-1] == written
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_only_the_user_may_read_the_files(path):
    mask = os.umask(0)
    try:
        store = make(path)
        add(store, 1)
        store.flush()
        ends = ("", "-wal", "-shm", "-lock")
        assert [os.stat(path + end).st_mode & 0o777 for end in ends] == [0o600] * 4
        store.close(9, "done")
    finally:
        os.umask(mask)


def test_the_views_have_the_columns_that_users_rely_on(path):
    make(path).close(9, "done")
    db = opening.connect(path)
    columns = {
        view: " ".join(row[1] for row in db.execute(f"pragma table_info({view})"))
        for (view,) in db.execute("select name from sqlite_master where type='view'")
    }
    db.close()
    assert columns == VIEWS


VIEWS = {
    "process": "process pid boot start_ticks exec ppid uid name cmdline cgroup "
    "first_ms last_ms",
    "usage": "t_ms time pid name process rss_kb vsize_kb anon_kb file_kb shmem_kb "
    "swap_kb minflt majflt threads state segment",
    "beside": "t_ms pid name process hugetlb_kb same_memory_as segment",
    "owner": "t_ms pid name process owner rss_kb swap_kb pss_kb uss_kb size_kb regions "
    "segment",
    "event": "t_ms pid name kind detail process segment",
    "tick": "t_ms cost_ns read_ns processes changed skipped segment",
    "machine": "t_ms total_kb available_kb swap_free_kb shmem_kb oom_kill psi_some_us "
    "psi_full_us segment",
    "segment": "id run began_ms boot_ns ended_ms",
    "run": "id memc kernel host boot pid options began_ms ended_ms why",
}


def test_number_that_sqlite_cannot_hold_is_an_error_of_memc(path):
    store = make(path)
    add(store, 1)
    store.flush()
    store.batch.add("_usage", (store.segment, 1, 2, 1 << 63, *[0] * 8, "S"))
    with pytest.raises(memc.MemcError, match="too large"):
        store.flush()
    store.batch.clear()
    store.close(9, "done")
    assert check(path)
