"""One word for a thing in all commands, and the other word accepted; times; roots."""

import orjson
import pytest
from support.cases import cases
from support.commands import COMMANDS
from support.family import fill, status
from support.text import page
from support.trees import Tree

from memc.cli.collect.options import parse
from memc.human.numbers import milliseconds
from memc.limits.meter import Plan


@cases(
    [
        (500, "500", "a bare number"),
        (500, "500ms", "milliseconds"),
        (10_000, "10s", "seconds"),
        (1500, "1.5s", "a fraction"),
        (120_000, "2m", "minutes"),
        (3_600_000, "1h", "hours"),
        (2, "1.6ms", "rounded"),
    ],
    why=2,
)
def test_a_bare_number_is_in_milliseconds(case):
    expected, text, _ = case
    assert milliseconds(text) == expected


@pytest.mark.parametrize("option", ["--interval", "--max-stall"])
@pytest.mark.parametrize("text", ["", "x", "-1", "-1s", "1y", "ms", "1e3", "1 000s"])
def test_what_is_no_time_is_told_what_would_do(option, text):
    for memc in (COMMANDS["native"], COMMANDS["python"]):
        result = memc(1, "--smaps", f"{option}={text}")
        said = f"option {option}: expected a time such as 500ms, 10s, 2m or 1h"
        assert (result.status, result.out) == (2, b"")
        assert said in result.err.decode()
        assert "a bare number is in milliseconds" in result.err.decode()


# the arguments, those that mean the same, why
SAME = [
    (["11", "--detail", "rss"], ["11", "--rss"], "the plain form"),
    (["11", "--detail=uss"], ["11", "--uss"], "the plain form, ="),
    (["11", "--detail=private"], ["11", "--uss"], "private is uss"),
    (["11", "--private"], ["11", "--uss"], "private is uss"),
    (["11", "--detail", "maps"], ["11"], "the default"),
    (["11", "--detail", "totals"], ["11", "--totals"], "no regions"),
    (["11", "--totals", "--detail=smaps"], ["11", "--totals", "--smaps"], "a rollup"),
    (["show", "11", "--smaps"], ["show", "11", "--detail", "smaps"], "show"),
    (["show", "11", "--rss"], ["show", "11", "--detail", "rss"], "show"),
    (["show", "11", "--uss"], ["show", "11", "--detail", "uss"], "show"),
    (["show", "11", "--pss"], ["show", "11", "--detail", "pss"], "show"),
    (["show", "11", "--private"], ["show", "11", "--detail", "uss"], "private is uss"),
    (["diff", "11", "12", "--rss"], ["diff", "11", "12", "--detail=rss"], "diff"),
    (["check", "11", "--max-private", "1K", "--json"],
     ["check", "11", "--max-uss", "1K", "--json"], "check"),
    (["check", "11", "--max-private=1K"], ["check", "11", "--max-uss=1K"], "check, ="),
    (["check", "11", "--max-growth", "1K/s", "--for", "1ms", "--growth-of=private"],
     ["check", "11", "--max-growth", "1K/s", "--for", "1ms", "--growth-of=uss"],
     "an amount"),
]  # fmt: skip


@cases(SAME, why=2)
def test_both_words_do_the_same(case, tmp_path):
    other, ours, _ = case
    tree = fill(Tree(tmp_path / "proc"))
    memc = COMMANDS["native"]
    results = [memc(*args, "--proc", tree) for args in (ours, other)]
    assert [results[0].status, results[0].masked, results[0].err] == [
        results[1].status,
        results[1].masked,
        results[1].err,
    ]
    assert results[0].status != 2 or "check" in ours


@cases(
    [
        (["1", "--detail", "rss", "--smaps"], "exclude each other", "two details"),
        (["1", "--detail=maps", "--uss"], "exclude each other", "maps is one, too"),
        (
            ["1", "--detail=x"],
            "expected maps, rss, uss, pss, totals or smaps",
            "no detail",
        ),
        (["1", "--detail"], "needs a value", "no value"),
        (["show", "1", "--rss=5"], "--rss", "a value for a switch"),
    ],
    why=2,
)
def test_a_wrong_detail_is_told(case):
    args, said, _ = case
    result = COMMANDS["native"](*args)
    assert (result.status, result.out) == (2, b"")
    assert said in result.err.decode()


def test_private_is_uss_in_the_plugin():
    assert Plan(of="private").of == "uss"
    with pytest.raises(ValueError, match="'uss' or 'pss' or 'rss', not 'x'"):
        Plan(of="x")


@pytest.fixture
def roots(tmp_path):
    """Give two copies of /proc: process 7 is in one of them, and 8 in the other."""
    made = []
    for pid in (7, 8):
        tree = Tree(tmp_path / str(pid))
        tree.add(pid, smaps=page(1), maps=page(1), status=status(0, 1))
        made.append(tree)
    return made


@cases(
    [
        ([], "the plain form"),
        (["--smaps", "--compact"], "what is native otherwise"),
        (["show", "--json"], "show"),
        (["check", "--max-size=1G", "-v"], "check"),
    ],
    why=1,
)
def test_memc_proc_is_the_default_root(memc, roots, case):
    """Also in the native command, in the same words."""
    words, _ = case
    command, options = words[:1], words[1:]
    if command and command[0].startswith("-"):
        command, options = [], words
    seven, eight = roots
    by_option = memc(*command, 7, *options, "--proc", seven)
    by_name = memc(*command, 7, *options, env={"MEMC_PROC": str(seven)})
    assert by_option.status == 0
    assert (by_name.status, by_name.masked, by_name.err) == (
        0,
        by_option.masked,
        by_option.err,
    )
    both = memc(*command, 7, *options, "--proc", seven, env={"MEMC_PROC": str(eight)})
    assert both.status == 0, "--proc wins"
    wrong = memc(*command, 7, *options, env={"MEMC_PROC": str(eight)})
    assert wrong.status != 0
    assert b"no such process" in wrong.err


def test_memc_proc_is_the_root_of_every_process(memc, roots):
    result = memc("--all", env={"MEMC_PROC": str(roots[0])})
    assert [p["pid"] for p in orjson.loads(result.out)["processes"]] == [7]


def test_an_empty_memc_proc_is_none(memc, monkeypatch):
    monkeypatch.setenv("MEMC_PROC", "")
    assert parse(["1"]).proc == "/proc"
    result = memc(2**31 - 1, env={"MEMC_PROC": ""})
    assert b"no such process" in result.err


def test_a_root_that_is_not_there_is_told(memc, tmp_path):
    result = memc("machine", env={"MEMC_PROC": str(tmp_path / "x")})
    assert result.status == 1
    assert str(tmp_path / "x").encode() in result.err
