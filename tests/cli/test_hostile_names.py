"""What others choose to call things never acts on a terminal or a spreadsheet."""

import csv
import io
import os
import re

import orjson
import pytest
from support.commands import COMMANDS
from support.text import header, record

# What a terminal acts on: C0 but the newline, DEL, C1, line breaks and directions of
# Unicode, and bytes that are not UTF-8.
ACTS = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\udc80-\udcff]"
)
ODD = "\x1b]0;owned\x07\x1b[31mRED\r\t\x9b31m\x7f\u2028\u202e\u2066x"
NAME = ODD.encode() + b"\xff"


@pytest.fixture
def once():
    """Give the command, Python over C alone."""
    return COMMANDS["python"]


def acts(result):
    """Give what of the output a terminal would act on."""
    return [
        ACTS.findall(out.decode("utf-8", "surrogateescape"))
        for out in (result.out, result.err)
    ]


@pytest.fixture
def world(tree, tmp_path):
    """Give a tree and files of which everything has a hostile name."""
    group = b"0::/" + NAME + b"\n"
    smaps = record(0x1000, 0x3000, b"Rss: 4 kB", b"Pss: 4 kB", name=b"/" + NAME)
    tree.add(7, smaps=smaps, maps=header(0x1000, 0x3000, name=NAME), comm=NAME + b"\n")
    (tree.path / "7" / "cgroup").write_bytes(group)
    tree.add(8, smaps=None, maps=None, comm=NAME + b"\n")
    text = tmp_path / os.fsdecode(b"t" + NAME)
    text.write_bytes(smaps)
    region = {"start": "0x1000", "end": "0x2000", "type": "heap", "perm": "rw-p"}
    note = {"code": ODD, "count": 1, "text": ODD}
    document = {
        "pid": 7,
        "timestamp_ms": 1,
        "total_rss_kb": 4,
        "total_vsize_kb": 4,
        "region_count": 1,
        "regions": [{**region, "size_kb": 4, f"{ODD}_kb": 4}],
        "notes": [note],
    }
    saved = tmp_path / os.fsdecode(b"j" + NAME)
    saved.write_bytes(orjson.dumps(document))
    bad = tmp_path / os.fsdecode(b"b" + NAME)
    bad.write_bytes(orjson.dumps({**document, "region_count": 5}))
    return {"tree": str(tree), "text": text, "saved": saved, "bad": bad}


WORDS = [
    "show {text}",
    "show {text} --by path --wide",
    "show {text} --by region --wide",
    "show {text} --by region --csv",
    "show {saved} --wide",
    "show {saved} --by region --wide --csv",
    "show {bad}",
    "show {text}-missing",
    "show --all --proc {tree} --by process",
    "show --all --proc {tree} --by process --csv",
    "show 8 --proc {tree}",
    "show 1 --proc {text}",
    "diff {text} {saved} --by path",
    "diff {text} {saved} --by region --csv",
    "diff {bad} {text}",
    "check {text} --max-size 1K --verbose",
    "check {saved} --max-size 1K",
    "check {bad} --max-size 1K",
    "check --all --proc {tree} --max-rss 1K -v",
    "8 --proc {tree}",
    "1 --proc {text}",
    "7 --proc {tree} --output {text}/x/y",
    "7 --proc {tree} --output {text}",
    "{odd}",
    "--{odd}",
    "--interval {odd} 1",
    "show --top {odd} 1",
    "show --user {odd}",
    "show --name [{odd}",
    "check 1 --max-rss {odd}",
]


@pytest.mark.parametrize("words", WORDS)
def test_nothing_that_is_shown_acts_on_a_terminal(once, world, words):
    argv = [word.format(odd=ODD, **world) for word in words.split(" ")]
    result = once(*argv)
    assert acts(result) == [[], []]
    assert result.out or result.err


FORMULAS = [b"=1+1", b"+1", b"-1", b"@SUM(1)", b"\t=1", b"\r=1"]


@pytest.mark.parametrize("name", FORMULAS)
def test_no_cell_of_csv_begins_as_a_formula(once, tree, name):
    tree.add(7, smaps=record(0x1000, 0x3000, b"Rss: 4 kB"), comm=name + b"\n")
    result = once("show", "--all", "--proc", tree, "--by", "process", "--csv")
    titles, *rows = csv.reader(io.StringIO(result.out.decode()))
    cell = dict(zip(titles, rows[0], strict=True))["name"]
    assert cell[0] == "'"
    assert cell.endswith(name.decode().strip())
