"""The frames of one process, each of which says what differs from the one before."""

from __future__ import annotations

from memc.files.recording.frames import decode, restore
from memc.files.recording.strings import Strings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.files.recording.frames import Frame
    from memc.files.recording.known import RecordedProcess
    from memc.files.recording.reader import Reader
    from memc.table.snapshot import Snapshot

__all__ = ["Chain"]

# From the last whole frame on, or from one that is known.
SQL = """
select t_ms, base, meta, data from _frame
where segment=:1 and process=:2 and t_ms<=:3 and t_ms>=ifnull((
  select max(t_ms) from _frame
  where segment=:1 and process=:2 and t_ms<=:3 and (base=1 or t_ms=:4)), 0)
order by t_ms"""


class Chain:
    """Reads the frame that holds at a time; the last one makes a later one cheap."""

    def __init__(self, reader: Reader, strings: Strings | None = None) -> None:
        self._reader = reader
        self._strings = strings
        self._of: tuple[int, int] | None = None
        self._t_ms = -1
        self._frame: Frame | None = None
        self._snap: Snapshot | None = None

    def snapshot(
        self, segment: int, process: RecordedProcess, t_ms: int
    ) -> Snapshot | None:
        """Return what the newest frame of a segment has; None if there is none."""
        who = segment, process.id
        known_ms = self._t_ms if who == self._of else -1
        rows = self._reader.rows(SQL, (*who, t_ms, known_ms))
        if not rows:
            return None
        if rows[0][0] != known_ms:
            self._of, self._frame = who, None
        for at_ms, base, meta, data in rows:
            if at_ms == self._t_ms and self._frame is not None:
                continue
            self._frame = decode(None if base else self._frame, meta, data)
            self._t_ms, self._snap = at_ms, None
        if self._frame is not None and self._snap is None:
            strings = self._strings or Strings(self._reader.db)
            meta, started = rows[-1][2], process.start_ticks
            self._snap = restore(self._frame, meta, strings, process.pid, started)
        return self._snap
