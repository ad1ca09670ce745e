"""Recorders of a crowd of processes: what is kept of all, and what is never lost.

MEMC_TEST_TICKS=1000 and MEMC_TEST_KILLS=200 take some minutes.
"""

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from support.recorded import Timed, check, compile_crowd, people, query

TICKS = int(os.environ.get("MEMC_TEST_TICKS", "60"))
KILLS = int(os.environ.get("MEMC_TEST_KILLS", "20"))
HOUR = 3600


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
    add = type(batch).add

    def counted(self, table, row):
        counts[table] = counts.get(table, 0) + 1
        add(self, table, row)

    monkeypatch.setattr(type(batch), "add", counted)
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
