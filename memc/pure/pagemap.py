"""Count what is resident and swapped in each region, from the page tables.

The kernel returns ranges of pages that are alike.  A range may cover several regions::

    regions:  |   r--p   |   rw-p          |        rw-p              |
    ranges:      |PRESENT|        |PRESENT     |SWAPPED|

memc counts as smaps does (smaps_pte_entry() in fs/proc/task_mmu.c): the zero page and
guard pages do not count, and hugetlb memory is in no Rss but in hugetlb_kb.  The kernel
calls markers swapped that are none (userfaultfd, guard pages before Linux 6.15), and it
tells their kind only with CAP_SYS_ADMIN.
"""

from __future__ import annotations

import errno
import os
import re

from memc.proc import swap
from memc.proc.pagecount import SHIFT
from memc.proc.pagescan import (
    GUARD,
    HUGE,
    PFNZERO,
    PRESENT,
    Walk,
    has_large_pages,
)
from memc.proc.rights import words_of
from memc.proc.swap import Mounts
from memc.table import notes as noted
from memc.table.build import extend

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from memc.proc.files import ProcessFiles
    from memc.proc.pagecount import PageCounts
    from memc.proc.pagescan import Range
    from memc.table.region import Note, Table

    Amounts: TypeAlias = dict[str, list[int | None]]

MEMORY = re.compile(r"/memfd:|/SYSV|/dev/shm/|/dev/zero")  # files of shared memory
NO_SCAN = (errno.ENOENT, errno.ENOTTY, errno.EINVAL, errno.EOPNOTSUPP)

# In the order of the columns of a table.
COLUMNS = ("rss_kb", "swap_kb", "hugetlb_kb")
USS_COLUMNS = (
    *("rss_kb", "anon_huge_pages_kb", "swap_kb"),
    *("uss_kb", "file_kb", "hugetlb_kb"),
)
PSS_COLUMNS = ("rss_kb", "pss_kb", *USS_COLUMNS[1:])
DETAILS = {"rss": COLUMNS, "uss": USS_COLUMNS, "pss": PSS_COLUMNS}


def read_pages(
    files: ProcessFiles, maps_fd: int, table: Table, detail: str
) -> tuple[Table, tuple[Note, ...]]:
    """Return a table with the columns of the page tables, and notes.

    `maps_fd` is the open maps of the process.  If the kernel cannot scan page tables or
    forbids it, all values are missing and a note says why.  If the process ends, all
    values are missing.
    """
    try:
        fd = files.open("pagemap")
    except PermissionError as error:
        is_refused = error.errno == errno.EPERM and not files.hides(error)
        why = files.words(error) if is_refused else ""
        return forget_pages(table, detail), (noted.no_right(why),)
    except ProcessLookupError:
        return forget_pages(table, detail), ()
    except OSError as error:
        return forget_pages(table, detail), (noted.no_scan(_why(files, error)),)
    counts = files.page_counts() if detail == "pss" else None
    try:
        swaps = swap.is_used(is_copy=files.is_copy)
        pages = Pages(table, maps_fd, Walk(fd), swaps=swaps, mounts=Mounts(files))
        amounts = pages.count(detail, counts)
        if pages.is_untold:
            _settle(amounts["swap_kb"], swap.read_vm_swap(files))
        return extend(table, amounts), counts.notes() if counts is not None else ()
    except ProcessLookupError:
        return forget_pages(table, detail), ()
    except OSError as error:
        return forget_pages(table, detail), (noted.no_scan(_why(files, error)),)
    finally:
        os.close(fd)
        if counts is not None:
            counts.close()


def _why(files: ProcessFiles, error: OSError) -> str:
    """Return words for a failure, "" for a kernel without a scan."""
    if error.errno == errno.EACCES:  # no check of ptrace: the file is open
        return words_of(error)
    return "" if error.errno in NO_SCAN else files.words(error)


def forget_pages(table: Table, detail: str) -> Table:
    """Return a table in which the columns of the page tables have no values."""
    nothing: list[int | None] = [None] * len(table)
    return extend(table, dict.fromkeys(DETAILS[detail], nothing))


def _settle(swap_kb: list[int | None], total_kb: int | None) -> None:
    """Forget the swap of regions whose entries may be markers of userfaultfd.

    If all entries together are what the process has swapped, none is a marker.
    """
    if sum(kb or 0 for kb in swap_kb) != total_kb:
        swap_kb[:] = [None if kb else kb for kb in swap_kb]


class Pages:
    """Counts the pages of the regions of a table.

    `swaps` tells whether this machine has something swapped out; `is_untold` becomes
    true if the kernel does not tell which pages are markers.
    """

    __slots__ = (
        "_bytes",
        "_counts",
        "_has_kinds",
        "_hugetlb",
        "_maps_fd",
        "_mounts",
        "_regions",
        "_row",
        "_swaps",
        "_table",
        "_walk",
        "is_untold",
    )

    def __init__(
        self,
        table: Table,
        maps_fd: int,
        walk: Walk,
        *,
        swaps: bool,
        mounts: Mounts | None = None,
    ) -> None:
        columns = table.columns
        starts, ends = columns["start"].values, columns["end"].values
        self._table = table
        self._regions = list(zip(starts, ends, strict=True))
        self._maps_fd = maps_fd
        self._walk = walk
        self._swaps = swaps
        self._mounts = mounts
        self.is_untold = False
        self._row = 0  # the region that the walk has reached
        self._hugetlb: dict[int, bool] = {}
        self._bytes = {name: [0] * len(table) for name in PSS_COLUMNS}

    def count(self, detail: str, counts: PageCounts | None) -> Amounts:
        """Return the columns in kB.  Raises OSError."""
        self._has_kinds, self._counts = detail != "rss", counts
        for found in self._walk.over(self._regions):
            self._share(found)
        amounts: Amounts = {
            name: [size // 1024 for size in self._bytes[name]]
            for name in DETAILS[detail]
        }
        if counts is not None and not counts.is_known:
            amounts["pss_kb"] = [None] * len(self._table)
        elif counts is not None:
            amounts["pss_kb"] = [
                kb >> SHIFT for kb in amounts["pss_kb"] if kb is not None
            ]
        # The swap of shared memory has no entry in a page table.
        rows = range(len(self._table)) if self._swaps else ()
        for row in rows:
            if self._is_hidden(row) and not self._is_hugetlb(row):
                amounts["swap_kb"][row] = None
        return amounts

    def _share(self, found: Range) -> None:
        """Divide a range among the regions that it covers."""
        start, end, categories = found
        regions = self._regions
        while self._row < len(regions) and regions[self._row][1] <= start:
            self._row += 1
        row = self._row
        while row < len(regions) and regions[row][0] < end:
            since, to = max(start, regions[row][0]), min(end, regions[row][1])
            if since < to:
                self._add(row, (since, to, categories))
            row += 1

    def _add(self, row: int, found: Range) -> None:
        """Count pages of one region, which are alike."""
        start, end, categories = found
        if categories & (PFNZERO | GUARD):
            return
        if categories & HUGE and self._is_hugetlb(row):
            if categories & PRESENT:
                self._bytes["hugetlb_kb"][row] += end - start
            return
        if not categories & PRESENT:
            self._bytes["swap_kb"][row] += self._swapped(row, start, end)
            return
        self._bytes["rss_kb"][row] += end - start
        if self._has_kinds:
            self._add_kinds(row, found)

    def _add_kinds(self, row: int, found: Range) -> None:
        """Count what each page is; all are resident."""
        start, end, categories = found
        exclusive, files, pss = self._walk.kinds(found, self._counts)
        self._bytes["pss_kb"][row] += pss
        self._bytes["uss_kb"][row] += exclusive
        self._bytes["file_kb"][row] += files
        if categories & HUGE:
            self._bytes["anon_huge_pages_kb"][row] += end - start - files

    def _is_shared(self, row: int) -> bool:
        return str(self._table.columns["perm"][row]).endswith("s")

    def _is_hidden(self, row: int) -> bool:
        """Tell whether pages of shared memory may be swapped, also mapped privately."""
        name = str(self._table.columns["pathname"][row] or "")
        if self._is_shared(row) or MEMORY.match(name) is not None:
            return True
        columns = self._table.columns
        if (
            not name.startswith("/")
            or self._mounts is None
            or columns["dev_major"][row]
        ):
            return False
        return self._mounts.may_be_tmpfs(columns["dev_minor"].values[row])

    def _swapped(self, row: int, start: int, end: int) -> int:
        """Count what is swapped; shared memory has nothing but markers here."""
        if not self._swaps or self._is_shared(row):
            return 0
        found = None if self.is_untold else self._walk.swapped(start, end)
        if found is None:
            self.is_untold = True
            return end - start
        return found

    def _is_hugetlb(self, row: int) -> bool:
        if row not in self._hugetlb:
            try:
                answer = has_large_pages(self._maps_fd, self._regions[row][0])
            except OSError:  # an old kernel: the name shows anonymous hugetlb memory
                name = str(self._table.columns["pathname"][row])
                answer = name.startswith("/anon_hugepage")
            self._hugetlb[row] = answer
        return self._hugetlb[row]
