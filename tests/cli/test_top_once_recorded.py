"""memc top --once of a recording: its processes at a time."""

import pytest
from support import recorded_hour
from support.cases import cases
from support.commands import COMMANDS

MEMC = COMMANDS["python"]
PEOPLE = {"leaker", "server", "worker"}


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return recorded_hour.make(tmp_path_factory.mktemp("top") / "hour.memc")


# options, the names that are shown, why
CHOSEN = [
    ("", PEOPLE, "the end"),
    ("--at +22m", PEOPLE | {"burst"}, "who lived then"),
    ("100 201", {"leaker", "worker"}, "pids of the recording"),
    ("--name ^[sw]", {"server", "worker"}, "tests, as memc show has them"),
    ("--tree 200", {"server", "worker"}, "a tree"),
]


@cases(CHOSEN, why=2)
def test_who_is_shown(case, file):
    options, names, _ = case
    result = MEMC("top", file, *options.split(), "--once")
    assert (result.status, result.err) == (0, b"")
    text = result.out.decode()
    assert "\x1b" not in text
    assert max(map(len, text.splitlines())) <= 80
    lines = [line.split() for line in text.splitlines()]
    heads = next(at for at, words in enumerate(lines) if "NAME" in words)
    shown = {words[1] for words in lines[heads + 1 :]}
    assert shown - {"kthreadd"} == names


def test_the_time_is_told_first(file):
    first = MEMC("top", file, "--once", "--at", "+22m").out.decode().splitlines()[0]
    assert first.startswith("[replay 12:22:00")


# options, status, words, why
WRONG = [
    ("--at +41m", 1, "nothing was recorded at", "a gap"),
    ("--at -2h", 1, "nothing was recorded at", "before its begin"),
    ("--at soon", 2, "expected a time", "no time"),
    ("999", 1, "no process", "nobody then"),
    ("--detail smaps --proc /x", 2, "--proc is for live", "nothing is read"),
    ("--detail rss", 2, "memc record --detail said", "nor in another way"),
    ("/etc/passwd", 2, "memc show reads other files", "another file"),
]


@cases(WRONG, why=3)
def test_what_is_not_there_is_told(case, file):
    options, status, words, _ = case
    result = MEMC("top", file, *options.split(), "--once")
    assert (result.status, result.out) == (status, b"")
    assert words in result.err.decode()
