"""The processes that are to end, and what was read of each."""

from __future__ import annotations

from memc.errors import ProcessError, ProcessGone
from memc.freeing import buffers
from memc.freeing.frames import settle
from memc.freeing.own import Own, own_of
from memc.freeing.shared import Use, find
from memc.freeing.status import kernel_kb, read_status
from memc.proc import state
from memc.proc.files import ProcessFiles
from memc.table.amounts import whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    from memc.freeing.status import Status
    from memc.proc.root import Opened
    from memc.table.region import Table

__all__ = ["Member"]

OVER = (state.ENDED, state.ZOMBIE, state.KERNEL)
ZOMBIE = (
    "it has ended and is a zombie: its memory is free, and its parent has to wait(2)"
)
KERNEL = "it is a kernel thread: it has no memory of its own, and no signal ends it"


class Member:
    """A process that is to end.

    - `pid`, `name`, and `table`, its rows of smaps; None if they could not be read;
    - `error`: why not, "" otherwise;
    - `same_as`: the pid of a process that has the same memory, None if it is its own;
    - `own`: what the rows tell, None if there are none;
    - `status` and `use`: what status and fd/ tell, None and empty if unreadable;
    - `over`: why nothing is to end, in words; "" otherwise;
    - `kept_by`: the pid of a process outside of the group with the same memory.
    """

    __slots__ = (
        "error",
        "kept_by",
        "name",
        "over",
        "own",
        "pid",
        "same_as",
        "status",
        "table",
        "use",
    )

    def __init__(
        self, pid: int, name: str, table: Table | None, *, error: str = ""
    ) -> None:
        self.pid = pid
        self.name = name
        self.error = error
        self.same_as: int | None = getattr(table, "same_memory_as", None)
        is_read = table is not None and len(table) > 0 and self.same_as is None
        self.table = table if is_read else None
        self.own: Own | None = own_of(self.table) if self.table is not None else None
        self.status: Status | None = None
        self.use = Use()
        self.over = ""
        self.kept_by: int | None = None

    @property
    def who(self) -> str:
        """The pid and the name."""
        return f"process {self.pid} {self.name}".rstrip()

    @property
    def why_unread(self) -> str:
        """Why its memory could not be read, without the process."""
        return self.error.removeprefix(f"process {self.pid}: ") or "not read"

    @property
    def is_unread(self) -> bool:
        """Tell whether there is memory of which nothing is known in detail."""
        return self.own is None and self.same_as is None and not self.over

    def look(
        self,
        root: Opened,
        *,
        is_live: bool,
        devices: Collection[tuple[int, int]] = (),
    ) -> None:
        """Read status and fd/, and find the shared memory in the rows and in fd/."""
        try:
            with ProcessFiles(root, self.pid) as files:
                self.status = read_status(files)
                self.name = self.name or files.name() or ""
                if self.table is None and self.same_as is None:
                    self._explain(root)
                if not self.over:
                    self.use = find(files, self.table, is_live=is_live, devices=devices)
                if self.own is not None and self.own.mixed and is_live:
                    settle(files, self.own)
                for one in self.use.files if is_live else ():
                    buffers.settle(root, files, one)
        except ProcessGone:
            self.over = state.ENDED
        except ProcessError as error:
            self.error = self.error or str(error)

    def _explain(self, root: Opened) -> None:
        """Find out why there are no rows: the process is over, or may not be read."""
        why = state.why_empty(self.pid, root.path)
        if why in OVER:
            self.over = {state.ZOMBIE: ZOMBIE, state.KERNEL: KERNEL}.get(why, why)
        elif not self.error and why == state.UNMAPPED:
            self.own = Own()

    def read_cgroup(self, root: Opened) -> str | None:
        """Return the path of its control group, None if it cannot be read."""
        try:
            with ProcessFiles(root, self.pid) as files:
                return files.cgroup()
        except ProcessError:
            return None

    @property
    def are_files_known(self) -> bool:
        """Tell whether fd/ could be read, and all links of shared memory followed."""
        return self.use.open_files is not None and not self.use.unseen

    @property
    def is_cut(self) -> bool:
        """Tell whether regions, or amounts of them, are missing."""
        if self.table is None or self.own is None:
            return False
        return bool(self.table.notes) or not self.own.is_whole

    @property
    def rss_kb(self) -> int | None:
        """Its resident memory; None if it is not known."""
        if self.over or self.same_as is not None:
            return 0
        if self.table is not None:
            return whole(self.table, "rss_kb")
        return None if self.status is None else self.status.get("VmRSS")

    @property
    def private_kb(self) -> int | None:
        """Its resident memory that is mapped once; None if it is not known."""
        if self.over or self.same_as is not None:
            return 0
        return None if self.table is None else whole(self.table, "private_kb")

    @property
    def most_kb(self) -> int | None:
        """The most that may come back of memory that could not be read in detail.

        None if status does not tell: Linux before 4.5 tells only the sum.
        """
        status = self.status
        if status is None:
            return None
        parts = status.get("RssAnon"), status.get("RssShmem")
        if parts[0] is None or parts[1] is None:
            return status.get("VmRSS")
        return parts[0] + parts[1]

    @property
    def page_tables_kb(self) -> int | None:
        """Its page tables; None if status does not tell them."""
        if self.over or self.same_as is not None or self.kept_by is not None:
            return 0
        return None if self.status is None else self.status.get("VmPTE")

    @property
    def kernel_kb(self) -> float | None:
        """An estimate of the kernel's bookkeeping; None without status."""
        if self.over:
            return 0.0
        if self.status is None:
            return None
        regions = 0 if self.table is None else len(self.table)
        return kernel_kb(self.status.threads, regions, self.use.open_files or 0)
