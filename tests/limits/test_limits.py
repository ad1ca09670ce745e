"""Limits: what is over and what within, by figures that are made up."""

import pytest
from support.cases import cases
from support.text import header, record

from memc.fallback import parse_maps_text, parse_smaps_text
from memc.limits.figures import figure
from memc.limits.limits import Checked, Growth, GrowthLimit, Limit, judge
from memc.table.region import Note

S = 1_000_000_000


@cases(
    [
        (False, 100, 100, "as much as it may be"),
        (True, 100, 101, "one more"),
        (False, 0, 0, "nothing, where nothing may be"),
        (True, 0, 1, "something, where nothing may be"),
    ],
    why=3,
)
def test_figure_over_its_limit_is_found(case):
    expected, most, value, _ = case
    assert judge(Limit("rss", most), value) is expected
    assert Checked(Limit("rss", most), value).is_over is expected


# expected, (most, in s, is percent), (before, after, elapsed ns), why
GROWTH = [
    (False, (60, 60, False), (100, 110, 10 * S), "as fast as it may"),
    (True, (59.9, 60, False), (100, 110, 10 * S), "a little faster"),
    (True, (60, 60, False), (100, 110, 10 * S - 1), "in a little less time"),
    (False, (0, 1, False), (100, 100, S), "no growth, where none may be"),
    (True, (0, 86400, False), (100, 101, S), "some, where none may be"),
    (False, (0, 1, False), (100, 1, S), "it shrank"),
    (False, (60, 60, True), (100, 110, 10 * S), "as large a share as it may"),
    (True, (59.9, 60, True), (100, 110, 10 * S), "a larger share"),
    (True, (1000, 1, True), (0, 1, S), "any growth from nothing"),
    (False, (0, 1, True), (0, 0, S), "nothing stayed nothing"),
    (False, (0, 1, True), (100, 0, S), "all of it went"),
]


@cases(GROWTH, why=3)
def test_growth_faster_than_its_limit_is_found(case):
    expected, (most, per_s, is_percent), readings, _ = case
    limit = GrowthLimit("rss", most, per_s, is_percent=is_percent)
    assert judge(limit, Growth(*readings)) is expected


def test_growth_is_a_rate_and_a_share():
    growth = Growth(1000, 1100, 10 * S)
    assert (growth.kb, growth.rate_kb(60), growth.percent(60)) == (100, 600.0, 60.0)
    assert Growth(0, 1, S).percent(1) is None


def test_limit_judges_only_figures_of_its_kind():
    with pytest.raises(TypeError, match="a GrowthLimit a Growth"):
        judge(Limit("rss", 1), Growth(1, 1, S))
    with pytest.raises(TypeError, match="a Limit judges a number"):
        judge(GrowthLimit("rss", 1, 1), 1)


COUNTERS = (
    *(b"Rss: 8 kB", b"Pss: 6 kB", b"Private_Clean: 1 kB", b"Private_Dirty: 2 kB"),
    b"Swap: 5 kB",
)
SMAPS = parse_smaps_text(
    record(0x10000, 0x20000, *COUNTERS) + record(0x30000, 0x40000, *COUNTERS)
)
PARTIAL = parse_smaps_text(
    record(0x10000, 0x20000, *COUNTERS) + record(0x30000, 0x40000, b"Rss: 8 kB")
)
MAPS = parse_maps_text(header(0x10000, 0x20000))


@cases(
    [
        (16, SMAPS, "rss", "a sum"),
        (12, SMAPS, "pss", "a sum"),
        (6, SMAPS, "uss", "a sum of two columns"),
        (10, SMAPS, "swap", "a sum"),
        (128, SMAPS, "size", "of the layout"),
        (2, SMAPS, "regions", "a number"),
        (16, PARTIAL, "rss", "told of all"),
        (None, PARTIAL, "pss", "told of some alone"),
        (None, PARTIAL, "uss", "told of some alone"),
        (None, MAPS, "rss", "maps does not tell it"),
        (1, MAPS, "regions", "maps tells it"),
    ],
    why=3,
)
def test_figure_is_a_sum_or_not_known(case):
    expected, table, what, _ = case
    assert expected == figure(table, what)


@pytest.mark.parametrize("code", ["cut", "bad_line"])
def test_list_with_holes_tells_nothing(code):
    table = parse_maps_text(header(0x10000, 0x20000))
    assert figure(table, "regions") == 1
    table.notes = (Note("torn", 1, ""),)
    assert figure(table, "regions") == 1
    table.notes = (Note(code, 1, ""),)
    assert figure(table, "regions") is None
