"""What a recording is: its span, its gaps, its size, and what a day costs."""

from __future__ import annotations

import os
from contextlib import suppress

from memc.cli.output import STDOUT, counted
from memc.cli.query.table import second, wrapped
from memc.files.recording.schema import SEGMENT_MS
from memc.files.recording.sql import Answer
from memc.human.lengths import length_of
from memc.human.sheet import terminal_width
from memc.human.units import figure, human, safe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from memc.files.recording.recording import Recording

__all__ = ["Info"]

DAY_MS = 86_400_000
HOUR_MS = 3_600_000
GAPS_SHOWN = 5
LABEL = 11  # columns before the words of a line
# The tables that grow, with the index that events have.
TABLES = ("_usage", "_beside", "_held", "_frame", "_tick", "_machine", "_event")
FIRST = "(select min(t_ms) from _tick t where t.segment={table}.segment)"


class Info:
    """What is in a recording, as attributes.

    Amounts of bytes a day are None as long as there are not two ticks.
    """

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        reader = recording._reader
        with reader.moment():
            self.runs = recording.runs
            self.gaps = recording.gaps
            self.segments = recording.segments
            self.begin_ms, self.end_ms = recording.begin_ms, recording.end_ms
            self.processes = _number(recording, "select count(*) from _process")
            self.ticks, self.cost_ns, self.read_ns = reader.row(
                "select count(*), ifnull(sum(cost_ns), 0), ifnull(sum(read_ns), 0) "
                "from _tick"
            ) or (0, 0, 0)
            self.last = _number(
                recording,
                "select processes from _tick order by segment desc, t_ms desc limit 1",
            )
            page = _number(recording, "pragma page_size")
            pages = _number(recording, "pragma page_count")
            free = _number(recording, "pragma freelist_count")
            self.used = page * (pages - free)
            self.bytes = _size(recording.path)
            self.gap_ms = sum(gap.length_ms for gap in self.gaps)
            lengths = (s.end_ms - s.begin_ms for s in self.segments)
            self.recorded_ms = max(sum(lengths), 0)
            self.bytes_a_day = self._bytes_a_day()
        options = self.runs[-1].options if self.runs else {}
        self.max_size = _int(options.get("max_size"))
        self.keep_s = _int(options.get("keep_s"))

    def _bytes_a_day(self) -> int | None:
        """Return how much a day takes.

        A short recording is mostly what each segment begins with: so the rows of the
        first tick of a segment are counted apart from the others.
        """
        if self.recorded_ms <= 0:
            return None
        if self.recorded_ms >= HOUR_MS:
            return self.used * DAY_MS // self.recorded_ms
        first = rows = 0
        for table in TABLES:
            begin = FIRST.format(table=table)
            first += _number(
                self._recording, f"select count(*) from {table} where t_ms<={begin}"
            )
            rows += _number(self._recording, f"select count(*) from {table}")
        a_segment = first / len(self.segments)
        a_day = a_segment * DAY_MS / SEGMENT_MS
        a_day += (rows - first) * DAY_MS / self.recorded_ms
        return round(self.used * a_day / max(rows, 1))

    def in_days(self, days: int) -> int | None:
        """Return how large it will be after so many days: it is kept within limits."""
        if self.bytes_a_day is None:
            return None
        kept = days if self.keep_s is None else min(days, self.keep_s / 86400)
        size = round(self.bytes_a_day * kept)
        return size if self.max_size is None else min(size, self.max_size)

    def answer(self) -> Answer:
        """Return it as one row."""
        row = {
            "begin_ms": self.begin_ms,
            "end_ms": self.end_ms,
            "recorded_ms": self.recorded_ms,
            "runs": len(self.runs),
            "segments": len(self.segments),
            "gaps": len(self.gaps),
            "gap_ms": self.gap_ms,
            "processes": self.processes,
            "processes_at_end": self.last,
            "ticks": self.ticks,
            "cost_ns": self.cost_ns,
            "read_ns": self.read_ns,
            "bytes": self.bytes,
            "bytes_a_day": self.bytes_a_day,
            "bytes_in_a_week": self.in_days(7),
            "max_size": self.max_size,
            "keep_s": self.keep_s,
        }
        return Answer([*row], [tuple(row.values())])

    def text(self) -> str:
        """Return it as lines for people."""
        lines = (f"{name:<10} {safe(words)}".rstrip() for name, words in self._lines())
        width = terminal_width(STDOUT)
        parts = (part for line in lines for part in wrapped(line, width, LABEL))
        return "".join(f"{part}\n" for part in parts)

    def _lines(self) -> Iterator[tuple[str, str]]:
        yield "recording", f"{self._recording.path}{self._made()}"
        length = length_of(self.end_ms - self.begin_ms)
        span = f"{second(self.begin_ms)} to {second(self.end_ms)}"
        yield "span", f"{span}: {length}, {counted(len(self.runs), 'run')}"
        yield from self._gap_lines()
        yield "processes", f"{self.processes:,} seen, {self.last:,} at the end"
        yield "ticks", self._cost()
        yield "size", f"{human(self.bytes // 1024)}"
        yield from self._day_lines()

    def _made(self) -> str:
        if not self.runs:
            return ""
        run = self.runs[-1]
        words = f", by memc {run.memc}"
        words += f" on {run.host}" if run.host else ""
        words += f", Linux {run.kernel}" if run.kernel else ""
        if run.why:
            return f"{words}; ended: {run.why}"
        return f"{words}; no end: it goes on, or was killed"

    def _gap_lines(self) -> Iterator[tuple[str, str]]:
        if not self.gaps:
            yield "gaps", "none"
            return
        yield "gaps", f"{len(self.gaps):,}, {length_of(self.gap_ms)} in all"
        for gap in self.gaps[-GAPS_SHOWN:]:
            span = f"{second(gap.begin_ms)} to {second(gap.end_ms)}"
            yield "", f"{span}: {length_of(gap.length_ms)}, {gap.why}"
        if len(self.gaps) > GAPS_SHOWN:
            yield "", f"and {len(self.gaps) - GAPS_SHOWN:,} before these"

    def _cost(self) -> str:
        words = f"{self.ticks:,}"
        if not self.ticks or not self.recorded_ms:
            return words
        share = 100 * self.cost_ns / 1e6 / self.recorded_ms
        each_ms = self.cost_ns / self.ticks / 1e6
        each = f"{figure(each_ms, 2)} ms of CPU each"
        return f"{words}, {each}: {figure(share, 2)} % of a CPU"

    def _day_lines(self) -> Iterator[tuple[str, str]]:
        day, week = self.bytes_a_day, self.in_days(7)
        if day is None or week is None:
            yield "a day", "not known yet: there is one tick"
            return
        about, end = "" if self.recorded_ms >= HOUR_MS else "about ", ""
        yield "a day", f"takes {about}{human(day // 1024)}"
        if week == self.max_size:
            about, end = "", ", all that --max-size allows"
        yield "a week", f"takes {about}{human(week // 1024)}{end}"
        limits = []
        if self.max_size is not None:
            limits.append(f"at most {human(self.max_size // 1024)} (--max-size)")
        if self.keep_s is not None:
            limits.append(f"{length_of(self.keep_s * 1000)} (--keep)")
        kept = " and ".join(limits)
        if self.max_size is not None and day:
            kept += f": {self._reach(day)}"
        if kept:
            yield "keeps", kept

    def _reach(self, day: int) -> str:
        """Return how long the past is that the limits leave room for."""
        reach_ms = round((self.max_size or 0) / day * DAY_MS)
        if self.keep_s is not None:
            reach_ms = min(reach_ms, self.keep_s * 1000)
        return f"the last {length_of(reach_ms)}"


def _number(recording: Recording, sql: str) -> int:
    row = recording._reader.row(sql)
    return 0 if row is None or row[0] is None else int(row[0])


def _size(path: str) -> int:
    """Return how much the file and its WAL take."""
    size = os.stat(path).st_size
    with suppress(OSError):
        size += os.stat(f"{path}-wal").st_size
    return size


def _int(value: object) -> int | None:
    return int(value) if isinstance(value, (int, float)) else None
