"""What a recording tells of one time."""

from __future__ import annotations

from memc.errors import MemcError
from memc.files.recording.chain import Chain
from memc.files.recording.holding import Holding, all_holdings, holdings
from memc.files.recording.known import COLUMNS, RecordedProcess, check_pid
from memc.files.recording.lives import ended_ms, gone, lost_ms
from memc.files.recording.snaps import THERE, USAGE, besides, totals
from memc.files.recording.times import show_time
from memc.table.snapshot import Process, Snapshot, SystemSnapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeAlias

    from memc.files.recording.reader import Reader
    from memc.files.recording.snaps import Beside
    from memc.files.recording.spans import Segment

    # Processes, each with its columns `USAGE`.
    Living: TypeAlias = list[tuple[RecordedProcess, tuple[Any, ...]]]

__all__ = ["Moment"]

# The newest row of each process until a time.
ALL = f"""
with recursive {THERE}
select {COLUMNS}, {USAGE} from there
join _usage u on u.segment=:1 and u.process=there.process and u.t_ms=(
  select max(t_ms) from _usage
  where segment=:1 and process=there.process and t_ms <= :2 and t_ms > :3)
join _process p on p.id=there.process"""
ONE = f"""
select {COLUMNS}, {USAGE} from _process p
join _usage u on u.segment=:1 and u.process=p.id and u.t_ms=(
  select max(t_ms) from _usage
  where segment=:1 and process=p.id and t_ms <= :2 and t_ms > :3)
where p.boot=:4 and p.pid=:5"""
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
        return [process for process, _ in self.alive()]

    def snapshot(self, pid: int, *, detail: str | None = None) -> Snapshot:
        """Return the memory of a process.

        It is exactly what was read, with all regions, if a frame of this process was
        recorded until then: its `timestamp_ms` tells when.  Otherwise, and with the
        detail "totals", it has no regions, and `as_of_ms` is the time of the row of
        usage; the amounts that are not recorded are None.

        Raises ProcessGone if the process did not live then.
        """
        with self._reader.moment():
            alive = self.alive(pid)
            if not alive:
                raise gone(self._reader, pid, f"at {show_time(self.t_ms)}")
            process, usage = alive[0]
            if detail != "totals":
                snap = self.frame(process)
                if snap is not None:
                    return snap
            told = self._besides(process.id).get(process.id, [])
        return totals(process, usage, self.as_of_ms, told)

    def system(self, *, detail: str = "totals") -> SystemSnapshot:
        """Return the memory of all processes.

        With the detail "frames", each process that has a frame is as `snapshot` returns
        it; the others have totals.
        """
        found = tuple(process for _, process in self.living(detail=detail))
        return SystemSnapshot(self.as_of_ms, found, ())

    def living(
        self, *, detail: str = "totals"
    ) -> list[tuple[RecordedProcess, Process]]:
        """Return the processes as `system` has them, each with what is known of it."""
        found = []
        with self._reader.moment():
            told = self._besides()
            for process, usage in self.alive():
                snap = None
                if detail == "frames":
                    snap = self.frame(process)
                if snap is None:
                    beside = told.get(process.id, [])
                    snap = totals(process, usage, self.as_of_ms, beside)
                found.append((process, _with_facts(process, snap)))
        return found

    def _besides(self, process: int | None = None) -> dict[int, list[Beside]]:
        return besides(self._reader, self.segment.id, self.as_of_ms, process)

    def owners(self, process: RecordedProcess) -> tuple[int, list[Holding]]:
        """Return what the owners in a process held, and when that was last told.

        The time is 0 if its owners were not read until then.
        """
        with self._reader.moment():
            segments = self._segments(process)
            return holdings(self._reader, segments, process.id, self.as_of_ms)

    def all_owners(self) -> dict[int, list[Holding]]:
        """Return what the owners in each process held, by the id of the process."""
        return all_holdings(self._reader, self.segment.id, self.as_of_ms)

    def frame(
        self, process: RecordedProcess, chain: Chain | None = None
    ) -> Snapshot | None:
        """Return the newest frame of a process; None if there is none until then.

        With a `chain` that read an earlier one, it reads only what came since.
        """
        chain = chain or Chain(self._reader)
        with self._reader.moment():
            for segment in self._segments(process):
                snap = chain.snapshot(segment, process, self.as_of_ms)
                if snap is not None:
                    return snap
                if lost_ms(self._reader, segment, self.as_of_ms):
                    break  # what was before the gap may have changed in it
        return None

    def _segments(self, process: RecordedProcess) -> list[int]:
        """Return the segments of this run that a process lived in, the newest first.

        A process that does not change is read once, perhaps in an earlier segment.
        """
        sql = """select id from _segment where id<=:1 and run=:2
            and ifnull(ended_ms, :3)>=:3 order by id desc"""
        values = self.segment.id, self.segment.run.id, process.first_ms
        return [number for (number,) in self._reader.rows(sql, values)]

    def alive(self, pid: int | None = None) -> Living:
        """Return the processes that lived, or the one of a pid, with their usage."""
        check_pid(pid)
        lost = lost_ms(self._reader, self.segment.id, self.as_of_ms)
        values: tuple[object, ...] = (self.segment.id, self.as_of_ms, lost)
        if pid is None:
            rows = self._reader.rows(ALL, values)
        else:
            boot = self.segment.run.boot
            rows = self._reader.rows(ONE, (*values, boot, pid))
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
        end_ms = ended_ms(self._reader, self.segment, process)
        return end_ms is not None and end_ms <= self.as_of_ms

    def __repr__(self) -> str:
        """Show the time."""
        return f"<Moment of a recording: {show_time(self.t_ms)}>"


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
