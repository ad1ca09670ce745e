"""What a meter is told, what it makes of readings, and what it says of growth."""

import inspect
import os
import shutil

import pytest
from support.cases import cases
from support.text import record

from memc.errors import MemcError
from memc.limits.meter import FLOOR_KB, Meter, Plan
from memc.limits.meter_text import text
from memc.pytest_plugin import MARKER, WORDS, Memory

WE = os.getpid()
MIB = 1 << 20


def smaps(*amounts_kb, swap_kb=0, start=MIB):
    """Write a region of 1 MiB for each amount of private memory."""
    return b"".join(
        record(
            start + i * 2 * MIB,
            start + i * 2 * MIB + MIB,
            b"Rss: %d kB" % kb,
            b"Pss: %d kB" % kb,
            b"Private_Clean: 0 kB",
            b"Private_Dirty: %d kB" % kb,
            b"Swap: %d kB" % swap_kb,
            b"SwapPss: %d kB" % swap_kb,
        )
        for i, kb in enumerate(amounts_kb)
    )


@pytest.fixture
def family(tree):
    """Give a function that puts this process and its children into a tree."""

    def put(**processes):
        for pid in os.listdir(str(tree)):
            shutil.rmtree(tree.path / pid)
        for name, data in processes.items():
            pid = WE if name == "we" else int(name.removeprefix("child"))
            parent = 1 if name == "we" else WE
            status = b"Name:\t%s\nPPid:\t%d\n" % (name.encode(), parent)
            tree.add(pid, smaps=data, status=status, comm=name.encode() + b"\n")

    return put


def measure(family, tree, before, after, *args, **words):
    """Return what a meter tells whose code makes one family another."""
    family(**before)
    meter = Meter(Plan(*args, **{"proc": str(tree), **words}))
    meter.start()
    family(**after)
    return meter.stop()


@cases(
    [
        (0, {"we": smaps(40)}, {"we": smaps(40)}, {}, "the same"),
        (60, {"we": smaps(40)}, {"we": smaps(100)}, {}, "a region grew"),
        (30, {"we": smaps(40)}, {"we": smaps(40, 30)}, {}, "a region appeared"),
        (-40, {"we": smaps(40, 40)}, {"we": smaps(40)}, {}, "a region went"),
        (0, {"we": smaps(40)}, {"we": smaps(10, swap_kb=30)}, {}, "swapped out"),
        (
            70,
            {"we": smaps(1)},
            {"we": smaps(1), "child9": smaps(70)},
            {},
            "a new child",
        ),
        (
            -50,
            {"we": smaps(1), "child9": smaps(70)},
            {"we": smaps(21)},
            {},
            "a child that ended gave back what it had",
        ),
        (
            20,
            {"we": smaps(1), "child9": smaps(70)},
            {"we": smaps(21), "child9": smaps(90)},
            {"children": False},
            "without children",
        ),
        (60, {"we": smaps(40)}, {"we": smaps(100)}, {"of": "pss"}, "of the PSS"),
        (60, {"we": smaps(40)}, {"we": smaps(100)}, {"of": "rss"}, "of the RSS"),
    ],
    why=4,
)
def test_growth_is_of_all_that_a_family_has(case, family, tree):
    expected, before, after, words, _ = case
    grown = measure(family, tree, before, after, **words)
    assert grown.growth_kb == grown.after_kb - grown.before_kb == expected


@cases(
    [
        (False, "0", FLOOR_KB, "as much as the noise"),
        (True, "0", FLOOR_KB + 1, "more than the noise"),
        (False, "1K", FLOOR_KB, "a limit below the noise"),
        (False, "512K", 512, "as much as is allowed"),
        (True, "512K", 513, "more than is allowed"),
        (False, "2M", 1024, "less than is allowed"),
        (False, None, 1024, "anything is allowed"),
    ],
    why=3,
)
def test_growth_is_over_beyond_the_limit_and_the_noise(case, family, tree):
    expected, most, kb, _ = case
    grown = measure(family, tree, {"we": smaps(0)}, {"we": smaps(kb)}, most)
    assert grown.is_over is expected


NO_SWAP = smaps(5).replace(b"Swap: 0 kB\n", b"")


@cases(
    [
        ("uss is not known: no swap_kb", {"we": NO_SWAP}, {}, "an amount is missing"),
        (
            "process 9 child9: uss is not known",
            {"we": smaps(5), "child9": NO_SWAP},
            {},
            "an amount of a child is",
        ),
        ("expected regions, found none", {"we": b""}, {}, "no region at all"),
        ("no such process", {"child9": smaps(5)}, {}, "we are not there"),
        ("/nowhere: No such file", {"we": smaps(5)}, {"proc": "/nowhere"}, "no /proc"),
        ("uss is not known: ", {"we": smaps(5)[:-9]}, {}, "a list that was cut"),
    ],
    why=3,
)
def test_what_is_not_known_is_an_error(case, family, tree):
    expected, processes, words, _ = case
    with pytest.raises(MemcError, match=expected):
        measure(family, tree, processes, processes, **words)


@cases(
    [
        ("max_growth: expected 5M or 5MiB", {"max_growth": "5MB"}, "thousands"),
        ("max_growth: expected an amount", {"max_growth": "512"}, "no unit"),
        ("max_growth: expected an amount", {"max_growth": ""}, "nothing"),
        ("max_growth: expected an amount", {"max_growth": 512}, "a bare number"),
        ("rounds: expected a number from 1", {"rounds": 0}, "no round"),
        ("rounds: expected a number from 1", {"rounds": True}, "a bool"),
        ("rounds: expected a number from 1", {"rounds": "5"}, "text"),
        ("warmup: expected a number from 0", {"warmup": -1}, "less than none"),
        ("of: expected 'uss' or 'pss' or 'rss'", {"of": "size"}, "another amount"),
        ("of: expected 'uss' or 'pss' or 'rss'", {"of": None}, "no amount"),
        ("children: expected True or False", {"children": "no"}, "no bool"),
    ],
    why=2,
)
def test_bad_words_say_what_was_expected(case):
    expected, words, _ = case
    with pytest.raises((TypeError, ValueError), match=f"^{expected}.*, not "):
        Plan(**words)


def test_the_marker_the_fixture_and_the_plan_agree():
    ours = inspect.signature(Plan).parameters
    theirs = inspect.signature(Memory.check).parameters
    assert [name for name in ours if name != "proc"] == list(WORDS)
    for name in WORDS:
        assert theirs[name].default == ours[name].default
        assert f"{name}={ours[name].default!r}" in MARKER


def test_a_failure_tells_what_grew_and_of_whom(family, tree):
    before = {"we": smaps(100, 700), "child9": smaps(5)}
    after = {"we": smaps(900, 10), "child9": smaps(5), "child10": smaps(300)}
    grown = measure(family, tree, before, after, "0", rounds=2)
    head, *lines = text(grown).split("\n")
    assert head == (
        "memc: USS grew by 410 KiB in 2 rounds (205 KiB a round), more than 256 KiB: "
        "up to that it may be noise"
    )
    assert lines == [
        "      805 KiB before, 1.19 MiB after, 3 processes",
        "",
        "  GROWTH  KIND      ADDRESS        OWNER                    PROCESS",
        f"+800 KiB  grew      100000-200000  anonymous                {WE} we",
        "+300 KiB  appeared  100000-200000  anonymous                10 child10, new",
        "-690 KiB                           all that shrank or went",
    ]


def test_a_failure_tells_the_ten_that_grew_most(family, tree):
    grown = measure(family, tree, {"we": smaps(0)}, {"we": smaps(*range(50, 63))})
    lines = text(grown).split("\n")
    assert lines[1].endswith(", one process")
    assert [line.split()[0] for line in lines[4:-1]] == [
        f"+{kb}" for kb in range(62, 52, -1)
    ]
    assert lines[-1].split(maxsplit=2) == ["+153", "KiB", "3 more that grew"]
