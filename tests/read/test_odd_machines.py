"""Systems and processes that few have: each with the right result, or the right words.

Others are among their likes: zombies in test_live.py, users without rights in
test_errors.py, kernels without PAGEMAP_SCAN or smaps_rollup in test_denied_pages.py and
test_totals.py, copies of /proc everywhere.
"""

import os
import re
from pathlib import Path

import orjson
import pytest
from support import children
from support.boxes import IS_ROOT, PRIVATE_SYSTEM, WITHOUT_PROC, hiding
from support.cases import cases

pytestmark = pytest.mark.kernel

HIDDEN = "hidden by the mount option hidepid: needs the same user or CAP_SYS_PTRACE"
DETAILS = ("maps", "smaps", "rss", "uss", "pss")


# How many processes --all skips, why, hidepid, capabilities of the command.
HIDING = [
    (2, "1: the files are closed", 1, ""),
    (0, "2: it is not listed either", 2, ""),
    (0, "4: it looks absent", 4, ""),
    (2, "1, to CAP_PERFMON, which does not help", 1, ",+perfmon"),
    (0, "2, to CAP_PERFMON", 2, ",+perfmon"),
    (0, "4, to CAP_PERFMON", 4, ",+perfmon"),
]
SEEING = [
    (0, f"{option}, to CAP_SYS_PTRACE", option, ",+sys_ptrace") for option in (1, 2, 4)
]


@cases(HIDING if IS_ROOT else SEEING, why=1)
@pytest.mark.parametrize(
    ("file", "args"),
    [
        ("maps", []),
        ("smaps", ["--smaps"]),
        ("status", ["--totals"]),
        ("maps", ["--uss"]),
    ],
    ids=str,
)
def test_process_that_hidepid_hides_is_denied_and_says_so(
    memc, waiting, case, file, args
):
    """Where the tests are not run by root nothing is hidden: see `hiding`."""
    _, _, option, capabilities = case
    result = memc(3, *args, prefix=hiding(option, capabilities), stdin=waiting)
    said = [f"memc: process 3: {what}: {HIDDEN}\n" for what in (file, "directory")]
    expected = [(1, line.encode()) for line in said] if IS_ROOT else [(0, b"")]
    assert (result.status, result.err) in expected


def test_process_that_looks_absent_is_denied_and_says_so(memc, waiting):
    """It is of the same user, and nobody may trace it who has fewer rights."""
    result = memc(4, "--compact", prefix=hiding(4), stdin=waiting)
    said = f"memc: process 4: directory: {HIDDEN}\n".encode()
    expected = (1, said) if IS_ROOT else (0, b"")
    assert (result.status, result.err) == expected


@cases(SEEING, why=1)
def test_process_that_hidepid_hides_is_read_by_the_privileged(memc, waiting, case):
    _, _, option, capabilities = case
    box = hiding(option, capabilities)
    result = memc(3, "--compact", prefix=box, stdin=waiting)
    assert (result.status, result.err) == (0, b"")
    assert orjson.loads(result.out)["region_count"] > 5
    result = memc("--all", "--compact", prefix=box, stdin=waiting)
    assert [p["pid"] for p in orjson.loads(result.out)["processes"]] == [1, 3, 4]


@cases(HIDING if IS_ROOT else SEEING, why=1)
def test_processes_that_hidepid_hides_are_skipped_where_they_are_listed(
    memc, waiting, case
):
    skipped, _, option, capabilities = case
    box = hiding(option, capabilities)
    result = memc("--all", "--compact", prefix=box, stdin=waiting)
    document = orjson.loads(result.out)
    seen = [1] if IS_ROOT else [1, 3, 4]
    skip = {"name": "", "reason": "denied"}
    assert [p["pid"] for p in document["processes"]] == seen
    assert (
        document["skipped_processes"]
        == [{"pid": 3, **skip}, {"pid": 4, **skip}][:skipped]
    )
    why = ": permission denied" * bool(skipped)
    last = f"Collected {len(seen)}, skipped {skipped}{why}"
    assert (result.status, result.err.decode().splitlines()[-1]) == (0, last)


def test_process_of_a_pid_namespace_is_itself(memc, waiting):
    """Its pid is the one that it has there, and others are no processes."""
    result = memc(1, "--compact", prefix=PRIVATE_SYSTEM, stdin=waiting)
    assert orjson.loads(result.out)["pid"] == 1
    outside = os.getpid()
    result = memc(outside, prefix=PRIVATE_SYSTEM, stdin=waiting)
    assert result.err == f"memc: process {outside}: no such process\n".encode()


@pytest.mark.parametrize(
    "args", [["1"], ["--all"], ["--all", "--totals"]], ids=" ".join
)
def test_no_proc_at_all_is_one_line(memc, args):
    result = memc(*args, prefix=WITHOUT_PROC)
    said = b"memc: /proc: No data available: not a proc file system, or a copy of one\n"
    assert (result.status, result.out, result.err) == (1, b"", said)


KERNEL_THREADS = [
    int(path.parent.name)
    for path in Path("/proc").glob("2/comm")
    if path.read_bytes() == b"kthreadd\n"
]


@pytest.mark.parametrize("detail", [*DETAILS, "totals", "rollup"])
def test_kernel_thread_is_empty_and_whole(backend, detail):
    """Where there is one to see: not in a pid namespace."""
    for pid in KERNEL_THREADS:
        snap = backend.collect(pid, detail, "/proc")
        assert (len(snap), snap.notes, snap.total_rss_kb) == (0, (), 0)


@pytest.fixture(scope="module")
def crowd():
    """Give a process with 65,000 regions, and the text of its maps and smaps."""
    with children.script("crowd") as child:
        children.stop(child)
        files = (Path(f"/proc/{child.pid}/{name}").read_bytes() for name in DETAILS[:2])
        yield child.pid, *files


@pytest.mark.parametrize("detail", DETAILS)
def test_every_region_is_there_where_there_are_as_many_as_may_be(
    backend, crowd, detail
):
    pid, maps, smaps = crowd
    snap = backend.collect(pid, detail, "/proc")
    starts = [int(line.partition(b"-")[0], 16) for line in maps.splitlines()]
    assert list(snap.columns["start"]) == starts
    assert len(starts) > 65_000
    assert snap.notes == ()
    if detail != "maps":
        rss = [int(kb) for kb in re.findall(rb"^Rss: +(\d+) kB", smaps, re.MULTILINE)]
        assert list(snap.columns["rss_kb"]) == rss


def test_command_prints_as_many_regions_as_may_be(memc, crowd):
    pid, maps, _ = crowd
    result = memc(pid, "--compact")
    document = orjson.loads(result.out)
    assert (result.status, result.err) == (0, b"")
    count = maps.count(b"\n")
    assert (document["region_count"], len(document["regions"])) == (count, count)


@pytest.fixture(scope="module")
def deep(tmp_path_factory):
    """Give a process that maps a file with a long path, and that path."""
    with children.script("deep", tmp_path_factory.mktemp("deep")) as child:
        yield child.pid, bytes.fromhex(child.stdout.readline().decode())


@pytest.mark.parametrize("detail", DETAILS)
def test_path_longer_than_any_that_can_be_opened_is_whole(backend, deep, detail):
    pid, path = deep
    assert len(path) > 5000
    snap = backend.collect(pid, detail, "/proc")
    found = {os.fsencode(r.pathname): r.type for r in snap}
    assert found[path] == "mapped_file"


def test_command_prints_every_byte_of_a_path(memc, deep):
    pid, path = deep
    result = memc(pid, "--compact")
    document = orjson.loads(result.out)
    (region,) = [r for r in document["regions"] if "pathname_hex" in r]
    assert bytes.fromhex(region["pathname_hex"]) == path
    assert region["pathname"] == path.decode("utf-8", "replace")
