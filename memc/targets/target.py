"""Processes and files that were read, and those that could not be read."""

from __future__ import annotations

from memc.errors import MemcError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.owners import Owner
    from memc.table.region import Table
    from memc.table.snapshot import Skipped

__all__ = ["Found", "Target"]


class Target:
    """The regions of a process, read live or from a file.

    `file` is the path of the file, None for a live process, and "" for a table that the
    caller passed.  `pid` is None if it is not known.  `name` is the comm, "" if it is
    not known.  `started` is the start time of the process in ticks since boot, None if
    it is not known.
    """

    __slots__ = ("_owners", "file", "name", "pid", "proc", "started", "table")

    def __init__(
        self,
        table: Table,
        pid: int | None,
        name: str,
        *,
        proc: str,
        file: str | None,
        started: int | None = None,
    ) -> None:
        self.table = table
        self.pid = pid
        self.name = name
        self.proc = proc
        self.file = file
        self.started = started
        self._owners: tuple[Owner, ...] | None = None

    @property
    def same_memory_as(self) -> int | None:
        """The pid of the process whose memory it has and where that is counted."""
        return getattr(self.table, "same_memory_as", None)

    def find_owners(self) -> tuple[Owner, ...]:
        """Return the owner of each region.

        The first call reads the stack pointers of a live process, and the mounts where
        files are shared.
        """
        if self._owners is None:
            self._owners = self._find_owners()
        return self._owners

    def _find_owners(self) -> tuple[Owner, ...]:
        from memc.owners import owners
        from memc.proc.mounts import read_mounts
        from memc.proc.threads import read_threads

        pid = self.pid
        if self.file is not None or pid is None or not len(self.table):
            return owners(self.table)
        try:
            threads = read_threads(pid, proc=self.proc)
        except MemcError:  # the process has ended or is hidden: go by shapes alone
            return owners(self.table)
        return owners(
            self.table,
            threads=threads,
            mounts=lambda: read_mounts(pid, proc=self.proc),
        )

    def is_same(self, other: Target) -> bool:
        """Tell whether another target with this pid is the same process.

        The start times decide, or the names if a start time is not known.
        """
        if self.started is None or other.started is None:
            return self.name == other.name
        return self.started == other.started

    def __repr__(self) -> str:
        """Show the file, the pid, the name and the table."""
        return f"<Target {self.file or ''} {self.pid} {self.name!r}: {self.table!r}>"


class Found:
    """The result of reading a choice.

    `targets` were read.  `errors` are about processes that the user named by pid, and
    about files.  `skipped` are the other processes that could not be read.
    """

    __slots__ = ("errors", "skipped", "targets")

    def __init__(self) -> None:
        self.targets: list[Target] = []
        self.skipped: list[Skipped] = []
        self.errors: list[MemcError] = []
