"""What comes back when processes are killed: ``memc.freed``."""

from __future__ import annotations

from memc.errors import ProcessError, ProcessGone
from memc.freeing.members import Member
from memc.freeing.result import Freed  # noqa: TC001 - for type hints
from memc.freeing.together import together
from memc.proc.root import open_root
from memc.proc.same import find_same
from memc.read.backend import backend
from memc.read.options import Options, check_pid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from memc.table.snapshot import Snapshot

__all__ = ["freed"]


def freed(pids: int | Iterable[int], *, proc: str = "/proc") -> Freed:
    """Tell what comes back when these processes are killed together, in kB.

    `pids` is a pid, or several.  memc reads their smaps, status and open files; the
    files of other processes only if these have shared memory that may end with them.
    `proc` is another root than /proc.

    A process whose memory may not be read is in the sum with what everybody may read,
    and a note says so.  Raises ProcessGone if none of the processes exists, MemcError
    if `proc` cannot be read, and TypeError or ValueError for wrong arguments.
    """
    asked = [pids] if isinstance(pids, int) else [*dict.fromkeys(pids)]
    if not asked:
        raise ValueError("pids: expected a pid, or several")
    options, reader = Options("smaps", proc=proc), backend()
    snaps: dict[int, Snapshot] = {}
    errors: dict[int, ProcessError] = {}
    for pid in asked:
        try:
            check_pid(pid)
            snaps[pid] = reader.collect(pid, options)
        except ProcessError as error:
            errors[pid] = error
    gone = [error for error in errors.values() if isinstance(error, ProcessGone)]
    if len(gone) == len(asked):
        raise gone[0]
    with open_root(proc) as root:
        if len(snaps) > 1:
            for pid, other in find_same(root, snaps).items():
                snaps[pid] = snaps[pid].shared_with(other)
        members = [
            Member(pid, snap.name or "", snap) for pid, snap in sorted(snaps.items())
        ]
        members += [
            Member(pid, "", None, error=str(error))
            for pid, error in errors.items()
            if error not in gone
        ]
        return together(root, members, notes=[str(error) for error in gone])
