"""What grew in a recording between two times: processes, or owners of memory."""

from __future__ import annotations

from memc.errors import MemcError
from memc.files.recording.lives import ends_ms, lost_ms
from memc.files.recording.moment import Moment
from memc.files.recording.times import show_time
from memc.table.region import Shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from typing import TypeAlias

    from memc.files.recording.known import RecordedProcess
    from memc.files.recording.moment import Living
    from memc.files.recording.reader import Reader
    from memc.files.recording.spans import Segment, Spans
    from memc.human.picture import Picture

    # What grows: the number of a process, or the name of an owner.
    Key: TypeAlias = int | str

__all__ = ["Grew", "Growth"]

HOUR_MS = 3_600_000
POINTS = 24
HELD = """
select process, o.name, max(t_ms), rss_kb, regions
from _held h join _owner o on o.id=h.owner
where segment=? and t_ms <= ? and t_ms > ? group by process, owner"""
USED = """
select rss_kb from _usage where segment=? and process=? and t_ms <= ?
order by t_ms desc limit 1"""


class Grew:
    """How much one process or one owner grew: its resident memory.

    - `process` is a RecordedProcess, None if it is an owner; `owner` is its name, None
      if it is a process;
    - `before_kb` and `after_kb` are the amounts at the two times; None if it was not
      there, or if the amount is not known;
    - `growth_kb` is the difference; what was not there had 0;
    - `kb_per_hour` is the growth in an hour; None if the two times are the same.
    """

    __slots__ = (
        "_growth",
        "_key",
        "after_kb",
        "before_kb",
        "growth_kb",
        "kb_per_hour",
        "owner",
        "process",
    )

    def __init__(
        self,
        growth: Growth,
        key: Key,
        process: RecordedProcess | None,
        amounts_kb: tuple[int | None, int | None],
    ) -> None:
        self._growth = growth
        self._key = key
        self.process = process
        self.owner = key if isinstance(key, str) else None
        self.before_kb, self.after_kb = before_kb, after_kb = amounts_kb
        self.growth_kb = (after_kb or 0) - (before_kb or 0)
        hours = growth.passed_ms / HOUR_MS
        self.kb_per_hour = self.growth_kb / hours if hours else None

    @property
    def name(self) -> str:
        """The name of the process or of the owner."""
        return self.process.name if self.process is not None else str(self.owner)

    def points(self, count: int = POINTS) -> list[int | None]:
        """Read its amount at as many times, evenly from the first to the second.

        None where it was not there or nothing was seen.
        """
        return self._growth.points(self._key, count)

    def __repr__(self) -> str:
        """Show its name and its growth."""
        return f"<Grew: {self.name} {self.growth_kb:+} kB>"


class Growth(Shown):
    """What grew between two times: iteration gives the largest growth first.

    `by` is "process" or "owner".  `before` and `after` are the two Moments, and
    `passed_ms` is the time that went by.  What did not change is left out, and so is
    what the kernel tells no amount of.
    """

    def __init__(
        self,
        reader: Reader,
        spans: Spans,
        times: tuple[Moment, Moment],
        by: str,
        pid: int | None = None,
        *,
        among: Collection[int] | None = None,
    ) -> None:
        if by not in ("process", "owner"):
            raise ValueError(f'expected by="process" or "owner", not {by!r}')
        self._reader = reader
        self._spans = spans
        self._pid = pid
        self._among = among  # the numbers of the only processes that count
        self.by = by
        self.before, self.after = times
        self.passed_ms = _passed_ms(*times)
        alive = [self._alive(moment) for moment in times]
        known = {p.id: p for found in alive for p, _ in found}
        old, new = (
            {p.id: usage[1] for p, usage in found}
            if by == "process"
            else self._owners(moment.segment, moment.as_of_ms, {p.id for p, _ in found})
            for moment, found in zip(times, alive, strict=True)
        )
        every = [
            Grew(self, key, known.get(key), (old.get(key), new.get(key)))
            for key in {**old, **new}
        ]
        self._rows = [grew for grew in every if grew.growth_kb]
        self._rows.sort(key=lambda grew: -grew.growth_kb)

    def _alive(self, moment: Moment) -> Living:
        found = moment.alive(self._pid)
        if self._pid is not None and not found and moment is self.after:
            moment.snapshot(self._pid)  # raises ProcessGone, with words
        if self._among is not None:
            found = [one for one in found if one[0].id in self._among]
        return found

    def _owners(
        self, segment: Segment, t_ms: int, processes: Collection[int] | None
    ) -> dict[Key, int | None]:
        """Return what each owner held in some processes, None all that lived."""
        lost = lost_ms(self._reader, segment.id, t_ms)
        rows = self._reader.rows(HELD, (segment.id, t_ms, lost))
        if processes is None:
            ends = ends_ms(self._reader, segment, {row[0] for row in rows})
            gone = {number for number, end_ms in ends.items() if end_ms <= t_ms}
            rows = [row for row in rows if row[0] not in gone]
        else:
            rows = [row for row in rows if row[0] in processes]
        found: dict[Key, int | None] = {}
        for _, owner, _, kb, regions in rows:
            if regions and kb is not None:
                found[owner] = (found.get(owner) or 0) + kb
        return found

    def points(self, key: Key, count: int) -> list[int | None]:
        """Read the amount of a process or an owner at as many times, evenly."""
        if count < 2:
            raise ValueError(f"expected 2 points or more, not {count!r}")
        begin_ms, end_ms = self.before.t_ms, self.after.t_ms
        with self._reader.moment():
            return [
                self._point(key, begin_ms + (end_ms - begin_ms) * at // (count - 1))
                for at in range(count)
            ]

    def _point(self, key: Key, t_ms: int) -> int | None:
        try:
            segment, seen_ms = self._spans.find(t_ms)
        except MemcError:  # a gap
            return None
        if isinstance(key, int):
            if ends_ms(self._reader, segment, [key]).get(key, seen_ms + 1) <= seen_ms:
                return None
            row = self._reader.row(USED, (segment.id, key, seen_ms))
            return None if row is None else row[0]
        return self._owners(segment, seen_ms, self._who()).get(key)

    def lines(self, count: int = POINTS) -> list[dict[Key, int | None]]:
        """Read the amounts of all processes, or owners, at as many times.

        A key is the number of a process, or the name of an owner.  Nothing is known of
        what is in no dict.
        """
        begin_ms, end_ms = self.before.t_ms, self.after.t_ms
        step = max(count - 1, 1)
        found = []
        with self._reader.moment():
            for at in range(count):
                t_ms = begin_ms + (end_ms - begin_ms) * at // step
                found.append(self._line(t_ms))
        return found

    def _line(self, t_ms: int) -> dict[Key, int | None]:
        try:
            segment, seen_ms = self._spans.find(t_ms)
        except MemcError:  # a gap
            return {}
        if self.by == "owner":
            return self._owners(segment, seen_ms, self._who())
        moment = Moment(self._reader, t_ms, segment, seen_ms)
        return {process.id: usage[1] for process, usage in moment.alive(self._pid)}

    def _who(self) -> Collection[int] | None:
        """Return the numbers of the processes that count; None if all do."""
        return self._numbers() if self._pid is not None else self._among

    def told(self) -> set[int]:
        """Return the numbers of the processes whose owners had been read at first."""
        segment, t_ms = self.before.segment, self.before.as_of_ms
        lost = lost_ms(self._reader, segment.id, t_ms)
        rows = self._reader.rows(HELD, (segment.id, t_ms, lost))
        return {row[0] for row in rows if row[4]}

    def _numbers(self) -> set[int]:
        sql = "select id from _process where pid=?"
        return {number for (number,) in self._reader.rows(sql, (self._pid,))}

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Grew]:
        return iter(self._rows)

    def __getitem__(self, at: int) -> Grew:
        return self._rows[at]

    def _picture(self) -> Picture:
        from memc.files.recording.pictures import of_growth

        return of_growth(self)

    def __repr__(self) -> str:
        """Show the times and how many grew or shrank."""
        span = f"{show_time(self.before.t_ms)} to {show_time(self.after.t_ms)}"
        return f"<Growth by {self.by} from {span}: {len(self)} differ>"


def _passed_ms(before: Moment, after: Moment) -> int:
    """Return how long it was between two times, whatever happened to the clock."""
    old, new = before.segment, after.segment
    if old.run.boot != new.run.boot:
        return after.as_of_ms - before.as_of_ms
    return new.since_boot_ms(after.as_of_ms) - old.since_boot_ms(before.as_of_ms)
