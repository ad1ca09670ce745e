"""``memc show``: what each option prints."""

import csv
import io

import pytest
from support.commands import COMMANDS
from support.family import SMAPS, counters, document, table
from support.readers import PURE
from support.text import record

from memc.analysis.groups import BY, MAIN
from memc.cli import commands
from memc.owners import owners

pytestmark = pytest.mark.kernel

KB = tuple(MAIN.values())


@pytest.mark.parametrize("by", BY)
def test_sums_of_groups_are_those_of_regions(show, by):
    found = document(show(20, "--by", by, "--json"))
    snap = PURE.parse_text(SMAPS, "smaps", strict=True)
    for name in KB:
        expected = (
            sum(r.private_clean_kb + r.private_dirty_kb for r in snap)
            if name == "private_kb"
            else sum(getattr(r, name) for r in snap)
        )
        assert expected == found["total"][name]
        assert expected == sum(group[name] for group in found["groups"])
    assert found["total"]["regions"] == len(snap)
    assert (found["by"], found["sort"]) == (by, "pss_kb")


def test_one_line_an_owner_is_the_default(show):
    lines = table(show(20))
    snap = PURE.parse_text(SMAPS, "smaps", strict=True)
    expected = {}
    for region, owner in zip(snap, owners(snap), strict=True):
        key = owner.owner
        expected[key] = expected.get(key, 0) + region.pss_kb
    shown = [word.upper() for word in MAIN if word != "hugetlb"]  # it is 0
    assert lines[0] == [*shown, "REGIONS", "OWNER"]
    shown = {line[-1].rstrip("?"): line[0] for line in lines[1:-2]}
    assert set(expected) == set(shown)
    assert lines[-2][-1] == "total, process 20 threads"
    assert {name for name, amount in expected.items() if not amount} == {
        name for name, amount in shown.items() if amount == "0"
    }


@pytest.mark.parametrize("sort", MAIN)
def test_largest_come_first(once, sort):
    found = document(once(20, "--by", "region", "--sort", sort, "--json"))
    amounts = [group[MAIN[sort]] for group in found["groups"]]
    assert found["sort"] == MAIN[sort]
    assert amounts == sorted(amounts, reverse=True)


def test_top_tells_what_it_left_out(once):
    every = table(once(20))
    lines = table(once(20, "--top", 2))
    assert lines[:3] == every[:3]
    assert lines[3][-1] == f"… {len(every) - 5} more"
    assert lines[4] == every[-2]
    found = document(once(20, "--top", 2, "--json"))
    assert (len(found["groups"]), found["group_count"]) == (2, len(every) - 3)
    assert found["total"]["regions"] == SMAPS.count(b"VmFlags")


def test_wide_shows_every_amount_and_every_reason(once):
    lines = table(once(20, "--wide"))
    assert {"SWAP_PSS", "LAZY_FREE", "ANON_HUGE_PAGES", "WHY"} <= set(lines[0])
    assert "KERNEL_PAGE_SIZE" not in lines[0]
    heap = next(line for line in lines if "malloc main heap" in line)
    assert heap[-1] == "[heap]: what brk gives"


def test_csv_has_what_json_has(once):
    for by in BY:
        groups = document(once(20, "--by", by, "--json"))["groups"]
        text = once(20, "--by", by, "--csv").out.decode()
        rows = list(csv.DictReader(io.StringIO(text)))
        assert len(rows) == len(groups)
        for row, group in zip(rows, groups, strict=True):
            assert list(row) == list(group)
            assert [row[name] for name in KB] == [str(group[name]) for name in KB]


def test_regions_tell_where_they_are_and_whose(once):
    groups = document(once(20, "--by", "region", "--json"))["groups"]
    stack = next(group for group in groups if group["start"] == "0x7f55ffe6b000")
    assert stack["owner"] == "thread stack"
    assert stack["why"] == "VmFlags nh, above a guard"
    assert not stack["guess"]
    assert (stack["pid"], stack["perm"], stack["type"]) == (20, "rw-p", "anonymous")
    lines = table(once(20, "--by", "region"))
    assert any(line[-3:-1] == ["rw-p", "main stack"] for line in lines)


def test_what_lies_behind_a_file_is_the_file_s(once):
    groups = document(once(20, "--by", "path", "--json"))["groups"]
    libc = next(group for group in groups if group["path"].endswith("/libc.so.6"))
    assert "library bss" in libc["owners"]
    assert {"(glibc arena)", "[heap]"} <= {group["path"] for group in groups}


def test_path_leaves_out_all_else(once):
    found = document(once(20, "--path", r"libc\.so", "--json"))
    assert {group["owner"].split()[0] for group in found["groups"]} == {"library"}
    assert found["total"]["regions"] == 6
    assert once(20, "--path", "nowhere").out == b"no regions\n"


DETAILS = [
    (["SIZE"], "maps"),
    (["RSS", "SWAP", "SIZE"], "rss"),
    (["RSS", "PRIVATE", "SWAP", "SIZE"], "uss"),
    (["PSS", "RSS", "PRIVATE", "SWAP", "SIZE"], "smaps"),
]


@pytest.mark.parametrize("case", DETAILS, ids=lambda case: case[1])
def test_detail_says_what_is_read_of_live_processes(memc, target, case):
    expected, detail = case
    lines = table(memc("show", target, "--detail", detail))
    assert lines[0] == [*expected, "REGIONS", "OWNER"]


USAGE = [
    ("which process", "no target", []),
    ("'0'", "pid 0", ["0"]),
    ("''", "an empty word", [""]),
    ("--bogus", "an unknown option", ["1", "--bogus"]),
    ("--tree", "no pid", ["--tree", "x"]),
    ("regular expression", "a bad expression", ["--name", "("]),
    ("regular expression", "a bad path", ["1", "--path", "*"]),
    ("no such user", "an unknown user", ["--user", "no-such-user"]),
    ("--by", "an unknown group", ["1", "--by", "colour"]),
    ("--top", "no lines", ["1", "--top", "0"]),
    ("--csv", "two forms", ["1", "--csv", "--json"]),
    ("--detail", "an unknown detail", ["1", "--detail", "totals"]),
]


@pytest.mark.parametrize("case", USAGE, ids=lambda case: case[1])
def test_usage_error_is_2_and_names_what_is_wrong(show, case):
    word, _, args = case
    result = show(*args)
    assert (result.status, result.out) == (2, b"")
    assert word in result.err.decode()
    assert result.err.endswith(b"\nmemc: try 'memc show --help'\n")


# the cure, the word, why
WORDS = [
    (": did you mean 'show'?", "shows", "a typo"),
    (": did you mean 'diff'?", "difff", "another typo"),
    (": did you mean 'check'?", "check2", "a typo with a digit"),
    ("; memc show --name nginx finds processes by name", "nginx", "a name"),
    ("; memc show --name python3 finds processes by name", "python3", "a digit"),
    ("; memc show --name node.js finds processes by name", "node.js", "a dot"),
    ("; memc show --name 'g\\+\\+' finds processes by name", "g++", "no pattern"),
    ("; memc show --name 'día' finds processes by name", "día", "not ASCII"),
]


@pytest.mark.parametrize("case", WORDS, ids=lambda case: case[2])
def test_unknown_command_is_told_the_ones_there_are(memc, case):
    cure, word, _ = case
    result = memc(word, 1)
    assert (result.status, result.out) == (2, b"")
    known = f"'{word}' is no pid, and no command ({', '.join(commands.COMMANDS)})"
    assert f"{known}{cure}\n" in result.err.decode()


def test_file_for_a_pid_is_told_which_command_reads_it(memc):
    result = memc("saved.json")
    said = "expected a positive number, not 'saved.json' (files: memc show)\n"
    assert (result.status, said in result.err.decode()) == (2, True)


def test_help_has_examples_and_is_listed(memc):
    result = memc("show", "--help")
    assert (result.status, result.err) == (0, b"")
    assert b"examples:\n" in result.out
    assert b"\n  show " in memc("--help").out


def test_sort_by_what_is_not_known_is_1(once):
    result = once(11, "--detail", "maps", "--sort", "pss")
    assert (result.status, result.out) == (1, b"")
    assert b"--sort pss: not known here" in result.err


def test_missing_is_a_dash_and_partial_a_plus(tree):
    memc = COMMANDS["python"]
    smaps = (
        record(0x10000, 0x20000, *counters(8, 8))
        + record(0x20000, 0x30000, *counters(8), perm="r--p")
        + record(0x40000, 0x50000, *counters(4), perm="r--p", name=b"/x")
    )
    tree.add(1, smaps=smaps)
    lines = table(memc("show", 1, "--proc", tree))
    assert [line[0] for line in lines[1:4]] == ["8K+", "-", "8K+"]
    assert lines[4] == ["+ not all of it is known"]
    groups = document(memc("show", 1, "--proc", tree, "--json"))["groups"]
    assert [group["pss_kb"] for group in groups] == [8, None]
    assert [group["partial"] for group in groups] == [["pss_kb"], []]


def test_notes_are_told_on_stderr(tree):
    page = record(0x10000, 0x20000, *counters(4, 4))
    tree.add(1, smaps=page + b"junk\n")
    result = COMMANDS["python"]("show", 1, "--proc", tree)
    assert result.status == 0
    assert b"memc: process 1: 1 line passed over" in result.err
