"""A recording that is read, also while a recorder writes to it."""

from __future__ import annotations

import os
import time

from memc.errors import MemcError
from memc.files.recording.known import COLUMNS, RecordedProcess
from memc.files.recording.moment import Moment
from memc.files.recording.peaks import Between
from memc.files.recording.reader import Reader
from memc.files.recording.spans import Spans
from memc.files.recording.times import show_time, to_ms

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import Self, TypeAlias

    from memc.files.recording.spans import Gap, Run, Segment

    Time: TypeAlias = str | int | float | datetime

__all__ = ["Recording"]

NS_PER_MS = 1_000_000


class Recording:
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
        self._version: int | None = None
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
        where, values = ("", ()) if pid is None else (" where pid=?", (pid,))
        sql = f"select {COLUMNS} from _process p{where} order by id"
        return [RecordedProcess(row) for row in self._reader.rows(sql, values)]

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

    def close(self) -> None:
        """Close the file."""
        self._reader.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def __repr__(self) -> str:
        """Show the file and the span."""
        try:
            begin_ms, end_ms = self._span()
        except MemcError:
            return f"<Recording {self.path}>"
        return f"<Recording {self.path}: {show_time(begin_ms)} to {show_time(end_ms)}>"
