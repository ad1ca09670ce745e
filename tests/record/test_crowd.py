"""Recorders of a crowd of processes: what is kept of all, and what is never lost.

MEMC_TEST_TICKS=1000 and MEMC_TEST_KILLS=200 take some minutes.
"""

import json
import os
import random
import subprocess
import sys
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import pytest
from support.recorded import NAMESPACE, Timed, check, compile_crowd, people, query

from memc.files.recording import open as opening
from memc.record.store import MIN_SIZE, Full

TICKS = int(os.environ.get("MEMC_TEST_TICKS", "60"))
KILLS = int(os.environ.get("MEMC_TEST_KILLS", "20"))
HOUR = 3600
MIB = 1 << 20


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    return compile_crowd(tmp_path_factory.mktemp("crowd"))


@pytest.fixture
def crowd(program):
    with people(program, 40, 60) as crowd:
        yield crowd


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "run.memc")


def count_rows(session, monkeypatch):
    """Count the rows that a session adds to each table."""
    counts, batch = {}, session._store.batch
    add, add_numbers = type(batch).add, type(batch).add_numbers

    def counted(self, table, row):
        counts[table] = counts.get(table, 0) + 1
        add(self, table, row)

    def counted_numbers(self, table, rows):
        counts[table] = counts.get(table, 0) + len(rows)
        add_numbers(self, table, rows)

    monkeypatch.setattr(type(batch), "add", counted)
    monkeypatch.setattr(type(batch), "add_numbers", counted_numbers)
    return counts


# What the clocks do after each 20th tick: how far the wall clock is set, and how long
# the machine is suspended, in seconds.
CLOCKS = {
    "clocks that go on": ((0, 0), []),
    "an hour forth": ((HOUR, 0), []),
    "an hour back": ((-HOUR, 0), []),
    "suspended": ((0, 900), ["suspended"]),
    "suspended, and set": ((30, 900), ["suspended"]),
}


@pytest.mark.parametrize(("how", "gaps"), CLOCKS.values(), ids=CLOCKS)
def test_no_row_takes_the_place_of_another(path, crowd, monkeypatch, how, gaps):
    jump, asleep = how
    session = Timed(path, proc=crowd.proc, duty=100, flush_s=7)
    counts = count_rows(session, monkeypatch)
    for tick in range(1, TICKS + 1):
        crowd.work()
        session.step()
        if tick % 20 == 0 and tick < TICKS:
            session.clocks.wall_ns += jump * 10**9
            session.clocks.go(asleep, asleep=True)
    session.close("done")
    check(path)
    for table in ("_tick", "_machine", "_usage", "_held", "_event"):
        assert query(path, f"select count(*) from {table}") == [(counts[table],)]
    told = [row[0] for row in query(path, "select detail from event where kind='gap'")]
    assert [json.loads(gap)["why"] for gap in told] == gaps * ((TICKS - 1) // 20)
    for table in ("_tick", "_event"):  # in the order in which they were written
        order = "segment, t_ms" if table == "_tick" else "rowid"
        rows = query(path, f"select segment, t_ms from {table} order by {order}")
        assert rows == sorted(rows)


def test_each_process_has_a_row_from_its_begin_to_its_end(path, crowd):
    session = Timed(path, proc=crowd.proc, duty=0)
    for _ in range(TICKS):
        crowd.work()
        session.step()
    session.close("done")
    alive = query(path, "select processes from tick")
    assert len(set(alive)) == 1  # one begins when another ends
    born = TICKS // 10
    kinds = "select kind, count(*) from event group by 1 order by 1"
    assert query(path, kinds) == [("ended", born), ("started", alive[0][0] + born)]
    wrong = """select count(*) from usage join process using(process)
      where t_ms not between first_ms and last_ms"""
    assert query(path, wrong) == [(0,)]
    assert query(path, "select count(distinct process) from usage") == [
        (alive[0][0] + born,)
    ]


RECORDER = """
import sys
sys.path[:0] = [{support!r}]
from support.recorded import Timed
session = Timed({path!r}, proc={proc!r}, detail="smaps", duty=100)
while True:
    for _ in range(5):
        session.step()
    session.flush()
    print(session.ticks, flush=True)
"""


def test_recorder_that_is_killed_leaves_a_whole_file(path, crowd):
    support = str(Path(__file__).parent.parent)
    code = RECORDER.format(support=support, path=path, proc=crowd.proc)
    written = 0
    for _ in range(KILLS):
        argv = [sys.executable, "-c", code]
        with subprocess.Popen(argv, stdout=subprocess.PIPE, cwd="/") as child:
            for _ in range(random.randrange(1, 5)):
                line = child.stdout.readline()
                crowd.work()
            child.kill()
            rest = child.stdout.read().splitlines()
        written += max(int(told) for told in (line, *rest) if told.strip().isdigit())
        check(path)
        assert query(path, "select count(*) from tick")[0][0] >= written
    # The next recorder tells when the one before it was seen last.
    ask = "select count(*), sum(why is 'killed'), count(why) from run"
    assert query(path, ask) == [(KILLS, KILLS - 1, KILLS - 1)]


REUSED = str(Path(__file__).parent.parent / "programs" / "reused.py")


def test_pid_that_is_used_again_is_never_one_series(path):
    argv = [*NAMESPACE, sys.executable, REUSED, path]
    pid = int(subprocess.check_output(argv, cwd="/"))
    lives = query(path, f"select name, exec from process where pid={pid} order by 1, 2")
    assert lives == [("sh", 0), ("sh", 0), ("sleep", 1)]
    rows = query(
        path,
        f"""select process, u.name, min(t_ms), max(t_ms), first_ms, ifnull(last_ms, 0)
        from usage u join process p using(process) where u.pid={pid} group by 1""",
    )
    assert [row[1] for row in rows] == ["sh", "sh", "sleep"]
    for _, _, least, most, first, last in rows:
        assert first <= least <= most <= last
    assert rows[0][5] <= rows[1][2]
    assert rows[1][5] <= rows[2][2]
    kinds = f"select kind from event where pid={pid} order by rowid"
    assert [row[0] for row in query(path, kinds)] == [
        *("started", "ended", "started", "exec")
    ]


def assert_told(path, most_s):
    """Assert that each hole between two ticks lies in the time of a gap."""
    gaps = [
        (t_ms - json.loads(detail)["length_ms"], t_ms)
        for t_ms, detail in query(
            path, "select t_ms, detail from event where kind='gap'"
        )
    ]
    ticks = [row[0] for row in query(path, "select t_ms from tick order by 1")]
    holes = [pair for pair in pairwise(ticks) if pair[1] - pair[0] > 1500]
    slack = most_s * 1000
    for begin, end in holes:
        assert any(a - slack <= begin and end <= b + slack for a, b in gaps)
    return len(holes)


@pytest.fixture
def disk(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(folder)]
    subprocess.run(mount, check=True)
    yield str(folder / "run.memc")
    subprocess.run(["umount", str(folder)], check=True)


def test_recorder_goes_on_where_the_disk_is_small(disk, crowd):
    session = Timed(disk, proc=crowd.proc, duty=100, max_size=MIN_SIZE)
    for tick in range(10 * TICKS):
        if tick % 4 == 0:
            crowd.work()
        session.step()
        assert session.size() <= MIB
    with suppress(Full):  # it tells that the last ticks are lost
        session.close("done")
    check(disk)
    assert_told(disk, 11)
    last = query(disk, "select max(t_ms) from tick")[0][0]
    assert session.clocks.wall_ns // 10**6 - last <= 11_000  # still at work


def test_reader_that_stays_does_not_let_a_recording_grow(path, crowd):
    session = Timed(
        path,
        proc=crowd.proc,
        detail="smaps",
        duty=100,
        max_size=MIN_SIZE,
        regions=["/./"],
    )
    session.step()
    session.flush()
    reader = opening.connect(path)
    reader.execute("begin")
    reader.execute("select count(*) from usage").fetchone()
    for _ in range(5 * TICKS):
        crowd.work()
        session.step()
        assert session.size() <= MIN_SIZE
    reader.close()
    for _ in range(40):
        crowd.work()
        session.step()
        assert session.size() <= MIN_SIZE
    session.close("done")
    check(path)
    assert_told(path, 11)
    last = query(path, "select max(t_ms) from tick")[0][0]
    assert session.clocks.wall_ns // 10**6 - last <= 1000
