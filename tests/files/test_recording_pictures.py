"""What a notebook shows of a recording; recordings are made by the store."""

import json
import re

import pytest
from support.recordings import NOON, Made

import memc
from memc.files.recording.series import Series

S = 1000


@pytest.fixture
def made(tmp_path):
    return Made(tmp_path / "run.memc")


@pytest.fixture
def recording(made):
    made.run(NOON)
    one, two = made.start(NOON, 5, b"one"), made.start(NOON, 6, b"<b>\xfftwo")
    held = {one: {"heap": 60, "stack": 8}, two: {"heap": 7}}
    made.tick(NOON, {one: {"rss_kb": 1}, two: {"rss_kb": 4096}}, held=held)
    made.tick(NOON + 1 * S, {one: {"rss_kb": 9}})
    made.tick(NOON + 2 * S, {one: {"rss_kb": 2}}, held={one: {"heap": 61}})
    made.close()
    with memc.Recording(made.path) as recording:
        yield recording


def words(made):
    text = made._repr_html_()
    assert len(text.encode()) <= 20_000
    assert "<script" not in text
    return re.sub(r"\|\s*(\|\s*)*", "|", re.sub(r"<[^>]+>", "|", text))


def test_recording_shows_the_largest_processes_at_its_end(recording):
    text = words(recording)
    assert "0 gaps · 2 processes at the end" in text
    assert text.index(r"|6 &lt;b&gt;\xfftwo|4.00 MiB|") < text.index("|5 one|2 KiB|")


def test_recording_of_one_process_tells_one(made):
    made.run(NOON)
    made.tick(NOON, {made.start(NOON, 5, b"one"): {"rss_kb": 1}})
    made.close()
    with memc.Recording(made.path) as recording:
        assert "· 1 process at the end" in words(recording)


def test_recording_without_a_tick_says_so(made):
    made.run(NOON)
    made.close()
    with memc.Recording(made.path) as recording:
        assert "nothing was recorded yet" in words(recording)


def test_growth_shows_what_grew_and_how_fast(recording):
    text = words(recording.growth(NOON, NOON + 2 * S))
    assert re.search(r"\|5 one\|\+1 KiB\|2 KiB\|\+[\d.]+ MiB/h\|", text)
    text = words(recording.growth(NOON, NOON + 2 * S, by="owner"))
    assert "|heap|+1 KiB|" in text


def test_series_shows_the_last_amounts_and_the_peaks(recording):
    text = words(recording.usage())
    assert "Series of 4 rows" in text
    assert "|5 one|2 KiB|9 KiB|" in text
    assert "|5 one heap|61 KiB|61 KiB|" in words(recording.owners(5))
    assert re.search(r"columns: t_ms, pid, name, .*_kb and \d+ more", text)
    assert "no amounts" in words(recording.events())
    assert "Series of 0 rows" in words(Series(("t_ms", "rss_kb"), []))


def test_series_is_plotted_in_time(recording):
    chart = json.loads(recording.usage().plot().to_json())
    first, second = chart["data"]
    assert first["name"] == r"6 &lt;b&gt;\xfftwo"
    assert first["y"] == [4]  # MiB
    assert second["y"] == [1 / 1024, 9 / 1024, 2 / 1024]
    assert len({*second["x"]}) == 3
    assert recording.events().plot() is not None
    assert recording.plot().to_dict()["data"][0]["type"] == "bar"
