"""Pictures of recordings: the largest processes, what grew, and series of amounts."""

from __future__ import annotations

from memc.errors import MemcError
from memc.files.recording.times import show_time
from memc.human.picture import TOP, Bar, Picture
from memc.human.units import human, signed
from memc.table.pictures import TITLES, of_system

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from memc.files.recording.growth import Growth
    from memc.files.recording.recording import Recording
    from memc.files.recording.series import Series

__all__ = ["largest", "lines", "of_growth", "of_recording", "of_series"]

MOST = 65  # characters of a fact
NAMES = ("pid", "name", "owner")  # the columns that tell lines of a series apart


def of_recording(recording: Recording) -> Picture:
    """Return the largest processes at the end of a recording."""
    title = f"Recording {recording.path}"
    try:
        begin, end = (show_time(ms) for ms in (recording.begin_ms, recording.end_ms))
        made = of_system(recording.at(recording.end_ms).system())
    except MemcError as error:  # nothing was recorded yet, or not at its end
        made = Picture(title, (), what="PROCESS", amount="RSS")
        made.notes.append(str(error))
        return made
    gaps = len(recording.gaps)
    words = f"{gaps:,} {'gap' if gaps == 1 else 'gaps'}"
    made.facts = [f"{begin} to {end}", words, f"{made.title} at the end"]
    made.title = title
    return made


def of_growth(growth: Growth) -> Picture:
    """Return what grew between two times of a recording."""
    bars = []
    for grew in growth:
        who = f"{grew.process.pid} {grew.name}" if grew.process else grew.name
        rate = (
            "-" if grew.kb_per_hour is None else f"{signed(round(grew.kb_per_hour))}/h"
        )
        bars.append(Bar(who, grew.growth_kb, [human(grew.after_kb), rate]))
    times = [show_time(moment.t_ms) for moment in (growth.before, growth.after)]
    return Picture(
        f"What changed, by {growth.by}",
        bars,
        what=growth.by.upper(),
        amount="RSS GREW",
        heads=["RSS AFTER", "RATE"],
        facts=[f"from {times[0]} to {times[1]}"],
        is_growth=True,
    )


def lines(series: Series) -> tuple[str, dict[str, list[tuple[int, int | None]]]]:
    """Return the amount that a series tells, and its values in time, by name.

    The amount is "", and there is no line, if the series has no amount or no time.
    """
    amounts = [name for name in series.columns if name.endswith("_kb")]
    first = [name for name in ("rss_kb", "available_kb") if name in amounts]
    if not amounts or "t_ms" not in series.columns:
        return "", {}
    amount = (first or amounts)[0]
    names = [name for name in NAMES if name in series.columns]
    found: dict[str, list[tuple[int, int | None]]] = {}
    keys: list[Any] = [series[name] for name in ("t_ms", amount, *names)]
    for t_ms, kb, *words in zip(*keys, strict=True):
        who = " ".join(str(word) for word in words if word is not None)
        found.setdefault(who, []).append((t_ms, kb))
    return amount, found


def of_series(series: Series) -> Picture:
    """Return the last amount of each process or owner of a series."""
    amount, found = lines(series)
    title = TITLES.get(amount, amount)
    bars = []
    for who, values in found.items():
        peak = max((kb for _, kb in values if kb is not None), default=None)
        bars.append(Bar(who or title, values[-1][1], [human(peak)]))
    times = series["t_ms"] if found else []
    count = len(series)
    made = Picture(
        f"Series of {count:,} {'row' if count == 1 else 'rows'}",
        bars,
        what="NAME",
        amount=f"{title} AT THE END" if amount else "AMOUNT",
        heads=["PEAK"],
        facts=[
            f"{show_time(times[0])} to {show_time(times[-1])}" if times else None,
            _columns(series.columns),
        ],
    )
    made.nothing = "no amounts"
    return made


def _columns(names: Sequence[str]) -> str:
    """Return the names of columns, as many as can be shown whole."""
    shown = list(names)
    while len(said := "columns: " + ", ".join(shown)) > MOST:
        shown.pop()
    more = len(names) - len(shown)
    return f"{said} and {more} more" if more else said


def largest(series: Series) -> tuple[str, dict[str, list[tuple[int, int | None]]]]:
    """Return the lines that go highest, as `lines` does."""
    amount, found = lines(series)
    peaks = {
        who: max((kb or 0 for _, kb in values), default=0)
        for who, values in found.items()
    }
    names = sorted(found, key=lambda who: -peaks[who])[:TOP]
    return TITLES.get(amount, amount), {who: found[who] for who in names}
