"""Processes that could not be read: who they are, why, and how much was not seen."""

import pwd
import re

import pytest
from support import children
from support.boxes import WITHOUT_RIGHTS, inside
from support.cases import cases
from support.commands import COMMANDS
from support.family import status
from support.readers import READERS
from support.trees import Tree

MEMC = COMMANDS["python"]


@pytest.fixture
def world(tmp_path):
    """Give a tree of eight processes, of which the first one is empty."""
    tree = Tree(tmp_path / "proc")
    tree.add(1, smaps=b"")
    for pid in range(2, 9):
        uid = 0 if pid < 7 else 4999
        status = f"State:\tS\nUid:\t{uid}\t{uid}\t{uid}\t{uid}\n".encode()
        tree.add(pid, status=status, statm=b"99 10 0 0 0 0 0\n")
    return tree


def test_many_are_counted_by_user_and_their_memory_is_told(world):
    result = MEMC("show", "--name", ".", "--by", "process", "--proc", world)
    lines = result.err.decode().splitlines()
    assert re.fullmatch(
        r"memc: the first, process 2 .*: smaps: no such file.*", lines[0]
    )
    assert lines[1:] == [
        "memc: of these are 5 of user root, 2 of user 4999",
        "memc: not seen: 280 KiB of resident memory",
        "memc: 7 processes not read: 7 error",
        "memc: none was read",
    ]


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
def test_skipped_process_tells_why_in_words(world, reader):
    system = reader.collect_all("smaps", proc=str(world))
    why = "smaps: no such file: an old kernel, or an incomplete copy"
    assert [skip.text for skip in system.skipped] == [
        f"process {pid}: {why}" for pid in range(2, 9)
    ]


def test_all_says_why_the_first_five_were_skipped(memc, world):
    result = memc("--all", "--smaps", "--compact", "--proc", world)
    why = "smaps: no such file: an old kernel, or an incomplete copy"
    assert result.err.decode().splitlines()[1:-1] == [
        f"memc: process {pid}: {why}" for pid in range(2, 7)
    ]


NO_RIGHTS = ("setpriv", "--bounding-set=-all", "--inh-caps=-all", "--ambient-caps=-all")
# lines after those of the first, why, their users
DENIED = [
    (None, "as few as can be named", [0, 4999]),
    (None, "five are few", [0] * 5),
    ("6 of user root", "one user", [0] * 6),
    ("4 of user 4999, 3 of user root", "most first", [0] * 3 + [4999] * 4),
    ("3 of user root, 3 of user 4999", "ties by number", [4999] * 3 + [0] * 3),
    ("6 of user root, 1 of unknown users", "one tells nothing", [0] * 6 + [None]),
    ("2 of user root, 1 of user 1, 1 of user 2, 1 of user 3, 1 of user 4, 3 of others",
     "users are many", [0, 0, 1, 2, 3, 4, 5, 6, 7]),
    ("1,200 of user root", "a comma in thousands", [0] * 1200),
]  # fmt: skip


@cases(DENIED, why=1)
def test_all_names_the_denied_or_counts_them_by_user(memc, tmp_path, case):
    counts, _, uids = case
    tree = Tree(tmp_path / "proc")
    tree.add(1, maps=b"")
    for pid, uid in enumerate(uids, 2):
        status = b"" if uid is None else f"Uid:\t{uid}\t{uid}\t0\t0\n".encode()
        (tree.add(pid, maps=b"", status=status) / "maps").chmod(0)
    result = memc("--all", "--compact", prefix=(*inside(tree), *NO_RIGHTS))
    named = range(2, 2 + len(uids) if counts is None else 3)
    expected = [f"process {pid}: maps: permission denied" for pid in named]
    if counts is not None:
        named_user = counts.replace("user 1,", f"user {name_of(1)},")
        for uid in (2, 3, 4):
            named_user = named_user.replace(f"user {uid},", f"user {name_of(uid)},")
        expected.append(f"of the denied are {named_user}")
    lines = [x for x in result.err.decode().splitlines() if x.startswith("memc: ")]
    told = [re.split(" although|: needs", line)[0] for line in lines]
    assert told == [f"memc: {words}" for words in expected]


def name_of(uid):
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return uid


@pytest.mark.kernel
def test_denied_process_is_named_and_can_be_left_out():
    with children.script("undumpable") as child:
        who = ("--name", "^python", "--max-pss", "900G")
        denied = MEMC("check", *who, prefix=WITHOUT_RIGHTS)
        left_out = MEMC("check", *who, "--skip-denied", prefix=WITHOUT_RIGHTS)
        named = MEMC("check", child.pid, *who[2:], "--skip-denied",
                     prefix=WITHOUT_RIGHTS)  # fmt: skip
    assert denied.status == named.status == 2
    said = denied.err.decode()
    assert "permission denied" in said
    assert "may be read by" in said
    assert b"permission denied" not in left_out.err


SKIP = "--skip-denied"
ROLLUP = b"1000-9000 ---p 0 00:00 0 [rollup]\nRss: 100 kB\nPss: 90 kB\nSwap: 8 kB\n"
# the reason of the error, why, how many are denied, how many may be read, arguments
LEFT_OUT = [
    ("1 denied process was left out", "it is there", 1, 0, ("--all", SKIP)),
    ("2 denied processes were left out", "each counts once", 2, 0, ("--all", SKIP)),
    ("2 denied processes were left out", "in a sum", 2, 0, ("--all", SKIP, "--total")),
    ("2 denied processes were left out", "in groups", 2, 0,
     ("--all", SKIP, "--by", "user")),
    ("1,200 denied processes were left out", "a comma", 1200, 0, ("--all", SKIP)),
    ("2 denied processes were left out", "they have the name", 2, 0,
     ("--name", ".", SKIP)),
    ("2 denied processes were left out", "the last of two readings", 2, 0,
     ("--all", SKIP, "--max-growth", "1G/s", "--growth-of", "pss", "--for", "1ms")),
    ("no process with a name that matches 'other'", "none was left out", 2, 0,
     ("--name", "other", SKIP)),
    (None, "one is judged", 2, 1, ("--all", SKIP)),
    (None, "they are told one by one", 2, 0, ("--all",)),
]  # fmt: skip


@cases(LEFT_OUT, why=1)
def test_check_that_left_out_all_says_how_many(tmp_path, case):
    words, _, denied, readable, args = case
    tree = Tree(tmp_path / "proc")
    for pid in range(2, 2 + denied + readable):
        folder = tree.add(pid, status=status(0, 1), smaps_rollup=ROLLUP)
        if pid < 2 + denied:
            (folder / "smaps_rollup").chmod(0)
    limit = () if "--max-growth" in args else ("--max-pss", "1G")
    result = MEMC("check", *args, *limit, "--proc", tree, prefix=NO_RIGHTS)
    said = result.err.decode()
    reasons = re.findall("found no process to judge: (.*)", said)
    assert reasons == ([] if words is None else [words])
    assert result.status == (0 if readable else 2)
