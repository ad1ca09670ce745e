"""``memc replay``: the documents that were recorded, and nothing else."""

import subprocess
import sys

import orjson
import pytest
from support.cases import cases
from support.commands import COMMANDS
from support.recordings import NOON, Made
from support.streams import documents

import memc

SECOND = 1000
CHILD = """
import sys
held = []
for line in sys.stdin:
    held.append(bytearray(b"x" * (1 << 20)))
    print("done", flush=True)
"""


class Recorded:
    """The path of a recording, and the documents that were read for it."""

    def __init__(self, path):
        self.path = str(path)
        self.snaps = {}


@pytest.fixture(scope="module", params=["smaps", "rss"])
def recorded(request, tmp_path_factory):
    """Record a child that grows, with frames, and a process without any."""
    recorded = Recorded(tmp_path_factory.mktemp("replay") / "run.memc")
    made = Made(recorded.path)
    made.run(NOON)
    pipe = subprocess.PIPE
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD], stdin=pipe, stdout=pipe, text=True
    )
    recorded.pid, recorded.detail = child.pid, request.param
    with child:
        started = memc.snapshot(child.pid).started
        grown = made.start(NOON, child.pid, b"\xffpython", start_ticks=started)
        other = made.start(NOON, 300, b"other", start_ticks=9)
        for second in range(5):
            t_ms = NOON + second * SECOND
            if second == 3:
                made.segment(t_ms, passed_ms=3 * SECOND)
            child.stdin.write("\n")
            child.stdin.flush()
            child.stdout.readline()
            snap = memc.snapshot(child.pid, detail=request.param)
            recorded.snaps[t_ms] = snap
            usage = {grown: {"rss_kb": snap.total_rss_kb}}
            if second in (0, 3):
                usage[other] = {"rss_kb": 100 + second, "swap_kb": None}
            made.tick(t_ms, usage, frames={grown: snap})
        child.stdin.close()
    made.end(NOON + 5 * SECOND, grown)
    made.tick(NOON + 5 * SECOND)
    made.close()
    return recorded


def replay(*words):
    return COMMANDS["python"]("replay", *words, env={"TZ": "UTC"})


def out(*words):
    result = replay(*words)
    assert (result.status, result.err) == (0, b""), result.err
    return result.out


@pytest.mark.parametrize(
    "form", [[], ["--full"], ["--compact"], ["--full", "--compact"]]
)
@pytest.mark.parametrize("second", range(5))
def test_document_is_the_one_that_was_read(recorded, second, form):
    found = out(recorded.path, recorded.pid, f"--at=+{second}s", *form)
    snap = recorded.snaps[NOON + second * SECOND]
    expected = snap.to_json(full="--full" in form, pretty="--compact" not in form)
    assert found == expected + b"\n"


def test_between_two_frames_the_first_holds(recorded):
    at = out(recorded.path, recorded.pid, "--at=+1s", "--full")
    assert (
        out(recorded.path, recorded.pid, "--at", str((NOON + 1999) / 1000), "--full")
        == at
    )


def test_span_is_what_holds_at_its_begin_and_each_change(recorded):
    span = "--from", str((NOON + 1500) / 1000), "--to=+4s"
    found = out(recorded.path, recorded.pid, *span, "--compact")
    assert found == b"".join(
        recorded.snaps[NOON + second * SECOND].to_json(pretty=False) + b"\n"
        for second in (1, 2, 3, 4)
    )
    assert (
        out(recorded.path, recorded.pid, "--since", "1s", "--compact")
        == (found.splitlines(keepends=True)[-1])
    )


def test_smaps_are_only_what_was_read_from_smaps(recorded):
    result = replay(recorded.path, recorded.pid, "--at=+2s", "--smaps")
    if recorded.detail == "smaps":
        assert result.out == out(recorded.path, recorded.pid, "--at=+2s")
    else:
        assert (result.status, result.out) == (1, b"")
        assert b"was recorded with rss then, not with smaps" in result.err


def test_process_without_frames_has_totals_and_null_for_what_is_not_known(recorded):
    found = orjson.loads(out(recorded.path, "300", "--at=+2s"))
    assert ("regions" in found, found["total_rss_kb"]) == (False, 100)
    assert found["as_of_ms"] == NOON
    assert (found["swap_kb"], found["locked_kb"]) == (None, None)


def test_several_pids_are_several_documents(recorded):
    found = documents(out(recorded.path, "300", recorded.pid, "--at=+2s", "--compact"))
    assert [document["pid"] for document in found] == [300, recorded.pid]


def test_all_processes_are_a_document_that_memc_loads(recorded, tmp_path):
    path = tmp_path / "then.json"
    result = replay(recorded.path, "--at=+2s", "--full", "-o", path)
    assert (result.status, result.out) == (0, b"")
    assert result.err.startswith(b"memc: wrote 1 document")
    system = memc.load(path)
    assert [process.pid for process in system.processes] == sorted([300, recorded.pid])
    rss = {process.pid: process.snapshot.total_rss_kb for process in system.processes}
    assert rss[recorded.pid] == recorded.snaps[NOON + 2 * SECOND].total_rss_kb
    assert out(recorded.path, "--at=+2s", "--full") == path.read_bytes()


def test_span_of_all_processes_is_each_tick(recorded):
    found = documents(out(recorded.path, "--from=+1s", "--to=+4s", "--compact"))
    assert [d["timestamp_ms"] - NOON for d in found] == [1000, 2000, 3000, 4000]
    assert [d["process_count"] for d in found] == [2] * 4
    (end,) = documents(out(recorded.path, "--compact"))  # without a time: its end
    assert [process["pid"] for process in end["processes"]] == [300]


# status, words on stderr, why, arguments after FILE; PID is the one that grew
WRONG = [
    (1, "did not live", "it ended", ["PID"]),
    (1, "no process 77 was recorded", "another pid", ["77"]),
    (1, "nothing was recorded at 2026-11-26 11:00:00", "before",
     ["PID", "--at", "2026-11-26T11:00"]),
    (2, "expected a time", "an empty time", ["--at", ""]),
    (1, "nothing was recorded", "a span before",
     ["--from", "2026-11-26T11:00", "--to", "2026-11-26T11:30"]),
    (1, "cannot write to /nothing/x", "no folder", ["-o", "/nothing/x"]),
    (2, "not 'noon'", "no time", ["PID", "--at", "noon"]),
    (2, "expected a positive number", "no pid", ["python"]),
    (2, "--at is one time", "a time and a span", ["--at=+1s", "--to=+2s"]),
    (2, "--from is after --to", "no span", ["--from=+2s", "--to=+1s"]),
    (2, "--smaps needs a pid", "smaps of all", ["--smaps"]),
    (2, "--since 1h is --from", "both", ["--since", "1s", "--from=+1s"]),
]  # fmt: skip


@cases(WRONG, why=2)
def test_nothing_is_made_up(recorded, case):
    status, words, _, args = case
    args = [str(recorded.pid) if word == "PID" else word for word in args]
    result = replay(recorded.path, *args)
    assert (result.status, result.out) == (status, b"")
    assert words in result.err.decode()
