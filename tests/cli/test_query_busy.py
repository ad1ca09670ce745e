"""``memc query`` of a busy machine: many ended while one was killed."""

import re
import sqlite3

import pytest
from support.commands import COMMANDS
from support.recordings import NOON, Made
from support.terminal import run_on_terminal

from memc.cli.query import verify

SECOND = 1000


def out(*words):
    result = COMMANDS["python"]("query", *words)
    assert (result.status, result.err) == (0, b""), result.err
    return result.out.decode()


@pytest.fixture(scope="module")
def busy(tmp_path_factory):
    path = tmp_path_factory.mktemp("busy") / "kill.memc"
    made = Made(path)
    made.run(NOON)
    ids = [made.start(NOON, 100 + i, b"p%d" % i) for i in range(9)]
    made.tick(NOON, {number: {"rss_kb": 1024} for number in ids})
    made.event(NOON + SECOND, "oom", '{"kills":1}')
    for i, number in enumerate(ids):
        made.end(NOON + SECOND, number, last_rss_kb=(9 - i) << 10 or None, oom=True)
    quiet = made.start(NOON + SECOND, 300, b"quiet")
    made.tick(NOON + SECOND)
    made.end(NOON + 2 * SECOND, quiet, last_rss_kb=None)
    made.tick(NOON + 2 * SECOND)
    made.close()
    return path


def test_many_that_ended_at_a_kill_hide_nobody(busy):
    """The largest are told, and how many ended beside them; CSV has all."""
    told = out(busy, "--events", "--kind", "killed")
    assert [line.split()[3] for line in told.splitlines()[2:-1]] == ["p0", "p1", "p2"]
    assert "6 smaller ones ended at the same time as these" in told
    assert len(out(busy, "--events", "--kind", "killed", "--csv").splitlines()) == 11
    assert "6 smaller" not in out(busy, "--events")
    assert "ended    its RSS was not seen\n" in out(busy, "--events")
    assert "nothing of this kind" in out(busy, "--events", "--kind", "note")


@pytest.mark.parametrize("need", verify.NEEDS, ids=lambda need: " ".join(need[:2]))
def test_check_looks_for_each_row_by_a_key(busy, need):
    """A search of a whole table for each row takes minutes."""
    table, what, other, same = need
    given = verify.GIVEN.get(what, "")
    sql = verify.ALONE.format(table=table, given=given, other=other, same=same)
    db = sqlite3.connect(busy)
    plan = [row[3] for row in db.execute(f"explain query plan {sql}")]
    db.close()
    assert [words for words in plan if words.startswith("SCAN o")] == []


@pytest.mark.parametrize("asked", [[], ["--events"], ["--grew", "+0s", "-0s"]])
def test_lines_are_cut_between_words_of_a_narrow_terminal(busy, asked):
    memc = COMMANDS["python"]
    whole, narrow = (
        run_on_terminal(
            memc, "query", busy, *asked, COLUMNS=columns, NO_COLOR="1"
        ).decode()
        for columns in ("999", "60")
    )
    assert re.sub(r"\s+", " ", narrow) == re.sub(r"\s+", " ", whole)
    long = [line for line in narrow.splitlines() if len(line) > 60]
    assert [line for line in long if str(busy) not in line] == []
