"""PSS without smaps: by /proc/kpagecount, which tells how often each page is mapped.

pagemap tells where the pages of a process are, to readers with CAP_SYS_ADMIN only.  A
page that two processes map is half a page of the PSS of each.  No call holds the lock
of the process.
"""

from __future__ import annotations

import errno
import os
from array import array

from memc.proc.entry import open_entry
from memc.proc.rights import REFUSED, words_of
from memc.table import notes as noted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from memc.table.region import Note

__all__ = ["SHIFT", "PageCounts"]

# In an entry of pagemap: the page is present; only this process maps it; and where it
# is, which is 0 for readers without CAP_SYS_ADMIN.
PRESENT, EXCLUSIVE, FRAME = 1 << 63, 1 << 56, (1 << 55) - 1

SHIFT = 12  # the kernel reckons in parts of a byte (PSS_SHIFT in fs/proc/task_mmu.c)
AT_ONCE, ATTEMPTS, COUNT_SIZE = 512, 3, 8


class PageCounts:
    """The open kpagecount of a root, and what it did not tell."""

    __slots__ = ("_error", "_fd", "_is_hidden", "_is_rounded", "_whole")

    def __init__(self, root: int, *, is_copy: bool) -> None:
        self._whole = os.sysconf("SC_PAGE_SIZE") << SHIFT
        self._is_hidden = False  # pagemap did not tell where pages are
        self._is_rounded = False  # counted are large folios, not their pages
        self._error: OSError | None = None
        self._fd = -1
        try:
            self._fd = open_entry(root, "kpagecount", is_copy=is_copy)
        except OSError as error:
            self._error = error

    def close(self) -> None:
        """Close the file."""
        if self._fd >= 0:
            os.close(self._fd)
        self._fd = -1

    @property
    def is_known(self) -> bool:
        """Tell whether everything was told."""
        return self._error is None and not self._is_hidden

    def notes(self) -> tuple[Note, ...]:
        """Return the note about what was not told."""
        if self.is_known:
            return (noted.rounded_pss(),) if self._is_rounded else ()
        error = self._error
        if self._is_hidden or error is None or error.errno == errno.EACCES:
            return (noted.no_counts_right(),)
        if error.errno == errno.EPERM:
            return (noted.no_counts("denied", REFUSED),)
        is_missing = error.errno == errno.ENOENT
        return (noted.no_counts("degraded", "" if is_missing else words_of(error)),)

    def pss(
        self,
        entries: Sequence[int],
        first: int,
        again: Callable[[int], int],
        *,
        huge: bool,
    ) -> int:
        """Return the PSS, in parts of a byte, of entries of pagemap.

        `first` is the number of the first entry.  `again` reads the entry of a number
        again, and returns 0 if the process has ended.  `huge`: a huge page is mapped as
        a whole.  Then others may map some of its pages, which pagemap does not tell.
        """
        pss = i = 0
        while i < len(entries):
            entry, run = entries[i], 1
            if entry & EXCLUSIVE and not huge:
                pss += self._whole
            elif entry & PRESENT:
                most = min(AT_ONCE, len(entries) - i)
                while run < most and entries[i + run] == entry + run:
                    run += 1
                for number, count in enumerate(self._counts(entry, run), first + i):
                    if count >= (1 if huge else 2):
                        pss += self._whole // count
                    else:
                        pss += self._look_again(number, again, huge=huge)
            i += run
        return pss

    def _counts(self, entry: int, n: int) -> Sequence[int]:
        """Read the counts of `n` pages that follow each other; () if none is told."""
        frame = entry & FRAME
        self._is_hidden = self._is_hidden or frame == 0
        if not self.is_known:
            return ()
        try:
            data = os.pread(self._fd, n * COUNT_SIZE, frame * COUNT_SIZE)
        except OSError as error:
            self._error = error
            return ()
        # Where no memory is, a device has these addresses.
        return array("Q", data.ljust(n * COUNT_SIZE, b"\0"))

    def _look_again(
        self, number: int, again: Callable[[int], int], *, huge: bool
    ) -> int:
        """Return the PSS of a page whose count does not go with its entry.

        It is mapped more than once, and was counted once or not at all.  It has moved
        or changed hands, or smaps does not count it either, as the kernel has no count
        for it (vm_normal_page() in mm/memory.c).
        """
        count = 0
        for _ in range(ATTEMPTS):
            entry = again(number)
            if not entry & PRESENT:
                return 0
            if entry & EXCLUSIVE and not huge:
                return self._whole
            for count in self._counts(entry, 1):
                if count > 1 or (huge and count):
                    return self._whole // count
            if not self.is_known:
                return 0
        self._is_rounded = self._is_rounded or count == 1
        return self._whole * count
