"""``memc query``: canned questions, SQL, and what must not come through."""

import csv
import io
import os
import random
import re
import sqlite3
import subprocess
import sys
from contextlib import suppress

import orjson
import pytest
from support.cases import cases
from support.commands import COMMANDS
from support.recordings import NOON, Made
from support.terminal import all_shown, run_on_terminal

from memc.cli.query import command
from memc.errors import MemcError

HOSTILE = b"=cmd\x1b[31m\n\xff"
SECOND = 1000
ENDLESS = """with recursive c(x) as (select 1 union all select x+1 from c)
    select sum(x) from c"""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Make a recording of ten minutes in three segments, with a gap of a minute."""
    path = tmp_path_factory.mktemp("query") / "run.memc"
    made = Made(path)
    made.run(NOON)
    leak = made.start(NOON, 100, b"leak", cmdline="leak --fast")
    odd = made.start(NOON, 200, HOSTILE)
    kernel = made.start(NOON, 300, b"kthread")
    shell = made.start(NOON, 400, b"sh")
    whole = {odd: {"rss_kb": 5000, "swap_kb": 0}, kernel: {}}
    usage = {leak: {"rss_kb": 1024}, shell: {"rss_kb": 900}}
    held = {leak: {"malloc main heap": 1000, "it's odd\x1b": 24}}
    made.tick(NOON, whole | usage, held=held)
    for second in range(1, 120):
        made.tick(NOON + second * SECOND, {leak: {"rss_kb": 1024 * (second + 1)}})
    program = made.exec(NOON + 120 * SECOND, shell, b"java")
    made.tick(
        NOON + 120 * SECOND,
        {program: {"rss_kb": 7000}},
        held={leak: {"malloc main heap": 120 << 10, "it's odd\x1b": {"regions": 0}}},
    )
    made.gap(NOON + 180 * SECOND, "late", 60 * SECOND)
    made.event(NOON + 181 * SECOND, "note", '{"text":"deploy \\u001b[31m"}')
    for second in range(180, 300):
        made.tick(NOON + second * SECOND)
    made.segment(NOON + 300 * SECOND, passed_ms=300 * SECOND)
    whole |= {leak: {"rss_kb": 150 << 10}, program: {"rss_kb": 7000}}
    made.tick(NOON + 300 * SECOND, whole, held={leak: {"malloc main heap": 140 << 10}})
    late = made.start(NOON + 301 * SECOND, 500, b"late")
    made.tick(NOON + 301 * SECOND, {late: {"rss_kb": 0, "swap_kb": 0}})
    made.event(NOON + 310 * SECOND, "oom", '{"kills":1}')
    made.end(NOON + 310 * SECOND, leak, last_rss_kb=150 << 10, oom=True)
    for second in range(302, 400):
        made.tick(NOON + second * SECOND)
    made.close()
    return str(path)


def query(*words):
    return COMMANDS["python"]("query", *words, env={"TZ": "UTC"})


def out(*words):
    result = query(*words)
    assert (result.status, result.err) == (0, b""), result.err
    return result.out.decode()


def rows(*words):
    return orjson.loads(out(*words, "--json"))


def test_info_tells_span_gap_size_and_what_a_day_costs(made):
    told = out(made)
    assert told == out(made, "--info")
    assert "2026-11-26 12:00:00 to 2026-11-26 12:06:39: 6 min 39 s, 1 run" in told
    assert "1, 1 min in all\n" in told
    assert "2026-11-26 12:02:00 to 2026-11-26 12:03:00: 1 min, late" in told
    assert "6 seen, 4 at the end" in told
    (row,) = rows(made, "--info")
    assert (row["begin_ms"], row["end_ms"]) == (NOON, NOON + 399 * SECOND)
    assert (row["gaps"], row["gap_ms"], row["ticks"]) == (1, 60 * SECOND, 341)
    assert row["bytes"] == os.path.getsize(made)
    assert 0 < row["bytes_a_day"] * 7 == row["bytes_in_a_week"]


def test_grew_tells_what_grew_between_two_times(made):
    found = rows(made, "--grew", "+0s", "+250s")
    table = [
        (r["name"], r["rss_before_kb"], r["rss_after_kb"], r["growth_kb"])
        for r in found
    ]
    assert table == [
        ("leak", 1024, 122880, 121856),
        ("java", None, 7000, 7000),
        (shown(HOSTILE), 5000, 5000, 0),
        ("sh", 900, None, -900),
        ("kthread", None, None, None),
    ]
    assert [(r["is_before"], r["is_after"]) for r in found] == [
        (1, 1), (0, 1), (1, 1), (1, 0), (1, 1),
    ]  # fmt: skip
    told = out(made, "--grew", "+0s", "+250s").splitlines()
    assert told[1].split() == ["119M", "1.67G", "1.00M", "120M", "100", "leak"]
    assert told[2].split()[2:] == ["-", "6.84M", "400", "java", "began"]
    assert told[3].split() == ["-900K", "-12.7M", "900K", "-", "400", "sh", "ended"]
    assert told[4].startswith(
        "resident memory, and hugetlb, from 2026-11-26 12:00:00 to"
    )


def shown(name):
    return name.decode("utf-8", "backslashreplace")


def test_who_ended_is_no_part_of_what_grew(made):
    found = rows(made, "--grew", "+301s", "+399s")
    leak = next(row for row in found if row["name"] == "leak")
    assert (leak["is_after"], leak["growth_kb"]) == (0, -(150 << 10))
    assert out(made, "--grew", "+301s", "+399s", "--top", "1").count("\n") == 4


def test_rss_is_every_row_for_programs_and_steps_for_people(made):
    found = rows(made, "--rss", "leak")
    assert len(found) == 121
    assert found[0] == {
        "t_ms": NOON, "pid": 100, "name": "leak", "process": 1, "rss_kb": 1024,
        "swap_kb": 0, "hugetlb_kb": 0,
    }  # fmt: skip
    told = out(made, "--rss", "leak").splitlines()
    assert told[0].split() == ["TIME", "RSS", "CHANGE", "MOST", "SWAP"]
    assert told[1].split() == ["2026-11-26", "12:00:00", "1.00M", "-", "1.00M", "0"]
    at = next(i for i, line in enumerate(told) if "gap of 1 min: late" in line)
    assert told[at - 1].split()[1:3] == ["12:02:00", "120M"]
    assert told[at].split()[1:3] == ["12:02:00", "-"]
    assert told[at + 1].split()[1:3] == ["12:03:00", "120M"]
    assert not [line for line in told if line.startswith("2026-11-26 12:02:30")]
    assert told[-1] == "process 100 leak"


def test_rss_in_a_span_begins_with_what_held_then(made):
    found = rows(made, "--rss", "100", "--from=+200s", "--to=+250s")
    assert [(row["t_ms"] - NOON, row["rss_kb"]) for row in found] == [
        (119 * SECOND, 120 << 10)
    ]
    told = out(made, "--rss", "100", "--from=+200s", "--to=+210s", "--top", "2")
    assert told.splitlines()[1].split()[1:] == ["12:03:20", "120M", "-", "120M", "0"]


@pytest.mark.parametrize("who", ["400", "/^(sh|java)$/"])
def test_programs_of_one_process_are_never_one_series(made, who):
    found = [(r["process"], r["name"], r["rss_kb"]) for r in rows(made, "--rss", who)]
    assert found == [(4, "sh", 900), (5, "java", 7000), (5, "java", 7000)]
    assert out(made, "--rss", who).splitlines()[0].split()[-2:] == ["PID", "NAME"]


def test_owner_tells_the_last_that_is_known(made):
    (row,) = rows(made, "--owner", "leak")
    assert (row["owner"], row["rss_kb"]) == ("malloc main heap", 140 << 10)
    assert (row["rss_before_kb"], row["growth_kb"], row["pss_kb"]) == (None,) * 3
    told = out(made, "--owner", "100").splitlines()
    assert told[0].split() == ["RSS", "SIZE", "REGIONS", "OWNER"]
    assert told[1].split() == ["140M", "100K", "1", "malloc", "main", "heap"]
    assert told[2].startswith("process 100 leak: what changed last was read at")


def test_owner_of_a_span_tells_its_growth_also_of_what_went(made):
    found = rows(made, "--owner", "leak", "--from=+0s", "--to=+200s")
    assert [(r["owner"], r["rss_kb"], r["growth_kb"]) for r in found] == [
        ("malloc main heap", 120 << 10, (120 << 10) - 1000),
        ("it's odd\x1b", None, None),
    ]


def test_owner_by_its_name_tells_who_has_it(made):
    found = rows(made, "--owner", "it's odd\x1b", "--to=+10s")
    assert [(r["pid"], r["rss_kb"]) for r in found] == [(100, 24)]
    assert rows(made, "--owner", "malloc main heap", "--to=+305s")[0]["pid"] == 100
    gone = query(made, "--owner", "malloc main heap")  # its process ended before
    assert gone.status == 1
    assert b"no owners were recorded" in gone.err


def test_events_are_told_in_words(made):
    told = out(made, "--events")
    lines = [line.split("  ", 1) for line in told.splitlines()]
    text = {line[0]: line[1].strip() for line in lines if len(line) > 1}
    assert "exec" in text["2026-11-26 12:02:00"]
    assert text["2026-11-26 12:03:00"].endswith("gap      late, length 1 min")
    assert text["2026-11-26 12:05:10"].endswith(
        "ended    while the kernel killed for memory, last RSS 150 MiB; "
        "held by malloc main heap 140 MiB"
    )
    assert "oom      kills 1" in told
    assert "deploy \\x1b[31m" in told
    found = rows(made, "--events", "--from=+302s")
    assert [(r["kind"], r["pid"]) for r in found] == [("oom", None), ("ended", 100)]
    assert rows(made, "--events", "--kind", "killed") == found
    kinds = rows(made, "--events", "--kind", "note,exec")
    assert [row["kind"] for row in kinds] == ["exec", "note"]


@pytest.mark.parametrize("form", [[], ["--csv"]])
@pytest.mark.parametrize(
    "asked",
    [
        ["--grew", "+0s", "+399s", "--top", "99"],
        ["--rss", "200"],
        ["--rss", "/./"],
        ["--owner", "100", "--from=+0s"],
        ["--events"],
        ["select name, cmdline from process"],
        ["select '=1+1' \"=a\x1b\", x'1b5b', char(27) || '[2J', char(8238)"],
        ["select detail from event"],
        [],
    ],
    ids=lambda asked: " ".join(asked)[:12],
)
def test_hostile_names_do_not_reach_a_terminal_or_a_spreadsheet(made, asked, form):
    told = out(made, *asked, *form)
    assert told.replace("\n", "").isprintable()
    if form:
        cells = [cell for row in csv.reader(io.StringIO(told)) for cell in row]
        assert not [c for c in cells if c.startswith(("=", "+", "@", "\t", "\r"))]


def test_null_is_not_zero(made):
    sql = "select name, rss_kb, swap_kb from usage where pid in (300, 500) limit 2"
    assert rows(made, sql) == [
        {"name": "kthread", "rss_kb": None, "swap_kb": None},
        {"name": "kthread", "rss_kb": None, "swap_kb": None},
    ]
    both = "select null a, 0 b, '' c, 0.5 d, x'00ff' e"
    assert rows(made, both) == [{"a": None, "b": 0, "c": "", "d": 0.5, "e": "00ff"}]
    assert out(made, both, "--csv") == "a,b,c,d,e\n,0,,0.5,00ff\n"
    assert out(made, both).splitlines()[1].split() == ["-", "0", "0.5", "x'00ff'"]
    (row,) = rows(made, "--rss", "500")
    assert (row["rss_kb"], row["swap_kb"]) == (0, 0)
    assert out(made, "--rss", "500").splitlines()[1].split()[2:] == ["0", "-", "0", "0"]
    assert out(made, "--rss", "300").splitlines()[1].split()[2:] == ["-"] * 4


def test_sql_without_rows_has_its_columns(made):
    sql = "select t_ms, name from usage where pid=77"
    assert out(made, sql).split() == ["t_ms", "name"]
    assert out(made, sql, "--csv") == "t_ms,name\n"
    assert rows(made, sql) == []


@pytest.mark.parametrize(
    "asked",
    [
        ["--rss", "leak"],
        ["--rss", "100", "--from=+10s", "--to=+20s"],
        ["--grew", "+0s", "+399s"],
        ["--owner", "leak", "--from=+0s", "--to=+9s"],
        ["--owner", "it's odd\x1b", "--to=+10s"],
        ["--events"],
        ["--events", "--kind", "killed,gap", "--from=+9s"],
    ],
    ids=" ".join,
)
def test_questions_print_sql_that_finds_the_same(made, asked):
    sql = out(made, *asked, "--sql")
    assert rows(made, sql) == rows(made, *asked)
    db = sqlite3.connect(f"file:{made}?mode=ro", uri=True)
    assert len(db.execute(sql).fetchall()) == len(rows(made, *asked))
    db.close()


def test_views_are_told_column_by_column(made):
    told = out(made, "--views")
    db = sqlite3.connect(f"file:{made}?mode=ro", uri=True)
    found = db.execute("select name from sqlite_master where type='view'").fetchall()
    columns = [
        {"view": view, "column": column}
        for (view,) in found
        for column in [c[0] for c in db.execute(f"select * from {view}").description]
    ]
    db.close()
    listed = rows(made, "--views")
    assert [{k: row[k] for k in ("view", "column")} for row in listed] == columns
    lines = {line.split()[0] for line in told.splitlines() if line.startswith("  ")}
    assert lines == {column["column"] for column in columns}
    assert all(row["meaning"] in told for row in listed)


def test_backup_is_a_whole_recording_that_needs_no_folder(made, tmp_path):
    copy = tmp_path / "copy.memc"
    copy.write_text("old")
    result = query(made, "--backup", str(copy))
    assert result.status == 0
    assert result.err.startswith(b"memc: wrote ")
    assert (copy.stat().st_mode & 0o777) == (0o644 & ~os.umask(os.umask(0)))
    assert [*tmp_path.iterdir()] == [copy]
    assert rows(str(copy), "--events") == rows(made, "--events")
    assert copy.read_bytes()[18:20] == b"\1\1"  # no WAL
    assert out(str(copy), "--check") == "ok: 341 ticks, 0 frames\n"
    again = query(str(copy), "--backup", str(copy))
    assert again.status == 1
    assert b"the recording itself" in again.err


def test_check_finds_damage(made, tmp_path):
    assert out(made, "--check").startswith("ok: ")
    copy = tmp_path / "copy.memc"
    assert query(made, "--backup", str(copy)).status == 0
    db = sqlite3.connect(copy)
    db.execute("delete from _tick where t_ms=?", (NOON,))
    db.execute("insert into _frame values(1, 1, ?, 1, '{}', x'00')", (NOON + 1000,))
    db.commit()
    db.close()
    result = query(str(copy), "--check")
    assert (result.status, result.out) == (1, b"")
    assert b"4 rows of _usage without a tick" in result.err
    with copy.open("r+b") as file:
        file.seek(5 * 4096)
        file.write(b"\xff" * 4096)
    result = query(str(copy), "--check")
    assert result.status == 1
    assert result.err.startswith(b"memc: ")
    assert b"Traceback" not in result.err


# status, words on stderr, why, arguments after FILE
WRONG = [
    (1, "only read: this SQL writes", "a write", ["delete from _tick"]),
    (1, "attaches another file", "an attach", ["attach 'x' as y"]),
    (1, "stopped after 0.1 s", "too long",
     [ENDLESS, "--timeout", "100ms"]),
    (1, "no such table: nope (memc query FILE --v", "no view", ["select * from nope"]),
    (1, "no process 'nobody' was recorded", "nobody", ["--rss", "nobody"]),
    (2, "--since is for --rss, --owner and --events", "a span of no question",
     ["--since", "5s"]),
    (1, "recorded; process 100 leak has it in its command line", "a word of a command",
     ["--rss", "k --fast"]),
    (1, "recorded; process 100 leak has it in its command line", "so of its owners",
     ["--owner", "leak --fast"]),
    (1, "to 2026-11-26 12:06:39; +0s is its begin", "before it: how to say its begin",
     ["--grew", "-1h", "-0s"]),
    (1, "no process and no owner 'nobody'", "no owner", ["--owner", "nobody"]),
    (2, "expected a pid, a name, or", "an empty name", ["--rss", ""]),
    (2, "expected a pid, a name, or", "an empty owner", ["--owner", ""]),
    (2, "expected a time", "an empty time", ["--events", "--from", ""]),
    (1, "no owners were recorded for '300'", "no regions", ["--owner", "300"]),
    (1, "there is a gap from 2026-11-26 12:02:00 to 2026-11-26 12:03:00 (late)",
     "a time in the gap", ["--grew", "+0s", "+150s"]),
    (1, "nothing was recorded at 2026-11-26 11:00:00", "a time before",
     ["--grew", "2026-11-26T11:00", "+5s"]),
    (1, "nothing was recorded from", "a span after", ["--events", "--from=+900s"]),
    (1, "no regular expression", "a pattern", ["--rss", "/(/"]),
    (2, "is not before", "the same time", ["--grew", "+5s", "+5s"]),
    (2, "not 'noon'", "no time", ["--grew", "noon", "+5s"]),
    (2, "needs two times", "one time", ["--grew", "+5s"]),
    (2, "is after", "a span of less than nothing",
     ["--events", "--from=+9s", "--to=+5s"]),
    (2, "--info and --events exclude each other", "two questions",
     ["--events", "--info"]),
    (2, "--events and SQL exclude each other", "SQL too", ["select 1", "--events"]),
    (2, "--json and --csv exclude each other", "two forms", ["--json", "--csv"]),
    (2, "--check makes no table", "a form of no table", ["--check", "--json"]),
    (2, "SQL is one word", "SQL without quotes", ["select", "1"]),
    (2, "--from is for", "a span of all", ["--info", "--from=+5s"]),
    (2, "expected some of killed, started", "no kind", ["--events", "--kind", "kill"]),
    (2, "--kind needs --events", "kinds of nothing", ["--kind", "oom"]),
    (2, "--sql prints", "SQL of no question", ["--sql"]),
    (2, "--since 1h is --from", "both", ["--events", "--since", "5s", "--from=+5s"]),
]  # fmt: skip


@cases(WRONG, why=2)
def test_what_is_wrong_is_told(made, case):
    status, words, _, args = case
    result = query(made, *args)
    assert (result.status, result.out) == (status, b"")
    assert result.err.startswith(b"memc: ")
    assert words in result.err.decode()


# words on stderr, why, what the file has
FILES = [
    ("not a recording of memc", "a text", b"hello"),
    ("not a recording of memc", "an empty file", b""),
    (
        "an SQLite file, but not a recording",
        "another's",
        b"SQLite format 3\0" + bytes(84),
    ),
    ("No such file", "no file", None),
]


@cases(FILES, why=1)
@pytest.mark.parametrize("asked", [[], ["select 1"], ["--check"], ["--backup", "copy"]])
def test_what_is_no_recording_is_refused_unharmed(tmp_path, case, asked):
    words, _, content = case
    path = tmp_path / "file"
    if content is not None:
        path.write_bytes(content)
    result = query(str(path), *asked)
    assert (result.status, result.out) == (1, b"")
    assert words in result.err.decode()
    assert [*tmp_path.iterdir()] == ([] if content is None else [path])
    assert content is None or path.read_bytes() == content


def test_a_slow_query_tells_on_a_terminal_that_it_runs(made):
    ours, theirs = os.openpty()
    result = COMMANDS["python"](
        "query", made, ENDLESS, "--timeout", "1s", stderr=theirs
    )
    os.close(theirs)
    told = all_shown(ours).decode()
    assert result.status == 1
    last = r"\r\x1b\[K… \d+ s, 0 rows\r\x1b\[Kmemc: the query was stopped"
    assert re.search(last, told)


def test_tables_on_a_terminal_have_units_and_fit(made):
    told = run_on_terminal(
        COMMANDS["python"], "query", made, "--grew", "+0s", "+250s",
        TZ="UTC", COLUMNS="60", NO_COLOR="1",
    ).decode()  # fmt: skip
    line = told.splitlines()[1]
    assert line.split()[:4] == ["+119", "MiB", "+1.67", "GiB"]
    table = told.partition("resident memory")[0]
    assert max(map(len, table.splitlines())) <= 60
    assert table.replace("\r\n", "").isprintable()


NO_PARQUET = """
import sys
from contextlib import suppress
sys.modules |= dict.fromkeys(("arro3", "arro3.io", "pyarrow", "duckdb"))
from memc.cli.main import main
sys.exit(main())
"""


def test_parquet_without_a_package_for_it_names_the_cure(made, tmp_path):
    argv = [sys.executable, "-c", NO_PARQUET, "query", made, "--events", "--parquet"]
    path = tmp_path / "out"
    done = subprocess.run([*argv, str(path)], check=False, capture_output=True, cwd="/")
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr == (
        b"memc: --parquet needs arro3-io, pyarrow or duckdb: "
        b"pip install 'memc[parquet]'\n"
    )
    assert not path.exists()


@pytest.fixture
def huge(tmp_path):
    """Record a process that takes huge pages, and gives them back."""
    made = Made(tmp_path / "huge.memc")
    made.run(NOON)
    process = made.start(NOON, 100, b"vm")
    for second, amount in ((0, 0), (10, 4096), (20, 4096), (30, 0)):
        t_ms = NOON + second * 1000
        made.tick(t_ms, {process: {"rss_kb": 50 + second}})
        if second != 20:
            row = (made.store.segment, process, t_ms, amount, None)
            made.store.batch.add("_beside", row)
        for more in range(1, 10):
            made.tick(t_ms + more * 1000)
    made.close()
    return made.path


def test_hugetlb_counts_with_resident_memory(huge):
    assert [(r["rss_kb"], r["hugetlb_kb"]) for r in rows(huge, "--rss", "vm")] == [
        (50, 0), (60, 4096), (70, 4096), (80, 0),
    ]  # fmt: skip
    assert "HUGETLB" in out(huge, "--rss", "vm").splitlines()[0]
    (row,) = rows(huge, "--grew", "+0s", "+25s")
    assert (row["hugetlb_before_kb"], row["hugetlb_after_kb"]) == (0, 4096)
    assert row["growth_kb"] == 4096 + 20
    assert out(huge, "--grew", "+0s", "+25s").splitlines()[1].split()[2] == "50K"
    (row,) = rows(huge, "--grew", "+25s", "+35s")
    assert row["growth_kb"] == 10 - 4096


def test_recording_is_asked_and_copied_while_it_goes_on(tmp_path):
    made = Made(tmp_path / "live.memc")
    made.run(NOON)
    process = made.start(NOON, 100, b"prog")
    for second in range(5):
        made.tick(NOON + second * 1000, {process: {"rss_kb": 100 + second}})
    made.flush()
    assert len(rows(made.path, "--rss", "prog")) == 5
    assert "it goes on, or was killed" in out(made.path)
    copy = str(tmp_path / "copy.memc")
    assert query(made.path, "--backup", copy).status == 0
    made.tick(NOON + 5000, {process: {"rss_kb": 200}})
    made.flush()
    assert len(rows(made.path, "--rss", "prog")) == 6
    assert len(rows(copy, "--rss", "prog")) == 5
    assert out(made.path, "--check") == "ok: 6 ticks, 0 frames\n"
    made.close()


def test_times_before_the_end_work_as_two_words(made):
    assert rows(made, "--events", "--from", "-80s") == []
    assert rows(made, "--events", "--since", "90s")[1]["kind"] == "ended"
    assert len(rows(made, "--grew", "-1m", "-0s")) == 4


# why, what is put in place of what
DAMAGES = [
    (
        "a schema that is not UTF-8",
        b"CREATE TABLE _segment(",
        b"CREATE T\x9eBLE _segment(",
    ),
    ("a schema that is wrong", b"CREATE VIEW usage as", b"CREATE VIEW usage is"),
    (
        "a name that is not UTF-8",
        b"malloc main heap",
        b"malloc\xff\xff\xff\xff\xff heap",
    ),
    ("an event that is no JSON", b'{"kills":1}', b'{"kills"!1}'),
    ("options that are no JSON", b'{"interval_ms', b'["interval_ms'),
]
ASKED = [
    [], ["--check"], ["--rss", "leak"], ["--grew", "+0s", "-0s"], ["--events"],
    ["--owner", "leak"], ["--events", "--kind", "killed"], ["select * from owner"],
]  # fmt: skip


@cases(DAMAGES, why=0)
def test_damaged_recording_is_told_in_words(made, tmp_path, capfd, case):
    _, found, put = case
    with open(made, "rb") as file:
        data = file.read()
    assert found in data
    path = tmp_path / "damaged.memc"
    path.write_bytes(data.replace(found, put))
    for asked in ASKED:
        with suppress(MemcError):
            assert command.run([str(path), *asked]) in (0, 1)
    assert "Traceback" not in capfd.readouterr().err


def test_damaged_bytes_are_never_a_traceback(made, tmp_path):
    with open(made, "rb") as file:
        data = file.read()
    path = tmp_path / "damaged.memc"
    seeded = random.Random(7)
    for _ in range(8):
        damaged = bytearray(data)
        for _ in range(seeded.choice((1, 30, 300))):
            damaged[seeded.randrange(100, len(data))] = seeded.randrange(256)
        path.write_bytes(damaged)
        for asked in ASKED:
            with suppress(MemcError):
                assert command.run([str(path), *asked]) in (0, 1)
