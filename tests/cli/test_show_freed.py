"""``memc show --freed`` and ``--sort freed``: what is printed, and what is refused."""

import csv
import io
import json

import pytest
from support import children
from support.cases import cases
from support.commands import COMMANDS
from support.terminal import run_on_terminal

import memc as package

pytestmark = pytest.mark.kernel

AMOUNTS = [
    "rss_kb",
    "private_kb",
    "at_least_kb",
    "at_most_kb",
    "anonymous_kb",
    "page_tables_kb",
    "kernel_kb",
    "shared_kb",
    "swap_kb",
    "hugetlb_kb",
    "cache_kb",
]
MEMC = COMMANDS["python"]


@pytest.fixture(scope="module")
def stopped():
    """Give the pid of a process that does not change."""
    with children.waiting() as child:
        children.stop(child)
        yield child.pid


def test_object_has_the_attributes_of_the_result(memc, stopped):
    found = json.loads(memc("show", stopped, "--freed", "--json").out)
    expected = package.freed(stopped).to_dict()
    assert list(found["freed"]) == ["pids", *AMOUNTS, "stays", "notes"]
    volatile = ("private_kb", "cache_kb")  # what others map of libraries changes
    for name in set(expected) - set(volatile):
        assert found["freed"][name] == expected[name], name
    assert found["by"] == "owner"  # and all that show tells without it
    assert found["groups"]
    plain = json.loads(memc("show", stopped, "--json").out)
    assert list(plain) == [key for key in found if key != "freed"]


def test_sum_is_that_of_its_parts(stopped):
    found = package.freed(stopped)
    parts = ("anonymous_kb", "page_tables_kb", "kernel_kb", "shared_kb")
    assert found.at_least_kb == sum(getattr(found, name) for name in parts)
    assert found.is_exact


def test_result_never_changes_and_is_equal_to_its_copy(stopped):
    import copy
    import pickle

    found = package.freed(stopped)
    with pytest.raises(AttributeError, match="never changes"):
        found.at_least_kb = 0
    with pytest.raises(AttributeError, match="never changes"):
        del found.notes
    for other in (copy.deepcopy(found), pickle.loads(pickle.dumps(found))):
        assert other == found
        assert hash(other) == hash(found)
    assert repr(found).startswith("Freed(anonymous_kb=")


def test_csv_has_a_line_of_amounts(memc, stopped):
    text = memc("show", stopped, "--freed", "--csv").out.decode()
    (row,) = csv.DictReader(io.StringIO(text))
    assert list(row) == ["pids", *AMOUNTS]
    assert row["pids"] == str(stopped)


def test_text_tells_each_part(memc, stopped):
    lines = memc("show", stopped, "--freed").out.decode().splitlines()
    assert lines[0].startswith(f"sh ({stopped}) alone, if it is killed:   ")
    starts = [line[12:].split("  ")[0] for line in lines[1:6]]
    assert starts == [
        "its own memory",
        "page tables",
        "kernel's bookkeeping",
        "shared memory that ends with it",
        "comes back (at least: pipes, sockets, files in flight are not seen)",
    ]
    assert max(map(len, lines)) <= 80


def test_several_end_together(memc, stopped):
    with children.waiting() as other:
        result = memc("show", stopped, other.pid, "--freed")
    first, own, *_ = result.out.decode().splitlines()
    assert first.startswith("2 processes together, if they are killed:   ")
    assert "their own memory" in own


def test_table_comes_first_where_it_was_asked_for(memc, stopped):
    text = memc("show", stopped, "--freed", "--by", "type").out.decode()
    assert text.splitlines()[0].split()[-1] == "TYPE"
    assert "\n\nsh (" in text


@pytest.mark.parametrize("width", [80, 120])
def test_text_fits_the_terminal(width, tmp_path):
    held = f"exec 3<>{'x' * 200}; rm {'x' * 200}; echo ready; read x"
    with children.running("/bin/sh", "-c", f"cd {tmp_path}; {held}") as child:
        words = ("show", child.pid, "--freed")
        out = run_on_terminal(MEMC, *words, COLUMNS=str(width), TERM="dumb").decode()
    assert max(map(len, out.splitlines())) <= width


def test_column_has_each_process_alone(memc, stopped):
    with children.waiting() as other:
        children.stop(other)
        pids = [stopped, other.pid]
        words = ["show", *pids, "--by", "process", "--sort", "freed"]
        found = json.loads(memc(*words, "--json").out)
        expected = {pid: package.freed(pid).at_least_kb for pid in pids}
        text = memc(*words).out.decode()
        lines = csv.DictReader(io.StringIO(memc(*words, "--csv").out.decode()))
    assert found["sort"] == "freed_kb"
    assert {row["pid"]: row["freed_kb"] for row in found["groups"]} == expected
    assert found["total"]["freed_kb"] == sum(expected.values())
    assert {int(row["pid"]): int(row["freed_kb"]) for row in lines} == expected
    assert text.split()[0] == "FREED"
    assert "FREED comes back if that process alone is killed" in text


def test_largest_comes_first_and_the_column_is_by_process_by_default(memc):
    found = json.loads(memc("show", "--all", "--sort", "freed", "--json").out)
    amounts = [row["freed_kb"] or 0 for row in found["groups"] if row["regions"]]
    assert found["by"] == "process"
    assert amounts == sorted(amounts, reverse=True)
    assert any(amounts)


def test_no_column_where_nobody_asked(memc, stopped):
    found = json.loads(memc("show", stopped, "--by", "process", "--json").out)
    assert "freed_kb" not in found["total"]


def test_process_with_the_memory_of_another_frees_none_alone(tmp_path):
    with children.between_vfork_and_exec(tmp_path) as (parent, child, _):
        words = ["show", parent.pid, child, "--sort", "freed", "--json"]
        found = json.loads(MEMC(*words).out)
        one = json.loads(MEMC("show", child, "--sort", "freed", "--json").out)
    first = next(row for row in found["groups"] if not row.get("same_memory_as"))
    assert first["rss_kb"] > 1000
    assert first["freed_kb"] < 1000
    assert one["groups"][0]["freed_kb"] < 1000


# arguments, words of the error, why
WRONG = [
    (["--freed", "--detail", "rss"], "--freed takes --detail smaps", "no amounts"),
    (["--sort", "freed", "--detail", "maps"], "takes --detail smaps", "no amounts"),
    (["--freed", "--after", "1s"], "does not go with growth", "one moment"),
    (["--freed", "--sort", "growth"], "does not go with growth", "one moment"),
    (["--sort", "freed", "--by", "owner"], "is of processes: --by process", "owners"),
    (["--sort", "freed", "--path", "x"], "is of whole processes", "a part"),
]


@cases(WRONG, why=2)
def test_what_does_not_go_together_is_refused(case):
    words, error, _ = case
    result = MEMC("show", 1, *words)
    assert result.status == 2
    assert error in result.err.decode()


def test_file_is_refused():
    result = MEMC("show", "x.json", "--freed")
    assert result.status == 2
    assert b"x.json is a file, and only processes can end" in result.err


def test_nobody_is_an_error(memc):
    result = memc("show", "--name", "^there is no such name$", "--freed")
    assert (result.status, result.out) == (1, b"")
    assert b"no process with a name" in result.err


def test_named_process_that_ended_is_an_error(memc):
    result = memc("show", children.ended(), "--freed")
    assert (result.status, result.out) == (1, b"")
