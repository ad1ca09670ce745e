"""The two functions that take snapshots: of one process, and of all."""

from __future__ import annotations

from memc.read.backend import backend
from memc.read.options import Options, check_pid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.table.snapshot import Snapshot, SystemSnapshot

__all__ = ["snapshot", "snapshot_all"]


def snapshot(
    pid: int,
    *,
    detail: str = "maps",
    proc: str = "/proc",
    max_stall_ms: int | None = None,
    last: Snapshot | None = None,
) -> Snapshot:
    """Read the memory of one process.

    `detail` says what is read: "maps" the layout alone; "rss" and "uss" also what is
    resident, gently; "smaps" every field, which holds up the process longer; "totals"
    no regions; "rollup" those and Pss.  `proc` is another root than /proc.

    `max_stall_ms` is a budget: smaps or smaps_rollup is not read if it may hold up the
    process for longer.  "rss" or "totals" is read instead, and a note says so.  How
    long it may take is estimated from the size of the process, or from `last`, an
    earlier snapshot of it.

    Raises ProcessGone, AccessDenied or another ProcessError, and MemcError when `proc`
    itself cannot be read.
    """
    check_pid(pid)
    options = Options(detail, proc=proc, max_stall_ms=max_stall_ms)
    options.last = last
    return backend().collect(pid, options)


def snapshot_all(
    *,
    detail: str = "maps",
    skip_kernel: bool = False,
    cgroups: bool = False,
    cmdlines: bool = False,
    jobs: int | None = None,
    proc: str = "/proc",
    max_stall_ms: int | None = None,
) -> SystemSnapshot:
    """Read the memory of every process; `detail` and `max_stall_ms` as in `snapshot`.

    A process that cannot be read is among the `skipped`; only a `proc` that cannot be
    read raises MemcError.  `skip_kernel` leaves out processes that have no regions
    (kernel threads, zombies).  `cgroups` and `cmdlines` also read the control group and
    the command line of each process.  `jobs` is how many threads read; None means as
    many as there are CPUs.
    """
    options = Options(
        detail,
        proc=proc,
        max_stall_ms=max_stall_ms,
        skip_kernel=skip_kernel,
        cgroups=cgroups,
        cmdlines=cmdlines,
        jobs=jobs,
    )
    return backend().collect_all(options)
