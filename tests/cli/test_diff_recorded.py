"""``memc diff`` of a recording: what grew, how fast, and how it went."""

import json

import pytest
from support import recorded_hour
from support.commands import COMMANDS
from support.recorded_hour import END, MIN, NOON, rss_of_leaker

from memc.files.recording.times import show_time

ONCE = COMMANDS["python"]


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return recorded_hour.make(tmp_path_factory.mktemp("diff") / "hour.memc")


def diff(file, *options, status=1):
    result = ONCE("diff", file, *options, "--json")
    assert result.status == status, result.err
    return json.loads(result.out)


def test_what_grew_has_a_rate_and_a_line_of_bars(file):
    result = ONCE("diff", file, "--since", "1h", "--by", "process")
    assert result.status == 1
    head, leaker, total, *said = result.out.decode().splitlines()
    titles = "RSS SWAP SIZE PER HOUR TREND CHANGE PID NAME COMMAND"
    assert " ".join(head.split()) == titles
    bars = "▁▁▁▂▂▃▃▄▄▅▅▆▆▇▇█"
    words = ["352M", "0", "703M", "352M", bars, "grew", "100", "leaker", "leaker"]
    assert leaker.split() == [*words, "--secret"]
    assert total.split()[3:5] == ["352M", bars]
    gap = f"a gap from {show_time(NOON + 40 * MIN)} to {show_time(NOON + 42 * MIN)}"
    assert said == [
        "2 more are the same",
        f"{file} from {show_time(NOON)} to {show_time(END)}",
        f"between is {gap} (late)",
    ]


def test_json_tells_growth_rate_and_points(file):
    found = diff(file, "--since", "30m")
    change = next(one for one in found["changes"] if one["pid"] == 100)
    assert change["rss_growth_kb"] == 180_000
    assert change["kb_per_hour"] == found["total"]["kb_per_hour"] == 360_000
    times = found["trend"]["times_ms"]
    assert found["trend"]["of"] == "rss_kb"
    assert (times[0], times[-1]) == (END - 30 * MIN, END)
    assert change["points_kb"] == [
        None if 40 * MIN + 15_000 < t - NOON < 42 * MIN else rss_of_leaker(t)
        for t in times
    ]
    assert (found["before"]["timestamp_ms"], found["after"]["timestamp_ms"]) == (
        END - 30 * MIN,
        END,
    )


def test_the_points_in_a_gap_are_not_known(file):
    found = diff(file, "100", "--from", "+39m", "--to", "+43m", "--by", "process")
    points = found["changes"][0]["points_kb"]
    assert points[0] == rss_of_leaker(NOON + 39 * MIN)
    assert points[-1] == rss_of_leaker(NOON + 43 * MIN)
    in_gap = [40 * MIN < t - NOON < 42 * MIN for t in found["trend"]["times_ms"]]
    assert in_gap == [point is None for point in points]
    result = ONCE("diff", file, "100", "--from", "+39m", "--to", "+43m")
    assert "▁▁▁·······" in result.out.decode()


SPANS = [  # options, the begin and the end of what is compared, in minutes
    ("", 0, 60),
    ("--from +10m", 10, 60),
    ("--to -10m", 0, 50),
    ("--from -20m --to -10m", 40, 50),
    ("--since 1m", 59, 60),
]


@pytest.mark.parametrize(("options", "begin", "end"), SPANS)
def test_a_span_has_the_ends_that_were_asked_for(file, options, begin, end):
    found = diff(file, *options.split(), "--name", "leaker")
    times = found["before"]["timestamp_ms"], found["after"]["timestamp_ms"]
    assert times == (NOON + begin * MIN, NOON + end * MIN)
    assert found["total"]["rss_growth_kb"] == (end - begin) * 6000


def test_pids_choose_in_the_recording_and_are_told_by_owner(file):
    found = diff(file, "100", "200", "--since", "10m")
    (heap,) = found["changes"]
    assert (heap["owner"], heap["rss_growth_kb"]) == ("malloc main heap", 60_000)
    assert (heap["regions_before"], heap["regions_after"]) == (3, 3)
    assert heap["kb_per_hour"] == 360_000


@pytest.mark.parametrize("by", ["user", "name", "process", "user,process", "owner"])
def test_rates_and_points_add_up_in_every_group(file, by):
    found = diff(file, "--from", "+50m", "--by", by)
    one = found["changes"][0]
    assert one["kb_per_hour"] == 360_000
    assert one["points_kb"][-1] - one["points_kb"][0] == 60_000


def test_a_process_that_began_has_no_points_before(file):
    found = diff(file, "--from", "+10m", "--to", "+25m")
    burst = next(one for one in found["changes"] if one["pid"] == 300)
    times = found["trend"]["times_ms"]
    assert [point is None for point in burst["points_kb"]] == [
        t < NOON + 20 * MIN for t in times
    ]
    assert (burst["rss_before_kb"], burst["rss_growth_kb"]) == (0, 1_000_000)


@pytest.mark.parametrize("by", ["process", "user,process", "name"])
def test_what_grew_comes_before_what_shrank_more(file, by):
    """In this span 300 ends with 500,000 kB, and 100 grows by 18,000 kB."""
    options = "--from", "+28m", "--to", "+31m", "--by", by
    names = [change["name"] for change in diff(file, *options)["changes"]]
    assert names == ["leaker", "burst"]
    lines = ONCE("diff", file, *options, "--reverse").out.decode()
    assert lines.index("burst") < lines.index("leaker")


def test_owners_that_one_side_does_not_tell_are_no_growth(file):
    result = ONCE("diff", file, "200", "100", "--to", "+30s", "--by", "owner")
    assert "left out: 1 process" in result.err.decode()
    assert "thread stack" not in result.out.decode()


def test_nothing_that_grew_is_the_same(file):
    result = ONCE("diff", file, "200", "201", "--since", "5m", "--by", "process")
    assert (result.status, result.out.decode().splitlines()[0]) == (
        0,
        "the same: totals",
    )


WRONG = [  # options, and what is said
    ("--since 2h", "the recording goes from"),
    ("--from +41m", "there is a gap from"),
    ("--from -1m --to -2m", "the end is not later than the begin"),
    ("999 --since 1m", "no process 999 was recorded"),
    ("300 --since 1m", "process 300 did not live at"),
]


@pytest.mark.parametrize(("options", "words"), WRONG)
def test_what_is_not_there_is_told(file, options, words):
    result = ONCE("diff", file, *options.split())
    assert words in result.err.decode()
    assert (result.status, result.out) == (2, b"")


def test_two_recordings_are_two_sides_at_one_time(file):
    assert diff(file, file, "--at", "-10m", status=0)["same"] is True


def test_another_file_is_compared_with_one_time(file, tmp_path):
    saved = tmp_path / "saved.json"
    found = ONCE("show", file, "100", "--json")
    assert found.status == 0
    document = {"pid": 100, "name": "leaker", "detail": "totals"}
    saved.write_text(json.dumps(document | {"total_rss_kb": 1000, "rss_anon_kb": 1}))
    result = ONCE(
        "diff", str(saved), file, "--at", "-10m", "--name", "leaker", "--json"
    )
    (change,) = json.loads(result.out)["changes"]
    assert change["rss_growth_kb"] == rss_of_leaker(END - 10 * MIN) - 1000


def test_csv_has_the_rate_and_no_points(file):
    head = ONCE("diff", file, "--since", "1h", "--csv").out.decode().splitlines()[0]
    assert "kb_per_hour" in head.split(",")
    assert "points_kb" not in head
