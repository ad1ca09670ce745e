"""``memc export``: what it reads, where it writes, and what it refuses."""

import csv
import io
import json
import re

import pytest
from perfetto.protos.perfetto.trace.perfetto_trace_pb2 import Trace
from support import recorded_hour
from support.cases import cases
from support.commands import COMMANDS
from support.family import fill
from support.trees import Tree

ONCE = COMMANDS["python"]


@pytest.fixture
def family(tmp_path):
    return fill(Tree(tmp_path / "proc"))


@pytest.fixture(scope="module")
def hour(tmp_path_factory):
    return recorded_hour.make(tmp_path_factory.mktemp("export") / "hour.memc")


@pytest.fixture
def document(tmp_path, family):
    path = tmp_path / "all.json"
    ONCE("--all", "--smaps", "--full", "--proc", family, "-o", path)
    return path


def folded(*args, status=0):
    done = ONCE("export", *args, "--to", "folded")
    assert done.status == status, done.err
    return [line.rsplit(" ", 1) for line in done.out.decode().splitlines()]


def rows(*args):
    done = ONCE("export", *args, "--to", "csv")
    assert done.status == 0, done.err
    return [*csv.DictReader(io.StringIO(done.out.decode()))]


def total(*args):
    return json.loads(ONCE("show", *args, "--json").out)["total"]


@pytest.mark.parametrize("of", ["pss", "rss"])
def test_sum_of_stacks_is_that_of_memc_show(family, of):
    told = total("--all", "--proc", family)
    found = folded("--all", "--proc", family, "--of", of)
    assert sum(int(kb) for _, kb in found) == told[f"{of}_kb"]
    assert any(
        s.startswith("/system.slice/nginx.service;nginx (11);") for s, _ in found
    )


def test_rows_are_regions_with_owners(family, document):
    live, loaded = rows("--all", "--proc", family), rows(document)
    assert len(live) == len(loaded)
    assert sum(int(row["rss_kb"]) for row in live) == total(document)["rss_kb"]
    assert {row["row"] for row in live} == {"region"}
    assert {row["name"] for row in loaded} >= {"init", "nginx", "threads"}
    assert all(row["owner"] and row["start"].startswith("0x") for row in loaded)
    assert {row["uid"] for row in loaded if row["name"] == "nginx"} == {"33"}


def test_trace_of_a_document_has_its_sums(tmp_path, document):
    out = tmp_path / "out.pftrace"
    done = ONCE("export", document, "--to", "perfetto", "-o", out)
    assert done.status == 0, done.err
    packets = Trace.FromString(out.read_bytes()).packet
    rss = sum(sum(p.smaps_packet.packed_entries.rss_kb) for p in packets)
    assert rss == total(document)["rss_kb"]


def test_difference_has_both_amounts(document):
    done = ONCE("export", document, document, "--to", "folded", "--diff")
    assert done.status == 0
    found = [line.split()[-2:] for line in done.out.decode().splitlines()]
    assert found
    assert all(before == after for before, after in found)


def test_each_time_of_a_span_is_a_sample(hour):
    found = rows(hour, "100", "--from", "+0s", "--until", "+50s", "--interval", "20s")
    assert {row["sample"] for row in found} == {"0", "1", "2", "3"}
    assert {row["row"] for row in found} <= {"owner", "process"}
    assert all(not row.get("start") for row in found)


def test_recording_without_a_span_is_its_end(hour, tmp_path):
    out = tmp_path / "out.pftrace"
    done = ONCE("export", hour, "--to", "perfetto", "-o", out)
    assert done.status == 0, done.err
    packets = Trace.FromString(out.read_bytes()).packet
    assert {p.WhichOneof("data") for p in packets} == {
        "process_tree",
        "track_descriptor",
        "track_event",
    }


def test_formula_in_a_cell_is_text(tmp_path):
    tree = Tree(tmp_path / "proc")
    fill(tree)
    (tree.path / "11" / "comm").write_bytes(b"=cmd|'x'\n")
    names = {row["name"] for row in rows("11", "--proc", tree)}
    assert names == {"'=cmd|'x'"}


def test_several_samples_of_a_live_process(family):
    found = rows("11", "--proc", family, "--count", "3", "--interval", "1ms")
    assert {row["sample"] for row in found} == {"0", "1", "2"}


def test_what_is_not_known_is_said_and_nothing_is_written(tmp_path, family):
    out = tmp_path / "out.folded"
    out.write_text("old")
    argv = ("11", "--proc", family, "--detail", "maps", "--to", "folded", "-o", out)
    done = ONCE("export", *argv)
    assert done.status == 1
    assert b"no PSS is known: --of names another amount" in done.err
    assert out.read_text() == "old"


# words, options, why
WRONG = [
    ("to what[?] give --to", ["11"], "no form"),
    ("which process[?]", ["--to", "csv"], "no process"),
    ("--of is of folded and perfetto", ["11", "--to", "csv", "--of", "rss"], "a table"),
    ("--diff is of folded", ["11", "--to", "csv", "--diff"], "a table"),
    ("--diff compares two", ["11", "--to", "folded", "--diff"], "one"),
    ("they take no --count", ["11", "--to", "folded", "--count", "2"], "one time"),
    ("--count is for live", ["{file}", "--to", "csv", "--count", "2"], "a file"),
    ("leave out the files", ["11", "{file}", "--to", "csv", "--count", "2"], "both"),
    ("--interval needs --count", ["11", "--to", "csv", "--interval", "1s"], "one"),
    ("live processes have no past", ["11", "--to", "csv", "--until", "14:03"], "live"),
    ("would be replaced", ["{file}", "--to", "csv", "-o", "{file}"], "the input"),
    ("expected an amount", ["11", "--to", "folded", "--of", "pid"], "no amount"),
    ("invalid choice", ["11", "--to", "pprof"], "no such form"),
]


@cases(WRONG, why=2)
def test_wrong_command_line_says_what_is_wrong(case, family, document):
    words, options, _ = case
    given = [option.replace("{file}", str(document)) for option in options]
    done = ONCE("export", *given, "--proc", family)
    assert done.status == 2, done.err
    assert re.search(words, done.err.decode())
    assert done.out == b""


def test_process_that_is_not_there_is_an_error(tmp_path, family):
    out = tmp_path / "x.csv"
    done = ONCE("export", "999", "--proc", family, "--to", "csv", "-o", out)
    assert (done.status, out.exists()) == (1, False)
    assert b"process 999: no such process" in done.err


def test_missing_package_is_told_before_anything_is_read(tmp_path, family):
    blocked = tmp_path / "blocked" / "perfetto"
    blocked.mkdir(parents=True)
    (blocked / "__init__.py").write_text(
        "raise ModuleNotFoundError('gone', name='perfetto')"
    )
    out = tmp_path / "out"
    argv = ("--all", "--proc", family, "--to", "perfetto", "-o", out)
    done = ONCE("export", *argv, env={"PYTHONPATH": str(blocked.parent)})
    assert done.status == 1
    assert b"pip install 'memc[perfetto]'" in done.err
    assert not out.exists()
