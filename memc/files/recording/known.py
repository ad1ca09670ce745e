"""The processes that a recording knows, each with one program that it ran."""

from __future__ import annotations

from memc.files.recording.times import show_time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from memc.files.recording.reader import Reader

__all__ = ["COLUMNS", "RecordedProcess", "check_pid", "processes_of"]

COLUMNS = (
    "p.id, p.boot, p.pid, p.start_ticks, p.exec, p.ppid, p.uid, p.name, p.name_raw, "
    "p.cmdline, p.cgroup, p.first_ms, p.last_ms, p.last_segment"
)


class RecordedProcess:
    """A process of a recording, while it ran one program; exec begins another.

    - `pid`, `start_ticks` (since boot) and `boot` (the boot id) identify the process,
      and `exec` counts the programs that it began; `id` is its number in the recording;
    - `ppid`, `uid`, `name`, `cmdline` and `cgroup` are as they were when it was first
      seen; None if they could not be read;
    - `first_ms` is when it was first seen.  `last_ms` is when it was gone, or when the
      recorder ended; None if neither was recorded.
    """

    __slots__ = (
        "boot",
        "cgroup",
        "cmdline",
        "exec",
        "first_ms",
        "id",
        "last_ms",
        "last_segment",
        "name",
        "pid",
        "ppid",
        "start_ticks",
        "uid",
    )

    def __init__(self, row: tuple[Any, ...]) -> None:
        (self.id, self.boot, self.pid, self.start_ticks, self.exec, self.ppid,
         self.uid, self.name, raw, self.cmdline, self.cgroup, self.first_ms,
         self.last_ms, self.last_segment) = row  # fmt: skip
        if raw is not None:
            self.name = raw.decode("utf-8", "surrogateescape")

    def __repr__(self) -> str:
        """Show the pid, the name and when it was first seen."""
        return f"<process {self.pid} {self.name!r} from {show_time(self.first_ms)}>"


def processes_of(reader: Reader, pid: int | None) -> list[RecordedProcess]:
    """Return the processes that had a pid, None all, in the order of their ids."""
    check_pid(pid)
    where, values = ("", ()) if pid is None else (" where pid=?", (pid,))
    sql = f"select {COLUMNS} from _process p{where} order by id"
    return [RecordedProcess(row) for row in reader.rows(sql, values)]


def check_pid(pid: object) -> None:
    """Raise TypeError if it is neither a pid nor None: a name, for example."""
    if pid is not None and not isinstance(pid, int):
        raise TypeError(f"expected a pid, not {pid!r}: processes() tells the names")
