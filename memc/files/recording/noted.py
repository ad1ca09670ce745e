"""The events of a recording that are few: limits crossed, kills, gaps and notes."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from memc.files.recording.told import facts_of, words_of
from memc.human.units import bare, safe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from memc.files.recording.reader import Reader
    from memc.files.recording.spans import Segment

__all__ = ["Event", "Noted"]

# Processes begin and end all the time: where nothing else happened, these count, too.
NOTED = "kind in ('over', 'under', 'oom', 'gap', 'note')"
SQL = f"""
select e.rowid, e.t_ms, e.process, p.pid, p.name, kind, detail
from _event e left join _process p on p.id=e.process
where e.rowid > ? and {NOTED} order by e.rowid"""
OTHER = """
select {}(t_ms) from _event
where segment=? and t_ms {} ? and kind in ('started', 'ended', 'exec')"""
AMOUNTS = {"most_kb": "", "least_kb": "", "most_percent": "%", "most": ""}


class Event:
    """What happened at a time, and to which process: its number, pid and name."""

    __slots__ = ("detail", "kind", "name", "pid", "process", "t_ms")

    def __init__(self, row: Sequence[Any]) -> None:
        self.t_ms, self.process, self.pid, self.name, self.kind, self.detail = row

    def words(self) -> str:
        """Return what happened, and to whom."""
        who = f"{self.name} {self.pid} " if self.pid is not None else ""
        if self.kind in ("over", "under"):
            return safe(f"{who}{self.kind} {self.limit()}")
        rest = words_of(self.kind, facts_of(self.detail), self.detail)
        return safe(f"{who}{self.kind}{': ' if rest else ''}{rest}")

    def limit(self) -> str:
        """Return the limit that was crossed, as an option: "--max-rss 1.00G"."""
        facts = facts_of(self.detail)
        words = f"--{facts.get('limit')}"
        for key, unit in AMOUNTS.items():
            most = facts.get(key)
            if isinstance(most, (int, float)):
                amount = bare(round(most)) if key.endswith("_kb") else f"{most:g}"
                return safe(f"{words} {amount}{unit}")
        return safe(words)

    def __repr__(self) -> str:
        """Show what happened."""
        return f"<Event at {self.t_ms}: {self.words()}>"


class Noted:
    """These events, in the order of time.  `refresh` reads those that came since."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._last = 0
        self._events: list[Event] = []
        self._times: list[int] = []

    def refresh(self) -> None:
        """Read those that were written since."""
        rows = self._reader.rows(SQL, (self._last,))
        if rows:
            self._last = rows[-1][0]
            self._events += [Event(row[1:]) for row in rows]
            self._events.sort(key=lambda event: event.t_ms)
            self._times = [event.t_ms for event in self._events]

    def over(self, t_ms: int) -> dict[int, str]:
        """Return which limits processes were over at a time, by their numbers."""
        limits: dict[int, dict[str, None]] = {}
        for event in self._events[: bisect_right(self._times, t_ms)]:
            if event.process is None or event.kind not in ("over", "under"):
                continue
            known = limits.setdefault(event.process, {})
            if event.kind == "over":
                known[event.limit()] = None
            else:
                known.pop(event.limit(), None)
        return {
            number: f"over {', '.join(known)}"
            for number, known in limits.items()
            if known
        }

    def nearest(self, t_ms: int) -> Event | None:
        """Return the event that is nearest to a time, the last one of its time."""
        at = bisect_right(self._times, t_ms)
        near = [i for i in (at - 1, at) if 0 <= i < len(self._times)]
        best = min(near, key=lambda i: abs(self._times[i] - t_ms), default=None)
        return None if best is None else self._events[best]

    def next_ms(self, segments: list[Segment], t_ms: int, *, back: bool) -> int | None:
        """Return when the next event after a time was, or `back` before; None if never.

        Where no such event was ever noted, it is one of a process that began or ended.
        """
        if not self._times:
            return self._other_ms(segments, t_ms, back=back)
        if back:
            at = bisect_left(self._times, t_ms) - 1
        else:
            at = bisect_right(self._times, t_ms)
        return self._times[at] if 0 <= at < len(self._times) else None

    def _other_ms(
        self, segments: list[Segment], t_ms: int, *, back: bool
    ) -> int | None:
        words = ("max", "<") if back else ("min", ">")
        for segment in reversed(segments) if back else segments:
            row = self._reader.row(OTHER.format(*words), (segment.id, t_ms))
            if row is not None and row[0] is not None:
                return int(row[0])
        return None
