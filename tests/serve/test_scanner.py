"""The scanner: groups of processes, their sums, and what is not known of them."""

import os
from pathlib import Path

import pytest
from support.family import fill

import memc.serve
from memc.errors import MemcError
from memc.serve import Scanner
from memc.serve.amounts import Amounts
from memc.serve.scan import BUDGET
from memc.table.fields import REASONS


@pytest.fixture(params=["native", "pure"])
def both(request, monkeypatch):
    monkeypatch.setenv("MEMC_BACKEND", request.param)


@pytest.fixture
def family(tree):
    return str(fill(tree))


def scan_of(root, detail="smaps", **words):
    return Scanner(proc=root, detail=detail, **words).scan()


@pytest.mark.usefixtures("both")
def test_processes_of_a_service_are_one_group(family):
    scan = scan_of(family)
    nginx = scan.groups["nginx.service"]
    assert (nginx.processes, nginx.resident_kb, nginx.unique_kb) == (2, 23, 23)
    assert (nginx.proportional_kb, nginx.swap_kb, nginx.mappings) == (23, 0, 2)
    assert (nginx.mappings_max, nginx.unknown) == (1, {})
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
