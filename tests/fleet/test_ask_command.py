"""``memc lake ask`` and ``memc lake sql``, on a made-up lake."""

import csv
import io
import json
import os
import random
import re

import duckdb
import pytest
from support.commands import SIBLING, Command
from support.fleet_cases import at, table_of
from support.fleet_lakes import ROWS, make_lake, put

from memc import fleet
from memc.cli.lake.ask_text import text
from memc.cli.query import table
from memc.errors import MemcError
from memc.fleet.asking import QUESTIONS
from memc.fleet.lake import files
from memc.human.units import width_of

memc = Command("python", (SIBLING,))
PATH = {"holders": ["libssl*"]}
MORE = {"holders": {"path": "libssl*"}}


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    return make_lake(tmp_path_factory.mktemp("fleet"))


def asked(lake, question, **told):
    return fleet.ask(str(lake), question, **MORE.get(question, {}), **told)


@pytest.mark.parametrize("question", QUESTIONS)
def test_same_rows_in_other_files_give_the_same_answer(lake, tmp_path, question):
    """As after compaction: one file, and the rows in another order."""
    name = QUESTIONS[question].table
    rows = [row for host in range(8) for row in ROWS[name](host, 6)]
    random.Random(7).shuffle(rows)
    for row in rows:
        if row["host"] == "host-000":  # its memc was older
            row.update(dict.fromkeys(("processes", "received", "part", "pss_kb")))
    made = table_of(name, rows)
    put(tmp_path / name, made)
    gone = [row for host in range(8) for row in ROWS["missing"](host, 6)]
    put(tmp_path / "missing", table_of("missing", gone))
    one, other = asked(lake, question), asked(tmp_path, question)
    assert one.rows == other.rows
    assert one.rows
    assert one.notes == other.notes


def test_command_prints_json_twice_the_same_and_csv_of_the_same(lake):
    one, again = (memc("lake", "ask", lake, "hosts", "--json") for _ in range(2))
    assert (one.status, one.err) == (0, b"")
    assert one.out == again.out
    rows = json.loads(one.out)
    assert rows == asked(lake, "hosts").rows
    told = memc("lake", "ask", lake, "hosts", "--csv").out.decode()
    read = [*csv.DictReader(io.StringIO(told))]
    texts = [{k: "" if v is None else str(v) for k, v in row.items()} for row in rows]
    assert read == texts


def test_command_prints_a_table_and_notes(lake):
    done = memc("lake", "ask", lake, "growth", "--host", "host-00*,nobody")
    assert done.status == 0
    head, *rows = done.out.decode().splitlines()
    titles = "GROWTH PER HOUR LAST HOST PART GROUP OWNER"
    assert " ".join(head.split()) == titles
    assert "22.0M" in rows[0]
    assert "база данных.service" in rows[0]
    assert done.err.decode().splitlines() == [
        "memc: 1 of 8 hosts: uss_kb is not known: they have no row",
        "memc: 1 of 8 hosts: uss_kb is not known of some processes or times",
        "memc: 1 of 8 hosts: uss_kb is known at one time: no growth",
        "memc: no rows of host nobody",
    ]


def test_since_counts_from_the_newest_row_and_a_clock_ahead_does_not_move_it(lake):
    rows = asked(lake, "growth", since_s=7200, least_kb=1).rows
    began = {row["first_ms"] for row in rows if row["host"] != "host-004"}
    assert began == {1795651200000 + 3 * 3_600_000}
    assert asked(lake, "growth", since_s=10**7).rows == asked(lake, "growth").rows


def test_top_cuts_and_says_so(lake):
    answer = asked(lake, "growth", top=2)
    assert answer.is_cut
    assert answer.rows == asked(lake, "growth").rows[:2]
    assert not asked(lake, "growth", top=3).is_cut
    done = memc("lake", "ask", lake, "growth", "--top", "2")
    assert b"these are the first 2: there are more: --top 4" in done.err


def test_a_lake_where_no_host_could_be_asked_has_hosts(tmp_path):
    put(tmp_path / "missing", table_of("missing", [at(0, reason="x")]))
    (row,) = asked(tmp_path, "hosts").rows
    assert (row["host"], row["reason"], row["rows"]) == ("a", "x", None)


# The words behind "lake", the status, and what stderr says.
ERRORS = [
    ("ask {lake}", 2, "which question. growth, leaks"),
    ("ask {lake} growht", 2, "is no question .*: did you mean 'growth'"),
    ("ask {lake} growth x", 2, "unexpected 'x' behind the question growth"),
    ("ask {lake} holders", 2, "holders of which file"),
    ("ask {lake} growth --limit 3", 2, "the question growth takes no --limit"),
    ("ask {lake} hosts --min 3M", 2, "the question hosts takes no --min"),
    ("ask {lake} growth --json --csv", 2, "exclude each other"),
    ("ask {lake} growth --of size_kb", 2, "--of"),
    ("ask {lake} growth --host a,,b", 2, "names, or patterns"),
    ("ask {lake} growth --top 2147483648", 2, "a positive number, 2,147,483,647 at"),
    ("ask {lake} limits --limit 2147483648", 2, "2,147,483,647 at most"),
    ("ask {lake} leaks --min-hosts " + "9" * 30, 2, "2,147,483,647 at most"),
    ("sql {lake} budget --top " + "9" * 30, 2, "2,147,483,647 at most"),
    ("ask {lake} growth --since yesterday", 2, "expected a time such as"),
    ("ask {lake} growth --date 2026-11-26", 2, "memc lake ask takes no --date"),
    ("sql {lake} growth --json", 2, "memc lake sql takes no --json"),
    ("ask", 2, "no lake is named"),
    ("ask {lake}/no growth", 1, "no lake: "),
    ("ask {lake} growth --engine oracle", 1, "no engine 'oracle'"),
    ("sql {lake} growth --dialect klingon", 1, "no dialect 'klingon': .*spark"),
]


@pytest.mark.parametrize(("words", "status", "said"), ERRORS)
def test_what_is_wrong_is_told(lake, words, status, said):
    done = memc("lake", *[word.format(lake=lake) for word in words.split()])
    assert (done.status, done.out) == (status, b"")
    assert re.search(said, done.err.decode())
    assert b"Traceback" not in done.err


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("growth", {"top": 0}),
        ("growth", {"top": -1}),
        ("growth", {"top": 1 << 63}),
        ("growth", {"top": 1.5}),
        ("growth", {"least_kb": 1 << 63}),
        ("growth", {"least_kb": -(1 << 70)}),
        ("leaks", {"least_hosts": 1 << 70}),
        ("limits", {"limit": 0}),
        ("limits", {"limit": 1 << 70}),
        ("hosts", {"since_s": 0}),
        ("hosts", {"since_s": -5.0}),
        ("hosts", {"since_s": float("nan")}),
        ("hosts", {"since_s": 1e300}),
    ],
)
def test_a_number_that_no_engine_counts_with_is_told(lake, question, told):
    with pytest.raises(MemcError, match="expected a"):
        asked(lake, question, **told)
    with pytest.raises(MemcError, match="expected a"):
        fleet.sql(str(lake), question, **told)


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_row_of_a_table_is_a_line_of_80_columns(lake, monkeypatch, question):
    monkeypatch.setattr(table, "terminal_width", lambda _: 80)
    monkeypatch.setattr(os, "isatty", lambda _: True)
    answer = asked(lake, question)
    lines = text(question, answer, "never").splitlines()
    assert len(lines) == len(answer.rows) + 1
    assert max(map(width_of, lines)) <= 80


def test_a_note_about_one_host_is_of_one_host(lake):
    notes = asked(lake, "growth", hosts=["host-005"]).notes
    assert notes[0] == "1 of 1 host: uss_kb is known at one time: no growth"


def test_an_empty_lake_is_told(tmp_path):
    for question in QUESTIONS:
        with pytest.raises(MemcError, match=r"no rows in its table \w+: memc lake add"):
            asked(tmp_path, question)


def test_a_lake_of_a_newer_format_is_refused(tmp_path):
    put(tmp_path / "groups", table_of("groups", [at(0)]), form="2")
    with pytest.raises(MemcError, match="its format is 2, and this memc knows 1"):
        asked(tmp_path, "growth")


def cut_short(path):
    os.truncate(path, os.path.getsize(path) // 2)


def overwrite(path):
    with open(path, "r+b") as file:  # a page: the footer stays whole
        file.seek(4)
        file.write(b"\xff" * 200)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (cut_short, "a damaged Parquet file"),
        (overwrite, "a damaged Parquet file"),
        (lambda path: os.truncate(path, 0), "a damaged Parquet file"),
        (os.unlink, "No such file|no such file|is not there|does not exist"),
    ],
    ids=["cut", "overwritten", "empty", "deleted"],
)
def test_a_damaged_file_is_named(tmp_path, damage, said):
    lake = make_lake(tmp_path, hosts=3, hours=2, tables=("groups",))
    bad = sorted(files(str(lake), "groups"))[1]
    damage(bad)
    with pytest.raises(MemcError, match=said) as caught:
        asked(lake, "growth", least_kb=-(10**9))
    assert str(caught.value).startswith(bad)


@pytest.mark.parametrize("question", QUESTIONS)
def test_sql_of_duckdb_runs_as_it_is_and_answers_the_same(lake, question):
    told = {"since_s": 10_800, "hosts": ["host-00*"], "top": 3}
    text = fleet.sql(str(lake), question, **MORE.get(question, {}), **told)
    rows = asked(lake, question, **told).rows
    *before, last = duckdb.extract_statements(text)
    with duckdb.connect() as con:
        for statement in before:
            con.execute(statement)
        found = con.sql(last.query).to_arrow_table().to_pylist()
    assert len(found) == len(rows)
    for one, other in zip(found, rows, strict=True):
        assert {k: v for k, v in one.items() if not k.endswith("_ts")} == {
            k: v for k, v in other.items() if not k.endswith("_ms")
        }


DIALECTS = ["spark", "trino", "clickhouse", "snowflake", "bigquery", "postgres"]


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("question", QUESTIONS)
def test_every_question_is_said_in_the_dialects(lake, question, dialect):
    more = MORE.get(question, {})
    text = fleet.sql(str(lake), question, dialect=dialect, **more)
    assert "SELECT" in text
    assert text.endswith(";\n")
    assert text == fleet.sql(str(lake), question, dialect=dialect, **more)


def test_a_database_that_has_the_tables_answers_the_same(lake, tmp_path):
    path = tmp_path / "fleet.ddb"
    with duckdb.connect(str(path)) as con:
        for table in ("groups", "missing"):
            listed = str(files(str(lake), table))
            made = f'create table "{table}" as from read_parquet({listed}, {{}})'
            con.execute(made.format("union_by_name=true"))
    for question in ("growth", "hosts"):
        found = asked(lake, question, engine=f"duckdb://{path}")
        assert found.rows == asked(lake, question).rows
    with pytest.raises(MemcError, match="no table 'owners' there"):
        asked(lake, "limits", engine=f"duckdb://{path}")


def test_an_engine_that_is_not_installed_is_told(lake, tmp_path):
    lost = "raise ModuleNotFoundError('no', name=__name__)\n"
    for name in ("pyspark", "ibis", "trino"):
        (tmp_path / f"{name}.py").write_text(lost)
    env = {"PYTHONPATH": str(tmp_path)}
    done = memc("lake", "ask", lake, "growth", env=env)
    assert (done.status, done.out) == (1, b"")
    assert b"pip install 'memc[lake]'" in done.err
    (tmp_path / "ibis.py").unlink()
    for engine, cure in (
        ("local", b"pip install pyspark"),
        ("trino://h/c", b"ibis-framework[trino]"),
    ):
        done = memc("lake", "ask", lake, "growth", "--engine", engine, env=env)
        assert (done.status, done.out) == (1, b"")
        assert cure in done.err


def test_an_engine_that_nobody_listens_for_is_told_at_once(lake):
    pytest.importorskip("pyspark", reason="the extra of engines")
    with pytest.raises(MemcError, match="cannot reach it"):
        asked(lake, "growth", engine="spark://127.0.0.1:1")
    with pytest.raises(MemcError, match="expected spark://HOST:PORT"):
        asked(lake, "growth", engine="spark://nowhere")
