"""The backend in pure Python: one process, or all of them."""

from __future__ import annotations

import time

from memc.errors import AccessDenied, ProcessError, ProcessGone
from memc.proc.files import ProcessFiles
from memc.proc.root import is_copy, list_pids, open_root
from memc.proc.same import share
from memc.pure.take import take, take_table
from memc.pure.text import parse as parse_text
from memc.table import notes as noted
from memc.table.columns import Column, Columns
from memc.table.snapshot import Process, Skipped, Snapshot, SystemSnapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from memc.proc.root import Opened
    from memc.proc.witness import Witness
    from memc.pure.stats import Amounts, Stats
    from memc.read.options import Options
    from memc.table.region import Table

__all__ = [
    "amounts",
    "collect",
    "collect_all",
    "parse_text",
    "read_table",
    "repeat",
    "share_columns",
    "stats",
]

PROGRESS_NS = 100_000_000


def read_table(pid: int, kind: str, proc: str = "/proc") -> Table:
    """Read the file `kind` ("maps" or "smaps") of a live process.

    Raises ProcessGone, AccessDenied or another ProcessError, and MemcError if `proc`
    cannot be opened.
    """
    with open_root(proc) as root, ProcessFiles(root, pid) as files:
        return take_table(files, kind)


def collect(pid: int, options: Options) -> Snapshot:
    """Read one live process.  Raises the errors of `read_table`."""
    began_ns = time.monotonic_ns()
    _load_again(options)
    after = options.after if isinstance(options.after, Snapshot) else None
    with open_root(options.proc) as root:
        if after is not None and not is_copy(root):
            from memc.pure.again import tell_again

            again = tell_again(pid, options, after)
            if again is not None:
                return again
        with ProcessFiles(root, pid) as files:
            witness = _find_witness(files, options, after)
            taken = take(files, options)
            if options.late:
                taken.notes += (noted.late(options.late),)
            return taken.snapshot(began_ns, witness)


def _load_again(options: Options) -> None:
    """Import what is needed before files are open: an import opens one more."""
    if options.keep_open:
        import memc.pure.again  # noqa: F401 - a later import finds it


def _find_witness(
    files: ProcessFiles, options: Options, after: Snapshot | None
) -> Witness | None:
    if not options.keep_open:
        return None
    from memc.pure.again import find_kept

    return find_kept(files, after)


def repeat(pid: int, options: Options, interval_ns: int) -> None:
    """Return None: in Python a sample of its own takes no more time."""
    del pid, options, interval_ns


def stats(root: int) -> Stats:
    """Return what reads the stat of processes in an open root again and again."""
    from memc.pure.stats import Stats

    return Stats(root)


def amounts(files: Sequence[int]) -> list[Amounts | None]:
    """Return what `memc.pure.stats.amounts` does."""
    from memc.pure.stats import amounts as read

    return read(files)


def share_columns(snap: Snapshot, earlier: Snapshot | None) -> None:
    """Let a snapshot that nobody has used yet share what it can with an earlier one."""
    if earlier is None:
        return
    columns = {
        name: _shared(column, earlier.columns.get(name))
        for name, column in snap.columns.items()
    }
    snap.columns = Columns(tuple(columns), columns.__getitem__)


def _shared(new: Column, old: Column | None) -> Column:
    """Return the older of two columns if they are equal."""
    if old is None or old.values != new.values or old.valid != new.valid:
        return new
    is_same = old.decode == new.decode or [*old] == [*new]
    return old if is_same and old.values.format == new.values.format else new


def collect_all(options: Options) -> SystemSnapshot:
    """Read every process, one after another: threads would not make Python faster."""
    timestamp_ms = time.time_ns() // 1_000_000
    processes = []
    skipped = []
    before = _before(options)
    _load_again(options)
    with open_root(options.proc) as root:
        for pid in _telling(list_pids(root), options.progress):
            found = _try(root, pid, options, before.get(pid))
            if isinstance(found, Skipped):
                skipped.append(found)
            elif found is not None:
                processes.append(found)
        if len(processes) > 1:
            processes = share(root, processes)
            if options.keep_open:
                from memc.pure.again import forget_shared

                forget_shared(processes)
    notes = (noted.late(options.late),) if options.late else ()
    return SystemSnapshot(
        timestamp_ms, tuple(processes), tuple(skipped), notes, options.unread
    )


def _before(options: Options) -> dict[int, Process]:
    """Return the last result by pid, unless it lacks what is asked for now."""
    after = options.after
    if not isinstance(after, SystemSnapshot) or set(after.unread) - set(options.unread):
        return {}
    return {process.pid: process for process in after.processes}


def _telling(
    pids: list[int], progress: Callable[[int, int], None] | None
) -> Iterator[int]:
    """Yield the pids; call `progress` at both ends and at most ten times a second."""
    if progress is None:
        yield from pids
        return
    progress(0, len(pids))
    told_ns = time.monotonic_ns()
    for done, pid in enumerate(pids):
        now_ns = time.monotonic_ns()
        if now_ns - told_ns >= PROGRESS_NS:
            progress(done, len(pids))
            told_ns = now_ns
        yield pid
    progress(len(pids), len(pids))


def _try(
    root: Opened, pid: int, options: Options, before: Process | None
) -> Process | Skipped | None:
    """Read a process; None if it has no memory and such are left out.

    `before` is what was read of it last.
    """
    began_ns = time.monotonic_ns()
    name = ""
    if before is not None and not is_copy(root):
        from memc.pure.again import tell_process_again

        again = tell_process_again(pid, options, before)
        if again is not None:
            return again
    try:
        with ProcessFiles(root, pid) as files:
            after = before.snapshot if before is not None else None
            witness = _find_witness(files, options, after)
            try:
                taken = take(files, options, identity=True)
            except ProcessError:
                name = files.name() or ""
                raise
    except AccessDenied as error:
        return Skipped(pid, name, "denied", str(error))
    except ProcessGone as error:
        return Skipped(pid, name, "gone", str(error))
    except ProcessError as error:
        return Skipped(pid, name, "error", str(error))
    if options.skip_kernel and not (taken.reading.has_memory or taken.is_cut()):
        return None
    return Process(
        pid,
        taken.reading.name or "",
        taken.snapshot(began_ns, witness),
        uid=taken.uid,
        started=taken.reading.started,
        cgroup=taken.cgroup,
        cmdline=taken.cmdline,
    )
