"""The file of a recording that is shown, and what was read of it."""

from __future__ import annotations

import os

from memc.errors import MemcError
from memc.files.recording.noted import Noted
from memc.files.recording.past import before
from memc.files.recording.recording import Recording
from memc.proc.rights import words_of
from memc.top.replay_bar import bars_of
from memc.top.replay_details import Detailed
from memc.top.replay_lines import Lines, passed_ms

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.files.recording.moment import Moment
    from memc.files.recording.reader import Reader
    from memc.files.recording.spans import Gap, Spans
    from memc.targets.choice import Choice
    from memc.top.moment import Details, Tell

__all__ = ["RecordingFile"]

NS_PER_MS = 1_000_000
US_PER_MS = 1000
PERCENT = 100
MACHINE = """
select total_kb, available_kb, psi_some_us from _machine where segment=? and t_ms=?"""
# The kernel counts pressure every two seconds (PSI_FREQ in kernel/sched/psi.c), so that
# of one second would tell nothing: it is that of the last ten, as live.
PAST_MS = 10_000
FIRST = "select min(t_ms) from _machine where segment=? and t_ms>=? and t_ms<?"
COST = "select cost_ns from _tick where segment=? and t_ms=?"


class RecordingFile:
    """An open recording.

    Raises MemcError if it is none, nothing is in it yet, or it cannot be read.
    """

    def __init__(self, path: str, choice: Choice | None) -> None:
        self.path = path
        self._inode = _inode(path)
        try:
            self.recording = Recording(path)
        except OSError as error:
            raise MemcError(f"{path}: {words_of(error)}") from None
        self.reader: Reader = self.recording._reader
        try:
            self.span()
        except BaseException:
            self.close()
            raise
        self.noted = Noted(self.reader)
        self.lines = Lines(self.reader, choice)
        self._detailed = Detailed(self.reader)
        self._gaps: dict[tuple[int, int, bool], list[Gap]] = {}
        self._all_gaps: list[Gap] = []
        self._gaps_of: Spans | None = None
        self._map: tuple[Spans, str] | None = None

    def is_moved(self) -> bool:
        """Tell whether another file is at the path by now, or none."""
        return _inode(self.path) != self._inode

    def spans(self) -> Spans:
        """Return the spans, and know the events, until now."""
        spans = self.recording._look()
        if spans is not self._gaps_of:
            self.noted.refresh()
        return spans

    def span(self) -> tuple[int, int]:
        """Return the times of the first and the last tick."""
        return self.recording._span()

    def version(self) -> tuple[int, int]:
        """Return what changes when somebody writes to the file."""
        return self.reader.version()

    def gaps(self) -> list[Gap]:
        """Return the gaps.  Only those of segments that changed are read."""
        spans = self.recording._look()
        if spans is not self._gaps_of:
            known, self._gaps = self._gaps, {}
            for segment in spans.segments:
                about = segment.id, segment.end_ms, segment is spans.segments[-1]
                gaps = known.get(about)
                self._gaps[about] = spans.gaps_of(segment) if gaps is None else gaps
            self._all_gaps = [gap for gaps in self._gaps.values() for gap in gaps]
            self._gaps_of = spans
        return self._all_gaps

    def map(self, count: int) -> str:
        """Return so many bars of the memory in use, over the whole recording."""
        spans = self.recording._look()
        if self._map is None or self._map[0] is not spans or len(self._map[1]) != count:
            self._map = spans, bars_of(self, count)
        return self._map[1]

    def next_tick(self, t_ms: int, *, back: bool) -> int | None:
        """Return the next tick after a time, or the last one before it."""
        sql = "select {}(t_ms) from _tick where segment=? and t_ms{}?"
        sql = sql.format("max", "<") if back else sql.format("min", ">")
        best: int | None = None
        for segment in self.recording._look().segments:
            if back:
                is_out = segment.begin_ms >= t_ms or (best or 0) >= segment.end_ms
            else:
                is_out = segment.end_ms <= t_ms or (
                    best is not None and best <= segment.begin_ms
                )
            if is_out:
                continue
            row = self.reader.row(sql, (segment.id, t_ms))
            if row is not None and row[0] is not None:
                best = row[0] if best is None else (max if back else min)(best, row[0])
        return best

    def next_event(self, t_ms: int, *, back: bool) -> int | None:
        """Return when the next event was, or the last one before."""
        segments = self.recording._look().segments
        return self.noted.next_ms(segments, t_ms, back=back)

    def tell_machine(self, moment: Moment, tell: Tell) -> None:
        """Add what is known of the machine at a moment."""
        tick = moment.segment, moment.as_of_ms
        row = self.reader.row(MACHINE, (tick[0].id, tick[1]))
        if row is None:
            return
        tell.total_kb, tell.available_kb, some_us = row
        last = before(self.reader, self.recording._look(), *tick)
        passed = passed_ms(last, tick) if last is not None else 0
        if last is None or passed <= 0:
            return
        first = self.reader.row(FIRST, (tick[0].id, tick[1] - PAST_MS, tick[1]))
        begin = last if first is None or first[0] is None else (tick[0], first[0])
        then = self.reader.row(MACHINE, (begin[0].id, begin[1]))
        if then is not None and then[2] is not None and some_us is not None:
            waited = max(some_us - then[2], 0)
            share = waited * PERCENT / (passed_ms(begin, tick) * US_PER_MS)
            tell.psi_some = min(share, PERCENT)
        cost = self.reader.row(COST, (tick[0].id, tick[1]))
        if cost is not None and cost[0] is not None:
            tell.own_cpu = cost[0] * PERCENT / (passed * NS_PER_MS)

    def details(self, key: int, t_ms: int) -> Details:
        """Return the owners and regions of the process of a line, at a time."""
        with self.reader.moment():
            spans = self.recording._look()
            found = spans.seen(t_ms)
            process = self.lines.known.get(key)
            return self._detailed.of(spans, t_ms, found, process)

    def close(self) -> None:
        """Close it."""
        self.recording.close()


def _inode(path: str) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino
