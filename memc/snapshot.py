"""Snapshots of one process and of all, and the two functions that take them."""

from __future__ import annotations

from memc.errors import ProcessGone
from memc.fields import DETAILS
from memc.region import Table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.region import Note

__all__ = [
    "Process",
    "Skipped",
    "Snapshot",
    "SystemSnapshot",
    "snapshot",
    "snapshot_all",
]

PID_MAX = 2**31 - 1  # pid_t


class Reading:
    """How a snapshot was taken: of whom, when, how, and at what cost."""

    __slots__ = (
        "bytes_read",
        "cost_ns",
        "detail",
        "longest_read_ns",
        "pid",
        "timestamp_ms",
        "total_rss_kb",
        "total_vsize_kb",
        "totals",
    )

    def __init__(self, pid: int, detail: str, timestamp_ms: int) -> None:
        self.pid = pid
        self.detail = detail
        self.timestamp_ms = timestamp_ms
        self.total_rss_kb: int | None = None
        self.total_vsize_kb: int | None = None
        self.totals: dict[str, int | None] = {}
        self.cost_ns = 0
        self.bytes_read = 0
        self.longest_read_ns = 0


class Snapshot(Table):
    """The regions of one process at one time.  Never changes.

    Beside what every Table has: `pid`; `timestamp_ms`, the Unix time at which reading
    began; `detail`, what was read; `total_rss_kb`, the sum over the regions where they
    carry it and else from statm, None when neither could tell; `total_vsize_kb`, the
    sum over the regions; `region_count`; `cost_ns`, how long it took; `bytes_read`
    from the kernel; and `longest_read_ns`, the longest that one read of smaps or
    smaps_rollup took, which is how long it may have held up the process (0 for other
    details).

    The details "totals" and "rollup" have no regions; `totals` has instead by name what
    status and statm tell ("rss_anon_kb", "rss_file_kb", "rss_shmem_kb", "swap_kb",
    "threads") and for "rollup" what smaps_rollup does ("pss_kb", "uss_kb"), None where
    the kernel does not say.  It is empty for the other details.

    Of one that ``memc.load`` read, `pid`, `timestamp_ms`, `cost_ns` and `bytes_read`
    are None where the file does not tell.
    """

    __slots__ = Reading.__slots__

    def __init__(self, table: Table, reading: Reading) -> None:
        super().__init__(len(table), table.columns, table.notes)
        for name in Reading.__slots__:
            setattr(self, name, getattr(reading, name))
        if not reading.totals and reading.total_vsize_kb is None:
            self.total_vsize_kb = sum(table.columns["size_kb"].values)

    if TYPE_CHECKING:
        bytes_read: int | None
        cost_ns: int | None
        detail: str
        longest_read_ns: int
        pid: int | None
        timestamp_ms: int | None
        total_rss_kb: int | None
        total_vsize_kb: int | None
        totals: dict[str, int | None]

    @property
    def region_count(self) -> int:
        """The number of regions."""
        return len(self)

    def to_json(self, *, pretty: bool = False, full: bool = False) -> bytes:
        """Return the JSON document, without a newline at its end."""
        from memc import document

        return document.dumps(document.of_snapshot(self, full=full), pretty=pretty)

    def write_json(self, fd: int, *, pretty: bool = False, full: bool = False) -> None:
        """Write the bytes of `to_json` to an open file; OSError when that fails."""
        from memc import document

        document.write_all(fd, self.to_json(pretty=pretty, full=full))

    def __repr__(self) -> str:
        """Tell whose it is and how large."""
        what = f"process {self.pid}: {len(self)} regions, {self.detail}"
        return f"<Snapshot of {what}{''.join(f', {n.code}' for n in self.notes)}>"


class Process:
    """A process that `snapshot_all` read; `name` is its comm.

    `uid` is its effective user; `cgroup` the path of its control group, if that was
    asked for: of the memory controller's where each controller has its own.  Both are
    None where nothing tells.
    """

    __slots__ = ("cgroup", "name", "pid", "snapshot", "uid")

    def __init__(
        self,
        pid: int,
        name: str,
        snapshot: Snapshot,
        *,
        uid: int | None = None,
        cgroup: str | None = None,
    ) -> None:
        self.pid = pid
        self.name = name
        self.snapshot = snapshot
        self.uid = uid
        self.cgroup = cgroup

    def __repr__(self) -> str:
        """Tell who it is and what was read."""
        return f"Process({self.pid}, {self.name!r}, {self.snapshot!r})"


class Skipped:
    """A process that `snapshot_all` could not read.

    `reason` is "denied" (no permission), "gone" (it ended) or "error" (anything else).
    """

    __slots__ = ("name", "pid", "reason")

    def __init__(self, pid: int, name: str, reason: str) -> None:
        self.pid = pid
        self.name = name
        self.reason = reason

    def __repr__(self) -> str:
        """Tell all three."""
        return f"Skipped({self.pid}, {self.name!r}, {self.reason!r})"


class SystemSnapshot:
    """Every process, in the order of their pids.  Never changes.

    `timestamp_ms` is the Unix time at which the scan began, `processes` a tuple of
    Process, and `skipped` a tuple of Skipped.  `notes` has a note where samples that
    were due before this one were left out; each snapshot has its own besides.
    `timestamp_ms` is None where ``memc.load`` read a copy of /proc.
    """

    __slots__ = ("__weakref__", "notes", "processes", "skipped", "timestamp_ms")

    def __init__(
        self,
        timestamp_ms: int | None,
        processes: tuple[Process, ...],
        skipped: tuple[Skipped, ...],
        notes: tuple[Note, ...] = (),
    ) -> None:
        self.timestamp_ms = timestamp_ms
        self.processes = processes
        self.skipped = skipped
        self.notes = notes

    def to_json(self, *, pretty: bool = False, full: bool = False) -> bytes:
        """Return the JSON document, without a newline at its end."""
        from memc import document

        return document.dumps(document.of_system(self, full=full), pretty=pretty)

    def write_json(self, fd: int, *, pretty: bool = False, full: bool = False) -> None:
        """Write the bytes of `to_json` to an open file; OSError when that fails."""
        from memc import document

        document.write_all(fd, self.to_json(pretty=pretty, full=full))

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Return all regions as a capsule of an Arrow stream; a new one a call.

        Each process is one array (record batch): the columns of its Table behind
        `pid`, `name`, `uid` and `cgroup`.  All have one schema, where a process lacks
        a column it is null, and a column of regions called like one of those four is
        "region_name".  The stream may outlive this.
        """
        from memc import _arrow

        del requested_schema
        return _arrow.stream(self)

    def __arrow_c_schema__(self) -> object:
        """Return the schema of the stream as a capsule."""
        from memc import _arrow

        return _arrow.schema(self)

    def __repr__(self) -> str:
        """Tell how many."""
        count = f"{len(self.processes)} processes, {len(self.skipped)} skipped"
        return f"<SystemSnapshot of {count}>"


def snapshot(
    pid: int,
    *,
    detail: str = "maps",
    proc: str = "/proc",
    max_stall_ms: int | None = None,
    last: Snapshot | None = None,
) -> Snapshot:
    """Read the memory of one process.

    `detail` says what is read: "maps" the layout alone; "rss" and "uss" what is
    resident too, gently; "smaps" every field, which holds up the process longer;
    "totals" no regions; "rollup" those and Pss.  `proc` is another root than /proc.

    With `max_stall_ms`, smaps or smaps_rollup of a process that it may hold up for
    longer is not read; "rss" or "totals" is instead, and a note says so.  How long is
    reckoned from its size, and from `last`, a snapshot of it taken before.

    Raises ProcessGone, AccessDenied, another ProcessError, or MemcError when `proc`
    itself is no good.
    """
    from memc._backend import backend

    check_pid(pid)
    check_detail(detail)
    check_stall(max_stall_ms)
    return backend().collect(pid, detail, proc, max_stall_ms=max_stall_ms, last=last)


def snapshot_all(
    *,
    detail: str = "maps",
    skip_kernel: bool = False,
    cgroups: bool = False,
    jobs: int | None = None,
    proc: str = "/proc",
    max_stall_ms: int | None = None,
) -> SystemSnapshot:
    """Read the memory of every process; `detail` and `max_stall_ms` as in `snapshot`.

    A process that cannot be read is among the `skipped`; only a `proc` that is no good
    raises (MemcError).  `skip_kernel` leaves out those that have no regions (kernel
    threads, zombies); `cgroups` reads the control group of each, too; `jobs` is how
    many threads read, None as many as there are CPUs.
    """
    from memc._backend import backend

    check_detail(detail)
    check_stall(max_stall_ms)
    if jobs is not None and jobs < 1:
        raise ValueError(f"jobs: expected 1 or more, not {jobs}")
    return backend().collect_all(
        detail,
        skip_kernel=skip_kernel,
        cgroups=cgroups,
        jobs=jobs,
        proc=proc,
        max_stall_ms=max_stall_ms,
    )


def check_pid(pid: int) -> None:
    """Raise unless `pid` is a number that a process may have."""
    if not isinstance(pid, int):
        raise TypeError(f"pid: expected an int, not {type(pid).__name__}")
    if pid < 1:
        raise ValueError(f"pid: expected 1 or more, not {pid}")
    if pid > PID_MAX:
        raise ProcessGone(f"process {pid}: no such process", pid)


def check_detail(detail: str) -> None:
    """Raise unless `detail` is one this package reads."""
    if detail not in DETAILS:
        choices = " or ".join(map(repr, DETAILS))
        raise ValueError(f"detail: expected {choices}, not {detail!r}")


def check_stall(max_stall_ms: int | None) -> None:
    """Raise unless `max_stall_ms` is a budget."""
    if max_stall_ms is not None and max_stall_ms < 1:
        raise ValueError(f"max_stall_ms: expected 1 or more, not {max_stall_ms}")
