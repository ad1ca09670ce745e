"""Take samples: each call takes one snapshot, of one process or of all."""

from __future__ import annotations

from memc.errors import ProcessError
from memc.read.backend import backend
from memc.read.options import check_pid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.proc.identity import Identity
    from memc.read.backend import Backend
    from memc.read.native_repeat import Repeat
    from memc.read.options import Options
    from memc.table.snapshot import Snapshot, SystemSnapshot

__all__ = ["AllProcesses", "OneProcess"]

LONGEST_NS = 86_400_000_000_000  # C adds times in 64 bits


class OneProcess:
    """Snapshots of the process `pid`.

    Without an `identity`, a snapshot is of the process that has the pid at that time.
    With an `identity`, all snapshots are of the same process.  If that has ended, even
    if another process has its pid by now, ProcessGone is raised.
    """

    def __init__(
        self,
        pid: int,
        options: Options,
        *,
        identity: Identity | None = None,
        reader: Backend | None = None,
    ) -> None:
        check_pid(pid)
        self._pid = pid
        self._options = options
        self._identity = identity
        self._reader = reader or backend()

    def share(self, snap: Snapshot, earlier: Snapshot | None) -> None:
        """Let a snapshot, as soon as it was read, share memory with the one before."""
        self._reader.share_columns(snap, earlier)

    def repeat(self, interval_ns: int) -> Repeat | None:
        """Return what takes samples while the process does nothing, if there is that.

        It needs options with `keep_open`, and runs after the first reading.
        """
        if not self._options.keep_open or interval_ns > LONGEST_NS:
            return None
        return self._reader.repeat(self._pid, self._options, interval_ns)

    def read(self, late: int = 0) -> Snapshot:
        """Take a snapshot; `late` is how many samples before it were left out.

        Raises ProcessGone, AccessDenied or another ProcessError, and MemcError if the
        root itself cannot be read.
        """
        options, identity = self._options, self._identity
        options.late = late
        try:
            snap = self._reader.collect(self._pid, options)
        except ProcessError:
            if identity is not None:
                identity.check()
            raise
        if identity is not None and snap.as_of_ms is None:  # else it cannot have ended
            identity.check(regions=len(snap))
        if options.keep_open:
            options.after = snap
        if options.max_stall_ms is not None and snap.longest_read_ns:
            options.last = snap  # the next stall is estimated from this one
        return snap


class AllProcesses:
    """Snapshots of all processes."""

    def __init__(self, options: Options, *, reader: Backend | None = None) -> None:
        self._options = options
        self._reader = reader or backend()

    def read(self, late: int = 0) -> SystemSnapshot:
        """Take a snapshot; `late` is how many samples before it were left out.

        Raises MemcError if the root itself cannot be read.
        """
        options = self._options
        options.late = late
        system = self._reader.collect_all(options)
        if options.keep_open:
            options.after = system
        return system
