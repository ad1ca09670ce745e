"""Take snapshots, of one process and of all, and read one number."""

from __future__ import annotations

import os

from memc.read.backend import backend
from memc.read.options import Options, check_pid
from memc.table.snapshot import Snapshot, SystemSnapshot  # noqa: TC001 - for type hints

__all__ = ["rss_kb", "snapshot", "snapshot_all"]

DIGITS_MAX = 15  # of a number of pages
PAGE_KB = os.sysconf("SC_PAGE_SIZE") // 1024


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
    - "rss", "uss": also resident and swapped memory, without a long stall; "uss" also
      the memory that only this process maps;
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


def rss_kb(pid: int, *, proc: str = "/proc") -> int | None:
    """Return the resident memory of a process, in kB: the second number of statm.

    That is `total_rss_kb` of ``snapshot(pid, detail="totals")`` in a fifth of its time.
    Raises the errors of `snapshot`.
    """
    check_pid(pid)
    try:
        fd = os.open(f"{proc}/{pid}/statm", os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            pages = os.read(fd, 256).split(b" ", 2)[1]
        finally:
            os.close(fd)
    except (OSError, ValueError, IndexError):
        pages = b"0"
    if pages != b"0" and pages.isdigit() and len(pages) <= DIGITS_MAX:
        return int(pages) * PAGE_KB
    # It ended, its first thread did, or it has no memory: that takes a closer look.
    return snapshot(pid, detail="totals", proc=proc).total_rss_kb
