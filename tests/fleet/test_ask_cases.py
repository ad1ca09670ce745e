"""What the questions answer, by cases: each says why it is one."""

import pytest
from support.fleet_cases import BEGAN, CASES, HOUR, at, shown, table_of, uss

from memc import fleet
from memc.errors import MemcError
from memc.fleet.asking import QUESTIONS
from memc.fleet.engines import engine
from memc.fleet.questions_parts import narrow


@pytest.fixture(scope="module")
def duckdb():
    with engine() as made:
        yield made


def given(made, table, name="t"):
    """Let DuckDB have a table of Arrow."""
    made.backend.con.register(name, table)
    return made.backend.table(name)


def asked(made, question, rows, choices, lacks=()):
    name = QUESTIONS[question].table
    source = given(made, table_of(name, rows, lacks))
    return made.rows(getattr(fleet, question)(source, **choices))


@pytest.mark.parametrize("case", CASES, ids=[f"{case[0]}: {case[1]}" for case in CASES])
def test_question_answers(duckdb, case):
    question, why, rows, choices, expected = case
    found = asked(duckdb, question, rows, choices)
    assert shown(found, expected) == expected, why
    rows = [*reversed(rows)]  # the order of rows says nothing
    assert asked(duckdb, question, rows, choices) == found


LACKS = {
    "groups": ("part", "received", "processes", "memory_kb", "detail"),
    "owners": ("part", "received", "memory_kb"),
    "regions": ("part", "received", "started", "boot"),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_column_that_older_files_lack_is_null(duckdb, question):
    choices = {"path": "l.so"} if question == "holders" else {}
    amounts = {"size_kb": 8, "path": "/l.so", "deleted": True}
    rows = uss(0, 9000, **amounts) + uss(0, 9000, host="b", **amounts)
    lacks = LACKS[QUESTIONS[question].table]
    assert len(asked(duckdb, question, rows, choices, lacks)) >= 1


@pytest.mark.parametrize(
    ("hosts", "groups", "expected"),
    [
        ((), (), ["a", "a.b", "axb"]),
        (("a",), (), ["a"]),
        (("a", "axb"), (), ["a", "axb"]),
        (("a.*",), (), ["a.b"]),  # a point is no pattern
        (("*b",), (), ["a.b", "axb"]),
        (("*",), ("h*",), ["axb"]),
        (("a",), ("h",), []),
        (("",), (), []),
    ],
)
def test_hosts_and_groups_are_names_or_patterns(duckdb, hosts, groups, expected):
    rows = [at(0), at(0, host="a.b"), at(0, host="axb", group="h")]
    source = given(duckdb, table_of("groups", rows), "n")
    found = duckdb.rows(narrow(source, hosts=hosts, groups=groups))
    assert sorted(row["host"] for row in found) == expected


def test_since_is_a_time_and_that_time_counts(duckdb):
    rows = uss(1, 2, 3)
    source = given(duckdb, table_of("groups", rows), "s")
    found = duckdb.rows(narrow(source, since=BEGAN + HOUR))
    assert sorted(row["uss_kb"] for row in found) == [2, 3]


def test_missing_hosts_are_rows_of_hosts(duckdb):
    rows = table_of("groups", [at(0), at(0, host="b")])
    gone = [
        {"host": host, "ts": BEGAN + hour * HOUR, "reason": reason}
        for host, hour, reason in (("b", 1, "slow"), ("b", 2, "refused"), ("c", 1, "é"))
    ]
    groups = given(duckdb, rows, "g")
    missing = given(duckdb, table_of("missing", gone), "m")
    found = duckdb.rows(fleet.hosts(groups, missing))
    assert [(r["host"], r["missing"], r["reason"], r["rows"]) for r in found] == [
        ("a", 0, None, 1),
        ("b", 2, "refused", 1),
        ("c", 1, "é", None),
    ]
    assert found[1]["missing_ts"] == BEGAN + 2 * HOUR


def test_an_amount_that_there_is_not_is_told(duckdb):
    with pytest.raises(MemcError, match="no amount 'uzz': size, rss, pss, uss, swap"):
        asked(duckdb, "growth", uss(1), {"of": "uzz"})
