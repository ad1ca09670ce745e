"""What a recording tells of one time."""

from __future__ import annotations

from memc.errors import MemcError, ProcessGone
from memc.files.recording.frames import decode, restore
from memc.files.recording.holding import Holding, holdings
from memc.files.recording.known import COLUMNS, RecordedProcess
from memc.files.recording.strings import Strings
from memc.files.recording.times import show_time
from memc.table.build import table
from memc.table.fields import TOTALS
from memc.table.snapshot import Process, Reading, Snapshot, SystemSnapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from memc.files.recording.reader import Reader
    from memc.files.recording.spans import Segment

__all__ = ["USAGE", "Moment", "frames", "totals"]

USAGE = "t_ms, rss_kb, vsize_kb, anon_kb, file_kb, shmem_kb, swap_kb, threads"
STATUS = tuple(name for name, _ in TOTALS[:15])  # as "totals" has them
# The newest row of each process until a time.  The primary key begins with segment and
# process: so each process takes two steps down the tree, and its other rows none.
ALL = f"""
with recursive there(process) as (
  select min(process) from _usage where segment=?1
  union all
  select (select min(process) from _usage where segment=?1 and process > there.process)
  from there where there.process is not null)
select {COLUMNS}, {USAGE} from there
join _usage u on u.segment=?1 and u.process=there.process and u.t_ms=(
  select max(t_ms) from _usage
  where segment=?1 and process=there.process and t_ms <= ?2)
join _process p on p.id=there.process"""
ONE = f"""
select {COLUMNS}, {USAGE} from _process p
join _usage u on u.segment=?1 and u.process=p.id and u.t_ms=(
  select max(t_ms) from _usage where segment=?1 and process=p.id and t_ms <= ?2)
where p.boot=?3 and p.pid=?4"""
FACTS = COLUMNS.count(",") + 1


class Moment:
    """The processes at one time of a recording: as the last tick until then saw them.

    `t_ms` is the time that was asked for, and `as_of_ms` that of the tick.
    """

    __slots__ = ("_reader", "as_of_ms", "segment", "t_ms")

    def __init__(
        self, reader: Reader, t_ms: int, segment: Segment, as_of_ms: int
    ) -> None:
        self._reader = reader
        self.t_ms = t_ms
        self.segment = segment
        self.as_of_ms = as_of_ms

    def processes(self) -> list[RecordedProcess]:
        """Return the processes that lived, in the order of their pids."""
        return [process for process, _ in self._alive(ALL)]

    def snapshot(self, pid: int, *, detail: str | None = None) -> Snapshot:
        """Return the memory of a process.

        It is exactly what was read, with all regions, if a frame of this process was
        recorded until then: its `timestamp_ms` tells when.  Otherwise, and with the
        detail "totals", it has no regions, and `as_of_ms` is the time of the row of
        usage; the amounts that are not recorded are None.

        Raises ProcessGone if the process did not live then.
        """
        with self._reader.moment():
            alive = self._alive(ONE, self.segment.run.boot, pid)
            if not alive:
                raise ProcessGone(self._gone(pid), pid)
            process, usage = alive[0]
            if detail != "totals":
                snap = self.frame(process)
                if snap is not None:
                    return snap
        return totals(process, usage, self.as_of_ms)

    def system(self, *, detail: str = "totals") -> SystemSnapshot:
        """Return the memory of all processes.

        With the detail "frames", each process that has a frame is as `snapshot` returns
        it; the others have totals.
        """
        with self._reader.moment():
            found = []
            for process, usage in self._alive(ALL):
                snap = None
                if detail == "frames":
                    snap = self.frame(process)
                snap = snap or totals(process, usage, self.as_of_ms)
                found.append(_with_facts(process, snap))
        return SystemSnapshot(self.as_of_ms, tuple(found), ())

    def owners(self, process: RecordedProcess) -> tuple[int, list[Holding]]:
        """Return what the owners in a process held, and when that was last told.

        The time is 0 if its owners were not read until then.
        """
        with self._reader.moment():
            segments = self._segments(process)
            return holdings(self._reader, segments, process.id, self.as_of_ms)

    def frame(self, process: RecordedProcess) -> Snapshot | None:
        """Return the newest frame of a process; None if there is none until then."""
        with self._reader.moment():
            times = self.as_of_ms, self.as_of_ms
            for segment in self._segments(process):
                for snap in frames(self._reader, segment, process, *times):
                    return snap
        return None

    def _segments(self, process: RecordedProcess) -> list[int]:
        """Return the segments in which a process lived until then, the newest first.

        A process that does not change is read once, perhaps in an earlier segment.
        """
        sql = """select id from _segment where id<=?
            and ifnull(ended_ms, ?2)>=?2 order by id desc"""
        rows = self._reader.rows(sql, (self.segment.id, process.first_ms))
        return [number for (number,) in rows]

    def _alive(
        self, sql: str, *more: object
    ) -> list[tuple[RecordedProcess, tuple[Any, ...]]]:
        """Return the processes that lived, with their rows of usage, by pid."""
        values = self.segment.id, self.as_of_ms, *more
        rows = self._reader.rows(sql, values)
        if not rows and not self._is_there():
            words = f"what was recorded at {show_time(self.t_ms)} was dropped meanwhile"
            raise MemcError(f"{self._reader.path}: {words}")
        found = [(RecordedProcess(row[:FACTS]), row[FACTS:]) for row in rows]
        alive = [one for one in found if not self._has_ended(one[0])]
        return sorted(alive, key=lambda one: one[0].pid)

    def _is_there(self) -> bool:
        sql = "select 1 from _tick where segment=? limit 1"
        return self._reader.row(sql, (self.segment.id,)) is not None

    def _has_ended(self, process: RecordedProcess) -> bool:
        """Tell whether a process was gone at the tick, or ran another program."""
        if process.last_segment != self.segment.id or process.last_ms is None:
            return False
        if process.last_ms != self.as_of_ms:
            return bool(process.last_ms < self.as_of_ms)
        # It was last seen at this tick: gone, unless only the recorder ended.
        sql = """select 1 from _event where segment=?1 and t_ms=?2
            and process=?3 and kind='ended'
            union all select 1 from _process where boot=?4 and pid=?5
            and start_ticks=?6 and exec>?7"""
        who = process.boot, process.pid, process.start_ticks, process.exec
        values = self.segment.id, self.as_of_ms, process.id, *who
        return self._reader.row(sql, values) is not None

    def _gone(self, pid: int) -> str:
        """Return words for a process that did not live."""
        sql = f"select {COLUMNS} from _process p where pid=? order by id"
        known = [RecordedProcess(row) for row in self._reader.rows(sql, (pid,))]
        if not known:
            return f"{self._reader.path}: no process {pid} was recorded"
        words = f"process {pid} did not live at {show_time(self.t_ms)}"
        lives = [_life(process) for process in known[-3:]]
        return f"{self._reader.path}: {words}: it lived {', and '.join(lives)}"

    def __repr__(self) -> str:
        """Show the time."""
        return f"<Moment of a recording: {show_time(self.t_ms)}>"


def frames(
    reader: Reader,
    segment: int,
    process: RecordedProcess,
    begin_ms: int,
    end_ms: int,
) -> Iterator[Snapshot]:
    """Yield the frames of a process: the one that holds at the begin, and all later."""
    sql = """select t_ms, base, meta, data from _frame
        where segment=?1 and process=?2 and t_ms<=?4 and t_ms>=ifnull(
        (select max(t_ms) from _frame
         where segment=?1 and process=?2 and t_ms<=?3 and base=1), 0)
        order by t_ms"""
    rows = reader.rows(sql, (segment, process.id, begin_ms, end_ms))
    strings = Strings(reader.db)
    frame = None
    for at, (_, base, meta, data) in enumerate(rows):
        frame = decode(None if base else frame, meta, data)
        is_before = at + 1 < len(rows) and rows[at + 1][0] <= begin_ms
        if not is_before:
            yield restore(frame, meta, strings, process.pid, process.start_ticks)


def totals(
    process: RecordedProcess, usage: tuple[Any, ...], timestamp_ms: int
) -> Snapshot:
    """Return the snapshot of a row of usage: its columns `USAGE`."""
    as_of_ms, rss_kb, vsize_kb, *amounts, threads = usage
    reading = Reading(process.pid, "totals", timestamp_ms)
    reading.name = process.name
    reading.started = process.start_ticks
    reading.as_of_ms = as_of_ms
    reading.total_rss_kb = rss_kb
    reading.total_vsize_kb = vsize_kb
    reading.totals = dict.fromkeys(STATUS)
    names = "rss_anon_kb", "rss_file_kb", "rss_shmem_kb", "swap_kb"
    reading.totals |= dict(zip(names, amounts, strict=True)) | {"threads": threads}
    return Snapshot(table(0, {}), reading)


def _with_facts(process: RecordedProcess, snap: Snapshot) -> Process:
    return Process(
        process.pid,
        process.name,
        snap,
        uid=process.uid,
        started=process.start_ticks,
        cgroup=process.cgroup,
        cmdline=process.cmdline,
    )


def _life(process: RecordedProcess) -> str:
    words = f"from {show_time(process.first_ms)}"
    if process.last_ms is not None:
        words += f" to {show_time(process.last_ms)}"
    return words
