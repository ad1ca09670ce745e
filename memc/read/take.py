"""Take snapshots, of one process and of all, and read one number."""

from __future__ import annotations

import os

from memc.read.backend import backend
from memc.read.options import MAX_AGE_MS, Options, check_pid, check_snapshot
from memc.table.snapshot import Snapshot, SystemSnapshot

__all__ = ["rss_kb", "snapshot", "snapshot_all"]

DIGITS_MAX = 15  # of a number of pages
SPARE: dict[str, Options] = {}  # by detail, for a call that names nothing else
PAGE_KB = os.sysconf("SC_PAGE_SIZE") // 1024


def snapshot(
    pid: int,
    *,
    detail: str = "maps",
    proc: str = "/proc",
    max_stall_ms: int | None = None,
    last: Snapshot | None = None,
    after: Snapshot | None = None,
    keep_open: bool = False,
    max_age_ms: int = MAX_AGE_MS,
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

    `after` is the last snapshot of the process, made with the same arguments and with
    `keep_open` or `after`.  If no thread of the process has run since `after` was read,
    the result tells the same again: its `as_of_ms` is the time of that reading, and it
    has a note "as_of".  Otherwise, and if that reading is older than `max_age_ms`, the
    process is read.  Other processes can change amounts meanwhile, such as PSS, so
    `max_age_ms` limits how old they may be.  With `keep_open` or `after`, the snapshot
    keeps open files, one for each thread and one more; they are closed when the process
    is found to have run, or with the last snapshot that has them.

    Raises ProcessGone, AccessDenied or another ProcessError, and MemcError if `proc`
    itself cannot be read.  Wrong arguments raise TypeError or ValueError.
    """
    check_pid(pid)
    check_snapshot("last", last, Snapshot)
    check_snapshot("after", after, Snapshot)
    is_first = last is None and after is None and not keep_open
    is_plain = is_first and max_stall_ms is None and max_age_ms is MAX_AGE_MS
    if is_plain and proc == "/proc" and isinstance(detail, str):
        return _plain(pid, detail)
    options = Options(
        detail,
        proc=proc,
        max_stall_ms=max_stall_ms,
        keep_open=keep_open,
        max_age_ms=max_age_ms,
        after=after,
    )
    options.last = last
    return backend().collect(pid, options)


def _plain(pid: int, detail: str) -> Snapshot:
    """Read a process with options that no other thread uses meanwhile."""
    options = SPARE.pop(detail, None)
    if options is None:
        options = Options(detail)
        options.is_reused = True
    snap = backend().collect(pid, options)
    SPARE[detail] = options
    return snap


def snapshot_all(  # noqa: PLR0913 - keyword-only, and a call names few
    *,
    detail: str = "maps",
    skip_kernel: bool = False,
    cgroups: bool = False,
    cmdlines: bool = False,
    jobs: int | None = None,
    proc: str = "/proc",
    max_stall_ms: int | None = None,
    after: SystemSnapshot | None = None,
    keep_open: bool = False,
    max_age_ms: int = MAX_AGE_MS,
) -> SystemSnapshot:
    """Read the memory of every process; `detail` and `max_stall_ms` as in `snapshot`.

    `skip_kernel` leaves out processes that have no memory of their own (kernel threads,
    zombies).  `cgroups` and `cmdlines` also read the control group and the command line
    of each process.  `jobs` is the number of threads that read; None means the number
    of CPUs that memc may use.

    `after` is the last result of `snapshot_all`.  `after`, `keep_open` and `max_age_ms`
    work as in `snapshot`, for each process.  Files are kept open for as many processes
    as half of the limit of open files allows (RLIMIT_NOFILE); the others are read.

    A process that cannot be read is in `skipped`.  Raises MemcError if `proc` itself
    cannot be read, and ValueError for wrong arguments.
    """
    check_snapshot("after", after, SystemSnapshot)
    options = Options(
        detail,
        proc=proc,
        max_stall_ms=max_stall_ms,
        skip_kernel=skip_kernel,
        cgroups=cgroups,
        cmdlines=cmdlines,
        jobs=jobs,
        keep_open=keep_open,
        max_age_ms=max_age_ms,
        after=after,
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
