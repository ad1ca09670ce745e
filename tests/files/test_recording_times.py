"""Times as people write them, and what is none."""

import time
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, strategies as st

from memc.files.recording.times import FORMS, parse_time, show_time, to_ms

ZONE = timezone(timedelta(hours=1))  # what Europe/Berlin has in November


@pytest.fixture(autouse=True)
def _berlin(monkeypatch):
    monkeypatch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def ms(text):
    told = datetime.fromisoformat(text)
    return round((told if told.tzinfo else told.replace(tzinfo=ZONE)).timestamp() * 1e3)


BEGIN = ms("2026-11-25T09:00:00.250")
END = ms("2026-11-26T15:00:00.500")
NOW = ms("2026-11-26T15:00:08")

# text, what it means, why
MEANT = [
    ("14:03", "2026-11-26T14:03", "today's"),
    ("14:03:05", "2026-11-26T14:03:05", "with seconds"),
    ("9:30", "2026-11-26T09:30", "one digit"),
    (" 14:03 ", "2026-11-26T14:03", "blanks around"),
    ("14:03:05.5", "2026-11-26T14:03:05.500", "a fraction"),
    ("15:00:05", "2026-11-26T15:00:05", "not written yet, but today's"),
    ("16:20", "2026-11-25T16:20", "is to come today: the last one"),
    ("2026-11-26T14:03:05", "2026-11-26T14:03:05", "ISO 8601"),
    ("2026-11-26 14:03", "2026-11-26T14:03", "with a blank"),
    ("2026-11-26T14:03:05Z", "2026-11-26T14:03:05+00:00", "of a zone"),
    ("2026-11-26T14:03+05:30", "2026-11-26T14:03+05:30", "of another zone"),
    ("2026-11-26", "2026-11-26T00:00", "the begin of a day"),
    ("2026-07-01T12:00", "2026-07-01T12:00+02:00", "summer time"),
    ("1795698185", "2026-11-26T14:03:05", "Unix seconds"),
    ("1795698185.25", "2026-11-26T14:03:05.250", "with a fraction"),
    ("1795698185250", "2026-11-26T14:03:05.250", "ms, as t_ms is"),
    ("-10m", "2026-11-26T14:50:00.500", "before the end"),
    ("-1.5h", "2026-11-26T13:30:00.500", "a part of an hour"),
    ("-250ms", "2026-11-26T15:00:00.250", "milliseconds"),
    ("-0s", "2026-11-26T15:00:00.500", "the end itself"),
    ("+0s", "2026-11-25T09:00:00.250", "the begin itself"),
    ("+5s", "2026-11-25T09:00:05.250", "after the begin"),
    ("2026-11-25T09:00", "2026-11-25T09:00:00.250", "the second of the begin"),
]


@pytest.mark.parametrize(("text", "meant", "why"), MEANT, ids=[m[0] for m in MEANT])
def test_what_a_text_means(text, meant, why):
    assert parse_time(text, BEGIN, END, NOW) == ms(meant), why


def test_a_time_of_a_day_is_the_last_one_of_an_old_recording():
    later = ms("2026-12-24T18:00")
    assert parse_time("14:03", BEGIN, END, later) == ms("2026-11-26T14:03")
    assert parse_time("16:20", BEGIN, END, later) == ms("2026-11-25T16:20")


def test_a_time_of_a_day_just_after_midnight_is_of_the_evening_before():
    end, now = ms("2026-11-25T23:59:58"), ms("2026-11-26T00:00:04")
    assert parse_time("23:59:59", BEGIN, end, now) == ms("2026-11-25T23:59:59")


WRONG = ["", " ", "now", "1x", "24:00", "14:60", "14:03:60", "14:03:05:06", "-",
         "10m", "--10m", "+5 years", "2026-13-01", "2026-11-26T25:00", "1e9",
         "14:-3", "14:+3", "0x10", "\u0661\u0662:00", "99999999999999999", "-9999d",
         "nan", "infinity", "1.2.3", "14:03:", ":03", "2026-11-26 CET"]  # fmt: skip


@pytest.mark.parametrize("text", WRONG)
def test_what_is_no_time_is_told_with_the_forms(text):
    with pytest.raises(ValueError, match="expected a time such as 14:03") as caught:
        parse_time(text, BEGIN, END, NOW)
    assert repr(text) in str(caught.value)
    assert FORMS in str(caught.value)


@given(st.integers(0, 4_000_000_000_000))
def test_a_time_that_was_shown_is_read_again(t_ms):
    hour = datetime.fromtimestamp(t_ms / 1e3, UTC)
    if hour.month != 10:  # the hour that summer time has twice
        assert parse_time(show_time(t_ms), 0, 10**13, 10**13) == t_ms


@given(st.text(max_size=20))
def test_any_text_is_a_time_or_a_value_error(text):
    try:
        assert isinstance(parse_time(text, BEGIN, END, NOW), int)
    except ValueError as error:
        assert "expected a time" in str(error)  # noqa: PT017


NUMBERS = [
    (1795698185, "2026-11-26T14:03:05"),
    (1795698185.25, "2026-11-26T14:03:05.250"),
    (1795698185250, "2026-11-26T14:03:05.250"),
    (datetime(2026, 11, 26, 13, 3, 5, tzinfo=UTC), "2026-11-26T14:03:05"),
    (datetime(2026, 11, 26, 14, 3, 5), "2026-11-26T14:03:05"),  # noqa: DTZ001
    ("14:03:05", "2026-11-26T14:03:05"),
]


@pytest.mark.parametrize(("given_time", "meant"), NUMBERS)
def test_numbers_and_datetimes(given_time, meant):
    assert to_ms(given_time, BEGIN, END, NOW) == ms(meant)


@pytest.mark.parametrize("wrong", [None, True, b"14:03", [1]])
def test_other_kinds_are_no_times(wrong):
    with pytest.raises(TypeError, match="expected a time"):
        to_ms(wrong, BEGIN, END, NOW)


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), -1, 10**30])
def test_numbers_that_are_no_times(wrong):
    with pytest.raises(ValueError, match="expected a time"):
        to_ms(wrong, BEGIN, END, NOW)
