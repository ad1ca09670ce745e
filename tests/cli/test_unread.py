"""Processes that could not be read: who they are, why, and how much was not seen."""

import re

import pytest
from support import children
from support.boxes import WITHOUT_RIGHTS
from support.commands import COMMANDS
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
