"""Processes whose regions are in the same groups are added together, as one by one."""

import pytest
from support.cases import cases
from support.family import counters
from support.text import header, record

from memc.analysis import adding, groups
from memc.targets.target import Target

NAMES = ("pss_kb", "rss_kb", "private_kb", "hugetlb_kb", "swap_kb", "size_kb", "thp_kb")
KEYS = ["a", "b", "c"]
SPANS = [(0x10000 * (i + 1), 0x10000 * (i + 1) + 0x1000 * (i + 1)) for i in range(4)]
LARGE = 2**64 - 1


def maps(_):
    return b"".join(header(*span) for span in SPANS)


def smaps(of, lacking=(), extra=()):
    """Return regions with amounts of their own; `lacking` tell none."""
    parts = [
        record(*span, *(() if i in lacking else counters(8 * of, i, i + of)), *extra)
        for i, span in enumerate(SPANS)
    ]
    return b"".join(parts)


# the kind and the text of each process, and the groups of its regions, and why
CROWDS = [
    (["smaps"] * 3, [smaps(1), smaps(2), smaps(3)], [[0, 1, 1, 2]] * 3, "one program"),
    (
        ["smaps"] * 3,
        [smaps(1), smaps(2, lacking=(1,)), smaps(3, lacking=(0, 1, 2, 3))],
        [[0, 1, 1, 2]] * 3,
        "values that are missing",
    ),
    (["smaps", "maps"], [smaps(1), maps(2)], [[0, 0, 1, 1]] * 2, "no amounts at all"),
    (
        ["smaps"] * 3,
        [smaps(1, extra=(b"Swap: %d kB" % LARGE,)), smaps(2), smaps(3)],
        [[2, 0, 1, 2]] * 3,
        "an amount that leaves no room for a sum of 64 bits",
    ),
    (
        ["smaps"] * 2,
        [smaps(1, extra=(b"Swap: %d kB" % (2**40 - 1),)), smaps(2)],
        [[2, 0, 1, 2]] * 2,
        "the largest amount that is added together",
    ),
    (["smaps"] * 2, [smaps(5), smaps(7)], [[-1, 0, -1, 1]] * 2, "regions in no group"),
    (["smaps"] * 2, [smaps(5), smaps(7)], [[-1] * 4] * 2, "all regions in no group"),
    (
        ["smaps"] * 4,
        [smaps(1), smaps(2), smaps(3), smaps(4)],
        [[0, 1, 1, 2], [0, 1, 2, 1], [0, 1, 1, 2], [2, 1, 1, 2]],
        "two alike among others",
    ),
    (["maps"] * 3, [b""] * 3, [[]] * 3, "no region"),
]


def told(made):
    """Return all that adding changes."""
    names = ("amounts", "missing", "processes", "sources", "regions", "outer_processes")
    owners = [{repr(owner) for owner in some} for some in made.owners]
    return {name: getattr(made, name) for name in names}, owners


@cases(CROWDS, why=3)
@pytest.mark.parametrize("outer", [None, "type"])
def test_alike_processes_are_added_as_one_by_one(backend, case, outer):
    kinds, texts, places, _ = case
    targets = [
        Target(backend.parse_text(text, kind, strict=False), pid, "x", proc="", file="")
        for pid, (kind, text) in enumerate(zip(kinds, texts, strict=True), 1)
    ]
    one, together = (groups.Groups("owner", NAMES, targets, KEYS) for _ in range(2))
    for made in (one, together):
        if outer:
            made.nest(outer, ["x", "y"], [0, 1, 1])
    for target, rows in zip(targets, places, strict=True):
        adding.add(one, target, rows)
    adding.add_all(together, targets, places)
    assert told(together) == told(one)


def test_a_process_of_many_regions_is_added_alone(backend, monkeypatch):
    monkeypatch.setattr(adding, "ROWS_MAX", 3)
    monkeypatch.setattr(adding, "_add_alike", None)
    table = backend.parse_text(smaps(1), "smaps", strict=True)
    targets = [Target(table, pid, "x", proc="", file="") for pid in (1, 2)]
    made = groups.Groups("type", NAMES, targets, KEYS)
    adding.add_all(made, targets, [[0, 0, 1, 1]] * 2)
    assert made.processes == [2, 2, 0]
