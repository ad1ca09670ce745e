"""SQL of a user on a recording: it reads, ends in time, and does nothing else."""

import hashlib
import sqlite3

import pytest

from memc.errors import MemcError
from memc.files.recording.open import connect
from memc.files.recording.sql import run
from memc.record.store import MIN_SIZE, Store

ENDLESS = "with recursive c(x) as (select 1 union all select x+1 from c)"


@pytest.fixture
def path(tmp_path):
    store = Store(str(tmp_path / "run.memc"), max_size=MIN_SIZE)
    store.begin_run(("1", None, None, "boot", 5, "{}", 0))
    store.begin_segment(0, 0)
    store.batch.add("_tick", (1, 1000, 5, None, 0, 0, 0))
    store.batch.add("_event", (1, 1000, None, "note", '{"text":"hi"}'))
    store.close(2000, "done")
    return tmp_path / "run.memc"


@pytest.fixture
def db(path):
    db = connect(str(path))
    yield db
    db.close()


@pytest.mark.parametrize(
    ("sql", "columns", "rows"),
    [
        ("select t_ms, read_ns from tick", ["t_ms", "read_ns"], [(1000, None)]),
        ("select 1;  -- and a comment", ["1"], [(1,)]),
        ("select 1 a, 2 a, 3 a, 4 a_2", ["a", "a_2", "a_3", "a_2_2"], [(1, 2, 3, 4)]),
        (
            "select e.value from event, json_each(detail) e",
            ["value"],
            [("hi",)],
        ),
        ("select name from pragma_table_info('tick') limit 1", ["name"], [("t_ms",)]),
        (f"{ENDLESS} select x from c limit 2", ["x"], [(1,), (2,)]),
        ("select t_ms from tick where t_ms > 5000", ["t_ms"], []),
    ],
)
def test_sql_finds_rows(db, sql, columns, rows):
    found = run(db, sql)
    assert (found.columns, found.rows) == (columns, rows)


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("insert into _tick values(1,2,3,4,5,6,7)", "only read: this SQL writes"),
        ("delete from _tick", "writes"),
        ("update _tick set cost_ns=0", "writes"),
        ("drop view tick", "writes"),
        ("create temp table mine(a)", "writes"),
        ("alter table _tick rename to t", "writes"),
        ("reindex", "writes"),
        ("analyze", "writes"),
        ("with a as (select 1) insert into _owner select 1, 'a' from a", "writes"),
        ("attach 'other' as other", "attaches another file"),
        ("attach ':memory:' as other", "attaches another file"),
        ("detach main", "detaches"),
        ("vacuum", "attaches another file"),
        ("vacuum into 'other'", "attaches another file"),
        ("pragma query_only=off", "sets a pragma"),
        ("pragma journal_mode=delete", "sets a pragma"),
        ("pragma writable_schema=on", "sets a pragma"),
        ("begin exclusive", "begins or ends a transaction"),
        ("savepoint one", "begins or ends a transaction"),
        ("select load_extension('other')", "a function that is not for data"),
        ("select LOAD_EXTENSION('other')", "a function that is not for data"),
        ("update sqlite_master set sql=''", "may not be modified"),
        ("select 1; delete from _tick", "more than one statement"),
        ("", "no statement"),
        ("-- nothing", "no statement"),
        ("selec", "syntax error"),
        ("select mine from tick", "no such column: mine"),
        ("select * from mine", "--views"),
        ("select zeroblob(1 << 30)", "too big"),
        ("select 'a\0b'", "null character"),
        ("select '\udcff'", "surrogates"),
    ],
)
def test_sql_that_does_more_than_read_is_refused(db, path, sql, words):
    before = hashlib.sha256(path.read_bytes()).digest()
    with pytest.raises(MemcError, match=words):
        run(db, sql)
    assert hashlib.sha256(path.read_bytes()).digest() == before
    assert not (path.parent / "other").exists()
    assert run(db, "select count(*) from tick").rows == [(1,)]  # the connection lives


@pytest.mark.parametrize("what", ["sum(x)", "x"], ids=["one step", "rows without end"])
def test_sql_ends_in_time(db, what):
    with pytest.raises(MemcError, match=r"stopped after 0\.2 s"):
        run(db, f"{ENDLESS} select {what} from c", timeout_s=0.2)
    assert not db.in_transaction
    assert run(db, "select 1").rows == [(1,)]


def test_what_progress_raises_ends_the_query_as_ctrl_c_does(db):
    told = []

    def progress(seconds, rows):
        told.append((seconds, rows))
        if rows > 5000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(db, f"{ENDLESS} select x from c", progress=progress)
    assert told[-1][1] > 5000


def test_values_stand_for_question_marks(db):
    found = run(db, "select ?, ?, ?", (None, 0, "x'; drop table _tick"))
    assert found.rows == [(None, 0, "x'; drop table _tick")]


def test_what_is_refused_would_be_done_without_the_guard(db, path):
    db.close()
    other = sqlite3.connect(path, isolation_level=None)
    for sql in ("delete from _tick", "analyze", "attach ':memory:' as other"):
        other.execute(sql)
    other.close()
