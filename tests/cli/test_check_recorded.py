"""``memc check`` of a recording: the largest figures of a span, and growth."""

import json

import pytest
from support import recorded_hour
from support.commands import COMMANDS
from support.recorded_hour import END, MIN, NOON, rss_of_leaker

from memc.files.recording.times import show_time

ONCE = COMMANDS["python"]
# Options; the figures by process (None: a sum); and minutes at which they were.
FIGURES = [
    ("--max-rss 0", {100: 460_000, 200: 50_000, 201: 20_000}, {}),
    ("--max-rss 0 --at +25m", {100: 250_000, 200: 50_000, 201: 20_000, 300: 10**6}, {}),
    (
        "--max-rss 0 --since 1h",
        {100: 460_000, 200: 50_000, 201: 20_000, 300: 10**6},
        {100: 60, 200: 0, 201: 0, 300: 25},
    ),
    ("300 --max-rss 0 --from +26m --to +28m", {300: 500_000}, {300: 26}),
    ("300 --max-rss 0 --from +24m --to +28m", {300: 10**6}, {300: 25}),
    ("300 --max-rss 0 --from +22m --to +26m", {300: 10**6}, {300: 25}),
    ("300 --max-rss 0 --from +5m --to +28m", {300: 10**6}, {300: 25}),
    ("--max-swap 0 --since 5m --tree 200", {200: 100, 201: 0}, {200: 55, 201: 55}),
    ("100 --max-size 0 --to +10m", {100: 320_000}, {100: 10}),
    ("--total --max-rss 0 --since 1h", {None: 1_320_000}, {None: 25}),
    ("--total --max-rss 0 --from +31m --to +41m", None, {}),
    ("--total --max-rss 0 --from +31m", {None: 530_000}, {None: 60}),
    ("--total --max-rss 0 --to +10m", {None: 230_000}, {None: 10}),
    ("--total --max-rss 0", {None: 530_000}, {}),
]


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return recorded_hour.make(tmp_path_factory.mktemp("check") / "hour.memc")


def check(file, *options):
    result = ONCE("check", file, *options, "--json")
    return result.status, json.loads(result.out)


@pytest.mark.parametrize(("options", "figures", "minutes"), FIGURES)
def test_limits_judge_the_end_one_time_or_the_most_of_a_span(
    file, options, figures, minutes
):
    status, found = check(file, *options.split())
    checked = {one["pid"]: one for one in found["checked"]}
    if figures is None:  # a time in the gap
        assert status == 2
        assert "there is a gap from" in found["errors"][0]["text"]
        return
    assert status == 1
    assert {pid: one["value_kb"] for pid, one in checked.items()} == figures
    assert {pid: one["at_ms"] for pid, one in checked.items() if "at_ms" in one} == {
        pid: NOON + minute * MIN for pid, minute in minutes.items()
    }


def test_the_sum_of_each_group_has_its_own_peak(file):
    _, found = check(file, "--by", "user", "--max-rss", "0", "--since", "1h")
    peaks = {one["uid"]: (one["value_kb"], one["at_ms"]) for one in found["checked"]}
    assert peaks == {0: (70_000, NOON), 1000: (1_250_000, NOON + 25 * MIN)}


def test_a_process_that_ended_is_not_in_a_later_sum(file):
    """At minute 30 one has ended in the same tick in which the other grew."""
    options = "--by", "user", "--max-rss", "0", "--from", "+29m", "--to", "+31m"
    _, found = check(file, *options)
    (user,) = [one for one in found["checked"] if one["uid"] == 1000]
    last_ms = NOON + 30 * MIN - 10_000
    assert user["value_kb"] == rss_of_leaker(last_ms) + 500_000
    assert user["at_ms"] == last_ms


GROWTHS = [  # options, and what grew by process
    ("--max-growth 1M/h", {100: 360_000, 200: 0, 201: 0}),
    ("--max-growth 1M/h --since 10m", {100: 60_000, 200: 0, 201: 0}),
    (
        "--max-growth 1M/h --from +22m --to +25m",
        {100: 18_000, 200: 0, 201: 0, 300: 5e5},
    ),
    ("--max-growth 1M/h --growth-of size --since 10m --name leak", {100: 120_000}),
    ("--max-growth 1M/h --total --since 10m", {None: 60_000}),
    ("--max-growth 5%/h --name leak --to +1m", {100: 6000}),
    ("--max-growth 1M/h --by user --name leak --since 1m", {None: 6000}),
    ("--max-growth 1M/h --by owner --name leak --since 10m", {None: 60_000}),
]


@pytest.mark.parametrize(("options", "grown"), GROWTHS)
def test_growth_is_that_of_the_span(file, options, grown):
    status, found = check(file, *options.split())
    growths = {
        one["pid"]: one["value_kb"] - one["before_kb"]
        for one in found["checked"]
        if one.get("owner") != "library text"
    }
    assert (status, growths) == (1, grown)


def test_growth_and_the_most_are_judged_together(file):
    options = "--since", "45m", "--max-rss", "900M", "--max-growth", "1G/h"
    status, found = check(file, *options)
    assert status == 1
    assert [(one["pid"], one["limit"]) for one in found["findings"]] == [
        (300, "max-rss")
    ]
    growth = [one for one in found["checked"] if one["limit"] == "max-growth"]
    assert [one["pid"] for one in growth] == [100, 200, 201]


def test_a_line_tells_when_it_was(file):
    result = ONCE("check", file, "--since", "1h", "--max-rss", "900M")
    when = show_time(NOON + 25 * MIN)
    line = f"{file} 300 burst: rss 977 MiB is over 900 MiB (at {when})\n"
    assert (result.status, result.out.decode(), result.err) == (1, line, b"")


def test_what_is_within_its_limits_prints_nothing(file):
    result = ONCE("check", file, "--since", "1h", "--max-rss", "2G", "--max-swap", "1M")
    assert (result.status, result.out, result.err) == (0, b"", b"")


MISSING = [  # options, and what is said
    ("999 --max-rss 1G", "no process 999 was recorded"),
    ("999 --max-rss 1G --since 5m", "process 999 did not live from"),
    ("300 --max-rss 1G --since 5m", "process 300 did not live from"),
    ("--max-rss 1G --since 2h", "the recording goes from"),
    ("--max-rss 1G --at +41m", "there is a gap from"),
    ("--max-growth 1M/h --from +41m", "there is a gap from"),
    ("--max-rss 1G --from -1m --to -2m", "the end is not later than the begin"),
    ("--name nobody --max-rss 1G --since 1m", "with a name that matches 'nobody'"),
    ("--by owner --max-rss 1G", "no owners were recorded of 1 process"),
]


@pytest.mark.parametrize(("options", "words"), MISSING)
def test_what_cannot_be_judged_never_passes(file, options, words):
    result = ONCE("check", file, *options.split())
    assert words in result.err.decode()
    assert (result.status, result.out) == (2, b"")


def test_a_file_may_stand_beside_a_recording_at_its_end(file, tmp_path):
    saved = tmp_path / "smaps.txt"
    saved.write_text("00400000-00402000 r-xp 0 08:01 7 /x\nSize: 8 kB\nRss: 4 kB\n")
    result = ONCE("check", file, str(saved), "--max-rss", "0", "--json")
    files = {one["file"] for one in json.loads(result.out)["checked"]}
    assert files == {file, str(saved)}
    assert END > NOON
