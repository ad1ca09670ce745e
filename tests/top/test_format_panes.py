"""The lower pane of memc top: owners and regions of one process."""

import pytest
from support.cases import cases

from memc.human.units import width_of
from memc.top.cells import text_of
from memc.top.moment import Details, Line, Owner, Region
from memc.top.panes import owners, regions, title

LINE = Line(key=1, pid=1234, name="postgres")
OWNERS = [
    Owner(name="shared memory", rss_kb=2048, swap_kb=0, rate_kb_min=0, history=[1, 1]),
    Owner(name="malloc", rss_kb=1024, rate_kb_min=11.0, history=[1, None, 3]),
    *(Owner(name=f"owner {n}", rss_kb=n) for n in range(20)),
    Owner(name="unknown"),
]
REGIONS = [
    Region(start=0x400000, end=0x401000, perms="r-xp", pathname="/usr/bin/" + "x" * 99,
           owner="program text", rss_kb=12, swap_kb=0),
    Region(start=0x7FFF12340000, end=0x7FFF12350000, perms="rw-p", pathname="",
           owner="malloc", rss_kb=None, swap_kb=4),
]  # fmt: skip
DETAILS = Details(owners=OWNERS, regions=REGIONS, age_s=2.1, between_s=3.0)
DENIED = Details(note="process 1234 may not be read: not permitted")
WIDTHS = [20, 39, 40, 60, 80, 120, 200]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("height", [1, 3, 6, 40])
@pytest.mark.parametrize("make", [owners, regions])
def test_a_pane_fits_its_room(make, width, height):
    lines = [text_of(line) for line in make(DETAILS, width, height)]
    assert len(lines) <= height
    assert {width_of(line) for line in lines} == {width}
    assert width_of(text_of(title(LINE, DETAILS, "owners", width))) == width


# details, width, words, why
TITLES = [
    (Details(owners=OWNERS, age_s=29.0, between_s=1.0), 80,
     "postgres 1234: owners (read 29 s ago, almost unchanged since)",
     "a process that does not move is not read again"),
    (DETAILS, 80, "postgres 1234: owners (read 2.1 s ago, again every 3 s)",
     "how old they are, and when newer ones come"),
    (DETAILS, 40, "postgres: owners (read 2.1 s ago)", "the age before the rest"),
    (Details(owners=OWNERS, age_s=0.1, between_s=0.2), 80, "owners (read now)",
     "as often as the list"),
    (DENIED, 80, "postgres 1234: owners ─", "nothing was read"),
]  # fmt: skip


@cases(TITLES, why=3)
def test_a_pane_tells_how_old_it_is(case):
    details, width, words, _ = case
    assert words in text_of(title(LINE, details, "owners", width))


@pytest.mark.parametrize("make", [owners, regions])
def test_a_pane_tells_why_it_is_empty(make):
    assert text_of(make(DENIED, 80, 5)[0]) == DENIED.note


def test_owners_that_have_no_room_are_summed():
    lines = [text_of(line) for line in owners(DETAILS, 80, 5)]
    assert lines[0].split() == ["OWNER", "RSS", "SWAP", "Δ/min", "READINGS"]
    assert lines[1].split()[:4] == ["shared", "memory", "2.00M", "█" * 18]
    assert lines[-1].split() == ["and", "20", "more:", "190K"]


def test_an_amount_that_is_not_known_is_no_0():
    lines = [text_of(line).split() for line in owners(DETAILS, 80, 40)]
    assert lines[-1] == ["unknown", "-", "-", "-"]
    assert lines[2][-3:] == ["-", "+11K", "▁·█"]


def test_regions_begin_where_they_are_scrolled_to():
    (_, line) = regions(DETAILS, 80, 10, first=1)
    assert text_of(line).split() == ["7fff12340000", "rw-p", "-", "4K", "malloc"]


def test_only_regions_on_the_screen_are_made():
    class Many:
        made = 0

        def __len__(self):
            return 60_000

        def __getitem__(self, at):
            Many.made += len(range(60_000)[at])
            return [REGIONS[0]] * len(range(60_000)[at])

    regions(Details(regions=Many()), 80, 11, first=30_000)
    assert Many.made == 10
