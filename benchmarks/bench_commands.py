"""Whole commands, from before they start until they have ended, over `cat` and `true`.

Their output is thrown away.
"""

import pytest

CASES = [
    ("--smaps --compact", 20_000, "≤ 1.15"),
    ("--smaps", 20_000, ""),
    ("--smaps --compact --full", 20_000, ""),
    ("--smaps --compact", "shell", "≤ 1.5"),
    ("--smaps", "shell", "≤ 1.5"),
    ("--compact", 20_000, "≤ 1.7"),
    ("--compact", "shell", ""),
]
# Each is answered without Python; `true` is what starting any program costs.
SMALL = ["PID", "PID --rss", "PID --uss", "PID --totals", "--version"]
PEERS = {"pmap -X": "--smaps --compact", "pmap": "--compact"}


def kind_of(options):
    return "smaps" if "--smaps" in options else "maps"


def row(options, size):
    whose = "a shell" if size == "shell" else f"{size:,} regions"
    return f"`memc PID {options}` / `cat {kind_of(options)}`, {whose}"


@pytest.fixture
def cat(native):
    """Give a function: how long does `cat` take for the file that memc reads?"""
    return lambda pid, options: native.command("cat", f"/proc/{pid}/{kind_of(options)}")


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]} {case[1]}")
def bench_command(case, bench, cat, memc, target):
    options, size, goal = case
    pid = target(size)
    ours = memc(pid, *options.split())
    bench.ratio(row(options, size), ours, cat(pid, options), goal=goal)


@pytest.mark.parametrize("words", SMALL)
def bench_small_command(words, bench, memc, native, target):
    argv = [target("shell") if word == "PID" else word for word in words.split()]
    goal = "" if words in ("PID", "PID --uss") else "≤ 1.6"
    what = f"`memc {words}` / `true`, a shell"
    bench.ratio(what, memc(*argv), native.command("true"), goal=goal)


TABLES = {"show PID": "≤ 6", "check PID --max-rss 1T": ""}  # these start Python


@pytest.mark.parametrize("words", TABLES)
def bench_table_command(words, bench, memc, native, target):
    pid = target("shell")
    argv = [pid if word == "PID" else word for word in words.split()]
    other = native.command("pmap", "-X", pid)
    bench.ratio(
        f"`memc {words}` / `pmap -X PID`, a shell",
        memc(*argv),
        other,
        goal=TABLES[words],
    )


@pytest.mark.parametrize("size", [20_000, "shell"])
@pytest.mark.parametrize("name", PEERS)
def bench_peer(name, size, *, cat, native, peer, target):
    options, argv, pid = PEERS[name], name.split(), target(size)
    theirs = native.command(*argv, pid)
    what = row(options, size)
    peer(what, f"`{name}`", theirs, cat(pid, options), program=argv[0])
