"""Pids, names, users, groups and files: each shell reads them when TAB is pressed."""

import os
import pwd

import pytest
from support import children
from support.cases import cases
from support.trees import Tree

ID = "3f2a1b4c5d6e" + "0" * 52
DOCKER = f"0::/system.slice/docker-{ID}.scope\n".encode()


@pytest.fixture(scope="session")
def world(tmp_path_factory):
    """Give a folder with a root of three processes, and some files."""
    folder = tmp_path_factory.mktemp("world")
    tree = Tree(folder / "proc")
    tree.add(1, comm=b"systemd\n", cgroup=b"0::/init.scope\n")
    tree.add(12, comm=b"nginx\n", cgroup=b"0::/system.slice/nginx.service\n")
    v1 = b"12:pids:/x\n4:memory:/user.slice/user-1.slice\n1:name=systemd:/y\n"
    tree.add(130, comm=b"java\n", cgroup=v1)
    tree.add(131, comm=b"java\n", cgroup=DOCKER)
    (folder / "proc" / "self").mkdir()
    (folder / "lake").mkdir()
    for name in ("day.memc", "deep.json"):
        (folder / name).write_bytes(b"")
    return {"cwd": folder, "MEMC_PROC": str(folder / "proc")}


PIDS = {"1", "12", "130", "131"}
FILES = {"day.memc", "deep.json"}
FOLDERS = {"lake", "proc"}
# the line, what is offered, why
CASES = [
    ("memc 1", PIDS, "a pid alone"),
    ("memc 13", {"130", "131"}, "the begin of a pid"),
    ("memc --smaps 13", {"130", "131"}, "behind an option"),
    ("memc show 13", {"130", "131"}, "a target"),
    ("memc show 12 13", {"130", "131"}, "a second target"),
    ("memc show --by type 13", {"130", "131"}, "behind the value of an option"),
    ("memc show --json 13", {"130", "131"}, "behind a switch"),
    ("memc show --tree 13", {"130", "131"}, "the value of an option"),
    ("memc show --tree=13", {"130", "131"}, "the value behind ="),
    ("memc show -- 13", {"130", "131"}, "behind --"),
    ("memc show d", FILES, "files are targets, too"),
    ("memc show -- d", FILES, "files behind --"),
    ("memc show ", PIDS | FILES | FOLDERS, "pids and files"),
    ("memc record 13", {"130", "131"}, "record takes pids"),
    ("memc record la", set(), "and no files"),
    ("memc record -o d", FILES, "a file of an option"),
    ("memc record --output=d", FILES, "a file behind ="),
    ("memc query d", FILES, "a recording"),
    ("memc query day.memc ", set(), "nobody knows the SQL"),
    ("memc query day.memc --grew -1h ", set(), "the second of two times"),
    ("memc query day.memc --grew -1h -0s --kin", {"--kind"}, "behind two times"),
    ("memc replay d", FILES, "a recording"),
    ("memc replay day.memc 13", {"130", "131"}, "a pid in it"),
    ("memc replay --at -10m d", FILES, "behind a time with a sign"),
    ("memc show --name ", {"systemd", "nginx", "java"}, "names of processes"),
    ("memc show --name=ja", {"java"}, "one of them"),
    ("memc query day.memc --rss ja", {"java"}, "a pid or a name: a name"),
    ("memc query day.memc --rss 13", {"130", "131"}, "a pid or a name: a pid"),
    ("memc show --cgroup ngi", {"nginx.service"}, "a part of a path"),
    ("memc show --cgroup=user", {"user.slice", "user-1.slice"}, "a group of cgroup v1"),
    ("memc show --cgroup /i", {"/init.scope"}, "a whole path"),
    ("memc machine --cgroup /s", {"/system.slice/nginx.service", DOCKER[3:-1].decode()},
     "whole paths"),
    ("memc show --container ", {ID[:12]}, "the ID of a container"),
    ("memc show --container=3f", {ID[:12]}, "behind ="),
    ("memc record --regions to", {"top:5"}, "a word with a colon"),
    ("memc record --regions top:", {"top:5"}, "behind the colon"),
    ("memc record --regions 13", {"130", "131"}, "or a pid"),
    ("memc lake add lake d", FILES, "what is added"),
    ("memc lake add lake day.memc d", FILES, "and more of it"),
    ("memc lake ask lake gr", {"growth"}, "a question"),
    ("memc lake ask lake growth ", set(), "one question"),
    ("memc lake compact lake ", set(), "no more than a lake"),
    ("memc serve --unit ", {"unit", "exact", *PIDS}, "a value that may be left out"),
    ("memc serve --unit=e", {"exact"}, "a value that may be left out, ="),
    ("memc serve --socket d", FILES, "a path that is no folder"),
]  # fmt: skip


@pytest.fixture(scope="session")
def offered(shell, world):
    lines = [line for line, _, _ in CASES]
    return dict(zip(lines, shell.offers(*lines, **world), strict=True))


@cases(CASES, why=2)
def test_what_is_meant_is_offered(offered, case):
    line, expected, _ = case
    assert {word.rstrip("/") for word in offered[line]} == expected


@cases(
    [
        ("memc show --proc ", "folders alone"),
        ("memc lake add ", "a lake is a folder"),
        ("memc --proc=", "behind ="),
    ],
    why=1,
)
def test_folders_are_offered(shell, world, case):
    (found,) = shell.offers(case[0], **world)
    assert {word.rstrip("/") for word in found} == FOLDERS


def test_processes_of_the_root_that_is_named_are_offered(shell, world, tmp_path):
    Tree(tmp_path / "other").add(777)
    other = tmp_path / "other"
    lines = [f"memc --proc {other} ", f"memc show --proc={other} 7"]
    for found in shell.offers(*lines, **world):
        assert found & {"777", *PIDS} == {"777"}


def test_pids_are_shown_with_names(shell, world):
    (found,) = shell.shown("memc record 1", **world)
    assert {*found} == PIDS
    if shell.name != "bash":  # it inserts all that it shows
        shown = {pid: text.split()[-1] for pid, text in found.items()}
        assert shown == {"1": "systemd", "12": "nginx", "130": "java", "131": "java"}


def test_users_are_offered(shell):
    (found,) = shell.offers("memc show --user ro")
    assert found == {u.pw_name for u in pwd.getpwall() if u.pw_name.startswith("ro")}


@pytest.mark.kernel
def test_live_processes_are_offered(shell):
    with children.waiting() as child:
        names, pids = shell.offers("memc show --name ", f"memc {child.pid}")
    assert str(child.pid) in pids
    with open(f"/proc/{os.getpid()}/comm", encoding="utf-8") as file:
        assert file.read().strip() in names


# the line, some that are offered, one that is not
COMMANDS = [
    ("memc record -o x -- ls", {"ls"}, "show"),
    ("memc record -- l", {"ls"}, "lake"),
    ("memc record -o x -- ls d", FILES, "--all"),
]


@pytest.mark.parametrize("case", COMMANDS)
def test_the_command_that_is_recorded_is_completed(shell, world, case):
    line, some, none = case
    (found,) = shell.offers(line, **world)
    assert some <= {word.rstrip("/") for word in found}
    assert none not in found
