"""``--user`` and ``--cgroup``: the same on processes, copied trees and documents."""

import json

import orjson
import pytest
from support.cases import cases
from support.old_documents import path_of
from support.text import header, record

SMAPS = record(0x1000, 0x3000, b"Rss: 4 kB")
MAPS = header(0x1000, 0x3000)
STATUS = b"Uid:\t0\t%d\t0\t0\n"
DOCKER = b"4:memory:/docker/fbb1\n3:cpu:/other\n0::/unified\n"


def pids(result):
    """Give the processes that were shown; nobody is an error."""
    if result.status == 1 and result.err.startswith(b"memc: no process "):
        return []
    assert (result.status, result.err) == (0, b"")
    return sorted(group["pid"] for group in orjson.loads(result.out)["groups"])


def show(memc, *args):
    return memc("show", *args, "--by", "process", "--json")


# ---- Processes that have maps alone --------------------------------------------------


@pytest.mark.parametrize("args", [["--user", 7], ["--cgroup", "fbb1"]])
def test_process_without_smaps_is_known_by_user_and_group_too(memc, tree, args):
    files = {"status": STATUS % 7, "cgroup": DOCKER}
    tree.add(1, smaps=SMAPS, **files)
    tree.add(2, maps=MAPS, **files)
    tree.add(3, maps=MAPS, status=STATUS % 8, cgroup=b"0::/\n")
    assert pids(show(memc, tree, *args)) == [1, 2]


# ---- The same tree, live and as a file -----------------------------------------------


@pytest.fixture
def groups(tree):
    """Give a tree of processes in control groups of each kind."""
    for pid, cgroup in {
        1: DOCKER,
        2: b"0::/docker/fbb2\n",
        3: b"0::/other\n5:cpu,memory:/docker/fbb3\n",
        4: b"7:cpu:/docker/fbb4\n",
        5: b"1:name=systemd:/docker/fbb5\n0::/\n",
        6: None,
    }.items():
        tree.add(pid, smaps=SMAPS, status=STATUS % pid, cgroup=cgroup)
    return tree


# expected pids, pattern, why
PATTERNS = [
    ([1], "fbb1", "the memory controller's path"),
    ([2], "fbb2", "the path of version 2"),
    ([3], "fbb3", "a controller that shares its hierarchy"),
    ([1, 2, 3], "/docker", "a path and below, in any version"),
    ([1, 2, 3], "/docker/fbb*", "wildcards"),
    ([], "/other", "not the cpu controller's, nor version 2 beside memory"),
    ([], "/unified", "version 2 beside the memory controller"),
    ([], "fbb4", "no memory controller, and no version 2"),
    ([], "fbb5", "a hierarchy that has only a name"),
    ([2], "*2", "wildcards are for the whole path"),
]


@cases(PATTERNS, why=2)
def test_group_means_the_same_live_and_in_a_copy(memc, groups, case):
    expected, pattern, _ = case
    args = ("--cgroup", pattern)
    assert pids(show(memc, "--proc", groups, *args)) == expected
    assert pids(show(memc, groups, *args)) == expected


@pytest.mark.parametrize("pid", [1, 4, 6])
def test_user_means_the_same_live_and_in_a_copy(memc, groups, pid):
    args = ("--user", pid)
    assert pids(show(memc, "--proc", groups, *args)) == [pid]
    assert pids(show(memc, groups, *args)) == [pid]


# ---- Files that do not tell ----------------------------------------------------------

USERS = ("users", "memc --all writes them", ["--user", 7])
GROUPS = ("control groups", "memc --all --full writes them", ["--cgroup", "x"])
BOTH = [USERS, GROUPS, (*USERS[:2], ["--user", 7, "--cgroup", "x"])]

# exit status, command
COMMANDS = [
    (1, ["show"]),
    (2, ["diff"]),
    (2, ["check", "--max-rss", "1T"]),
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[1][0])
@pytest.mark.parametrize("case", BOTH, ids=["users", "groups", "both"])
def test_document_that_does_not_tell_is_an_error(memc, command, case):
    what, help_, args = case
    status, words = command
    path = path_of("all-stream")
    result = memc(*words, path, *args)
    said = f"memc: {path}: tells no {what}: {help_}\n"
    assert (result.status, result.out, result.err.decode()) == (status, b"", said)


# what, the file that would tell, arguments
COPIES = [("users", "status", USERS[2]), ("control groups", "cgroup", GROUPS[2])]


@cases(COPIES, why=0)
def test_copy_that_does_not_tell_is_an_error(memc, tree, case):
    what, file, args = case
    tree.add(1, smaps=SMAPS)
    result = show(memc, tree, *args)
    said = f"memc: {tree}: tells no {what}: no process has {file}\n"
    assert (result.status, result.out, result.err.decode()) == (1, b"", said)


def test_other_targets_are_shown_beside_a_document_that_does_not_tell(memc, groups):
    path = path_of("all")
    result = show(memc, path, groups, "--user", 2)
    assert (result.status, result.err.count(b"tells no users")) == (1, 1)
    assert [g["pid"] for g in orjson.loads(result.out)["groups"]] == [2]


# what, which document would tell, arguments
ALONE = [
    ("names", "memc --full", ["--name", "."]),
    ("users", "memc --all", ["--user", 7]),
    ("control groups", "memc --all --full", ["--cgroup", "x"]),
]


@cases(ALONE, why=0)
def test_document_of_one_process_that_does_not_tell_is_an_error(memc, case):
    what, option, args = case
    path = path_of("smaps")
    result = show(memc, path, *args)
    said = f"memc: {path}: tells no {what}: {option} writes them\n"
    assert (result.status, result.out, result.err.decode()) == (1, b"", said)


def test_full_document_of_one_process_is_narrowed_by_its_name(memc, groups, tmp_path):
    path = tmp_path / "one.json"
    path.write_bytes(memc(1, "--smaps", "--full", "--proc", groups).out)
    assert pids(show(memc, path, "--name", "^made-up$")) == [1]
    assert pids(show(memc, path, "--name", "^other$")) == []


def test_root_control_group_holds_all_others(memc, groups):
    assert pids(show(memc, groups, "--cgroup", "/")) == [1, 2, 3, 5]
    assert pids(show(memc, "--proc", groups, "--cgroup", "/")) == [1, 2, 3, 5]


@pytest.fixture
def told(tmp_path):
    """Give a document of two processes: one whose user and group are known."""
    document = orjson.loads(path_of("all-smaps").read_bytes())
    document["processes"][0] |= {"uid": 7, "cgroup": "/docker/fbb1"}
    document["processes"][1] |= {"uid": None, "cgroup": None}
    path = tmp_path / "told.json"
    path.write_text(json.dumps(document))
    return path


# expected pids, arguments, why
NARROWED = [
    ([7], ["--user", 7], "its user"),
    ([7], ["--cgroup", "docker"], "its group"),
    ([7], ["--user", 7, "--cgroup", "fbb1"], "both"),
    ([], ["--user", 8], "another user"),
    ([], ["--cgroup", "fbb2"], "another group"),
    ([], ["--user", 7, "--cgroup", "fbb2"], "one of two is not enough"),
]


@cases(NARROWED, why=2)
def test_document_that_tells_of_some_is_narrowed_to_those(memc, told, case):
    expected, args, _ = case
    assert pids(show(memc, told, *args)) == expected


# expected pids, arguments, why, options of the document
WRITTEN = [
    ([2], ["--user", 2], "every document tells the user", []),
    ([1, 2, 3], ["--cgroup", "/docker"], "a full one the group", ["--full"]),
    ([3], ["--user", 3, "--cgroup", "docker"], "both", ["--full"]),
]


@cases(WRITTEN, why=2)
def test_document_of_today_means_the_same_as_the_tree(memc, groups, tmp_path, case):
    expected, args, _, options = case
    path = tmp_path / "all.json"
    path.write_bytes(memc("--all", "--smaps", *options, "--proc", groups).out)
    assert pids(show(memc, path, *args)) == expected
    assert pids(show(memc, groups, *args)) == expected


# what, the file that would have told, what nobody has, arguments
UNKNOWN = [
    (*row[:2], key, row[2]) for row, key in zip(COPIES, ("uid", "cgroup"), strict=True)
]


@cases(UNKNOWN, why=0)
def test_document_in_which_it_is_known_of_nobody_is_an_error(memc, told, case):
    """It was asked for: writing it again would not help."""
    what, file, key, args = case
    document = orjson.loads(told.read_bytes())
    for process in document["processes"]:
        process |= {key: None}
    told.write_text(json.dumps(document))
    result = show(memc, told, *args)
    said = f"memc: {told}: tells no {what}: no process has {file}\n"
    assert (result.status, result.out, result.err.decode()) == (1, b"", said)


def test_document_of_nobody_has_nobody_to_tell_of(memc, tmp_path):
    path = tmp_path / "none.json"
    path.write_text(
        '{"timestamp_ms": 1, "process_count": 0, "processes": [], "skipped": 0,'
        ' "skipped_processes": []}'
    )
    assert pids(show(memc, path, "--user", 7)) == []
