"""One line about which time of a recording is shown, with a small map of all of it.

::

    [replay 14:03:05, 2 h 11 min of 24 h, gap 13:10-13:12] ▕▂▂▂▃▅──▇●▅▅▃▏

The bars are the memory in use on the machine; nothing was recorded where "─" is.
"""

from __future__ import annotations

from datetime import datetime

from memc.human.lengths import length_of
from memc.human.spark import spark

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from memc.files.recording.spans import Gap
    from memc.top.replay_file import RecordingFile

    Cells: TypeAlias = list[tuple[str, str]]

__all__ = ["bars_of", "position", "short_time"]

HERE, HOLE, LEFT, RIGHT = "●", "─", "▕", "▏"
MAP_MIN, MAP_MAX = 10, 60
MINUTE_MS = 60_000
USED = """
select total_kb - available_kb from _machine where segment=? and t_ms=?"""


def position(file: RecordingFile, t_ms: int, width: int, speed: float) -> Cells:
    """Return the line in at most `width` columns; `speed` is 0 if it stands still."""
    begin_ms, end_ms = file.span()
    days = {_day(begin_ms), _day(end_ms)}
    form = "%H:%M:%S" if len(days) == 1 and width < 100 else "%Y-%m-%d %H:%M:%S"
    clock = _shown(t_ms, form)
    parts = [f"replay {f'{speed:g}x ' if speed else ''}{clock}"]
    if end_ms > begin_ms:
        parts.append(f"{_length(t_ms - begin_ms)} of {_length(end_ms - begin_ms)}")
    gap = _nearest(file.gaps(), t_ms)
    if gap is not None:
        parts.append(_words(gap))
    while len(parts) > 1 and len(", ".join(parts)) + 2 > width - MAP_MIN - 3:
        parts.pop()
    text = f"[{', '.join(parts)}]"[:width]
    room = min(width - len(text) - 3, MAP_MAX)
    cells = [(text, "head")]
    if room >= MAP_MIN and end_ms > begin_ms:
        bars = file.map(room)
        at = min((t_ms - begin_ms) * room // (end_ms - begin_ms), room - 1)
        cells += [
            (f" {LEFT}{bars[:at]}", "bar"),
            (HERE, "head"),
            (f"{bars[at + 1 :]}{RIGHT}", "dim"),
        ]
    return cells


def bars_of(file: RecordingFile, count: int) -> str:
    """Return the memory in use over a recording as so many bars."""
    begin_ms, end_ms = file.span()
    spans = file.recording._look()
    used: list[int | None] = []
    holes = []
    for at in range(count):
        t_ms = begin_ms + (end_ms - begin_ms) * (2 * at + 1) // (2 * count)
        found = spans.seen(t_ms)
        kb = None
        if isinstance(found, tuple):
            row = file.reader.row(USED, (found[0].id, found[1]))
            kb = row[0] if row is not None else None
        used.append(kb)
        holes.append(not isinstance(found, tuple))
    return "".join(
        HOLE if hole else bar for bar, hole in zip(spark(used), holes, strict=True)
    )


def _nearest(gaps: list[Gap], t_ms: int) -> Gap | None:
    """Return the gap that is nearest to a time, or the one in which it is."""
    return min(
        gaps,
        key=lambda gap: max(gap.begin_ms - t_ms, t_ms - gap.end_ms, 0),
        default=None,
    )


def _words(gap: Gap) -> str:
    form = "%H:%M" if gap.end_ms - gap.begin_ms >= MINUTE_MS else "%H:%M:%S"
    begin, end = _shown(gap.begin_ms, form), _shown(gap.end_ms, form)
    return f"gap {begin}" if begin == end else f"gap {begin}-{end}"


def short_time(t_ms: int, near_ms: int) -> str:
    """Return a time as 14:03:05, with its day if that is another than of `near_ms`."""
    is_same = _day(t_ms) == _day(near_ms)
    return _shown(t_ms, "%H:%M:%S" if is_same else "%Y-%m-%d %H:%M:%S")


def _length(ms: int) -> str:
    return length_of(ms) if ms else "0 s"


def _day(ms: int) -> str:
    return _shown(ms, "%Y-%m-%d")


def _shown(ms: int, form: str) -> str:
    return datetime.fromtimestamp(ms // 1000).strftime(form)  # noqa: DTZ006
