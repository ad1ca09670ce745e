"""Processes and files that were read, and those that could not be read."""

from __future__ import annotations

from memc.errors import MemcError
from memc.table.amounts import is_known, values, whole
from memc.targets.facts import Facts, facts_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from memc.owners import Owner
    from memc.table.amounts import Values
    from memc.table.region import Note, Table
    from memc.table.snapshot import Process, Skipped

__all__ = ["Found", "Target", "target_of"]


class Target:
    """The regions of a process, read live or from a file.

    `file` is the path of the file, None for a live process, and "" for a table that the
    caller passed.  `pid` is None if it is not known.  `name` is the comm, "" if it is
    not known.  `started` is the start time of the process in ticks since boot, None if
    it is not known.

    A snapshot has regions, or only the totals of the process.  `is_sum` tells whether
    amounts are those of the whole process.  `is_other` tells that memc may not read the
    memory of the process, and knows only what everybody may read.  `layout` has the
    regions of a process of which only totals were read, if somebody asked for them.
    `is_recorded` tells that the file is a recording.
    """

    __slots__ = (
        "_owners",
        "facts",
        "file",
        "is_other",
        "is_recorded",
        "is_sum",
        "layout",
        "name",
        "pid",
        "proc",
        "started",
        "table",
    )

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
        self.is_sum = bool(getattr(table, "totals", None))
        self.is_other = False
        self.is_recorded = False
        self.layout: Table | None = None
        self.facts = Facts()
        self._owners: tuple[Owner, ...] | None = None

    @property
    def same_memory_as(self) -> int | None:
        """The pid of the process whose memory it has and where that is counted."""
        return getattr(self.table, "same_memory_as", None)

    def summed(self) -> Target:
        """Return this target with the amounts of the whole process."""
        if self.is_sum:
            return self
        made = self._with(self.table)
        made.is_sum = True
        return made

    def part(self, rows: Sequence[int]) -> Target:
        """Return this target with these of its regions alone."""
        from memc.table.build import pick

        return self._with(pick(self.table, rows))

    def _with(self, table: Table) -> Target:
        """Return a target of the same process with another table."""
        made = Target(
            table,
            self.pid,
            self.name,
            proc=self.proc,
            file=self.file,
            started=self.started,
        )
        made.is_other = self.is_other
        made.is_recorded = self.is_recorded
        made.layout = self.layout
        made.facts = self.facts
        return made

    @property
    def sources(self) -> int:
        """How many values each amount has: one a region, or one for the whole process.

        A process without memory, such as a kernel thread, has none.
        """
        if not self.is_sum:
            return len(self.table)
        if self.same_memory_as is not None:
            return 0
        return int(whole(self.table, "size_kb") != 0)

    @property
    def is_uncounted(self) -> bool:
        """Whether it is a live or recorded process, read without its regions."""
        is_whole = self.is_sum and not self.is_other
        is_whole = is_whole and (self.file is None or self.is_recorded)
        return is_whole and self.layout is None and self.sources > 0

    @property
    def region_count(self) -> int:
        """How many regions were read."""
        return len(self.table if self.layout is None else self.layout)

    def regions_in(self, places: Sequence[int]) -> dict[int, int] | None:
        """Return how many regions are in each place, of which each row has one.

        It is None if each row is one region.
        """
        del places
        return None

    def values(self, name: str) -> Values:
        """Return the values of an amount, in kB; None if one is not known."""
        if not self.is_sum:
            return values(self.table, name)
        return [whole(self.table, name)] * self.sources

    def knows(self, name: str) -> bool:
        """Tell whether any value of an amount is known, or there are none at all."""
        if not self.is_sum:
            return is_known(self.table, name)
        return not self.sources or whole(self.table, name) is not None

    def names(self) -> list[str]:
        """Return the names of the columns, and of the totals."""
        return [*self.table.columns, *getattr(self.table, "totals", ())]

    def has(self, name: str) -> bool:
        """Tell whether there is an amount of this name, even if no value is known."""
        totals = getattr(self.table, "totals", ())
        known = ("rss_kb", "size_kb") if self.is_recorded else ("rss_kb",)
        is_total = self.is_sum and (name in known or name in totals)
        return is_total or name in self.table.columns

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
        from memc.proc.threads import read_threads

        pid = self.pid
        if self.file is not None or pid is None or not len(self.table):
            return owners(self.table)
        try:
            threads = read_threads(pid, proc=self.proc)
        except MemcError:  # the process has ended or is hidden: go by shapes alone
            return owners(self.table)

        def mounts() -> dict[tuple[int, int], str]:
            from memc.proc.mounts import read_mounts  # few processes need them

            return read_mounts(pid, proc=self.proc)

        return owners(self.table, threads=threads, mounts=mounts)

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
    about files.  `skipped` are the other processes that could not be read.  `notes` are
    about files of all processes: each is the path and the note.  `moments` are the
    times of recordings that were read: each is the path and the time in ms.  `untold`
    are targets of a recording that does not tell of them what was asked for.
    """

    __slots__ = ("errors", "moments", "notes", "skipped", "targets", "untold")

    def __init__(self) -> None:
        self.targets: list[Target] = []
        self.skipped: list[Skipped] = []
        self.errors: list[MemcError] = []
        self.notes: list[tuple[str, Note]] = []
        self.moments: list[tuple[str, int]] = []
        self.untold: list[Target] = []

    def add(self, other: Found) -> None:
        """Add what was found elsewhere."""
        for name in Found.__slots__:
            getattr(self, name).extend(getattr(other, name))


def target_of(process: Process, *, proc: str, file: str | None) -> Target:
    """Return a process as a target, with the facts that are known of it."""
    snap, started = process.snapshot, process.started
    target = Target(
        snap, process.pid, process.name, proc=proc, file=file, started=started
    )
    target.facts = facts_of(process)
    return target
