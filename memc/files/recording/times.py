"""Times as people write them: of a clock, of a date, or counted from a recording."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from memc.human.amounts import duration

__all__ = ["FORMS", "parse_time", "show_time", "to_ms"]

FORMS = (
    "14:03, 14:03:05, 2026-11-26T14:03:05, Unix seconds, "
    "-10m (before the end) or +5s (after the begin)"
)
MS = 1000
ZERO = ("0", "0s", "0ms", "0m", "0h")
MINUTE_MS = 60_000  # what was recorded last may not be written yet
# A larger number counts milliseconds, as t_ms does: seconds reach it in the year 5138.
MOST_SECONDS = 10**11
LAST_MS = 253402214400000  # the last day that datetime knows


def parse_time(text: str, begin_ms: int, end_ms: int, now_ms: int) -> int:
    """Return the Unix time in ms that a text means, for a recording of this span.

    - "14:03" or "14:03:05" is today's; the last one if that is to come, or if the
      recording ended on a day before.
    - "2026-11-26T14:03:05", with a blank or T, is a time of this time zone if it names
      no other; without a time it is the begin of that day.
    - "1795698185.5" are Unix seconds; 12 digits or more count milliseconds, as t_ms.
    - "-10m" is that long before the end, and "+5s" that long after the begin.

    A time without a fraction means all of its second: if the recording begins within
    that second, its begin is meant.  Raises ValueError, with the text and the forms.
    """
    told = text.strip()
    try:
        ms = _parse(told, begin_ms, end_ms, now_ms)
    except (ValueError, OverflowError, OSError):
        raise ValueError(f"expected a time such as {FORMS}, not {text!r}") from None
    is_second = not ms % MS and "." not in told
    return begin_ms if is_second and ms < begin_ms < ms + MS else ms


def to_ms(time: str | float | datetime, begin_ms: int, end_ms: int, now_ms: int) -> int:
    """Return the Unix time in ms that a text, a number or a datetime means."""
    if isinstance(time, str):
        return parse_time(time, begin_ms, end_ms, now_ms)
    if isinstance(time, datetime):
        return _of(time)
    if isinstance(time, bool) or not isinstance(time, (int, float)):
        kind = type(time).__name__
        raise TypeError(f"expected a time as str, int, float or datetime, not {kind}")
    return _number(time)


def show_time(ms: int) -> str:
    """Return a Unix time as a date and a time of this time zone.

    It has three digits of a fraction unless they are zero.  What it returns is a form
    that `parse_time` takes.
    """
    seconds, rest = divmod(ms, MS)
    try:
        shown = datetime.fromtimestamp(seconds).strftime("%Y-%m-%d %H:%M:%S")  # noqa: DTZ006
    except (ValueError, OverflowError, OSError):
        return f"{ms} ms"
    return f"{shown}.{rest:03}" if rest else shown


def _parse(text: str, begin_ms: int, end_ms: int, now_ms: int) -> int:
    if text[:1] == "-":
        return end_ms - _length(text[1:])
    if text[:1] == "+":
        return begin_ms + _length(text[1:])
    if text.isascii() and text.replace(".", "", 1).isdigit():
        return _number(float(text) if "." in text else int(text))
    if text[2:3] == ":" or text[1:2] == ":":
        return _of_day(text, end_ms, now_ms)
    return _of(datetime.fromisoformat(text))


def _length(text: str) -> int:
    """Return a length of time in ms, which may be none: -0s is the end."""
    return 0 if text in ZERO else round(duration(text) * MS)


def _number(number: float) -> int:
    if not math.isfinite(number) or number < 0:
        raise ValueError(f"expected a time such as {FORMS}, not {number!r}")
    ms = round(number if number >= MOST_SECONDS else number * MS)
    if ms > LAST_MS:
        raise ValueError(f"expected a time such as {FORMS}, not {number!r}")
    return ms


def _of(time: datetime) -> int:
    return round(time.timestamp() * MS)


def _of_day(text: str, end_ms: int, now_ms: int) -> int:
    """Return the last such time of a day that now, or the end, allows."""
    words = text.split(":")
    seconds = float(words[2]) if len(words) == 3 else 0.0
    is_short = all(len(word.partition(".")[0]) in (1, 2) for word in words)
    is_plain = text.isascii() and text.replace(":", "").replace(".", "", 1).isdigit()
    if len(words) not in (2, 3) or not (is_plain and is_short) or seconds >= 60:
        raise ValueError("a time of a day")
    now = datetime.fromtimestamp(now_ms / MS)  # noqa: DTZ006 - users write local times
    end = datetime.fromtimestamp(end_ms / MS)  # noqa: DTZ006
    last_ms = now_ms if end.date() == now.date() else end_ms + MINUTE_MS
    day = datetime.fromtimestamp(last_ms / MS)  # noqa: DTZ006
    time = day.replace(
        hour=int(words[0]), minute=int(words[1]), second=0, microsecond=0
    ) + timedelta(seconds=seconds)
    return _of(time if _of(time) <= last_ms else time - timedelta(days=1))
