"""The rows of a recording between two times, with those that hold at the first."""

from __future__ import annotations

import json
from operator import itemgetter

from memc.files.recording.known import processes_of
from memc.files.recording.lives import ends_ms, gone, lost_ms
from memc.files.recording.series import Series
from memc.files.recording.snaps import THERE, snapshots
from memc.files.recording.steps import Steps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from memc.files.recording.known import RecordedProcess
    from memc.files.recording.reader import Reader
    from memc.files.recording.spans import Segment
    from memc.table.snapshot import Snapshot

__all__ = ["EVENTS", "HELD", "MACHINE", "USAGE", "History"]

FRONT = ("t_ms", "pid", "name", "process")
USAGE = ("rss_kb", "vsize_kb", "anon_kb", "file_kb", "shmem_kb", "swap_kb", "minflt",
         "majflt", "threads", "state")  # fmt: skip
HELD = ("rss_kb", "swap_kb", "pss_kb", "uss_kb", "size_kb", "regions")
EVENTS = (*FRONT[:3], "kind", "detail", "process", "segment")
MACHINE = ("t_ms", "total_kb", "available_kb", "swap_free_kb", "shmem_kb", "oom_kill",
           "psi_some_us", "psi_full_us", "segment")  # fmt: skip
# The parameters are segments, processes, and the times between which rows are.  A row
# that is older than its segment was told in the one before too.  The cross joins keep
# SQLite from looking through the rows of all processes.
BETWEEN = """
select t_ms, u.process, {columns}, u.segment
from json_each(:1) s cross join _segment g on g.id=s.value
cross join {table} u on u.segment=s.value and {among}
and t_ms > :3 and t_ms <= :4 and t_ms >= g.began_ms"""
AMONG = "u.process in (select value from json_each(:2))"
ALL = ":2 is null"
# The rows of one segment that hold at a time.
USAGE_AT = """
with recursive {there}
select t_ms, u.process, {columns}, u.segment
from there cross join _usage u on u.segment=:1 and u.process=there.process
and u.t_ms=(select max(t_ms) from _usage
  where segment=:1 and process=there.process and t_ms <= :3 and t_ms > :4)"""
GIVEN = "there(process) as (select value from json_each(:2))"
HELD_AT = """
select max(t_ms), u.process, {columns}, u.segment
from _held u where u.segment=:1 and {among} and t_ms <= :3 and t_ms > :4
group by u.process, owner having regions > 0"""


class History:
    """Reads rows of some segments: what holds at `begin_ms`, and until `end_ms`."""

    def __init__(
        self, reader: Reader, segments: list[Segment], begin_ms: int, end_ms: int
    ) -> None:
        self._reader = reader
        self.segments = segments
        self._begin_ms = begin_ms
        self._end_ms = end_ms
        self._processes: list[RecordedProcess] | None = None
        self._ids: str | None = None
        self._among = ALL

    def choose(self, pid: int) -> None:
        """Read one process alone.  Raises ProcessGone if it was never recorded."""
        self._processes = processes_of(self._reader, pid)
        if not self._processes:
            raise gone(self._reader, pid, "")
        self._ids = json.dumps([process.id for process in self._processes])
        self._among = AMONG

    def snapshots(self, segment: Segment) -> list[Snapshot]:
        """Return what holds at the begin, and each change, of the one process."""
        span = self._begin_ms, self._end_ms
        with self._reader.moment():
            return [
                snap
                for process in self._processes or []
                for snap in snapshots(self._reader, segment, process, *span)
            ]

    def usage(
        self, columns: Sequence[str] | None = None, step_ms: int | None = None
    ) -> Series:
        """Return what processes used; `columns` are the only amounts to read."""
        wanted = USAGE if columns is None else tuple(columns)
        if {*wanted} - {*USAGE} or len({*wanted}) < len(wanted):
            raise ValueError(f"expected columns of {', '.join(USAGE)}, not {columns!r}")
        there = THERE if self._ids is None else GIVEN
        at = USAGE_AT.format(there=there, columns=",".join(wanted))
        rows = self._rows(at, "_usage", wanted)
        if not rows and self._processes:
            raise gone(self._reader, self._processes[0].pid, "then")
        if step_ms is not None:
            rows = self._steps(rows, step_ms, 2)
        return Series((*FRONT, *wanted, "segment"), rows, self._facts())

    def owners(self, owner: str | None = None, step_ms: int | None = None) -> Series:
        """Return what owners held in processes; `owner` is the only one, None all."""
        columns = "owner", *HELD
        at = HELD_AT.format(among=self._among, columns=",".join(columns))
        rows = self._rows(at, "_held", columns)
        names = dict(self._reader.rows("select id, name from _owner"))
        rows = [(*row[:2], names.get(row[2]), *row[3:]) for row in rows]
        if owner is not None:
            rows = [row for row in rows if row[2] == owner]
        if step_ms is not None:
            rows = self._steps(rows, step_ms, 3)
        return Series((*FRONT, *columns, "segment"), rows, self._facts())

    def _steps(
        self, rows: list[tuple[Any, ...]], step_ms: int, key: int
    ) -> list[tuple[Any, ...]]:
        steps = Steps(self._reader, self.segments, step_ms, key)
        return steps.of(rows, self._begin_ms, self._end_ms)

    def _rows(
        self, at: str, table: str, columns: tuple[str, ...]
    ) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = []
        first, *_ = self.segments
        for segment in self.segments:
            if segment is first or segment.begin_ms <= self._begin_ms:
                # Before its first tick are only rows that are older than the segment.
                t_ms = max(self._begin_ms, segment.begin_ms - 1)
                rows += self._holding(segment, at, min(t_ms, self._end_ms))
        sql = BETWEEN.format(columns=",".join(columns), table=table, among=self._among)
        ids = json.dumps([segment.id for segment in self.segments])
        values = ids, self._ids, self._begin_ms, self._end_ms
        is_sorted = (
            self._processes is not None and len(self._processes) < 2 and not rows
        )
        rows += self._reader.rows(sql, values)
        if not is_sorted:
            rows.sort(key=itemgetter(-1, 0))
        return rows

    def _holding(self, segment: Segment, at: str, t_ms: int) -> list[tuple[Any, ...]]:
        """Return the rows that hold at a time, of processes that lived then."""
        lost = lost_ms(self._reader, segment.id, t_ms)
        rows = self._reader.rows(at, (segment.id, self._ids, t_ms, lost))
        if not rows:
            return []
        ends = ends_ms(self._reader, segment, {row[1] for row in rows})
        return [row for row in rows if ends.get(row[1], t_ms + 1) > t_ms]

    def _facts(self) -> dict[int | None, tuple[int | None, str | None]]:
        """Return pid and name of each process, as the views tell them."""
        rows = self._reader.rows("select id, pid, name from _process")
        return {number: (pid, name) for number, pid, name in rows}

    def events(self, kind: str | None = None) -> Series:
        """Return what happened; `kind` is the only kind to tell, None all."""
        sql = f"""select e.t_ms, p.pid, p.name, kind, detail, e.process, e.segment
            from _event e left join _process p on p.id=e.process
            where ({self._among.replace("u.", "e.")}) and t_ms >= :1 and t_ms <= :3
            and (:4 is null or kind=:4) order by e.segment, e.t_ms, e.rowid"""
        values = self._begin_ms, self._ids, self._end_ms, kind
        return Series(EVENTS, self._reader.rows(sql, values))

    def machine(self) -> Series:
        """Return the memory of the machine at each tick."""
        sql = f"""select {",".join(MACHINE)} from json_each(:1) s
            cross join _machine m on m.segment=s.value and t_ms >= :2 and t_ms <= :3
            order by m.segment, t_ms"""
        ids = json.dumps([segment.id for segment in self.segments])
        values = ids, self._begin_ms, self._end_ms
        return Series(MACHINE, self._reader.rows(sql, values))
