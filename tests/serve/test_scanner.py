"""The scanner: groups of processes, their sums, and what is not known of them."""

import json
import mmap
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support import children
from support.boxes import AS_OTHERS, NOBODY
from support.cases import cases
from support.family import fill
from support.trees import PAGE_KB

import memc.serve
from memc.errors import MemcError
from memc.read.backend import backend
from memc.serve import Scanner, details
from memc.serve.amounts import METRICS, Amounts
from memc.serve.scan import BUDGET
from memc.table.fields import REASONS
from memc.table.snapshot import Skipped, SystemSnapshot
from memc.targets.choice import Choice

LONG = "a-very-long-nam"


@pytest.fixture(params=["native", "pure"])
def both(request, monkeypatch):
    monkeypatch.setenv("MEMC_BACKEND", request.param)


@pytest.fixture
def family(tree):
    return str(fill(tree))


@pytest.fixture(scope="module")
def idle():
    with children.waiting() as child:
        yield child


def scan_of(root, detail="smaps", **words):
    return Scanner(proc=root, detail=detail, **words).scan()


@pytest.mark.usefixtures("both")
def test_processes_of_a_service_are_one_group(family):
    scan = scan_of(family)
    nginx = scan.groups["nginx.service"]
    assert (nginx.processes, nginx.resident_kb, nginx.unique_kb) == (2, 23, 23)
    assert (nginx.proportional_kb, nginx.swap_kb, nginx.mappings) == (23, 0, 2)
    assert nginx.mappings_max == 1
    assert nginx.unknown == {"proportional_swap": 2}  # their smaps have no SwapPss
    assert next(iter(scan.groups)) == "threads"  # the largest, known by its program
    assert scan.processes == sum(each.processes for each in scan.groups.values())


def test_reasons_are_always_there(family):
    scan = scan_of(family)
    assert {*scan.skipped} == {*REASONS}
    assert {*scan.degraded} == {*REASONS, BUDGET}


def test_own_process_counts_like_any_other():
    everybody = Scanner(detail="totals", by_process=100_000).scan()
    assert os.getpid() in {line.pid for line in everybody.lines}


def test_max_map_count_is_that_of_the_kernel():
    scan = Scanner(pid=os.getpid()).scan()
    limit = int(Path("/proc/sys/vm/max_map_count").read_text())
    assert scan.max_map_count == limit


def test_public_names():
    assert memc.serve.Scanner is Scanner
    assert memc.serve.Scan.__module__ == "memc.serve.scan"
    with pytest.raises(AttributeError, match="nothing"):
        _ = memc.serve.nothing
    with pytest.raises(AttributeError):
        Amounts(1).processes = 2


def test_a_root_that_fails_is_an_error_that_is_counted(tmp_path):
    scanner = Scanner(proc=str(tmp_path / "none"))
    with pytest.raises(MemcError, match="none"):
        scanner.scan()
    assert (scanner.totals.scans, scanner.totals.errors) == (1, 1)
    assert "none" in scanner.failed
    assert scanner.latest() is None


# ---- What is known, and what is not --------------------------------------------------


@pytest.mark.usefixtures("both")
def test_process_that_may_not_be_read_leaves_a_sum_out(tree, monkeypatch):
    """What everybody may read of it is known: never is anything 0 that is not."""
    fill(tree)
    size = b"VmSize:\t900 kB\nVmRSS:\t300 kB\n"
    (tree.path / "12" / "status").write_bytes(b"Name:\tnginx\n" + size)
    deny(monkeypatch, 12)
    scan = scan_of(str(tree), owners=True)
    nginx = scan.groups["nginx.service"]
    assert (nginx.processes, scan.skipped["denied"]) == (2, 1)
    assert (nginx.resident_kb, nginx.virtual_kb) == (11 + 300, 64 + 900)
    assert (nginx.unique_kb, nginx.mappings, nginx.mappings_max) == (None, None, None)
    assert nginx.unknown["unique"] == nginx.unknown["mappings"] == 1
    assert "nginx.service" not in {group for group, _ in scan.owners}
    assert "threads" in {group for group, _ in scan.owners}


def deny(monkeypatch, denied):
    """Let a backend refuse a process of a made-up /proc, as the kernel would."""
    module = backend()
    told = module.collect_all

    def collect_all(options):
        system = told(options)
        rest = tuple(p for p in system.processes if p.pid != denied)
        (one,) = (p for p in system.processes if p.pid == denied)
        skipped = (*system.skipped, Skipped(denied, one.name, "denied", "no right"))
        return SystemSnapshot(system.timestamp_ms, rest, skipped)

    monkeypatch.setattr(module, "collect_all", collect_all)


AS_NOBODY = """
import json, os, sys
from memc.serve import Scanner
pid = int(sys.argv[1])
for detail in ("uss", "smaps", "totals", "auto"):
    scan = Scanner(pid=pid, detail=detail, owners=True).scan()
    (group,) = scan.groups.values()
    print(json.dumps([scan.detail, group._asdict(), scan.skipped, len(scan.owners)]))
"""


@AS_OTHERS
def test_another_user_knows_what_everybody_may_read(idle):
    argv = [*NOBODY, sys.executable, "-I", "-c", AS_NOBODY, str(idle.pid)]
    done = subprocess.run(argv, check=True, capture_output=True, cwd="/")
    found = [json.loads(line) for line in done.stdout.splitlines()]
    pages = int(Path(f"/proc/{idle.pid}/statm").read_text().split()[1])
    for detail, group, skipped, owners in found:
        assert (group["processes"], owners) == (1, 0)
        assert group["resident_kb"] == pages * PAGE_KB
        assert group["unique_kb"] is None
        if detail == "totals":
            assert (skipped["denied"], group["threads"]) == (0, 1)
        else:
            assert skipped["denied"] == group["unknown"]["unique"] == 1
    assert found[3][0] == "totals"


def test_a_process_over_the_budget_is_read_in_part():
    ballast = mmap.mmap(-1, 80 << 20)
    for page in range(0, len(ballast), mmap.PAGESIZE):
        ballast[page] = 1
    scan = Scanner(pid=os.getpid(), detail="smaps", max_stall_ms=1).scan()
    (group,) = scan.groups.values()
    assert scan.degraded[BUDGET] == group.unknown["proportional"] == 1
    assert group.proportional_kb is None
    assert group.resident_kb >= 80 << 10
    scan = Scanner(pid=os.getpid(), detail="smaps", max_stall_ms=60_000).scan()
    (group,) = scan.groups.values()
    assert scan.degraded == dict.fromkeys(scan.degraded, 0)
    assert group.proportional_kb >= 80 << 10
    assert scan.longest_read_ns > 0
    ballast.close()


def test_a_memory_of_two_processes_is_counted_once(tmp_path):
    with children.between_vfork_and_exec(tmp_path) as (parent, child, _):
        choice = Choice()
        choice.pids = [parent.pid, child]
        scan = Scanner(choice, detail="rss", by_process=2).scan()
        alone = Scanner(pid=parent.pid, detail="rss").scan()
    assert scan.processes == 2
    total = sum(group.resident_kb for group in scan.groups.values())
    assert total == sum(group.resident_kb for group in alone.groups.values())
    assert min(line.amounts.resident_kb for line in scan.lines) == 0


# expected metrics that are told, detail
TOLD_BY = [
    ("threads resident swap virtual", "totals"),
    ("threads resident swap virtual unique proportional proportional_swap", "rollup"),
    ("resident swap virtual mappings", "rss"),
    ("resident swap virtual mappings unique", "uss"),
    ("resident swap virtual mappings unique proportional proportional_swap", "smaps"),
]


@pytest.mark.parametrize(("told", "detail"), TOLD_BY)
def test_a_detail_tells_its_metrics_and_says_nothing_of_others(idle, told, detail):
    scan = Scanner(pid=idle.pid, detail=detail).scan()
    (group,) = scan.groups.values()
    known = {
        name for name, field in METRICS.items() if getattr(group, field) is not None
    }
    told = {*told.split()}
    if detail == "totals" and group.swap_kb is None:  # the machine has swap in use
        told -= {"swap"}
        assert group.unknown == {"swap": 1}
    assert known == told
    assert (scan.detail, scan.longest_read_ns is None) == (
        detail,
        detail not in ("smaps", "rollup"),
    )


def test_owners_of_a_group_are_its_memory(idle):
    scan = Scanner(pid=idle.pid, detail="uss", owners=True).scan()
    ((name, group),) = scan.groups.items()
    assert {of for of, _ in scan.owners} == {name}
    for field in ("resident_kb", "unique_kb", "swap_kb"):
        total = sum(getattr(owner, field) for owner in scan.owners.values())
        assert total == getattr(group, field)


def test_start_is_that_of_the_oldest_process(idle):
    began_s = time.time()
    scan = Scanner(pid=idle.pid, by_process=1).scan()
    (group,) = scan.groups.values()
    assert began_s - 3600 < group.oldest_start_s <= time.time()
    assert scan.lines[0].started is not None


def test_single_processes_are_the_largest(family):
    lines = scan_of(family, by_process=3).lines
    lines = [line for line in lines if line.name != "kthread"]
    assert [(line.pid, line.name) for line in lines] == [(20, "threads"), (13, LONG)]
    assert lines[1].cgroup == "/x:y"
    assert scan_of(family).lines == ()


# ---- Which detail --------------------------------------------------------------------

# expected, capabilities, whether page tables can be scanned, whether smaps of the first
# process can be opened, why
RIGHTS = [
    ("uss", 1 << 2 | 1 << 19, True, True, "both rights"),
    ("smaps", 1 << 2 | 1 << 19, False, True, "a kernel without a scan"),
    ("smaps", 1 << 19, True, False, "the right to trace alone"),
    ("smaps", 1 << 38, True, True, "the right of monitors"),
    ("totals", 1 << 38, True, False, "that right before Linux 6.15"),
    ("totals", 1 << 2, True, True, "the right to read files alone"),
    ("totals", 0, True, True, "none"),
]


@cases(RIGHTS, why=4)
def test_auto_goes_by_rights(case, monkeypatch):
    expected, rights, can_scan, may_read, _ = case
    monkeypatch.setattr(details, "capabilities", lambda: rights)
    monkeypatch.setattr(details, "_can_scan", lambda *_: can_scan)
    monkeypatch.setattr(details, "_may_read", lambda _: may_read)
    choice = Choice()
    choice.every = True
    assert details.allowed(choice) == expected


def test_auto_of_a_copy_is_what_files_tell(family, tmp_path):
    assert Scanner(proc=family).scan().detail == "totals"
    choice = Choice(proc=str(tmp_path / "none"))
    assert details.allowed(choice) == "totals"


def test_own_process_needs_no_rights(monkeypatch):
    monkeypatch.setattr(details, "capabilities", lambda: 0)
    monkeypatch.setattr(details, "_can_scan", lambda _, pid: pid == str(os.getpid()))
    choice = Choice()
    choice.pids = [os.getpid()]
    assert details.allowed(choice) == "uss"


# ---- Who is meant --------------------------------------------------------------------


def test_own_process_passes_tests_like_any_other():
    choice = Choice()
    choice.name = re.compile(Path("/proc/self/comm").read_text().strip())
    scan = Scanner(choice, by_process=1000).scan()
    assert os.getpid() in {line.pid for line in scan.lines}


def test_a_pid_that_is_used_again_is_of_another_process(tree):
    stat = b"10 (a) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 %d 4096000 10 " + b"0 " * 30
    status = b"Name:\ta\nVmSize:\t900 kB\nVmRSS:\t300 kB\n"
    tree.add(10, stat=stat % 100, status=status)
    scanner = Scanner(pid=10, proc=str(tree), detail="totals", group="name")
    assert scanner.scan().processes == 1
    tree.remove(10)
    tree.add(10, stat=stat % 200, status=status)
    scan = scanner.scan()
    assert (scan.processes, scan.skipped["gone"]) == (0, 1)


def test_a_named_process_that_ended_is_counted():
    scan = Scanner(pid=children.ended()).scan()
    assert (scan.processes, scan.groups, scan.skipped["gone"]) == (0, {}, 1)


# expected text, arguments
WRONG = [
    ("detail: expected 'auto' or", {"detail": "maps"}),
    ("detail: expected", {"detail": ["rss"]}),
    ("group: expected 'service' or", {"group": "pid"}),
    ("groups: expected 1 or more, not 0", {"groups": 0}),
    ("groups: expected an int", {"groups": 1.5}),
    ("max_series: expected 100 or more, not 99", {"max_series": 99}),
    ("max_stall_ms: expected 1 or more", {"max_stall_ms": 0}),
    ("max_stall_ms: expected an int", {"max_stall_ms": None}),
    ("duty: expected above 0 to 100", {"duty": 0}),
    ("duty: expected above 0 to 100", {"duty": float("nan")}),
    ("duty: expected a number", {"duty": "5"}),
    ("by_process: expected 0 or more", {"by_process": -1}),
    ("pid: expected 1 or more", {"pid": 0}),
    ("proc: expected a str", {"proc": 1}),
]


@pytest.mark.parametrize(("text", "words"), WRONG)
def test_wrong_arguments_are_refused(text, words):
    with pytest.raises((TypeError, ValueError), match=re.escape(text)):
        Scanner(**words)


def test_files_cannot_be_scanned():
    choice = Choice()
    choice.paths = ["x.json"]
    with pytest.raises(ValueError, match=r"x\.json: a file cannot be scanned"):
        Scanner(choice)
