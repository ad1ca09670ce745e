"""A recording that is read, also while a recorder writes to it."""

from __future__ import annotations

import os
import time

from memc.errors import MemcError
from memc.files.recording.carried import Carried
from memc.files.recording.course import Course
from memc.files.recording.growth import Growth
from memc.files.recording.history import History
from memc.files.recording.known import processes_of
from memc.files.recording.lives import gone
from memc.files.recording.moment import Moment
from memc.files.recording.peaks import Between
from memc.files.recording.reader import Reader
from memc.files.recording.series import Series
from memc.files.recording.snaps import THERE
from memc.files.recording.spans import Spans
from memc.files.recording.sql import TIMEOUT_S
from memc.files.recording.times import show_time, to_ms
from memc.human.amounts import duration
from memc.table.region import Shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from datetime import datetime
    from typing import Literal, Self, TypeAlias

    from memc.files.recording.known import RecordedProcess
    from memc.files.recording.spans import Gap, Run, Segment
    from memc.files.recording.sql import Cell
    from memc.human.picture import Picture
    from memc.table.snapshot import Snapshot

    Time: TypeAlias = str | int | float | datetime

__all__ = ["Recording"]

NS_PER_MS = 1_000_000
MS_S, YEAR_S = 0.001, 366 * 86400
FIRST_MS, LAST_MS = -1, (1 << 63) - 1  # before and after all that is recorded


class Recording(Shown):
    """A recording, open for reading.

    A recorder may go on writing to it: each call sees what was written until then.
    Times are a text such as "14:03", "2026-11-26T14:03:05" or "-10m" (before the end),
    Unix seconds, Unix milliseconds as all names with _ms have them, or a datetime.

    It is a context manager.  Raises MemcError if the file is no recording, and OSError
    if it cannot be opened.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = os.fspath(path)
        self._reader = Reader(self.path)
        self._version: tuple[int, int] | None = None
        self._spans: Spans | None = None

    def _look(self) -> Spans:
        """Return the spans; they are read again if somebody wrote meanwhile."""
        with self._reader.moment():
            version = self._reader.version()
            if self._spans is None or version != self._version:
                self._spans = Spans(self._reader)
                self._version = version
            return self._spans

    def _span(self) -> tuple[int, int]:
        spans = self._look()
        if spans.begin_ms is None or spans.end_ms is None:
            raise MemcError(f"{self.path}: nothing was recorded yet")
        return spans.begin_ms, spans.end_ms

    @property
    def begin_ms(self) -> int:
        """The Unix time of the first tick.  Raises MemcError if there is none yet."""
        return self._span()[0]

    @property
    def end_ms(self) -> int:
        """The Unix time of the last tick.  Raises MemcError if there is none yet."""
        return self._span()[1]

    @property
    def segments(self) -> tuple[Segment, ...]:
        """The parts that can be read alone, in the order of recording."""
        return tuple(self._look().segments)

    @property
    def runs(self) -> tuple[Run, ...]:
        """Each time that memc recorded into the file."""
        return tuple(self._look().runs)

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """The times between two ticks in which nothing was recorded."""
        return tuple(self._look().gaps())

    def processes(self, pid: int | None = None) -> list[RecordedProcess]:
        """Return all processes, or those that had a pid, in the order of their ids.

        A process has one for each program that it ran.
        """
        return processes_of(self._reader, pid)

    def to_ms(self, time_of: Time) -> int:
        """Return the Unix time in ms that is meant.

        Raises ValueError, with the forms, for a text or number that is no time.
        """
        return to_ms(time_of, *self._span(), time.time_ns() // NS_PER_MS)

    def at(self, time_of: Time) -> Moment:
        """Return what was recorded of a time: of the newest segment that holds it.

        Raises MemcError, with the gap or the span, if nothing was seen at that time.
        """
        with self._reader.moment():
            t_ms = self.to_ms(time_of)
            return Moment(self._reader, t_ms, *self._look().find(t_ms))

    def between(self, begin_ms: int, end_ms: int) -> Between:
        """Return what was recorded after one Unix time in ms, until another."""
        return Between(self._reader, self._look().segments, begin_ms, end_ms)

    def carried(self) -> Carried:
        """Return what goes through the recording from time to time."""
        return Carried(self._reader, self._look().segments)

    def known_by(self, table: Literal["_frame", "_held"]) -> set[int]:
        """Return the ids of the processes whose regions, or owners, were ever told."""
        there = THERE.replace("_usage", table)
        sql = f"with recursive {there} select process from there"
        found: set[int] = set()
        for segment in self.segments:
            found.update(n for (n,) in self._reader.rows(sql, (segment.id,)) if n)
        return found

    def snapshots(
        self, pid: int, begin: Time | None = None, end: Time | None = None
    ) -> Iterator[Snapshot]:
        """Yield the memory of a process: what holds at the begin, and each change.

        They are exactly what was read where frames were recorded, and totals where the
        process has none in a segment.  Raises as `usage` does.
        """
        history = self._history(begin, end, pid)
        snap = None
        for segment in history.segments:
            for snap in history.snapshots(segment):
                yield snap
        if snap is None:
            raise gone(self._reader, pid, "then")

    def usage(
        self,
        pid: int | None = None,
        begin: Time | None = None,
        end: Time | None = None,
        *,
        columns: Sequence[str] | None = None,
        step: str | float | None = None,
    ) -> Series:
        """Return what a process used, or all: a row where anything changed.

        A row holds until the next of its process, its end, or a gap: `gaps` has them.
        The first rows are those that hold at `begin`, and may be older.  With `columns`
        such as ["rss_kb"] it reads these amounts alone, in a third of the time.

        `step` is a time such as "1m", or seconds.  Then there is a row for each step in
        which a process was seen, with the largest amounts; its `t_ms` is the begin of
        the step.  A row without amounts begins a time in which nothing is known.

        Raises ProcessGone if the process did not live then, MemcError if nothing was
        recorded then, and ValueError for what is no time.
        """
        return self._history(begin, end, pid).usage(columns, _step_ms(step))

    def owners(
        self,
        pid: int | None = None,
        begin: Time | None = None,
        end: Time | None = None,
        *,
        owner: str | None = None,
        step: str | float | None = None,
    ) -> Series:
        """Return what owners held in a process, or in all; `owner` is the only one.

        A row holds until the next of its process and owner; one without regions says
        that the owner is gone.  All else is as in `usage`.
        """
        return self._history(begin, end, pid).owners(owner, _step_ms(step))

    def events(
        self,
        begin: Time | None = None,
        end: Time | None = None,
        *,
        pid: int | None = None,
        kind: str | None = None,
    ) -> Series:
        """Return what happened, of a process or of all; `kind` is the only kind."""
        return self._history(begin, end, pid, events=True).events(kind)

    def machine(self, begin: Time | None = None, end: Time | None = None) -> Series:
        """Return the memory of the machine at each tick."""
        return self._history(begin, end).machine()

    def growth(
        self,
        begin: Time | None = None,
        end: Time | None = None,
        *,
        by: str = "process",
        pid: int | None = None,
        among: Collection[int] | None = None,
    ) -> Growth:
        """Return what grew from one time to another: processes, or owners.

        Without times they are the begin and the end of the recording.  Raises MemcError
        if nothing was seen at one of them, and ProcessGone if the process `pid` did not
        live at the second.  With `among`, only processes with these ids count.
        """
        with self._reader.moment():
            spans = self._look()
            begin_ms, end_ms = self._span()
            times = (
                self.at(begin_ms if begin is None else begin),
                self.at(end_ms if end is None else end),
            )
            if times[0].t_ms > times[1].t_ms:
                raise ValueError("the begin is after the end")
            return Growth(self._reader, spans, times, by, pid, among=among)

    def course(
        self,
        begin_ms: int,
        end_ms: int,
        step_ms: int,
        of: Mapping[int, int],
        *,
        tell: Callable[[int, int], object] | None = None,
    ) -> Course:
        """Return how sums over processes went; `of` has the sum of each process id."""
        count = max(of.values(), default=-1) + 1
        with self._reader.moment():
            segments = self._look().between(begin_ms, end_ms)
            span = begin_ms, end_ms, step_ms
            return Course(self._reader, segments, span, of, count, tell=tell)

    def sql(
        self, text: str, values: tuple[Cell, ...] = (), *, timeout_s: float = TIMEOUT_S
    ) -> Series:
        """Return what a statement of SQL finds; `values` stand for its question marks.

        It asks the views of the recording.  Raises MemcError if the SQL is wrong, would
        do more than read, or takes longer than `timeout_s`.
        """
        answer = self._reader.run(text, values, timeout_s)
        return Series(answer.columns, answer.rows)

    def _history(
        self,
        begin: Time | None,
        end: Time | None,
        pid: int | None = None,
        *,
        events: bool = False,
    ) -> History:
        """Return what reads the rows of a process, or of all, between two times."""
        with self._reader.moment():
            spans = self._look()
            begin_ms = FIRST_MS if begin is None else self.to_ms(begin)
            end_ms = LAST_MS if end is None else self.to_ms(end)
            if begin_ms > end_ms:
                raise ValueError("the begin is after the end")
            segments = spans.between(begin_ms, end_ms)
            if not segments and not events:
                spans.find(begin_ms)  # raises MemcError, with the gap or the span
            history = History(self._reader, segments, begin_ms, end_ms)
            if pid is not None:
                history.choose(pid)
            return history

    def close(self) -> None:
        """Close the file."""
        self._reader.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def _picture(self) -> Picture:
        from memc.files.recording.pictures import of_recording

        return of_recording(self)

    def __repr__(self) -> str:
        """Show the file and the span."""
        try:
            begin_ms, end_ms = self._span()
        except MemcError:
            return f"<Recording {self.path}>"
        return f"<Recording {self.path}: {show_time(begin_ms)} to {show_time(end_ms)}>"


def _step_ms(step: str | float | None) -> int | None:
    """Return a step in ms: it is a text such as "1m", or seconds."""
    if step is None:
        return None
    try:
        seconds = duration(step) if isinstance(step, str) else step
    except ValueError:
        seconds = 0.0
    if isinstance(seconds, bool) or not MS_S <= seconds <= YEAR_S:
        raise ValueError(f'expected a step such as "1m", or seconds, not {step!r}')
    return round(seconds * 1000)
