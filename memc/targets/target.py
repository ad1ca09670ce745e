"""What was read of a process or a file, and what could not be read."""

from __future__ import annotations

from memc.errors import MemcError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.owners import Owner
    from memc.table.region import Table
    from memc.table.snapshot import Skipped

__all__ = ["Found", "Target"]


class Target:
    """Something with regions: a process, or what a file tells of one.

    `file` is the path of the file, None for a live process, "" for a table at hand.
    `pid`, `name` (the comm) and `started` (ticks since boot) are those of the process,
    None or "" where nothing tells them.
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

    def find_owners(self) -> tuple[Owner, ...]:
        """Return the owner of each region.

        A live process is asked for its stacks, the first time.
        """
        if self._owners is None:
            self._owners = self._find_owners()
        return self._owners

    def _find_owners(self) -> tuple[Owner, ...]:
        from memc.owners import owners
        from memc.proc.threads import read_threads

        if self.file is not None or self.pid is None or not len(self.table):
            return owners(self.table)
        try:
            threads = read_threads(self.pid, proc=self.proc)
        except MemcError:  # it has ended, or is hidden: shapes tell, too
            return owners(self.table)
        return owners(self.table, threads=threads)

    def is_same(self, other: Target) -> bool:
        """Tell whether another target with this pid is of the same process."""
        if self.started is None or other.started is None:
            return self.name == other.name
        return self.started == other.started

    def __repr__(self) -> str:
        """Tell whose it is."""
        return f"<Target {self.file or ''} {self.pid} {self.name!r}: {self.table!r}>"


class Found:
    """What was read, and what was not.

    `errors` are for those that were named by number, or are files: somebody waits for
    them.  `skipped` are others that could not be read.
    """

    __slots__ = ("errors", "skipped", "targets")

    def __init__(self) -> None:
        self.targets: list[Target] = []
        self.skipped: list[Skipped] = []
        self.errors: list[MemcError] = []
