"""Tell an earlier snapshot again, if the process did nothing since."""

from __future__ import annotations

import time

from memc.proc.witness import CHANGED, SAME, find_witness
from memc.table import notes as noted
from memc.table.snapshot import Process, Reading, Snapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from memc.proc.files import ProcessFiles
    from memc.proc.witness import Witness
    from memc.read.options import Options
    from memc.table.region import Note, Table

__all__ = [
    "KeptSnapshot",
    "find_kept",
    "forget_shared",
    "tell_again",
    "tell_process_again",
]

NS_PER_MS = 1_000_000


class KeptSnapshot(Snapshot):
    """A snapshot that keeps what the next reading of its process needs."""

    __slots__ = ("began_ns", "witness")

    def __init__(
        self,
        table: Table,
        reading: Reading,
        notes: tuple[Note, ...],
        *,
        began_ns: int,
        witness: Witness,
    ) -> None:
        super().__init__(table, reading, notes)
        self.began_ns = began_ns
        self.witness: Witness | None = witness


def tell_again(pid: int, options: Options, after: Snapshot | None) -> Snapshot | None:
    """Return a snapshot that tells `after` again; None if the process must be read."""
    now_ns = time.monotonic_ns()
    if not isinstance(after, KeptSnapshot) or after.witness is None:
        return None
    codes = [note.code for note in after.notes]
    if (after.pid, after.detail) != (pid, options.detail) or "torn" in codes:
        return None
    said, size = after.witness.ask()
    age_ms = (now_ns - after.began_ns) // NS_PER_MS
    if said != SAME or age_ms >= options.max_age_ms:
        return None
    reading = Reading(pid, after.detail)
    for name in Reading.KEPT:
        setattr(reading, name, getattr(after, name))
    reading.as_of_ms = after.as_of_ms or after.timestamp_ms
    reading.timestamp_ms = time.time_ns() // NS_PER_MS
    reading.bytes_read = size
    reading.longest_read_ns = 0
    kept = [note for note in after.notes if note.code != "late"]
    late = [noted.late(options.late)] if options.late else []
    notes = noted.in_order([*kept, *late, noted.as_of(age_ms + 1)])
    reading.cost_ns = time.monotonic_ns() - now_ns
    return KeptSnapshot(
        after, reading, notes, began_ns=after.began_ns, witness=after.witness
    )


def tell_process_again(pid: int, options: Options, before: Process) -> Process | None:
    """Return a process of an earlier result again; None if it must be read."""
    snap = tell_again(pid, options, before.snapshot)
    if snap is None or (options.skip_kernel and not snap.total_vsize_kb):
        return None
    return Process(
        pid,
        before.name,
        snap,
        uid=before.uid,
        started=before.started,
        cgroup=before.cgroup if options.cgroups else None,
        cmdline=before.cmdline if options.cmdlines else None,
    )


def find_kept(files: ProcessFiles, after: Snapshot | None) -> Witness | None:
    """Return the witness that the next snapshot may keep: the last one, or a new one.

    `after` is the last snapshot, which `tell_again` did not tell again.
    """
    last = after.witness if isinstance(after, KeptSnapshot) else None
    if last is not None and last.ask()[0] != CHANGED:
        return last
    return find_witness(files)


def forget_shared(processes: Iterable[Process]) -> None:
    """Let go of the witness where others, whose threads it lacks, have the memory."""
    snaps = {process.pid: process.snapshot for process in processes}
    for pid in {snap.same_memory_as for snap in snaps.values()}:
        snap = None if pid is None else snaps[pid]
        if isinstance(snap, KeptSnapshot):
            snap.witness = None
