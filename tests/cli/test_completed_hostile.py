"""Names that programs give themselves do nothing to a shell that completes."""

import re
import sys

import pytest
from support import children
from support.trees import Tree

# Starts a process for each name, and prints their pids; they end with it.
RENAMED = """
import ctypes, os, sys, time
libc = ctypes.CDLL(None)
pids, (end, begin) = [], os.pipe()
for name in sys.argv[1:]:
    pids.append(os.fork())
    if not pids[-1]:
        libc.prctl(1, 9, 0, 0, 0)  # PR_SET_PDEATHSIG
        libc.prctl(15, os.fsencode(name), 0, 0, 0)  # PR_SET_NAME
        os.write(begin, b"x")
        time.sleep(600)
for _ in pids:
    os.read(end, 1)
print("ready", *pids, sep="\\n", flush=True)
time.sleep(600)
"""
# A name has 15 bytes at most.
NAMES = [
    "$(>pwned)",
    "`>pwned`",
    "';>pwned;'",
    '";>pwned;"',
    ";>pwned",
    "x\n>pwned",
    "a|>pwned",
    "${x:=1}",
    "$[1]",
    "(>pwned)",
    "\x1b]0;T\x07",
    "\x1b[31m",
    "tab\there",
    "cr\rcr",
    "*",
    "[a",
    "~",
    "!!",
    "%n%s",
    "--all",
    "-rf",
    "a b",
    "a\\",
    "x/9/comm:y",
    "\udcff\udcfe",
    "é",
    "",
    "e:${(e)x}",
]
LINES = ["memc ", "memc show ", "memc show --name ", "memc show --name=",
         "memc show --tree ", "memc query x --rss ", "memc show --cgroup ",
         "memc show --cgroup /", "memc show --container "]  # fmt: skip


def check(shell, found, folder):
    """Fail if anything happened, or could on a terminal."""
    assert [path.name for path in folder.iterdir() if path.name != "proc"] == []
    words = {word for words in found for word in words}
    assert [w for w in words if {*w} & set("$`'\";|()[]{}*\\ ~!%&<>\x1b\x07")] == []
    assert [w for w in words if w.startswith("-")] == []
    printed = shell.printed.decode("utf-8", "replace")
    assert {c for c in printed if not c.isprintable()} <= set("\n\t\r")


@pytest.fixture(scope="module")
def pids():
    """Give the names of live processes by their pids."""
    with children.running(sys.executable, "-c", RENAMED, *NAMES) as parent:
        yield {parent.stdout.readline().decode().strip(): name for name in NAMES}


def safe(name):
    """Give what is shown of a name; how many "?" there are in a row does not matter."""
    return re.sub(r"[^A-Za-z0-9 _.:@/+()-]+", "?", name.partition("\n")[0]).strip()


@pytest.mark.kernel
def test_names_of_live_processes_do_nothing(shell, tmp_path, pids):
    found = shell.shown(*LINES, cwd=tmp_path)
    shown = found[0]
    assert {*pids} <= {*shown}
    if shell.name != "bash":  # which shows no names
        told = {pid: safe(shown[pid].removeprefix(pid)) for pid in pids}
        assert told == {pid: safe(name) for pid, name in pids.items()}
    check(shell, found, tmp_path)


def test_names_of_control_groups_do_nothing(shell, tmp_path):
    tree = Tree(tmp_path / "proc")
    for i, given in enumerate(NAMES):
        name = given.replace("/", "_").replace("\n", "_")
        path = f"0::/a/{name}/docker-{name}.scope/{'f' * 63}{name}\n"
        data = path.encode("utf-8", "surrogateescape")
        tree.add(100 + i, cgroup=data, comm=name.encode("utf-8", "surrogateescape"))
    found = shell.shown(*LINES, cwd=tmp_path, MEMC_PROC=str(tree))
    assert {"a"} <= {*found[6]}
    check(shell, found, tmp_path)


def test_what_cannot_be_read_is_left_out(shell, tmp_path):
    tree = Tree(tmp_path / "proc")
    tree.add(5, comm=None)
    (tree.path / "6").mkdir()
    (tree.path / "7").write_text("")
    (tree.path / "8" / "comm").mkdir(parents=True)
    (tree.path / "9").symlink_to("/nothing")
    found = shell.shown("memc show --name ", "memc show --cgroup ", cwd=tmp_path,
                        MEMC_PROC=str(tree))  # fmt: skip
    assert [{*words} for words in found] == [set(), set()]
    check(shell, found, tmp_path)


def test_words_that_are_typed_are_not_evaluated(shell, tmp_path):
    lines = ["memc $(>pwned) ", "memc show $(>pwned) --by ", "memc `>pwned` -",
             "memc show --proc $(>pwned) ", "memc show --by=$(>pwned),",
             "memc show --proc=`>pwned` 1", "memc record -- $(>pwned) x",
             "memc lake $(>pwned) x ", "memc x[$(>pwned)] ", "memc a[0 "]  # fmt: skip
    shell.shown(*lines, cwd=tmp_path)
    assert [*tmp_path.iterdir()] == []
