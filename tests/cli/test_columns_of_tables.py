"""Columns, order, small lines, colours and legends of ``memc show`` and ``diff``."""

import csv
import io
import re
import subprocess

import orjson
import pytest
from support import children
from support.cases import cases
from support.commands import COMMANDS
from support.family import counters
from support.terminal import run_on_terminal
from support.text import record
from support.trees import Tree

from memc.cli.common.columns import names, sort
from memc.human.units import bare

memc = COMMANDS["python"]
MIB = 1024
# the rss and pss of each process in kB, and its name
PROCESSES = {
    7: (10, 4, b"b"),
    8: (3 * MIB, 2 * MIB, b"c"),
    9: (3 * MIB * MIB, MIB, b"a"),
    10: (0, 0, b"d"),
}


def smaps(rss_kb, pss_kb, thp_kb=0):
    more = [b"AnonHugePages: %d kB" % thp_kb, b"Referenced: 2 kB"]
    size = 4 * MIB * MIB * 1024
    return record(1 << 40, (1 << 40) + size, *counters(rss_kb, pss_kb), *more)


@pytest.fixture
def tree(tmp_path):
    made = Tree(tmp_path / "proc")
    for pid, (rss_kb, pss_kb, name) in PROCESSES.items():
        made.add(pid, smaps=smaps(rss_kb, pss_kb), comm=name + b"\n")
    return made


def show(tree, *args, **more):
    return memc("show", "--all", "--by", "process", *args, "--proc", tree, **more)


def lines(result):
    assert result.status == 0, result.err
    return [line.split() for line in result.out.decode().splitlines()]


@cases(
    [
        ("0", 0, "nothing"),
        ("-", None, "not known"),
        ("852K", 852, "three digits"),
        ("1.20G", 1258291, "a fraction"),
        ("-14.0M", -14 * MIB, "less than before"),
        ("1.00T", 1 << 30, "a large one"),
    ],
    why=2,
)
def test_an_amount_for_other_programs_has_no_blank(case):
    expected, kb, _ = case
    assert bare(kb) == expected
    assert bare(kb, partial=True) == (expected if kb is None else f"{expected}+")


@pytest.mark.kernel
def test_piped_amounts_can_be_sorted_and_read_by_awk(tree):
    out = show(tree, "--sort", "pid", "--no-legend", "--columns", "rss,pid").out
    done = subprocess.run(["sort", "-h"], input=out, capture_output=True, check=True)
    rows = [line.split() for line in done.stdout.decode().splitlines()]
    rows = [row for row in rows if row[-1].isdigit()]
    assert [row[1] for row in rows] == ["10", "7", "8", "9"]
    assert [row[0] for row in rows] == ["0", "10K", "3.00M", "3.00G"]
    shown = run_on_terminal(memc, "show", 8, "--proc", tree, TERM="dumb").decode()
    assert "3.00 MiB" in shown, "people read a unit"


# the pids in order, why, the options
ORDERS = [
    ([9, 8, 7, 10], "an amount, the largest first", ["--sort", "rss"]),
    ([8, 9, 7, 10], "by default PSS", []),
    ([10, 7, 9, 8], "turned around", ["--reverse"]),
    ([7, 8, 9, 10], "a number, the smallest first", ["--sort", "pid"]),
    ([10, 9, 8, 7], "the largest number first", ["--sort", "pid", "--reverse"]),
    ([9, 7, 8, 10], "a name", ["--sort", "NAME"]),
    ([9, 8, 7, 10], "a key of JSON", ["--sort", "rss_kb"]),
    ([8, 9, 7, 10], "a count: equal ones go by PSS", ["--sort", "regions"]),
    ([9, 8, 7, 10], "the other word for PRIVATE", ["--sort", "uss"]),
    ([7, 8, 9, 10], "an amount that is not shown", ["--sort", "referenced"]),
]


@cases(ORDERS, why=1)
def test_every_column_can_be_sorted_by(tree, case):
    expected, _, options = case
    rows = orjson.loads(show(tree, "--json", *options).out)["groups"]
    assert [row["pid"] for row in rows] == expected
    table = lines(show(tree, "--columns", "pid", *options))
    assert [int(line[0]) for line in table[1:5]] == expected


def test_private_and_uss_are_one_column(tree):
    private, uss = (lines(show(tree, "--sort", word)) for word in ("private", "uss"))
    assert private == uss


@cases(
    [
        (["PSS", "PID", "NAME"], "pss,pid,name", "in this order"),
        (["NAME", "SIZE"], "NAME,Size", "titles, in any case"),
        (["PRIVATE", "PID"], "uss,private_kb,pid", "one column, once"),
        (["SWAP_PSS", "REFERENCED", "PID"], "swap_pss,Referenced_kB,pid", "rare ones"),
        (["HUGETLB", "THP", "PID"], "hugetlb,thp,pid", "what is 0, if asked for"),
        (["PID", "COMMAND"], "pid,command", "what says no more than the name"),
    ],
    why=2,
)
def test_only_the_columns_asked_for_are_there(tree, case):
    expected, wanted, _ = case
    found = lines(show(tree, "--columns", wanted))
    assert found[0] == expected


@pytest.mark.parametrize("form", ["--json", "--csv"])
def test_columns_choose_keys_of_json_and_csv(tree, form):
    out = show(tree, form, "--columns", "PID,private,regions").out
    if form == "--json":
        rows = orjson.loads(out)["groups"]
    else:
        rows = [*csv.DictReader(io.StringIO(out.decode()))]
    assert [[*row] for row in rows] == [["pid", "private_kb", "regions"]] * 4


@cases(
    [
        ("no column 'zzz' here: pss, rss, private", ["--columns", "pss,zzz"], "none"),
        ("no column 'owner' here", ["--columns", "owner"], "not by process"),
        ("expected names of columns", ["--columns", "pss,,rss"], "an empty one"),
        ("expected names of columns", ["--columns", ""], "nothing"),
        ("expected a column, such as pss, rss", ["--sort", "zzz"], "no such column"),
        ("--sort owner: not by process", ["--sort", "owner"], "not by process"),
        ("expected an amount and its unit", ["--min", "5"], "bytes, or kB?"),
        ("expected an amount and its unit", ["--min=-1M"], "less than nothing"),
        ("--color", ["--color", "blue"], "no such time"),
    ],
    why=2,
)
def test_what_is_not_there_is_told_with_what_is(tree, case):
    said, options, _ = case
    result = show(tree, *options)
    assert (result.status, result.out) == (2, b"")
    assert said in result.err.decode()


def test_small_lines_are_in_one_line(tree):
    found = lines(show(tree, "--min", "1M", "--columns", "pss,pid"))
    assert found[1:4] == [["2.00M", "8"], ["1.00M", "9"], ["4K", "…", "2", "more"]]
    assert found[4][:2] == ["3.00M", "total,"]
    rows = orjson.loads(show(tree, "--min", "1M", "--json").out)["groups"]
    assert [row["pid"] for row in rows] == [8, 9]
    assert lines(show(tree, "--min", "1T", "--columns", "pss,pid"))[1][1:] == [
        "…",
        "4",
        "more",
    ]


def test_legends_are_there_only_if_they_apply(tree):
    assert b"PSS divides" in show(tree).out
    assert b"RSS, SWAP and SIZE count it" in show(tree).out
    assert b"SWAP counts it" in show(tree, "--columns", "pss,swap").out
    assert b"PSS divides" not in show(tree, "--columns", "rss,pid").out
    assert b"PSS divides" not in memc("show", 8, "--proc", tree).out
    assert b"+ not all" not in show(tree).out


@pytest.mark.parametrize("by", ["process", "owner", "region", "type"])
def test_no_legend_leaves_the_table_alone(tree, by):
    args = ("show", "--all", "--by", by, "--proc", tree)
    whole = memc(*args).out.decode()
    bare_ = memc(*args, "--no-legend").out.decode()
    assert whole.startswith(bare_)
    assert bare_.splitlines()[-1].endswith("total, 4 processes")


def test_transparent_huge_pages_are_shown_if_there_are_any(tree):
    assert "THP" not in lines(show(tree))[0]
    tree.add(11, smaps=smaps(4096, 4096, 2048), comm=b"huge\n")
    found = lines(show(tree, "--sort", "thp"))
    at = found[0].index("THP")
    assert [line[at] for line in found[1:3]] == ["2.00M", "0"]
    assert b"THP is in transparent huge pages" in show(tree).out
    assert b"thp_kb" not in show(tree, "--json").out, "JSON has the keys it had"
    shown = run_on_terminal(memc, "show", 11, "--proc", tree, COLUMNS="80", TERM="dumb")
    assert b"THP" in shown


def test_diff_has_the_same_options(tmp_path):
    files = []
    for name, kb in (("a", 4), ("b", 4 * MIB)):
        text = record(4096, 1 << 30, *counters(kb, kb), name=b"[heap]")
        text += record(1 << 30, 1 << 31, *counters(64, 64), name=b"/x")
        files.append(tmp_path / name)
        files[-1].write_bytes(text)
    found = memc("diff", *files, "--columns", "rss,owner", "--no-legend").out.decode()
    rows = [line.split(maxsplit=1) for line in found.splitlines()]
    assert rows[0] == ["RSS", "OWNER"]
    assert rows[1] == ["4.00M", "malloc main heap"]
    assert len(rows) == 3
    (row,) = orjson.loads(memc("diff", *files, "--json", "--columns", "rss").out)[
        "changes"
    ]
    assert [*row] == ["rss_before_kb", "rss_after_kb", "rss_growth_kb"]
    least = memc("diff", *files, "--min", "8M").out.decode()
    assert "… 1 more" in least
    back = memc("diff", files[1], files[0]).out.decode().splitlines()
    assert back[1].split()[0] == "-4.00M"


def test_colours_can_be_told(tree):
    args = ("show", 8, "--proc", tree)
    assert b"\x1b[1m" in memc(*args, "--color", "always", env={"NO_COLOR": "1"}).out
    assert b"\x1b" not in memc(*args, "--color", "auto").out
    for when, has in (("never", False), ("always", True), ("auto", True)):
        shown = run_on_terminal(memc, *args, "--color", when)
        assert (b"\x1b" in shown) == has
    always = memc("machine", "--color", "always").out
    assert b"\x1b[1m" in always


def test_words_are_read_in_any_form():
    assert names("PSS, Control Group,swap-pss,USS") == [
        "pss",
        "cgroup",
        "swap_pss",
        "private",
    ]
    assert sort("new_field_kb") == "new_field"


@pytest.mark.kernel
@pytest.mark.parametrize("args", [["--freed"], ["--risk"]])
def test_other_tables_have_no_blank_in_an_amount_either(args):
    with children.waiting() as child:
        out = memc("show", child.pid, *args).out.decode()
        shown = run_on_terminal(memc, "show", child.pid, *args, COLUMNS="80").decode()
    cells = [line for line in out.splitlines() if "page tables" in line]
    assert cells
    assert re.search(r"^ +(- +)?[0-9.]+[KMG] ", cells[0])
    assert re.search(r"[0-9] [KMG]iB +(- +)?page tables", shown)
