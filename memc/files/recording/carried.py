"""What owners held, and which frames hold, at times that rise: each row is read once.

``Moment.owners`` and ``Moment.frame`` look through all segments before a time, as they
know of no other time.  Here a segment is read when it begins, and what it ended with is
carried into the next::

    segment 1 [ held, frames ]--carried--[ segment 2 ]--carried--[ segment 3
                                              ^ go      ^ go       ^ go
"""

from __future__ import annotations

from memc.errors import MemcError
from memc.files.recording.chain import Chain
from memc.files.recording.lives import lost_ms
from memc.files.recording.strings import Strings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, TypeAlias

    from memc.files.recording.known import RecordedProcess
    from memc.files.recording.reader import Reader
    from memc.files.recording.spans import Segment
    from memc.table.snapshot import Snapshot

    # The time, the owner and its name, then RSS, swap, PSS, USS, size and regions.
    Row: TypeAlias = tuple[Any, ...]
    Rows: TypeAlias = dict[int, Row]
    # The segment, the time of the row, and when its regions were read.
    Framed: TypeAlias = tuple[int, int, int]

__all__ = ["Carried"]

HELD = """select h.process, h.t_ms, o.id, o.name, rss_kb, swap_kb, pss_kb, uss_kb,
  size_kb, regions from _held h join _owner o on o.id=h.owner
  where segment=? order by h.t_ms"""
FRAMES = """select process, t_ms, case when json_valid(meta)
  then ifnull(json_extract(meta, '$.timestamp_ms'), 0) end
  from _frame where segment=? order by t_ms"""
FIRST = "select ifnull(min(t_ms), 0) from _tick where segment=?"
AMOUNTS, REGIONS = slice(3, 9), 8
ALL_MS = 1 << 62


class Carried:
    """The rows of a recording that hold at the time to which it went last."""

    def __init__(self, reader: Reader, segments: Sequence[Segment]) -> None:
        self._reader = reader
        self._segments = segments
        self._strings = Strings(reader.db)
        self._chains: dict[int, Chain] = {}
        self._begin(0)

    def _begin(self, run: int) -> None:
        """Begin a run: nothing is carried into it."""
        self._run = run
        self._segment = self._t_ms = self._first_ms = self._lost_ms = 0
        self._waiting: tuple[list[Row], list[Row]] = [], []
        self._held: dict[int, Rows] = {}
        self._framed: dict[int, Framed] = {}
        # What the segments before ended with; `_last` are told by the last of them.
        self._held_before: dict[int, tuple[int, Rows]] = {}
        self._framed_before: dict[int, Framed] = {}
        self._last: set[int] = set()

    def go(self, segment: Segment, t_ms: int) -> bool:
        """Go to a time of a segment.

        It is False, and nothing may be asked, where the clock was set back: then a
        later segment has earlier times.
        """
        run = segment.run.id
        same = [s for s in self._segments if s.run.id == run and s.id <= segment.id]
        if any(s.end_ms > t_ms for s in same if s.id < segment.id):
            return False
        now = self._segment, self._t_ms
        if self._run != run or now > (segment.id, t_ms):
            self._begin(run)
        for one in same:
            if one.id > self._segment:
                self._enter(one.id)
        self._advance(t_ms)
        return True

    def _enter(self, segment: int) -> None:
        if self._segment:
            self._end()
        self._segment, self._lost_ms = segment, 0
        first = self._reader.row(FIRST, (segment,))
        self._first_ms = first[0] if first else 0
        held = self._reader.rows(HELD, (segment,))[::-1]
        self._waiting = held, self._reader.rows(FRAMES, (segment,))[::-1]

    def _end(self) -> None:
        """End a segment: carry what it tells, and what holds since before it."""
        self._advance(ALL_MS)
        held = {}
        for process in {*self._held, *self._held_before}:
            told = self._walk(process)
            if told[1]:
                held[process] = told
        framed = {} if self._lost_ms else self._framed_before
        self._framed_before = framed | self._framed
        self._held_before, self._last = held, {*self._held}
        self._held, self._framed = {}, {}

    def _advance(self, t_ms: int) -> None:
        self._t_ms = t_ms
        held, frames = self._waiting
        while held and held[-1][1] <= t_ms:
            process, *row = held.pop()
            self._held.setdefault(process, {})[row[1]] = tuple(row)
        while frames and frames[-1][1] <= t_ms:
            process, at_ms, read_ms = frames.pop()
            if not isinstance(read_ms, int):
                words = "a frame of the recording is damaged: it tells no time"
                raise MemcError(words)
            self._framed[process] = self._segment, at_ms, read_ms
        lost = lost_ms(self._reader, self._segment, t_ms)
        if lost > self._lost_ms:
            self._lost_ms = lost
            for process, rows in [*self._held.items()]:
                left = {n: row for n, row in rows.items() if row[0] > lost}
                self._held[process] = left
                if not left:
                    del self._held[process]

    def told(self, process: int) -> list[Row]:
        """Return the owners that this segment tells, those that hold something."""
        return _holding(self._held.get(process, {}))

    def owners(self, process: int) -> tuple[int, list[Row]]:
        """Return the owners in a process, and when they were found so, 0 if never."""
        read_ms, rows = self._walk(process)
        return read_ms, _holding(rows)

    def _walk(self, process: int) -> tuple[int, Rows]:
        rows, before = self._held.get(process), self._held_before.get(process)
        if not rows:
            return (0, {}) if self._lost_ms or before is None else before
        read_ms = max(row[0] for row in rows.values())
        if read_ms > self._first_ms:
            return read_ms, rows
        amounts = _amounts(rows)
        is_next = process in self._last or not amounts
        if before is not None and is_next and _amounts(before[1]) == amounts:
            return before[0], rows  # this segment only tells it again
        return read_ms, rows

    def framed(self, process: int) -> Framed | None:
        """Return the newest frame of a process; None if there is none."""
        found = self._framed.get(process)
        if found is not None or self._lost_ms:
            return found
        return self._framed_before.get(process)

    def frame(self, process: RecordedProcess) -> Snapshot | None:
        """Return the regions of that frame; None if there is none."""
        framed = self.framed(process.id)
        if framed is None:
            return None
        chain = self._chains.get(process.id)
        if chain is None:
            chain = self._chains[process.id] = Chain(self._reader, self._strings)
        return chain.snapshot(framed[0], process, framed[1])


def _holding(rows: Rows) -> list[Row]:
    """Return the rows of owners that hold anything, by the number of the owner."""
    return [rows[number] for number in sorted(rows) if rows[number][REGIONS]]


def _amounts(rows: Rows) -> dict[int, tuple[Any, ...]]:
    """Return what each owner holds that holds anything."""
    return {n: row[AMOUNTS] for n, row in rows.items() if row[REGIONS]}
