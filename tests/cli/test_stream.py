"""Samples one after the other on stdout: how many, when they end, and of whom."""

import os
import signal
import subprocess
import sys

import orjson
import pytest
from support import children
from support.commands import COMMANDS, NATIVE
from support.streams import (
    HOUR_MS,
    documents,
    fill,
    finish,
    ignoring,
    streaming,
)

pytestmark = pytest.mark.kernel

FAST = ("--interval", 1, "--compact")
ENDING = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
PIPE_SIZE = 65536


@pytest.fixture
def sleeper():
    with children.waiting() as child:
        yield child.pid


@pytest.mark.parametrize("count", [1, 2, 25])
@pytest.mark.parametrize("form", [[], ["--compact"]], ids=["pretty", "compact"])
def test_as_many_documents_as_wanted_follow_one_another(memc, target, count, form):
    result = memc(target, "--count", count, "--interval", 1, *form)
    assert (result.status, result.err) == (0, b"")
    found = documents(result.out)
    assert [d["pid"] for d in found] == [target] * count
    times = [d["timestamp_ms"] for d in found]
    assert times == sorted(times)
    if form:
        assert len(result.out.splitlines()) == count


def test_all_processes_are_told_of_once(memc, tree):
    fill(tree, 5, 3)
    fill(tree, 6, 3)
    result = memc("--all", "--count", 4, *FAST, "--proc", tree)
    found = documents(result.out)
    assert (result.status, len(found)) == (0, 4)
    assert all(d["process_count"] == 2 for d in found)
    said = ["Scanning 2 processes…", "Collected 2, skipped 0"]
    assert result.err.decode().splitlines() == said


@pytest.mark.parametrize("target_of", [["5"], ["--all"]], ids=["one", "all"])
def test_samples_that_were_left_out_are_noted(memc, tree, target_of):
    """60,000 regions are not read and printed in 1 ms."""
    fill(tree, 5, 60_000)
    result = memc(*target_of, "--count", 2, *FAST, "--proc", tree)
    first, second = documents(result.out)
    assert (result.status, "notes" in first) == (0, False)
    (note,) = second["notes"]
    assert note["code"] == "late"
    assert note["count"] >= 1


@pytest.mark.parametrize("number", ENDING, ids=lambda n: n.name)
@pytest.mark.parametrize("which", ["one", "all"])
def test_signal_ends_the_wait_at_once(memc, tree, number, which):
    fill(tree, 5, 3)
    who = "--all" if which == "all" else 5
    options = ("--count", 0, "--interval", HOUR_MS, "--compact", "--proc", tree)
    with streaming(memc, who, *options) as child:
        assert orjson.loads(child.stdout.readline())
        child.send_signal(number)
        status, more, said = finish(child)
    assert (status, more) == (0, [])
    assert "Scanning" in said if which == "all" else said == ""


@pytest.mark.parametrize("number", ENDING, ids=lambda n: n.name)
def test_signal_in_the_middle_of_a_document_lets_it_end(memc, tree, number):
    """The document does not fit into the pipe, and only its start was read."""
    fill(tree, 5, 4000)
    with streaming(memc, 5, "--count", 0, *FAST, "--proc", tree) as child:
        begin = os.read(child.stdout.fileno(), 100)
        child.send_signal(number)
        child.send_signal(signal.SIGTERM)
        rest, said = child.stdout.read(), child.stderr.read()
        assert (child.wait(), said) == (0, b"")
    (document,) = documents(begin + rest)
    assert len(begin + rest) > PIPE_SIZE
    assert document["region_count"] == 4000


def test_signal_that_was_ignored_before_stays_so(memc, target):
    ignored = ignoring(signal.SIGHUP)
    options = ("--count", 0, *FAST)
    with streaming(memc, target, *options, preexec_fn=ignored) as child:
        assert child.stdout.readline()
        child.send_signal(signal.SIGHUP)
        for _ in range(5):
            assert orjson.loads(child.stdout.readline())
        child.send_signal(signal.SIGINT)
        assert finish(child)[0] == 0


def test_reader_that_goes_away_ends_it_silently(memc, target):
    with streaming(memc, target, "--count", 0, *FAST) as child:
        assert orjson.loads(child.stdout.readline())
        child.stdout.close()
        assert (child.stderr.read(), child.wait()) == (b"", -signal.SIGPIPE)
        child.stdout = None


# what stderr must name, why, arguments
USAGE = [
    ("--count", "a negative count", ["1", "--count", "-1"]),
    ("--count", "no number", ["1", "--count", "x"]),
    ("--count", "a fraction", ["1", "--count=1.5"]),
    ("--count", "an empty value", ["1", "--count", ""]),
    ("--count", "a missing value", ["1", "--count"]),
    ("--count", "--all too", ["--all", "--count", "-1"]),
    ("--interval", "no time", ["1", "--interval", "0"]),
    ("--interval", "no time, in many words", ["1", "--interval", "000"]),
    ("--interval", "a negative one", ["1", "--interval", "-5"]),
    ("--interval", "no number", ["1", "--interval", "x"]),
    ("--interval", "an unknown unit", ["1", "--interval", "1y"]),
    ("--interval", "a negative time", ["1", "--interval", "-1s"]),
    ("--interval", "less than a millisecond", ["1", "--interval", "0.1ms"]),
    ("--interval", "no time, with a unit", ["1", "--interval", "0s"]),
    ("--interval", "more ns than 64 bits hold", ["1", "--interval", "999999999999d"]),
    ("--interval", "a unit alone", ["1", "--interval", "ms"]),
    ("--max-stall", "no number", ["1", "--smaps", "--max-stall", "x"]),
    ("--max-stall", "no time", ["1", "--smaps", "--max-stall", "0"]),
    ("--interval", "a missing value", ["1", "--interval"]),
    ("--output", "a missing value", ["1", "--output"]),
    ("--output", "an empty value", ["1", "--output="]),
    ("-o", "a missing value of the short form", ["1", "-o"]),
]


@pytest.mark.parametrize("case", USAGE, ids=[row[1] for row in USAGE])
def test_wrong_value_ends_with_2_and_says_what_is_wrong(memc, case):
    named, _, args = case
    result = memc(*args)
    what, hint = result.err.decode().splitlines()
    assert (result.status, result.out) == (2, b"")
    assert named in what
    assert hint == "memc: try 'memc --help'"


def test_huge_numbers_are_numbers(memc, target):
    huge = "9" * 5000
    assert memc(target, "--interval", huge).status == 0
    with streaming(memc, target, "--count", huge, "--interval", huge) as child:
        assert child.stdout.readline() == b"{\n"
        child.send_signal(signal.SIGINT)
        assert child.stdout.read().endswith(b"\n}\n")
        assert (child.stderr.read(), child.wait()) == (b"", 0)


def test_values_are_shown_by_a_pipeline_as_they_come(target):
    values = "jq --unbuffered -c .total_rss_kb"
    line = f'"$0" "$1" --count 0 --interval 10 --compact | {values}'
    argv = ["sh", "-c", line, NATIVE, str(target)]
    env = COMMANDS["native"].environment()
    with subprocess.Popen(
        argv, stdout=subprocess.PIPE, env=env, process_group=0
    ) as child:
        found = [int(child.stdout.readline()) for _ in range(5)]
        os.killpg(child.pid, signal.SIGINT)
    assert all(rss_kb > 0 for rss_kb in found)


def test_one_document_on_stdout_loads_nothing_of_all_this(target):
    code = "import sys; from memc.cli.main import main; main(); print(*sys.modules)"
    argv = [sys.executable, "-c", code, str(target), "--compact"]
    env = COMMANDS["python"].environment()
    done = subprocess.run(argv, check=True, stdout=subprocess.PIPE, env=env, cwd="/")
    loaded = set(done.stdout.splitlines()[1].decode().split())
    assert "memc.cli.collect.command" in loaded
    parts = [
        "cli.collect.file",
        "cli.collect.stream",
        "files.atomic",
        "files.signals",
        "proc.identity",
        "sampling.duty",
        "sampling.schedule",
    ]
    assert loaded & {f"memc.{part}" for part in parts} == set()


def test_a_process_at_rest_is_read_once(memc, sleeper):
    result = memc(sleeper, "--count", 6, "--interval", 60, "--incremental", "--compact")
    found = documents(result.out)
    assert len(found) == 6
    assert "as_of_ms" not in found[0]
    again = [d for d in found if "as_of_ms" in d]
    assert again
    read = {d["timestamp_ms"]: d for d in found if "as_of_ms" not in d}
    for document in again:
        assert document["regions"] == read[document["as_of_ms"]]["regions"]
        assert document["notes"][-1]["code"] == "as_of"


def test_processes_at_rest_share_one_note_which_hides_no_other(tmp_path):
    """One line each would fill a screen, and only the first few notes are shown."""
    codes = ["as_of"] * 7 + ["cut"]
    processes = [
        {
            "pid": pid,
            "name": "made-up",
            "snapshot": {
                "pid": pid,
                "timestamp_ms": 9000,
                "total_rss_kb": 8,
                "total_vsize_kb": 8,
                "notes": [{"code": code, "count": 10 * pid, "text": f"a {code} note"}],
            },
        }
        for pid, code in enumerate(codes, 1)
    ]
    path = tmp_path / "all.json"
    path.write_bytes(
        orjson.dumps(
            {
                "timestamp_ms": 9000,
                "process_count": len(codes),
                "skipped": 0,
                "processes": processes,
                "skipped_processes": [],
            }
        )
    )
    told = "the amounts of 7 processes were read up to 0.07 s before"
    lines = COMMANDS["python"]("show", path, "--by", "process").err.decode().split("\n")
    assert lines == [
        f"memc: {path}: a cut note",
        f"memc: {told}: none of them has run since",
        "",
    ]


def test_a_process_is_read_each_time_unless_told(memc, sleeper):
    result = memc(sleeper, "--count", 3, "--interval", 60, "--compact")
    assert not any("as_of_ms" in d for d in documents(result.out))
