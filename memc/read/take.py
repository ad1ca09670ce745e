"""The two functions that take snapshots: of one process, and of all."""

from __future__ import annotations

from memc.read.backend import backend
from memc.read.options import Options, check_pid
from memc.table.snapshot import Snapshot, SystemSnapshot  # noqa: TC001 - for type hints

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

    `detail` says what to read:

    - "maps": the layout;
    - "rss", "uss", "pss": also resident and swapped memory, without a long stall; "uss"
      also the memory that only this process maps; "pss" also PSS, which only root can
      learn of a large process;
    - "smaps": every field, which can stall a large process;
    - "totals": no regions, only totals; "rollup": also PSS and USS.

    `proc` is another root than /proc.  `max_stall_ms` is a limit: if smaps or
    smaps_rollup may stall the process for longer, memc reads "rss" or "totals" instead,
    and a note says so.  The stall is estimated from the size of the process, or from
    `last`, an earlier snapshot of the process.

    Raises ProcessGone, AccessDenied or another ProcessError, and MemcError if `proc`
    itself cannot be read.  Wrong arguments raise TypeError or ValueError.
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

    `skip_kernel` leaves out processes that have no memory of their own (kernel threads,
    zombies).  `cgroups` and `cmdlines` also read the control group and the command line
    of each process.  `jobs` is the number of threads that read; None means the number
    of CPUs that memc may use.

    A process that cannot be read is in `skipped`.  Raises MemcError if `proc` itself
    cannot be read, and ValueError for wrong arguments.
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
