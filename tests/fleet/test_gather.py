"""What is made of the answers of hosts: each host is found or missing, once."""

import os
import sys
import zlib

import pytest
from support.cases import cases

import memc
from memc._version import version
from memc.errors import MemcError
from memc.fleet import dask, gather, ray, spark
from memc.fleet.gather import Collected, Found, Said, adder, asker, fold, now_ms
from memc.fleet.lake import files

HERE = version()
NOW_MS = now_ms()
HOUR_MS = 3_600_000


def told(host="web", boot="b", **more):
    packed = zlib.compress(b"{}")
    return {
        "host": host,
        "boot": boot,
        "version": HERE,
        "timestamp_ms": 1,
        "packed": packed,
        "read": 9,
        "denied": 0,
        "now_ms": NOW_MS,
        **more,
    }


# The answers, the hosts found, those missing, the notes, why
FOLDS = [
    ([told()], ["web"], [], [], "one host"),
    ([told(), told()], ["web"], [], [], "two workers of a host"),
    (
        [told(), told(boot="c")],
        ["web", "web"],
        [],
        [("web", "several hosts have this name")],
        "two hosts of one name",
    ),
    (["no answer"], [], [("at", "no answer")], [], "told by its address"),
    ([told(failed="no memc")], [], [("web", "no memc")], [], "memc failed"),
    ([told(failed="x"), told()], ["web"], [], [], "another worker could"),
    (
        [told(read=0, denied=7)],
        [],
        [("web", "it may read none of its 7 processes (denied)")],
        [],
        "all denied",
    ),
    (
        [told(denied=7)],
        ["web"],
        [],
        [("web", "7 of its processes may not be read (denied)")],
        "some denied",
    ),
    ([told(read=0)], ["web"], [], [], "an empty /proc"),
    (
        [told(version="0.1")],
        ["web"],
        [],
        [("web", f"memc 0.1 is there, and {HERE} here")],
        "another version",
    ),
    ([told(now_ms=NOW_MS - 290_000)], ["web"], [], [], "clocks near enough"),
    ([told("b"), told("a")], ["a", "b"], [], [], "sorted"),
]


@cases(FOLDS, why=4)
def test_answers_become(case):
    answers, found, missing, notes, _ = case
    made = fold([("at", answer) for answer in answers], NOW_MS)
    assert [one.host for one in made.found] == found
    assert made.missing == missing
    assert made.notes == notes


@pytest.mark.parametrize(("sign", "side"), [(-1, "behind"), (1, "ahead")])
def test_clocks_apart_are_noted(sign, side):
    made = fold([("at", told(now_ms=NOW_MS + sign * HOUR_MS))], NOW_MS)
    ((host, reason),) = made.notes
    assert host == "web"
    assert reason.startswith("its clock is 3")
    assert reason.endswith(f"s {side}")


def test_a_host_tells_who_it_is_and_what_it_has():
    ask = asker(detail="maps", max_stall_ms=50)
    who = ask(take=False)
    assert who["host"] == os.uname().nodename
    assert {*who} == {"host", "boot"}
    made = fold([("at", ask(take=True))], now_ms())
    (found,) = made.found
    assert os.getpid() in [one.pid for one in found.snapshot().processes]


def test_a_host_without_memc_says_so(monkeypatch):
    ask = asker(detail="maps", max_stall_ms=50)
    monkeypatch.setitem(sys.modules, "memc", None)
    assert ask(take=True)["failed"].startswith("its Python has no memc")


def test_a_host_on_which_memc_fails_says_why(monkeypatch):
    def fails(**_):
        raise MemcError("no proc")

    monkeypatch.setattr(memc, "snapshot_all", fails)
    ask = asker(detail="maps", max_stall_ms=50)
    assert ask(take=True)["failed"] == "MemcError: no proc"


def test_a_wrong_detail_is_refused_before_a_host_is_asked():
    with pytest.raises(ValueError, match="detail: expected"):
        asker(detail="nope", max_stall_ms=50)


ENGINES = [
    ("distributed", "dask[distributed]", lambda: dask.collect(None)),
    ("distributed", "dask[distributed]", lambda: dask.add(None, [], "x")),
    ("ray", "ray", ray.collect),
    ("ray", "ray", lambda: ray.add([], "x")),
    ("pyspark", "pyspark", lambda: spark.add(None, [], "x")),
]


@pytest.mark.parametrize(("module", "package", "call"), ENGINES)
def test_an_engine_that_is_not_installed_is_told(monkeypatch, module, package, call):
    for name in [n for n in sys.modules if n.partition(".")[0] == module]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MemcError) as caught:
        call()
    assert str(caught.value) == f"{package} is missing: pip install '{package}'"


def test_another_module_that_is_missing_is_not_hidden():
    error = ModuleNotFoundError("no x", name="x.y")
    assert gather.absent("ray", error) is error


@pytest.fixture
def collected():
    packed = zlib.compress(memc.snapshot_all(detail="totals").to_json())
    return Collected(
        [
            Found("good", "b", HERE, 1, packed),
            Found("tcp://a:1", "b", HERE, 1, packed),
            Found("odd", "b", "9.9", 1, zlib.compress(b'{"format": 9}')),
        ],
        [Said("gone", "OSError: no route")],
        [],
    )


def test_what_was_collected_goes_into_a_lake(collected, tmp_path):
    import duckdb

    put = collected.add(tmp_path / "lake")
    assert [one.host for one in put.found] == ["good"]
    assert [one.host for one in put.missing] == ["gone", "odd", "tcp://a:1"]
    lake = str(tmp_path / "lake")
    query = "SELECT DISTINCT host FROM read_parquet(?)"
    assert duckdb.execute(query, [files(lake, "owners")]).fetchall() == [("good",)]
    query = "SELECT reason, text FROM read_parquet(?) WHERE host = 'gone'"
    row = ("OSError", "OSError: no route")
    assert duckdb.execute(query, [files(lake, "missing")]).fetchall() == [row]
    query = "SELECT host FROM read_parquet(?) ORDER BY 1"
    names = duckdb.execute(query, [files(lake, "missing")]).fetchall()
    assert names == [("gone",), ("odd",), ("tcp_a_1",)]


def test_a_file_is_added_as_of_the_host_that_is_named(tmp_path):
    path = tmp_path / "one.json"
    path.write_bytes(memc.snapshot(os.getpid()).to_json())
    lake = tmp_path / "lake"
    assert adder({str(path): "web7"}, lake)(str(path))[1] == 1
    import duckdb

    query = "SELECT DISTINCT host FROM read_parquet(?)"
    found = duckdb.execute(query, [files(str(lake), "owners")]).fetchall()
    assert found == [("web7",)]


def test_a_file_that_is_refused_has_a_reason(tmp_path):
    made = adder([], tmp_path / "lake")(str(tmp_path / "none"))
    assert made[1:4] == (0, 0, 0)
    assert "No such file" in made[4]


def test_command_notes_a_host_that_is_missing(tmp_path):
    import duckdb
    from support.commands import COMMANDS

    lake = str(tmp_path / "lake")
    done = COMMANDS["python"]("lake", "miss", lake, "no answer: 60 s", "--host", "w7")
    assert (done.status, done.err) == (0, b"")
    query = "SELECT host, reason, text FROM read_parquet(?)"
    rows = duckdb.execute(query, [files(lake, "missing")]).fetchall()
    assert rows == [("w7", "no answer", "no answer: 60 s")]
    for wrong in ((lake, "why"), (lake, "--host", "w7"), (lake, "w", "--host", "a/b")):
        assert COMMANDS["python"]("lake", "miss", *wrong).status == 2
