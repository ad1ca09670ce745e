"""``memc.fleet.dask`` on hosts with networks, pids and names of their own."""

import pytest
from support.worlds import inside


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return inside("dask_world", tmp_path_factory.mktemp("dask"))


# Each host that is not in order: what is said of it, and where.
SAID = [
    ("missing", "no-memc", "its Python has no memc", "nothing to read with"),
    ("missing", "hangs", "no answer within 20 s", "others do not wait for more"),
    ("missing", "fails", "the disk of this host is on fire", "its own words"),
    ("missing", "dies", "its worker failed: CommClosedError", "in the middle"),
    ("notes", "old", "memc 0.9.9 is there, and ", "its document is taken"),
    ("notes", "late", "s behind", "an hour"),
    ("notes", "denied", "1 of its processes may not be read (denied)", "the rest is"),
]
FOUND = {"plain", "twice", "old", "late", "denied"}


@pytest.mark.parametrize("case", SAID, ids=lambda case: case[1])
def test_said_of_a_host(world, case):
    where, host, words, _ = case
    assert words in world["collected"][where][host]


def test_each_host_is_found_or_missing(world):
    missing = {host for where, host, *_ in SAID if where == "missing"}
    assert {*world["collected"]["found"]} == FOUND
    assert {*world["collected"]["missing"]} == missing


def test_two_workers_of_a_host_are_one_and_each_host_sees_its_own_processes(world):
    found = world["collected"]["found"]
    assert [found["plain"][2], found["twice"][2]] == [1, 2]
    assert {boot for boot, *_ in found.values()} == {world["boot"]}


def test_asynchronous_client_is_told_the_same(world):
    assert {*world["later"]["found"]} == FOUND


def test_workers_add_the_same_rows_as_one_process(world):
    assert world["add"]["same"]
    assert all(world["add"]["rows"].values())
    assert world["add"]["added"] == 6


def test_a_damaged_file_is_refused_whole_and_named(world):
    ((path, reason),) = world["add"]["refused"]
    assert (path, bool(reason)) == ("damaged.json", True)


def test_files_that_were_added_are_skipped_and_counted(world):
    assert world["add"]["again"] == [0, 6]


def test_what_was_collected_goes_into_a_lake_with_the_missing_hosts(world):
    assert {*world["hosts of owners"]} == {*world["lake"]["found"]} > {"plain"}
    assert {*world["hosts of missing"]} == {*world["lake"]["missing"]} >= {"fails"}
