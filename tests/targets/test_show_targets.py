"""``memc show``: each kind of target, and what cannot be read."""

import os

import pytest
from support import children
from support.boxes import WITHOUT_RIGHTS
from support.commands import COMMANDS
from support.family import SMAPS, document, table

pytestmark = pytest.mark.kernel

MINE = os.getpid()


# expected pids, arguments, why
CHOICES = [
    ([10, 12], [10, 12], "several pids"),
    ([10], [10, 10], "the same twice"),
    ([10, 11, 12, 13, 20], ["--all"], "every one that has memory"),
    ([11, 12, 13], ["--tree", 11], "a process and its descendants"),
    ([12, 20], ["--tree", 12, 20], "both kinds"),
    ([11, 12], ["--name", "^nginx$"], "a name"),
    ([11, 12, 13], ["--name", "n(ginx|am)"], "a part of names"),
    ([13], ["--name", "name-indeed$"], "a name that the kernel cut"),
    ([11, 12], ["--user", 33], "an effective user by number"),
    ([10, 20], ["--user", "root"], "a user by name"),
    ([10, 11, 12, 20], ["--user", "root", "--user", 33], "either of two users"),
    ([11, 12], ["--cgroup", "nginx.service"], "a part of a path, and below"),
    ([11], ["--cgroup", "*/nginx.service"], "wildcards for all of a path"),
    ([11, 12], ["--cgroup", "/system.slice"], "a path, and below"),
    ([13], ["--cgroup", "/x:y"], "another hierarchy, and a colon in it"),
    ([12], ["--tree", 11, "--cgroup", "worker"], "tests narrow a tree"),
    ([12], ["--name", "nginx", "--cgroup", "worker"], "all tests must pass"),
    ([12], [12, 13, "--user", 33], "tests narrow pids"),
    ([11, 12], ["--all", "--name", "nginx"], "tests narrow --all"),
]


@pytest.mark.parametrize("case", CHOICES, ids=lambda case: case[2])
def test_processes_that_are_meant_are_read(show, case):
    expected, args, _ = case
    found = document(show(*args, "--by", "process", "--json"))
    assert sorted(group["pid"] for group in found["groups"]) == expected


def test_sums_over_processes_say_what_they_mean(once):
    text = once(11, 12).out.decode()
    assert "total, 2 processes" in text
    assert "PSS divides what processes share" in text
    text = once(11, 12, "--detail", "maps").out.decode()
    assert "these sums are more than there" in text
    assert "share" not in once(11).out.decode()


# expected, arguments, why
HOLDERS = [
    ("total, 1 of 6 processes", ["--path", r"libc\.so"], "one that maps a library"),
    ("total, 5 of 6 processes", ["--path", "."], "one has no memory at all"),
    ("total, 6 processes", [], "no path is asked for"),
    ("total, 1 of 6 processes", ["--path", "libc", "--after", "1ms"], "read twice"),
]


@pytest.mark.parametrize("case", HOLDERS, ids=lambda case: case[2])
def test_total_tells_how_many_have_what_is_asked_for(once, case):
    expected, args, _ = case
    assert expected in once("--all", *args).out.decode()


def test_groups_over_processes_count_them(once):
    groups = document(once("--all", "--by", "type", "--json"))["groups"]
    assert {g["type"]: g["processes"] for g in groups}["anonymous"] == 5
    assert {g["type"]: g["processes"] for g in groups}["heap"] == 1


def test_files_are_shown_as_processes_are(memc, world, tmp_path):
    (tmp_path / "bug.txt").write_bytes(SMAPS)
    live = table(memc("show", 20, "--proc", world))
    for path in (tmp_path / "bug.txt", world.path / "20"):
        lines = table(memc("show", path))
        assert lines[:-2] == live[:-2]
    assert lines[-2][:-1] == live[-2][:-1]


def test_documents_of_memc_are_shown(memc, world, tmp_path):
    one, every = tmp_path / "one.json", tmp_path / "all.json"
    one.write_bytes(memc(20, "--smaps", "--full", "--proc", world).out)
    every.write_bytes(memc("--all", "--smaps", "--proc", world).out)
    assert (
        table(memc("show", one))[1:-2] == table(memc("show", 20, "--proc", world))[1:-2]
    )
    found = document(
        memc("show", every, "--name", "nginx", "--by", "process", "--json")
    )
    assert [group["pid"] for group in found["groups"]] == [12, 11]
    assert {group["file"] for group in found["groups"]} == {str(every)}


# expected pids, arguments, why
NARROWED = [
    ([10, 11, 12, 13, 20], [], "all that have memory"),
    ([11, 12], ["--name", "nginx"], "a name"),
    ([11, 12], ["--user", 33], "a user"),
    ([12], ["--cgroup", "worker"], "a control group"),
]


@pytest.mark.parametrize("case", NARROWED, ids=lambda case: case[2])
def test_processes_of_a_copied_tree_are_narrowed(memc, world, case):
    """Live ones of that name or user are not meant: the file is."""
    expected, args, _ = case
    groups = document(memc("show", world.path, "--by", "process", "--json", *args))
    assert expected == sorted(group["pid"] for group in groups["groups"])


def test_named_process_that_cannot_be_read_is_told_and_1(show):
    result = show(11, 30, 99)
    assert result.status == 1
    said = result.err.decode()
    assert "process 30: smaps: no such file" in said
    assert "process 99: no such process" in said
    assert b"total, process 11 nginx" in result.out


def test_file_that_is_not_there_is_told_and_1(show):
    result = show("12x")
    words = "memc: 12x: No such file or directory (and a pid is a positive number)\n"
    assert (result.status, result.out, result.err.decode()) == (1, b"", words)


def test_nobody_found_is_told_and_1(show):
    for argv, words in (
        (("--name", "^none$"), "with a name that matches '^none$'"),
        (("--user", 7, "--user", 8), "of user 7 or 8"),
        (("--cgroup", "a", "--cgroup", "*/b"), "in control group 'a' or '*/b'"),
        (("--name", "x", "--user", 7), "with a name that matches 'x' of user 7"),
    ):
        result = show(*argv)
        said = f"memc: no process {words}\n"
        assert (result.status, result.err.decode()) == (1, said)


def test_processes_not_read_are_counted_last(show):
    result = show("--all")
    assert result.status == 0
    assert result.err.splitlines()[-1] == b"memc: 1 process not read: 1 error"
    assert show("--name", "broken").status == 1


def test_denied_processes_are_counted_last():
    memc = COMMANDS["python"]
    with children.script("undumpable") as child:
        result = memc("show", "--tree", MINE, "--name", ".", prefix=WITHOUT_RIGHTS)
        assert result.err.splitlines()[-1].startswith(b"memc: ")
        assert b" permission denied" in result.err.splitlines()[-1]
        denied = memc("show", child.pid, prefix=WITHOUT_RIGHTS)
    assert (denied.status, denied.out) == (1, b"")
