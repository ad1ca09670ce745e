"""Processes that are read twice, by ``memc diff`` and ``memc show``."""

import csv
import io
import shutil

import orjson
import pytest
from support.cases import cases
from support.changes import AFTER, APART, BEFORE, STAT, between, replaced_by
from support.commands import COMMANDS
from support.family import MAPS, SMAPS, document, fill, status, table
from support.trees import Tree

pytestmark = pytest.mark.kernel


@pytest.fixture
def once():
    """Give the command, Python over C alone."""
    return COMMANDS["python"]


def test_process_is_read_twice(memc, tree):
    tree.add(1)
    with between(tree, replaced_by(AFTER)):
        result = memc("diff", 1, "--after", APART, "--proc", tree)
    assert table(result, status=1)[1][-1] == "malloc main heap"
    assert b"total, process 1 made-up\n" in result.out
    assert memc("diff", 1, "--after", APART, "--proc", tree).status == 0


def test_process_that_ended_in_between_is_trouble(once, tree):
    tree.add(1)
    with between(tree, lambda path: shutil.rmtree(path.parent)):
        result = once("diff", 1, "--after", APART, "--proc", tree)
    assert (result.status, result.out) == (2, b"")
    assert result.err.endswith(b"memc: process 1: ended before it was read again\n")


def test_nobody_is_read_is_not_nobody_there(once, tree):
    tree.add(1)  # which has no smaps
    result = once("diff", "--name", "made", "--after", "1ms", "--proc", tree)
    said = b"memc: 1 process not read: 1 error\nmemc: none was read\n"
    assert (result.status, result.out) == (2, b"")
    assert result.err.startswith(b"memc: process 1: smaps: no such file")
    assert result.err.endswith(said)


def test_zombie_in_between_is_trouble(once, tree):
    tree.add(1)
    with between(tree, replaced_by(b"")):
        result = once("diff", 1, "--after", APART, "--proc", tree)
    assert (result.status, result.out) == (2, b"")
    assert result.err.endswith(b"memc: process 1: ended before it was read again\n")


def test_another_process_with_the_pid_is_trouble(once, tree):
    folder = tree.add(1, stat=STAT % 5)

    def act(path):
        replaced_by(AFTER)(path)
        (folder / "stat").write_bytes(STAT % 6)

    with between(tree, act):
        result = once("diff", 1, "--after", APART, "--proc", tree)
    assert (result.status, result.out) == (2, b"")
    assert b"process 1: ended, and another one has its pid now" in result.err


# the process as it is read first, what is done then, kinds, why
OTHERS = [
    (lambda path: shutil.rmtree(path.parent), {"gone"}, "it ended"),
    (replaced_by(BEFORE), {"same"}, "nothing is done"),
]


@cases(OTHERS, why=2)
def test_of_several_one_may_end(once, tree, case):
    act, kinds, _ = case
    tree.add(1)
    tree.add(2, smaps=BEFORE)
    args = ("diff", "--name", "made", "--after", APART, "--proc", tree)
    with between(tree, act):
        result = once(*args, "--by", "process", "--json")
    expected = int(kinds != {"same"})
    found = document(result, status=expected)
    assert (found["total"]["processes"], found["unchanged_count"]) == (2, 2 - expected)
    assert [c["gone"] for c in found["changes"]] == [3] * expected


def test_the_only_one_of_a_name_may_be_followed_by_another(once, tree):
    """One ended and one began: they are not the same, though both are alone."""
    tree.add(1, stat=STAT % 5)
    tree.add(2, smaps=BEFORE, stat=STAT % 9, comm=b"other\n")

    def act(path):
        (tree.path / "2" / "comm").write_bytes(b"made-up\n")
        shutil.rmtree(path.parent)

    args = (
        "diff",
        "--name",
        "made",
        "--after",
        APART,
        "--by",
        "process",
    )
    with between(tree, act):
        lines = table(once(*args, "--proc", tree), status=1)
    assert [line[6] for line in lines[1:3]] == ["3 appeared", "3 gone"]


def test_one_that_has_the_pid_of_another_appeared(once, tree):
    folder = tree.add(1, stat=STAT % 5)
    tree.add(2, smaps=BEFORE, stat=STAT % 4)

    def act(path):
        replaced_by(BEFORE)(path)
        (folder / "stat").write_bytes(STAT % 6)

    with between(tree, act):
        args = ("diff", 1, 2, "--after", APART, "--proc", tree, "--by", "process")
        result = once(*args)
    kinds = [line[6] for line in table(result, status=1)[1:3]]
    assert sorted(kinds) == ["3 appeared", "3 gone"]


def test_children_of_a_top_that_ended_are_followed(once, tree):
    tree.add(1, status=status(0, 0))
    tree.add(2, smaps=BEFORE, status=status(0, 1))
    with between(tree, lambda path: shutil.rmtree(path.parent)):
        result = once("diff", "--tree", 1, "--after", APART, "--proc", tree, "--json")
    found = document(result, status=1)
    assert (found["before"]["processes"], found["after"]["processes"]) == (2, 1)
    assert found["total"]["regions_after"] == 3


def test_memc_itself_is_none_of_those_it_compares(once):
    parent = ("sh", "-c", '"$@" --tree $$; exit $?', "sh")
    result = once("diff", "--after", "1ms", "--json", prefix=parent)
    assert orjson.loads(result.out)["total"]["processes"] == 1


def test_what_cannot_be_read_is_told_last(once, tmp_path):
    world = fill(Tree(tmp_path / "proc"))
    result = once("diff", "--all", "--after", "1ms", "--proc", world)
    assert result.status == 0
    assert b": smaps: no such file: an old kernel, or an incomplete" in result.err
    assert result.err.endswith(b"memc: 1 process not read: 1 error\n")


def test_who_cannot_be_read_is_not_called_absent(once, tmp_path):
    world = fill(Tree(tmp_path / "proc"))
    for name, said in (
        ("broken", b"memc: 1 process not read: 1 error\nmemc: none was read\n"),
        ("nobody", b"memc: no process with a name that matches 'nobody'\n"),
    ):
        result = once("diff", "--name", name, "--after", "1ms", "--proc", world)
        assert (result.status, result.out) == (2, b"")
        assert result.err.endswith(said)


def test_processes_of_two_files_are_paired_by_pid(once, tmp_path):
    world = fill(Tree(tmp_path / "proc"))
    before, after = tmp_path / "before", tmp_path / "after"
    before.write_bytes(once("--all", "--smaps", "--proc", world).out)
    world.remove(13)
    (world.path / "11" / "smaps").write_bytes(BEFORE)
    after.write_bytes(once("--all", "--smaps", "--proc", world).out)
    found = document(once("diff", before, after, "--by", "process", "--json"), status=1)
    assert {change["pid"] for change in found["changes"]} == {11, 13}
    assert next(c for c in found["changes"] if c["pid"] == 13)["gone"] == 1
    one = document(once("diff", before, 11, "--proc", world, "--json"), status=1)
    assert (one["before"]["pid"], one["after"]["pid"]) == (11, 11)


# ---- Growth in memc show -------------------------------------------------------------


def test_show_tells_growth_beside_what_there_is(memc, tree):
    tree.add(1)
    with between(tree, replaced_by(AFTER)):
        args = ("show", 1, "--after", APART, "--sort", "growth", "--proc", tree)
        lines = table(memc(*args))
    assert lines[0][:3] == ["GROWTH", "PSS", "RSS"]
    assert [[line[0], line[1], line[-1]] for line in lines[1:4]] == [
        ["92K", "100K", "malloc main heap"],
        ["0", "2K", "mapped file"],
        ["-12K", "4K", "anonymous"],
    ]
    assert lines[4][:2] == ["80K", "106K"]


@pytest.mark.parametrize("form", ["--json", "--csv"])
def test_show_gives_growth_to_programs(once, tree, form):
    tree.add(1)
    with between(tree, replaced_by(AFTER)):
        args = ("show", 1, "--after", APART, "--proc", tree, "--by", "region", form)
        result = once(*args)
    assert result.status == 0
    text = result.out.decode()
    rows = (
        orjson.loads(text)["groups"]
        if form == "--json"
        else list(csv.DictReader(io.StringIO(text)))
    )
    found = {str(row["start"]): int(row["growth_kb"]) for row in rows}
    assert found == {"0x10000": 92, "0x40000": 0, "0x70000": -16, "0x90000": 4}


@pytest.mark.parametrize("option", [("--sort", "growth"), ("--after", "1s")])
def test_files_do_not_grow(once, tmp_path, option):
    result = once("show", tmp_path, *option)
    assert (result.status, result.out) == (2, b"")
    assert b"does not grow: memc diff compares files" in result.err


def test_map_without_counters_grows_in_size(once, tree):
    tree.add(1, smaps=SMAPS, maps=MAPS)
    args = ("--detail", "maps", "--after", "1ms", "--proc", tree)
    assert table(once("show", 1, *args))[0][:2] == ["GROWTH", "SIZE"]
    assert once("diff", 1, *args).status == 0
