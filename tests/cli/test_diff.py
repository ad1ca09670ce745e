"""``memc diff``: what it prints, and its exit status."""

import csv
import io
import os

import pytest
from support.cases import cases
from support.changes import AFTER, BEFORE
from support.commands import COMMANDS
from support.family import SMAPS, counters, document, table
from support.terminal import run_on_terminal
from support.text import record
from support.trees import Tree

from memc.analysis.groups import BY

pytestmark = pytest.mark.kernel


@pytest.fixture
def once():
    """Give the command, Python over C alone."""
    return COMMANDS["python"]


@pytest.fixture
def files(tmp_path):
    """Give the paths of what was and what is."""
    paths = tmp_path / "before.txt", tmp_path / "after.txt"
    for path, text in zip(paths, (BEFORE, AFTER), strict=True):
        path.write_bytes(text)
    return paths


def test_table_tells_what_was_added_the_largest_first(memc, files):
    lines = table(memc("diff", *files), status=1)
    assert lines == [
        ["PSS", "RSS", "PRIVATE", "SWAP", "SIZE", "REGIONS", "CHANGE", "OWNER"],
        ["92K", "92K", "92K", "0", "64K", "0", "1 grew",
         "malloc main heap"],
        ["-12K", "-12K", "-12K", "2K", "-48K", "0",
         "1 appeared, 1 gone", "anonymous"],
        ["80K", "80K", "80K", "2K", "16K", "0",
         "total, before.txt → after.txt"],
        ["1 more is the same"],
    ]  # fmt: skip


def test_two_processes_are_compared_though_they_are_not_the_same(once, tree, tmp_path):
    stat = b"1 (a) S %s%d 0\n"
    for pid in (1, 2):
        tree.add(pid, smaps=BEFORE, stat=stat % (b"0 " * 18, pid * 1000))
    assert once("diff", 1, 2, "--proc", tree).status == 0
    saved = tmp_path / "saved.json"
    saved.write_bytes(once(1, "--smaps", "--full", "--proc", tree).out)
    same = once("diff", saved, 2, "--proc", tree)
    assert (same.status, same.err) == (0, b"")


def test_regions_tell_where_they_are_and_what_became_of_them(once, files):
    lines = table(once("diff", *files, "--by", "region", "--wide"), status=1)
    expected = [
        ["grew", "10000-30000", "10000-20000"],
        ["gone", "70000-80000", "70000-80000"],
        ["appeared", "90000-94000", "-"],
    ]
    for cells, line in zip(expected, lines[1:4], strict=True):
        assert set(cells[:2]) <= set(line)
        assert cells[2] == line[-1]


@pytest.mark.parametrize("by", BY)
def test_json_adds_up_and_csv_has_the_same(once, files, by):
    found = document(once("diff", *files, "--by", by, "--json"), status=1)
    assert (found["same"], found["by"], found["sort"]) == (False, by, "pss_kb")
    assert [found["before"]["file"], found["after"]["file"]] == [*map(str, files)]
    for name in ("pss", "rss", "private", "swap", "size"):
        grown = [change[f"{name}_growth_kb"] for change in found["changes"]]
        assert found["total"][f"{name}_growth_kb"] == sum(grown)
        for change in (*found["changes"], found["total"]):
            before, after = change[f"{name}_before_kb"], change[f"{name}_after_kb"]
            assert change[f"{name}_growth_kb"] == after - before
    text = once("diff", *files, "--by", by, "--csv").out.decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [list(row) for row in rows] == [list(c) for c in found["changes"]]
    assert [row["rss_growth_kb"] for row in rows] == [
        str(change["rss_growth_kb"]) for change in found["changes"]
    ]


def test_sort_and_top_choose_the_lines_and_the_total_stays(once, files):
    args = ("diff", *files, "--by", "region", "--sort", "size", "--json")
    every = document(once(*args), status=1)
    assert [c["size_growth_kb"] for c in every["changes"]] == [64, -64, 16]
    first = document(once(*args, "--top", 1), status=1)
    assert first["changes"] == every["changes"][:1]
    assert (first["total"], first["change_count"]) == (every["total"], 3)
    lines = table(once("diff", *files, "--top", 1), status=1)
    assert lines[2][-1] == "… 1 more"


# status, arguments behind the files, why
NARROWED = [
    (1, (), "the heap grew"),
    (1, ("--path", "heap"), "what grew is meant"),
    (0, ("--path", "^/a$"), "what is meant is the same"),
    (0, ("--path", "nowhere"), "nothing is meant"),
]


@cases(NARROWED, why=2)
def test_only_what_is_meant_counts(once, files, case):
    expected, args, _ = case
    result = once("diff", *files, *args)
    assert (expected, b"") == (result.status, result.err)
    assert (expected == 0) == result.out.startswith(b"the same: ")


def test_colours_tell_growth_from_shrinkage(once, files):
    out = run_on_terminal(once, "diff", *files, COLUMNS="200").decode().splitlines()
    grown = [line for line in out if line.startswith("\x1b[31m")]
    shrunk = [line for line in out if line.startswith("\x1b[32m")]
    assert [line.split()[1] for line in grown] == ["KiB"]
    assert "+92" in grown[0]
    assert ["-12" in line for line in shrunk] == [True]
    assert b"\x1b" not in run_on_terminal(once, "diff", *files, NO_COLOR="1")


def test_lines_fit_the_terminal_and_names_do_no_harm(once, tmp_path):
    name = b"/tmp/\x1b[31m" + b"long" * 60
    paths = tmp_path / "a", tmp_path / "b"
    for path, rss in zip(paths, (4, 8), strict=True):
        path.write_bytes(record(0x10000, 0x20000, *counters(rss, rss), name=name))
    for by in ("path", "region"):
        args = ("diff", *paths, "--by", by)
        out = run_on_terminal(once, *args, COLUMNS="100", TERM="dumb").decode()
        assert max(map(len, out.splitlines())) <= 100
        assert "\x1b" not in out


def test_same_is_0(memc, files):
    result = memc("diff", files[0], files[0])
    assert (result.status, result.out) == (0, b"the same: 3 regions\n")
    found = document(memc("diff", files[0], files[0], "--json"))
    assert (found["same"], found["changes"], found["unchanged_count"]) == (True, [], 3)


def test_what_wide_shows_counts_with_wide_alone(once, tmp_path):
    paths = tmp_path / "a", tmp_path / "b"
    for path, referenced in zip(paths, (0, 8), strict=True):
        more = b"Referenced: %d kB" % referenced
        path.write_bytes(record(0x10000, 0x20000, *counters(8, 8), more))
    assert once("diff", *paths).status == 0
    result = once("diff", *paths, "--wide")
    assert result.status == 1
    assert b"8K" in result.out


def test_what_one_side_does_not_tell_is_unknown(once, tmp_path, files):
    path = tmp_path / "maps.txt"
    path.write_bytes(
        b"".join(line + b"\n" for line in AFTER.split(b"\n") if b"-00" in line[:17])
    )
    result = once("diff", files[0], path)
    assert result.status == 1
    assert b"\n  -    -        -     -   64K" in result.out
    assert b"PSS RSS PRIVATE SWAP: one side does not tell" in result.out
    found = document(once("diff", files[0], path, "--json"), status=1)
    assert (found["sort"], found["total"]["pss_growth_kb"]) == ("size_kb", None)
    assert found["changes"][0]["pss_before_kb"] == 8
    assert once("diff", files[0], path, "--sort", "pss").status == 2


def test_stream_alone_is_its_last_sample_against_the_first(once, tree, tmp_path):
    path = tmp_path / "stream"
    with open(path, "wb") as file:
        for pid, text in ((1, BEFORE), (2, SMAPS), (3, AFTER)):
            tree.add(pid, smaps=text)
            file.write(once(pid, "--smaps", "--compact", "--proc", tree).out)
    lines = table(once("diff", path), status=1)
    assert lines[1][:2] == ["92K", "92K"]


# ---- Trouble -------------------------------------------------------------------------

# a word of the message, arguments, why
TROUBLE = [
    ("which process", (), "no target"),
    ("with what?", ("1",), "a process alone"),
    ("--after", ("--all",), "all, and no time"),
    ("--after", ("--name", "x"), "a name, and no time"),
    ("--after", ("--tree", "1"), "a tree, and no time"),
    ("not 3", ("1", "2", "3"), "three"),
    ("is a file", ("FILE", "--after", "1ms"), "a file, and a time"),
    ("such as 500ms", ("1", "--after", "soon"), "no time"),
    ("such as 500ms", ("1", "--after", "0"), "no time at all"),
    ("such as 500ms", ("1", "--after", "9999999h"), "more than we live"),
    ("such as 500ms", ("1", "--after", "1sm"), "two units"),
    ("--sort", ("1", "2", "--sort", "growth"), "all that is shown is growth"),
    ("--bogus", ("--bogus",), "an unknown option"),
    ("one sample", ("FILE",), "a file of one sample"),
    ("No such file", ("FILE", "nothing"), "no file"),
    ("no such process", ("FILE", "2147483646"), "no process"),
    ("expected", ("FILE", "/dev/null"), "a file of nothing"),
    ("no process that is meant", ("FILE", "ALL", "--name", "nobody"), "nobody"),
    ("no regions", ("TOTALS", "TOTALS", "--by", "owner"), "no regions to compare"),
    ("tells of no process 9", ("ALL", "9"), "a file that does not know it"),
    ("/nowhere", ("1", "--proc", "/nowhere", "--after", "1ms"), "no /proc"),
]


@pytest.fixture(scope="module")
def words(tmp_path_factory):
    """Give files by the words that mean them."""
    folder = tmp_path_factory.mktemp("diff")
    tree = Tree(folder / "proc")
    tree.add(1, smaps=BEFORE)
    tree.add(2, smaps=BEFORE)
    memc = COMMANDS["python"]
    (folder / "file").write_bytes(BEFORE)
    (folder / "all").write_bytes(memc("--all", "--smaps", "--proc", tree).out)
    (folder / "totals").write_bytes(memc(os.getpid(), "--totals").out)
    tree.remove(2)
    tree.add(9, smaps=BEFORE)
    return {name.upper(): folder / name for name in ("file", "all", "totals")} | {
        "PROC": tree
    }


@cases(TROUBLE, why=2)
def test_trouble_is_2_and_told(once, words, case):
    word, args, why = case
    proc = ("--proc", words["PROC"]) if "9" in args else ()
    result = once("diff", *(words.get(arg, arg) for arg in args), *proc)
    assert (result.status, result.out) == (2, b""), why
    said = result.err.decode()
    assert said.startswith("memc: ")
    assert word in said


def test_help_tells_what_is_the_same_and_is_listed(memc):
    result = memc("diff", "--help")
    assert (result.status, result.err) == (0, b"")
    for word in (b"examples:\n", b"\n  0  the same: ", b"--after TIME"):
        assert word in result.out
    assert b"\n  diff " in memc("--help").out
