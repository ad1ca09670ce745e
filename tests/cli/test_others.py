"""Processes of others: rows with what everybody may read, and what was not seen."""

import os
import re
import subprocess
from subprocess import PIPE

import orjson
import pytest
from support import children
from support.boxes import IS_ROOT, NOBODY, WITHOUT_RIGHTS, hiding
from support.commands import COMMANDS

pytestmark = pytest.mark.kernel

MEMC = COMMANDS["python"]
AS_OTHER = (
    "setpriv",
    "--bounding-set=-all{}",
    "--inh-caps=-all",
    "--ambient-caps=-all",
)
NEEDS = "CAP_PERFMON (CAP_SYS_PTRACE before Linux 6.15)"
WIDE = ("--by", "process", "--wide")
FORM = ("--by", "user", "--json")
ROOT_ONLY = pytest.mark.skipif(not IS_ROOT, reason="only root has rights to give up")


def rights(capabilities):
    """Let the command have these capabilities alone."""
    return (AS_OTHER[0], AS_OTHER[1].format(capabilities), *AS_OTHER[2:])


@pytest.fixture(scope="module")
def closed():
    """Give the pid of a process that others may not read, not even its own user."""
    with children.script("undumpable") as child:
        yield child.pid


def rows(pid, *args, prefix=()):
    result = MEMC("show", pid, "--by", "process", "--json", *args, prefix=prefix)
    return result, orjson.loads(result.out)["groups"] if result.out else []


# status, whether PSS is known, capabilities, why
RIGHTS = [
    (1, False, "", "the same user, of a process that is not dumpable"),
    (0, True, ",+sys_ptrace", "CAP_SYS_PTRACE alone"),
    (0, True, ",+perfmon", "CAP_PERFMON alone"),
    (0, True, ",+sys_ptrace,+dac_read_search", "both that page tables need"),
]


@ROOT_ONLY
@pytest.mark.parametrize("case", RIGHTS, ids=lambda case: case[3])
def test_process_is_a_row_whatever_the_rights(closed, case):
    status, is_known, capabilities, _ = case
    result, (row,) = rows(closed, prefix=rights(capabilities))
    assert result.status == status
    assert row["pid"] == closed
    assert row["rss_kb"] > 1000
    assert row["size_kb"] > row["rss_kb"]
    assert (row["pss_kb"] is not None) == is_known
    assert (row["private_kb"] is not None) == is_known
    assert (row["regions"] is not None) == is_known


@ROOT_ONLY
def test_process_of_another_user_is_a_row_with_its_user():
    with subprocess.Popen(
        [*NOBODY, "sh", "-c", "echo; exec sleep 60"], stdout=PIPE
    ) as child:
        child.stdout.readline()
        result = MEMC("show", child.pid, *FORM, prefix=WITHOUT_RIGHTS)
        by_root = MEMC("show", child.pid, *FORM)
        child.kill()
    for done, status in ((result, 1), (by_root, 0)):
        (row,) = orjson.loads(done.out)["groups"]
        assert done.status == status
        assert (row["uid"], row["processes"]) == (65534, 1)
        assert row["rss_kb"] > 0
        assert (row["pss_kb"] is None) == (status == 1)


@ROOT_ONLY
def test_root_and_owner_know_all(closed):
    for prefix in ((), rights(",+sys_admin")):
        result, (row,) = rows(closed, prefix=prefix)
        assert result.status == 0
        assert row["pss_kb"] > 0


def test_process_that_may_not_be_read_has_what_everybody_may_read(closed):
    result, (row,) = rows(closed, "--wide", "--command", prefix=WITHOUT_RIGHTS)
    assert result.status == 1
    with open(f"/proc/{closed}/status", "rb") as file:
        status = dict(re.findall(r"(\w+):\s+(\d+)", file.read().decode()))
    assert row["name"].startswith("python")
    assert "undumpable.py" in row["command"]
    assert row["peak_rss_kb"] == int(status["VmHWM"])
    assert row["page_tables_kb"] == int(status["VmPTE"])
    assert row["swap_kb"] == int(status["VmSwap"])
    assert row["rss_kb"] == int(status["VmRSS"])
    assert row["pss_kb"] is row["private_kb"] is row["regions"] is None
    assert row["partial"] == []
    assert row["threads"] == int(status["Threads"])
    text = MEMC("show", closed, *WIDE, prefix=WITHOUT_RIGHTS).out.decode()
    assert {"PEAK_RSS", "PAGE_TABLES", "THREADS"} <= {*text.split()}


def test_table_tells_how_much_was_not_seen(closed):
    others = ("--name", "^(python|memc)", "--by", "process")
    with children.script("undumpable"):
        result = MEMC("show", *others, prefix=WITHOUT_RIGHTS)
    assert result.status == 0
    lines = result.out.decode().splitlines()
    (said,) = (line for line in lines if line.startswith("PSS of "))
    words = r"PSS of \d+ of \d+ processes is known; (the rest|they) have .*iB of RSS\."
    assert re.fullmatch(words, said)
    assert any(NEEDS in line for line in lines)
    mine = next(line for line in lines if f" {closed} " in line)
    assert mine.split()[0] == "-"


def test_groups_of_others_have_rss_and_partial_sums(closed):
    args = ("--name", "^python", "--by", "user,name")
    result = MEMC("show", closed, os.getpid(), *args, "--json", prefix=WITHOUT_RIGHTS)
    found = orjson.loads(result.out)
    assert found["total"]["processes"] == 2
    (row, *_) = found["groups"]
    assert row["processes"] >= 1
    assert row["rss_kb"] > 0


def test_regions_of_others_are_not_made_up(closed):
    for by in ("owner", "path", "user,owner"):
        result = MEMC("show", closed, "--by", by, prefix=WITHOUT_RIGHTS)
        assert result.status == 1
        assert b"permission denied" in result.err
        assert result.out == b""


@pytest.mark.usefixtures("closed")
def test_check_never_passes_what_it_may_not_read():
    args = ("check", "--name", "^python", "--max-regions", "60000")
    denied = MEMC(*args, prefix=WITHOUT_RIGHTS)
    assert denied.status == 2
    by = MEMC(*args, "--by", "user", prefix=WITHOUT_RIGHTS)
    assert by.status == 2
    left_out = MEMC(*args, "--skip-denied", prefix=WITHOUT_RIGHTS)
    assert b"permission denied" not in left_out.err


def test_diff_has_rows_of_others(closed):
    args = ("--after", "10ms", "--by", "process", "--json")
    result = MEMC("diff", closed, os.getpid(), *args, prefix=WITHOUT_RIGHTS)
    assert result.status == 2  # it was named, and could not be read
    result = MEMC("diff", "--name", "^python", *args, prefix=WITHOUT_RIGHTS)
    assert result.status in (0, 1)
    found = orjson.loads(result.out)
    assert found["before"]["processes"] >= 1
    assert all(row["pss_growth_kb"] is None or row["pid"] for row in found["changes"])


# ---- hidepid -------------------------------------------------------------------------

# whether others are rows, hidepid, why
HIDDEN = [
    (True, 1, "their folders are there, and nothing in them may be read"),
    (False, 2, "they are not there"),
    (False, 4, "only those that may be traced are there"),
]


@ROOT_ONLY
@pytest.mark.parametrize("case", HIDDEN, ids=lambda case: case[2])
def test_hidepid_is_told(waiting, case):
    has_rows, option, _ = case
    args = ("show", "--all", "--by", "process")
    result = MEMC(*args, prefix=hiding(option), stdin=waiting)
    lines = result.out.decode().splitlines()
    assert "/proc is mounted with hidepid: only your own processes are seen." in lines
    assert any(
        re.match(r"Others have .* of anonymous memory at least\.", x) for x in lines
    )
    assert any(x.startswith("PSS of ") for x in lines) or not has_rows
    document = MEMC(*args, "--json", prefix=hiding(option), stdin=waiting)
    assert b"is mounted with hidepid" in document.err
    found = {row["pid"]: row for row in orjson.loads(document.out)["groups"]}
    assert (3 in found) == has_rows
    if has_rows:
        assert found[3]["rss_kb"] is found[3]["pss_kb"] is None


@ROOT_ONLY
def test_hidepid_hides_nothing_from_the_privileged(waiting):
    prefix = hiding(2, ",+sys_ptrace")
    result = MEMC("show", "--all", "--by", "user", prefix=prefix, stdin=waiting)
    assert b"hidepid" not in result.out + result.err


def test_without_hidepid_nothing_is_said():
    assert b"hidepid" not in MEMC("show", "--all", "--by", "user").out
