"""Recordings whose processes all ended, as ``memc record -- COMMAND`` makes them."""

import pytest
from support.commands import COMMANDS
from support.recordings import NOON, Made

ONCE = COMMANDS["python"]
S = 1000


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("command") / "run.memc"
    made = Made(path)
    made.run(NOON)
    number = made.start(NOON, 100)
    for second in range(60):
        usage = {number: {"rss_kb": 1000 * (second + 1), "vsize_kb": 100_000}}
        made.tick(NOON + second * S, usage)
    made.end(NOON + 60 * S, number)
    made.tick(NOON + 60 * S)
    made.close(NOON + 60 * S)
    return path


ANSWERS = [  # command and options, status, and what is said
    ("show", 1, "no process lived then; try --at -1s, before the end"),
    ("show --at +60s", 1, "no process lived then"),
    ("show --name x", 1, "with a name that matches 'x' lived then; try --at -1s"),
    ("check --max-growth 1M/s", 2, "no process lived at both ends; try --from +1s"),
    (
        "check --max-growth 1M/s --name x --since 5s",
        2,
        "matches 'x' lived at both ends",
    ),
]


@pytest.mark.parametrize(("command", "status", "words"), ANSWERS)
def test_who_looks_at_the_end_hears_that_all_ended(file, command, status, words):
    name, *options = command.split()
    result = ONCE(name, file, *options)
    assert result.status == status
    assert words in result.err.decode()


WITHIN = [  # command and options, status, and what is printed
    ("show --at -1s", 0, "prog"),
    ("check --max-growth 900K/s --from +1s --to -1s", 1, "rss grew"),
    ("check --max-growth 2M/s --from +1s --to -1s", 0, ""),
    ("check --max-rss 50M --from +0s", 1, "rss 58.6 MiB is over 50 MiB"),
    ("check --max-rss 60M --from +0s", 0, ""),
]


@pytest.mark.parametrize(("command", "status", "words"), WITHIN)
def test_what_is_said_to_look_at_is_there(file, command, status, words):
    name, *options = command.split()
    result = ONCE(name, file, *options)
    assert (result.status, result.err) == (status, b"")
    assert words in result.out.decode()
