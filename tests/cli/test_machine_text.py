"""``memc machine``: lines for people, JSON and CSV for programs."""

import csv
import io
import os
import re
import sys

import orjson
import pytest
from support.cases import cases
from support.commands import COMMANDS, Command
from support.groups import Made
from support.machines import fill, meminfo
from support.terminal import run_on_terminal

import memc
from memc.human.units import width_of

MEMC = COMMANDS["python"]
AMOUNT = re.compile(r" *([0-9]+)[KM]?  (.*)")  # in a pipe


@pytest.fixture
def small(tree):
    return fill(tree)


def amounts(text):
    """Give the amounts of the lines, the total first."""
    found = [AMOUNT.fullmatch(line) for line in text.splitlines()]
    return [int(match[1]) for match in found if match]


def test_lines_add_up_as_they_are_shown(small):
    result = MEMC("machine", "--proc", small)
    assert (result.status, result.err) == (0, b"")
    total, *lines = amounts(result.out.decode())
    assert (total, sum(lines), len(lines)) == (977, total, 10)


def test_text_tells_what_each_line_is_made_of(small):
    out = " ".join(MEMC("machine", "--proc", small).out.decode().split())
    page_kb = os.sysconf("SC_PAGE_SIZE") // 1024
    lists = round(26_000 * page_kb / 1024)
    for words in (
        "977M MemTotal",
        "processes: their own 2 processes read",
        "files 131, block devices 20",
        "30 of it reclaimable",
        "page tables 6, stacks 4, per CPU 2, vmalloc 6",
        "hugetlb, used 30, hugetlb, free 10, swap cache 1",
        f"{lists} of it in lists of the CPUs: MemFree lacks them",
        "usually drivers, graphics, pipes and sockets",
    ):
        assert words in out


def test_unknown_is_a_dash_and_in_words_below(tree):
    fill(tree, info=meminfo(Shmem=None), zones=b"")
    result = MEMC("machine", "--proc", tree)
    out = result.out.decode()
    assert "   -  shared memory, tmpfs: not mapped\n" in out
    out = " ".join(out.split())
    assert "what is in lists of the CPUs is not known" in out
    assert (
        "lists of the CPUs (zoneinfo) is not known: what it would tell is in the "
        "unexplained memory" in out
    )
    assert sum(amounts(result.out.decode())[1:]) == 977


def test_small_clamps_are_no_news_and_large_ones_are(tree):
    fill(tree, info=meminfo(Cached=50_000 + 16_000 - 1_000))
    assert b"differ" not in MEMC("machine", "--proc", tree).out
    (tree.path / "meminfo").write_bytes(meminfo(Cached=50_000 + 16_000 - 2_000))
    assert b"the counters differ by 2000 kB" in MEMC("machine", "--proc", tree).out


def test_machine_of_little_memory_is_told_in_kib(tree):
    fill(tree, info=meminfo(MemTotal=60_000))
    out = MEMC("machine", "--proc", tree).out.decode()
    assert out.startswith("60000K  MemTotal\n")
    total, *lines = amounts(out)
    assert sum(lines) == total


def test_wide_tells_every_part_in_kib(small):
    out = MEMC("machine", "--wide", "--proc", small).out.decode()
    account = memc.machine(proc=str(small))
    for line in account.lines:
        assert re.search(rf"^ *{line.kb}K?  {re.escape(line.name)}$", out, re.MULTILINE)
        for part in line.parts:
            words = rf"^ *{part.kb}K?    {re.escape(part.name)}$"
            assert re.search(words, out, re.MULTILINE)


def test_json_is_what_python_returns(small):
    result = MEMC("machine", "--json", "--proc", small)
    document = orjson.loads(result.out)
    account = memc.machine(proc=str(small))
    assert document == account.to_dict() == orjson.loads(account.to_json())
    assert list(document) == [
        "total_kb",
        "lines",
        "unexplained_kb",
        "processes_read",
        "processes_unread",
        "tmpfs",
        "holed_kb",
        "notes",
    ]
    assert [list(line) for line in document["lines"]] == [["name", "kb", "parts"]] * 9
    known = sum(line["kb"] for line in document["lines"])
    assert known + document["unexplained_kb"] == document["total_kb"] == 1_000_000


def test_csv_has_a_row_for_each_line_and_each_part(small):
    rows = list(
        csv.DictReader(
            io.StringIO(MEMC("machine", "--csv", "--proc", small).out.decode())
        )
    )
    assert list(rows[0]) == ["name", "part", "kb"]
    assert sum(int(row["kb"]) for row in rows if not row["part"]) == 1_000_000
    assert {"name": "free", "part": "MemFree", "kb": "300000"} in rows


@pytest.mark.kernel
@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize("wide", [[], ["--wide"]], ids=["short", "wide"])
def test_no_line_is_wider_than_the_terminal(columns, wide):
    out = run_on_terminal(MEMC, "machine", *wide, COLUMNS=str(columns), NO_COLOR="1")
    text = out.decode().replace("\r", "")
    assert max(map(len, text.splitlines())) <= columns
    assert "MemTotal" in text


def test_amounts_have_blanks_and_commas_on_a_terminal_alone(tree):
    fill(tree, info=meminfo(MemTotal=4_000_000, Shmem=None))
    args = ("machine", "--proc", tree)
    seen = run_on_terminal(MEMC, *args, COLUMNS="80", NO_COLOR="1").decode()
    assert seen.startswith("3,906 MiB  MemTotal")
    assert "not known  shared memory" in seen
    piped = MEMC(*args).out.decode().splitlines()
    assert piped[0] == "3906M  MemTotal"
    cells = [line.split()[0] for line in piped if line[:1] == " " and line[4] != " "]
    assert {cell[-1] for cell in cells} == {"M", "-"}


def test_text_in_a_file_fits_80_columns(tree):
    fill(tree, zones=b"")
    for pid in range(20, 30):
        tree.add(pid)
    out = MEMC("machine", "--proc", tree).out.decode()
    assert max(map(len, out.splitlines())) <= 80
    assert "10 could not be" in out


@pytest.fixture
def group(small, tmp_path):
    """Give a group of two processes, with a limit and events, and read no other."""
    made = Made(tmp_path / "groups", 2)
    made.group("/a.slice", 2 << 30)
    values = {"anon": 110, "file": 60, "shmem": 20, "inactive_file": 20, "kernel": 9}
    made.group(
        "/a.slice/web.service",
        400 << 20,
        usage=180 << 20,
        memory_stat="".join(f"{k} {v << 20}\n" for k, v in values.items()).encode(),
        memory_events=b"max 12\noom_kill 2\n",
        memory_peak=b"%d\n" % (300 << 20),
    )
    for pid in (10, 11):
        path = small.path / str(pid) / "cgroup"
        path.write_bytes(b"0::/a.slice/web.service\n")
    code = (
        "import sys, memc.accounts.group as g; from memc.cgroups.mounts import Mount; "
        f"g.read_mounts = lambda _: [Mount(2, b'/', {os.fsencode(made.folder)!r})]; "
        "from memc.cli.main import main; sys.exit(main())"
    )
    argv = (sys.executable, "-c", code, "machine", "--proc", str(small))
    return Command("group", (*argv, "--cgroup", "web.service"))


def test_group_is_told_with_its_limits(group):
    result = group()
    assert (result.status, result.err) == (0, b"")
    lines = result.out.decode().splitlines()
    assert lines[0] == "180M  used by control group /a.slice/web.service"
    total, *others = amounts(result.out.decode())
    assert sum(others) == total
    assert max(map(len, lines)) <= 80
    out = " ".join(result.out.decode().split())
    for words in (
        "without inactive file cache 160 MiB, peak 300 MiB",
        "limit 400 MiB of this group: 45.0 % used, 40.0 % without inactive file cache",
        "limit 2,048 MiB of /a.slice: 0.0 % used",
        "processes killed for memory: 2, at its limit: 12 times",
        "usually what CPUs charge in advance",
    ):
        assert words in out


def test_json_of_a_group_has_its_limits(group):
    document = orjson.loads(group("--json").out)
    assert document["total_kb"] == 180 << 10
    (told,) = document["groups"]
    assert told["path"] == "/a.slice/web.service"
    assert told["limits"][0] == {
        "path": "/a.slice/web.service",
        "name": "max",
        "kb": 400 << 10,
        "usage_kb": 180 << 10,
    }
    known = sum(line["kb"] for line in document["lines"])
    assert known + document["unexplained_kb"] == document["total_kb"]


def test_group_whose_usage_is_not_known_says_why(small):
    (small.path / "10" / "cgroup").write_bytes(b"0::/web.service\n")
    args = ("machine", "--proc", small, "--cgroup", "web.service")
    result = MEMC(*args)
    out = result.out.decode()
    assert out.startswith("  -  used by control group /web.service\n")
    assert "a copy of /proc has no files of control groups\n" in out
    assert "unexplained" not in out
    document = orjson.loads(MEMC(*args, "--json").out)
    assert document["total_kb"] is document["unexplained_kb"] is None
    assert MEMC(*args, "--csv").status == 0


def test_path_that_is_wider_than_the_screen_is_broken(small):
    path = "/" + "/".join(["kubepods-" + "x" * 70, "\u4e00" * 60, "web.service"])
    (small.path / "10" / "cgroup").write_bytes(f"0::{path}\n".encode())
    result = MEMC("machine", "--proc", small, "--cgroup", "web.service")
    lines = result.out.decode().splitlines()
    assert max(map(width_of, lines)) <= 80
    assert path in "".join(line.strip() for line in lines)


def test_group_that_is_not_there_is_1(small):
    result = MEMC("machine", "--proc", small, "--cgroup", "nothing")
    said = b"memc: no control group 'nothing', with or without processes\n"
    assert (result.status, result.out, result.err) == (1, b"", said)


# what memc says, why, arguments
WRONG = [
    ("memc: unknown option '--jsn': did you mean '--json'?", "a typo", ["--jsn"]),
    ("memc: argument --csv: not allowed with argument --json", "both",
     ["--json", "--csv"]),
    ("memc: unexpected '1234': memc machine takes options only\n", "a target",
     ["1234"]),
    ("memc: unknown option '--by': --by is an option of memc show, memc diff",
     "of others", ["--by", "owner"]),
]  # fmt: skip


@cases(WRONG, why=1)
def test_wrong_words_are_2(case):
    said, _, args = case
    result = MEMC("machine", *args)
    assert (result.status, result.out) == (2, b"")
    assert result.err.decode().startswith(said)
    assert result.err.decode().endswith("memc: try 'memc machine --help'\n")
