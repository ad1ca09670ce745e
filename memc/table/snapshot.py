"""Snapshots of one process and of all of them."""

from __future__ import annotations

from memc.table.columns import Columns
from memc.table.fields import CORE
from memc.table.region import LongDocument, Table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from memc.human.picture import Picture
    from memc.table.document import Json
    from memc.table.region import Note

__all__ = ["Process", "Reading", "Skipped", "Snapshot", "SystemSnapshot"]


class Reading:
    """How a snapshot was taken: of which process, when, how, and at what cost.

    The attributes are described in Snapshot, which gets all of them but two:
    `has_memory` tells whether the kernel told of memory, and `by_smaps`, for the detail
    "pss", whether smaps is short enough to be read.
    """

    KEPT = (
        "as_of_ms",
        "bytes_read",
        "cost_ns",
        "detail",
        "longest_read_ns",
        "name",
        "pid",
        "same_memory_as",
        "started",
        "timestamp_ms",
        "total_rss_kb",
        "total_vsize_kb",
        "totals",
    )
    __slots__ = (*KEPT, "by_smaps", "has_memory")

    def __init__(
        self, pid: int | None, detail: str, timestamp_ms: int | None = None
    ) -> None:
        self.pid = pid
        self.name: str | None = None
        self.started: int | None = None
        self.detail = detail
        self.timestamp_ms = timestamp_ms
        self.total_rss_kb: int | None = None
        self.total_vsize_kb: int | None = None
        self.totals: dict[str, int | None] = {}
        self.cost_ns: int | None = None
        self.bytes_read: int | None = None
        self.longest_read_ns = 0
        self.has_memory = False
        self.by_smaps = False
        self.same_memory_as: int | None = None
        self.as_of_ms: int | None = None

    def count(self, data: bytes) -> None:
        """Add the size of data that was read to `bytes_read`."""
        self.bytes_read = (self.bytes_read or 0) + len(data)


class Snapshot(Table):
    """The regions of one process at one time.  memc never changes one that it made.

    A Snapshot is a Table with these attributes:

    - `pid`, `name` (the comm) and `started` (ticks since boot, field 22 of
      /proc/PID/stat): they identify the process, even if its pid is used again;
    - `timestamp_ms`: the Unix time at which memc began to read;
    - `as_of_ms`: the Unix time of the earlier reading that this snapshot tells again,
      because no thread of the process has run since; None if it was read now;
    - `detail`: what was read;
    - `total_rss_kb`: the sum over the regions if all of them have it, otherwise from
      statm or status; None if none has it, and in a snapshot that is cut;
    - `total_vsize_kb`: mapped memory, as VmSize in status.  It is the sum over the
      regions but [vsyscall], a page of the kernel; without regions it comes from statm
      or status.  None in a snapshot that is cut;
    - `region_count`: the number of regions;
    - `same_memory_as`: the pid of a process that has the same memory and whose snapshot
      tells it; then this one has no regions and no totals.  None if there is no such
      process among those that were read;
    - `cost_ns`, `bytes_read`: how long memc read, and how much the kernel printed;
    - `longest_read_ns`: the time of the longest read of smaps or smaps_rollup.  The
      process may have waited so long.  It is 0 for other details.

    The details "totals" and "rollup" have no regions, but a dict `totals`.  It holds
    "rss_anon_kb", "rss_file_kb", "rss_shmem_kb", "hugetlb_kb", "swap_kb", "threads",
    "peak_rss_kb", "page_tables_kb", "locked_kb", "peak_vsize_kb", "pinned_kb",
    "data_kb", "stack_kb", "text_kb" and "library_kb" from status; with "rollup" also
    "pss_kb" and "uss_kb", and "swap_kb", from smaps_rollup.  A value is None if the
    kernel did not give it; so is "swap_kb" from status while the machine has swap in
    use.  `totals` is empty for other details.

    In a snapshot from ``memc.load``, an attribute is None if the file does not have it.
    """

    __slots__ = Reading.KEPT

    def __init__(
        self, table: Table, reading: Reading, notes: tuple[Note, ...] | None = None
    ) -> None:
        super().__init__(
            len(table), table.columns, table.notes if notes is None else notes
        )
        for name in Reading.KEPT:
            setattr(self, name, getattr(reading, name))
        is_known = not any(note.code == "cut" for note in self.notes)
        is_known = is_known and reading.same_memory_as is None
        if is_known and not reading.totals and reading.total_vsize_kb is None:
            from memc.table.amounts import mapped_kb  # the C core tells it

            self.total_vsize_kb = mapped_kb(table)

    if TYPE_CHECKING:
        as_of_ms: int | None
        bytes_read: int | None
        cost_ns: int | None
        detail: str
        longest_read_ns: int
        name: str | None
        pid: int | None
        same_memory_as: int | None
        started: int | None
        timestamp_ms: int | None
        total_rss_kb: int | None
        total_vsize_kb: int | None
        totals: dict[str, int | None]

    @property
    def region_count(self) -> int:
        """The number of regions."""
        return len(self)

    def shared_with(self, pid: int) -> Snapshot:
        """Return an empty snapshot for one whose memory process `pid` has too."""
        reading = Reading(self.pid, self.detail)
        for name in Reading.KEPT:
            setattr(reading, name, getattr(self, name))
        reading.total_rss_kb = reading.total_vsize_kb = None
        reading.totals = dict.fromkeys(self.totals)
        reading.same_memory_as = pid
        reading.as_of_ms = None
        names = tuple(name for name in self.columns if name in CORE)
        columns = Columns(names, lambda name: self.columns[name].none())
        return Snapshot(Table(0, columns), reading)

    def _document(self, *, full: bool, whole: bool) -> dict[str, Json]:
        from memc.table import document

        return document.of_snapshot(self, full=full, whole=whole)

    def _picture(self) -> Picture:
        from memc.table import pictures

        return pictures.of_snapshot(self)

    def __reduce__(self) -> tuple[object, ...]:
        """Let copy and pickle make a Snapshot in the memory of Python."""
        names = ("_rows", "columns", "notes", *Reading.KEPT)
        return _restored(Snapshot, self, names)

    def __repr__(self) -> str:
        """Show the process, the number of regions, the detail and the notes."""
        what = f"process {self.pid}: {len(self)} regions, {self.detail}"
        return f"<Snapshot of {what}{''.join(f', {n.code}' for n in self.notes)}>"


class Process(LongDocument):
    """A process that `snapshot_all` read.

    - `pid`, `started` (ticks since boot) and `name` (the comm) identify the process.
    - `uid` is its effective user.
    - `cgroup` is the path of its control group; of the memory controller's group, if
      each controller has its own.
    - `cmdline` is its command line, with a blank between the arguments; "" if it has
      none.

    `started` and `uid` are None if they could not be read.  `cgroup` and `cmdline` are
    None also if nobody asked for them.
    """

    __slots__ = ("cgroup", "cmdline", "name", "pid", "snapshot", "started", "uid")
    LONG = "snapshot"

    def __init__(
        self,
        pid: int,
        name: str,
        snapshot: Snapshot,
        *,
        uid: int | None = None,
        started: int | None = None,
        cgroup: str | None = None,
        cmdline: str | None = None,
    ) -> None:
        self.pid = pid
        self.name = name
        self.snapshot = snapshot
        self.uid = uid
        self.started = started
        self.cgroup = cgroup
        self.cmdline = cmdline

    def shared_with(self, pid: int) -> Process:
        """Return the process with a snapshot that names the one of this memory."""
        return Process(
            self.pid,
            self.name,
            self.snapshot.shared_with(pid),
            uid=self.uid,
            started=self.started,
            cgroup=self.cgroup,
            cmdline=self.cmdline,
        )

    def _document(self, *, full: bool, whole: bool) -> dict[str, Json]:
        from memc.table import document

        return document.of_process(self, full=full, whole=whole)

    def _picture(self) -> Picture:
        from memc.table import pictures

        return pictures.of_process(self)

    def __repr__(self) -> str:
        """Show the pid, the name and the snapshot."""
        return f"Process({self.pid}, {self.name!r}, {self.snapshot!r})"


class Skipped:
    """A process that `snapshot_all` could not read.

    `reason` is "denied" (no permission), "gone" (it ended) or "error" (anything else).
    `text` says it in words, with the file and what would help; "" if that is not known.
    """

    __slots__ = ("name", "pid", "reason", "text")

    def __init__(self, pid: int, name: str, reason: str, text: str = "") -> None:
        self.pid = pid
        self.name = name
        self.reason = reason
        self.text = text

    def __repr__(self) -> str:
        """Show pid, name and reason."""
        return f"Skipped({self.pid}, {self.name!r}, {self.reason!r})"


class SystemSnapshot(LongDocument):
    """All processes, in the order of their pids.  memc never changes one that it made.

    - `timestamp_ms` is the Unix time at which memc began to read; None if ``memc.load``
      read a copy of /proc.
    - `processes` is a tuple of Process.
    - `skipped` is a tuple of Skipped.
    - `notes` has a note "late" if samples before this one were left out.  Each snapshot
      has its own notes.
    - `unread` names the attributes of Process that are None for every process: nobody
      asked for them, such as "cgroup", or the file does not have them.
    """

    __slots__ = (
        "__weakref__",
        "notes",
        "processes",
        "skipped",
        "timestamp_ms",
        "unread",
    )
    LONG = "processes"

    def __init__(
        self,
        timestamp_ms: int | None,
        processes: tuple[Process, ...],
        skipped: tuple[Skipped, ...],
        notes: tuple[Note, ...] = (),
        unread: tuple[str, ...] = (),
    ) -> None:
        self.timestamp_ms = timestamp_ms
        self.processes = processes
        self.skipped = skipped
        self.notes = notes
        self.unread = unread

    def _document(self, *, full: bool, whole: bool) -> dict[str, Json]:
        from memc.table import document

        return document.of_system(self, full=full, whole=whole)

    def _picture(self) -> Picture:
        from memc.table import pictures

        return pictures.of_system(self)

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Return all regions as a new capsule of an Arrow stream.

        Each process is one array (record batch): `pid`, `name`, `uid`, `cgroup`,
        `started` and `cmdline`, then the columns of its Table.  All arrays have the
        same schema; a column that a process lacks is null.  Snapshots of totals have
        no regions: each process is one row, with `total_rss_kb`, `total_vsize_kb` and
        the `totals` instead of the columns of a Table.  The metadata of the fields
        `cgroup` and `cmdline` says "not read" if nobody asked for them.  If a column of
        regions has the name of one of these six, it becomes "region_NAME".  The stream
        may outlive this object.  `requested_schema` is ignored.
        """
        from memc.table import arrow

        del requested_schema
        return arrow.system_stream(self)

    def __arrow_c_schema__(self) -> object:
        """Return the schema of the stream as a capsule."""
        from memc.table import arrow

        return arrow.system_schema(self)

    def __reduce__(self) -> tuple[object, ...]:
        """Let copy and pickle make a SystemSnapshot in the memory of Python."""
        return _restored(SystemSnapshot, self, SystemSnapshot.__slots__[1:])

    def __repr__(self) -> str:
        """Show how many processes were read and skipped."""
        count = f"{len(self.processes)} processes, {len(self.skipped)} skipped"
        return f"<SystemSnapshot of {count}>"


def _restored(kind: type, made: object, names: Iterable[str]) -> tuple[object, ...]:
    """Return what copy and pickle need to make an object with these attributes."""
    return _blank, (kind,), (None, {name: getattr(made, name) for name in names})


def _blank(kind: type) -> object:
    return object.__new__(kind)
