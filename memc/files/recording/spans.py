"""When a recording looked: its segments and runs, and the gaps in which it did not.

::

    ticks     | | | | | |        | | | | |            | | | |
    segment   [ 3       ] gap    [ 3 goes on][ 4 ]    [ 5     ]
                          late                    not recording

The times of the ticks decide what is a gap; the events tell why.
"""

from __future__ import annotations

from itertools import pairwise

from memc.errors import MemcError
from memc.files.recording.schema import LATE
from memc.files.recording.times import show_time
from memc.files.recording.told import facts_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from memc.files.recording.reader import Reader

__all__ = ["Gap", "Run", "Segment", "Spans"]

INTERVAL_MS = 1000
NS_PER_MS = 1_000_000


class Run:
    """One time that memc recorded into the file.

    `memc`, `kernel`, `host` and `boot` (the boot id) tell what made it, and `pid` the
    recorder.  `options` is a dict; `interval_ms` is one of them.  `ended_ms` and `why`
    are None while it records, and if it was killed.
    """

    __slots__ = (
        "began_ms",
        "boot",
        "ended_ms",
        "host",
        "id",
        "interval_ms",
        "kernel",
        "memc",
        "options",
        "pid",
        "why",
    )

    def __init__(self, row: tuple[Any, ...]) -> None:
        (self.id, self.memc, self.kernel, self.host, self.boot, self.pid, options,
         self.began_ms, self.ended_ms, self.why) = row  # fmt: skip
        self.options: dict[str, object] = facts_of(options)
        told = self.options.get("interval_ms")
        self.interval_ms = told if isinstance(told, int) and told > 0 else INTERVAL_MS

    def __repr__(self) -> str:
        """Show when it began, and why it ended."""
        return f"<Run {self.id} from {show_time(self.began_ms)}: {self.why}>"


class Segment:
    """A part of a recording that can be read alone: it begins with every process.

    `begin_ms` and `end_ms` are the times of its first and its last tick.  What the last
    tick saw holds until `until_ms`: until the next tick, if no gap follows.
    """

    __slots__ = ("began_ms", "begin_ms", "boot_ns", "end_ms", "id", "run", "until_ms")

    def __init__(
        self, row: tuple[int, int, int, int, int, int], runs: dict[int, Run]
    ) -> None:
        self.id, run, self.began_ms, self.boot_ns, self.begin_ms, self.end_ms = row
        self.run = runs[run]
        self.until_ms = self.end_ms

    def late_ms(self) -> float:
        """Return the longest time between two ticks that is no gap."""
        return LATE * self.run.interval_ms

    def since_boot_ms(self, t_ms: int) -> int:
        """Return how long after boot a time of this segment was."""
        return self.boot_ns // NS_PER_MS + t_ms - self.began_ms

    def __repr__(self) -> str:
        """Show its span."""
        span = f"{show_time(self.begin_ms)} to {show_time(self.end_ms)}"
        return f"<Segment {self.id}: {span}>"


class Gap:
    """A time between two ticks in which the recorder did not look, or could not write.

    `why` is "late", "suspended", "disk full", "reader" or "size", as its event says;
    "not recording" between two runs; "clock set" where the wall clock was set forward:
    then only the times are missing, and `length_ms`, which passed, is short.
    """

    __slots__ = ("begin_ms", "end_ms", "length_ms", "why")

    def __init__(self, begin_ms: int, end_ms: int, why: str, length_ms: int) -> None:
        self.begin_ms = begin_ms
        self.end_ms = end_ms
        self.why = why
        self.length_ms = length_ms

    def __str__(self) -> str:
        """Tell from when to when, and why."""
        span = f"from {show_time(self.begin_ms)} to {show_time(self.end_ms)}"
        return f"a gap {span} ({self.why})"

    def __repr__(self) -> str:
        """Show what it tells."""
        return f"<Gap: {self}>"


class Spans:
    """The segments of a recording that have a tick, in the order of recording."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        with reader.moment():
            runs = [Run(row) for row in reader.rows("select * from _run order by id")]
            rows = reader.rows(
                """select id, run, began_ms, boot_ns,
                (select min(t_ms) from _tick where segment=id) first_ms,
                (select max(t_ms) from _tick where segment=id) last_ms
                from _segment where first_ms is not null order by id"""
            )
        self.runs = runs
        known = {run.id: run for run in runs}
        self.segments = [Segment(row, known) for row in rows if row[1] in known]
        self.begin_ms = min((s.begin_ms for s in self.segments), default=None)
        self.end_ms = max((s.end_ms for s in self.segments), default=None)
        # The gap after a segment, by the number of the segment.
        self._after: dict[int, Gap] = {}
        for one, other in pairwise(self.segments):
            gap = self._border(one, other)
            if gap is not None:
                self._after[one.id] = gap

    def _border(self, one: Segment, other: Segment) -> Gap | None:
        """Return the gap between two segments; set until when the first holds."""
        began_ms = other.since_boot_ms(other.begin_ms)
        passed_ms = began_ms - one.since_boot_ms(one.end_ms)
        if one.run is not other.run:
            if one.run.boot != other.run.boot:
                passed_ms = other.begin_ms - one.end_ms
            return Gap(one.end_ms, other.begin_ms, "not recording", passed_ms)
        if passed_ms > one.late_ms():
            why = self._why(other, other.begin_ms)
            return Gap(one.end_ms, other.begin_ms, why, passed_ms)
        one.until_ms = one.end_ms + passed_ms
        if other.begin_ms <= one.until_ms + 1:
            return None
        return Gap(one.until_ms, other.begin_ms, "clock set", passed_ms)

    def gaps(self) -> list[Gap]:
        """Return all gaps, in the order of recording."""
        with self._reader.moment():
            return [gap for one in self.segments for gap in self.gaps_of(one)]

    def gaps_of(self, segment: Segment) -> list[Gap]:
        """Return the gaps in a segment, and the one after it."""
        sql = """select before_ms, t_ms from (select t_ms,
            lag(t_ms) over (order by t_ms) before_ms from _tick where segment=?)
            where t_ms - before_ms > ?"""
        rows = self._reader.rows(sql, (segment.id, segment.late_ms()))
        found = [self._gap(segment, begin_ms, end_ms) for begin_ms, end_ms in rows]
        after = self._after.get(segment.id)
        return found if after is None else [*found, after]

    def _gap(self, segment: Segment, begin_ms: int, end_ms: int) -> Gap:
        length_ms = end_ms - begin_ms
        return Gap(begin_ms, end_ms, self._why(segment, end_ms), length_ms)

    def _why(self, segment: Segment, end_ms: int) -> str:
        """Return why the ticks before a time are missing, as the event there says."""
        sql = """select t_ms, detail from _event
            where segment=? and kind='gap' and t_ms>=? order by t_ms limit 1"""
        for t_ms, detail in self._reader.rows(sql, (segment.id, end_ms)):
            facts = facts_of(detail)
            told_ms = facts.get("length_ms")
            if isinstance(told_ms, int) and t_ms - told_ms < end_ms:
                return str(facts.get("why", "late"))
        return "late"

    def between(self, begin_ms: int, end_ms: int) -> list[Segment]:
        """Return the segments in which something was seen between two times."""
        sql = "select 1 from _tick where segment=? and t_ms between ? and ? limit 1"
        found = []
        with self._reader.moment():
            for segment in self.segments:
                if segment.begin_ms > end_ms or segment.until_ms < begin_ms:
                    continue
                is_seen = begin_ms <= segment.begin_ms or self._holds(segment, begin_ms)
                values = segment.id, begin_ms, end_ms
                if is_seen or self._reader.row(sql, values):
                    found.append(segment)
        return found

    def _holds(self, segment: Segment, t_ms: int) -> bool:
        """Tell whether a time, in the span of a segment, is in none of its gaps."""
        seen_ms, next_ms = self._ticks(segment, t_ms)
        return seen_ms == t_ms or next_ms - seen_ms <= segment.late_ms()

    def find(self, t_ms: int) -> tuple[Segment, int]:
        """Return the newest segment that holds a time, and its last tick until then.

        Raises MemcError, with the gap or the span, if nothing was seen at that time.
        """
        found = self.seen(t_ms)
        if isinstance(found, tuple):
            return found
        raise MemcError(f"{self._reader.path}: {self._nothing(t_ms, found)}")

    def seen(self, t_ms: int) -> tuple[Segment, int] | Gap | None:
        """Return what `find` does; the gap if there is one, None if it is outside."""
        gap = None
        with self._reader.moment():
            for segment in reversed(self.segments):
                if not segment.begin_ms <= t_ms <= segment.until_ms:
                    continue
                seen_ms, next_ms = self._ticks(segment, t_ms)
                if seen_ms == t_ms or next_ms - seen_ms <= segment.late_ms():
                    return segment, seen_ms
                gap = gap or self._gap(segment, seen_ms, next_ms)
        after = [g for g in self._after.values() if g.begin_ms <= t_ms < g.end_ms]
        return gap or (after[-1] if after else None)

    def _ticks(self, segment: Segment, t_ms: int) -> tuple[int, int]:
        """Return the last tick until a time, and the next one; 0 if there is none."""
        sql = """select (select max(t_ms) from _tick where segment=:1 and t_ms<=:2),
            ifnull((select min(t_ms) from _tick where segment=:1 and t_ms>:2), 0)"""
        found = self._reader.row(sql, (segment.id, t_ms))
        if found is None or found[0] is None:
            raise MemcError(f"{self._reader.path}: that time was dropped meanwhile")
        return found[0], found[1]

    def _nothing(self, t_ms: int, gap: Gap | None) -> str:
        """Return words for a time at which nothing was seen."""
        if self.begin_ms is None or self.end_ms is None:
            return "nothing was recorded yet"
        words = f"nothing was recorded at {show_time(t_ms)}"
        if gap is not None:
            return f"{words}: there is {gap}"
        span = f"from {show_time(self.begin_ms)} to {show_time(self.end_ms)}"
        begin = "; +0s is its begin" if t_ms < self.begin_ms else ""
        return f"{words}: the recording goes {span}{begin}"
