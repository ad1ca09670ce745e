"""Groups of the regions of many processes."""

import pytest
from support.cases import cases
from support.family import counters
from support.readers import PURE
from support.text import header, record

from memc.analysis import adding, groups, keys, places
from memc.table.numbering import Numbers
from memc.targets.target import Target

MAPS = header(0x10000, 0x30000, name=b"[heap]")


def targets(count):
    table = PURE.parse_text(MAPS, "maps", strict=True)
    return [Target(table, pid, "x", proc="", file="") for pid in range(1, count + 1)]


def test_a_group_grows_in_place_with_each_process():
    """A copy for each process would grow with the square of their number."""
    first, second = targets(2)
    made = groups.Groups("owner", ("size_kb",), [first, second], ["malloc main heap"])
    adding.add(made, first, [0])
    owners = made.owners[0]
    adding.add(made, second, [0])
    assert made.owners[0] is owners
    assert owners == {*first.find_owners(), *second.find_owners()}


def plain_sums(target, rows, name, count):
    """Add one value after the other: the sum of each group, and how many lack."""
    sums, missing = [0] * count, [0] * count
    for row, value in zip(rows, target.values(name), strict=True):
        if row != adding.LEFT_OUT:
            sums[row] += value or 0
            missing[row] += value is None
    return sums, missing


NAMES = ("pss_kb", "rss_kb", "private_kb", "hugetlb_kb", "swap_kb", "size_kb", "thp_kb")
# how many regions, the groups of them, and why
PLACES = [
    ([0, 0, 0, 0, 0, 1, 2], "most are in one group, as nameless memory is"),
    ([0, 1, 2, 3, 4, 5, 6], "each is in its own"),
    ([-1, -1, -1, -1, -1, 0, 0], "most are in no group"),
    ([0, 0, 1, 1, -1, -1, 2], "no group has most"),
]


@cases(PLACES, why=1)
@pytest.mark.parametrize("kind", ["maps", "smaps"])
@pytest.mark.parametrize("holes", [False, True])
def test_sums_are_those_of_one_value_after_the_other(backend, case, kind, holes):
    rows, _ = case
    spans = [
        (0x10000 * (i + 1), 0x10000 * (i + 1) + 0x1000 * (i + 1)) for i in range(7)
    ]
    if kind == "maps":
        text = b"".join(header(*span) for span in spans)
    else:
        numbers = [counters(8 * i, 4 * i, i) for i in range(7)]
        numbers[3] = () if holes else numbers[3]
        text = b"".join(record(*s, *n) for s, n in zip(spans, numbers, strict=True))
    target = Target(
        backend.parse_text(text, kind, strict=False), 1, "x", proc="", file=""
    )
    made = groups.Groups("type", NAMES, [target], ["a", "b", "c", "d", "e", "f", "g"])
    adding.add(made, target, rows)
    for name in NAMES:
        found = made.amounts[name], made.missing[name]
        assert found == plain_sums(target, rows, name, 7), name


# what groups are by, and whether each owner is placed once, and why
LEVELS = [
    ("owner", True, "the owner is the key"),
    ("process,owner", True, "a process has one key of its own"),
    ("owner,name", True, "the order does not matter"),
    ("process", False, "no owner is asked for"),
    ("type,owner", False, "a type is that of a region"),
    ("path", False, "a path is that of a region"),
]


@cases(LEVELS, why=2)
@pytest.mark.parametrize("keep", [None, lambda path: "heap" in path])
def test_regions_of_many_are_placed_as_those_of_few(monkeypatch, case, keep):
    by, is_of_owners, _ = case
    assert keys.is_of_owners(by) == is_of_owners
    spans = [(0x10000 * i, 0x10000 * i + 0x8000) for i in range(1, 9)]
    text = b"".join(
        header(*span, name=(b"", b"[heap]", b"[stack]")[i % 3])
        for i, span in enumerate(spans)
    )
    target = Target(
        PURE.parse_text(text, "maps", strict=True), 7, "x", proc="", file=""
    )
    found = []
    for many in (0, len(spans)):
        monkeypatch.setattr(places, "MANY", many)
        numbers = Numbers()
        who = 0, range(target.sources)
        rows = places.place(target, who, by, numbers=numbers, keep=keep)
        found.append((rows, dict(numbers)))
    assert found[0] == found[1]
    assert len(found[0][0]) == len(spans)
