"""The system calls on page tables, in bounded steps.

PAGEMAP_SCAN (Linux 6.7) walks only as far as it is told.  No call here stalls the
process for longer than about a millisecond, however large a region is.
"""

from __future__ import annotations

import errno
import fcntl
import os
import struct
import sys
import time
from array import array

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

    from memc.proc.pagecount import PageCounts

    Range: TypeAlias = tuple[int, int, int]  # start, end, categories

# From <linux/fs.h> of Linux 6.7 (struct pm_scan_arg) and 6.11 (struct procmap_query):
# _IOWR('f', 16, 96 bytes) and _IOWR('f', 17, 104 bytes).
SCAN, SCAN_IOCTL = struct.Struct("12Q"), 0xC0606610
QUERY, QUERY_IOCTL = struct.Struct("9Q4I2Q"), 0xC0686611
QUERY_PAGE_SIZE = 6  # the index of vma_page_size in procmap_query

# The categories that cost the kernel nothing.  PAGE_IS_FILE makes it look at each page,
# which doubles the time of a scan.
PRESENT, SWAPPED, PFNZERO, HUGE = (1 << bit for bit in range(3, 7))
GUARD = 1 << 8  # Linux 6.15
RETURNED = PRESENT | SWAPPED | PFNZERO | HUGE

# In an entry of pagemap: the page is present, and only this process maps it; it is
# present, and of a file or of shared memory.
EXCLUSIVE = 1 << 63 | 1 << 56
OF_FILE = 1 << 63 | 1 << 61
ENTRY_SIZE = 8

# In an entry of what is not present: the type and the offset of a swap entry, which are
# 0 without CAP_SYS_ADMIN.  Real swap has an offset, and a type below SWAP_AREAS; the
# last types are those of device memory, migration, poison and markers (MAX_SWAPFILES in
# include/linux/swap.h).
SWAP_ENTRY = 1 << 62
SWAP_PLACE = (1 << 55) - 1
SWAP_TYPE, SWAP_AREAS = 31, 23

# How much one call may do.  A page that is found costs about 56 ns (88 ms for 6 GiB),
# so 8,192 pages take half a millisecond.  Empty page tables cost less, and addresses
# that are not mapped cost nothing.
RANGES, ENTRIES = 512, 4096
MIN_PAGES, FIRST_PAGES, MAX_PAGES = 1 << 10, 1 << 13, 1 << 14
MIN_SPAN, FIRST_SPAN, MAX_SPAN = 1 << 22, 1 << 30, 1 << 40
FAST_NS, SLOW_NS = 250_000, 700_000
HELD_NS = 2_000_000
PAUSE_S = 50e-6

USER_END = 1 << 63  # the gate region [vsyscall] is above: no walk may name its address


class Walk:
    """The open pagemap of a process, read in short calls."""

    __slots__ = ("_fd", "_held_ns", "_ranges", "_returned", "max_pages", "span")

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._held_ns = 0  # by scans, since the process had its lock to itself
        self._ranges = array("Q", bytes(RANGES * 3 * 8))
        self._returned = RETURNED | GUARD
        self.span = FIRST_SPAN  # bytes that the next call may walk
        self.max_pages = FIRST_PAGES  # pages that the next call may find

    def over(self, regions: list[tuple[int, int]]) -> Iterator[Range]:
        """Yield the ranges that are resident or swapped in sorted regions.

        Raises OSError if the kernel cannot scan or forbids it.
        """
        inside = [region for region in regions if region[0] < USER_END]
        if inside:
            self._find_out(inside[0][0])
        row = at = 0
        while True:
            while row < len(inside) and inside[row][1] <= at:
                row += 1
            if row == len(inside):
                return
            at = max(at, inside[row][0])
            found, at = self._step(at, min(inside[-1][1], at + self.span))
            yield from found

    def _find_out(self, address: int) -> None:
        """Find out by an empty scan whether this kernel knows guard pages."""
        try:
            self._scan(address, address)
        except OSError as error:
            if error.errno == errno.EINVAL:
                self._returned = RETURNED

    def _step(self, start: int, end: int) -> tuple[list[Range], int]:
        """Scan once; return the ranges, and the address to continue from.

        A call that stopped early must be continued after its last range: the walk_end
        that the kernel gives is out of date when the buffer of the kernel has filled
        (do_pagemap_scan() in fs/proc/task_mmu.c).
        """
        max_pages = self.max_pages
        began_ns = time.monotonic_ns()
        try:
            found = self._scan(start, end)
        except InterruptedError:
            return [], start
        finally:
            took_ns = time.monotonic_ns() - began_ns
            self._adapt(took_ns)
            self._held_ns += took_ns
            if self._held_ns > HELD_NS:
                let_go()
                self._held_ns = 0
        page_size = os.sysconf("SC_PAGE_SIZE")
        pages = sum(to - since for since, to, _ in found) // page_size
        if len(found) == RANGES or (found and pages >= max_pages):
            end = found[-1][1]
        return found, end

    def _scan(self, start: int, end: int) -> list[Range]:
        address, _ = self._ranges.buffer_info()
        wanted = (0, 0, PRESENT | SWAPPED, self._returned)
        asked = (SCAN.size, 0, start, end, 0, address, RANGES, self.max_pages, *wanted)
        count = fcntl.ioctl(self._fd, SCAN_IOCTL, bytearray(SCAN.pack(*asked)))
        found = self._ranges[: 3 * count]
        return list(zip(found[::3], found[1::3], found[2::3], strict=True))

    def _adapt(self, took_ns: int) -> None:
        """Let the next call do more or less, depending on how long this one took."""
        if took_ns > SLOW_NS:
            self.span = max(self.span // 2, MIN_SPAN)
            self.max_pages = max(self.max_pages // 2, MIN_PAGES)
        elif took_ns < FAST_NS:
            self.span = min(self.span * 2, MAX_SPAN)
            self.max_pages = min(self.max_pages * 2, MAX_PAGES)

    def kinds(self, found: Range, counts: PageCounts | None) -> tuple[int, int, int]:
        """Count bytes that only this process maps, and of files and shared memory.

        The third number is the PSS in parts of a byte, 0 without `counts`.  Raises
        ProcessLookupError if the process has ended.
        """
        start, end, categories = found
        exclusive = files = pss = 0
        page_size = os.sysconf("SC_PAGE_SIZE")
        for entries in self._entries(start, end):
            exclusive += sum(entry & EXCLUSIVE == EXCLUSIVE for entry in entries)
            files += sum(entry & OF_FILE == OF_FILE for entry in entries)
            if counts is not None:
                first, huge = start // page_size, bool(categories & HUGE)
                pss += counts.pss(entries, first, self._entry, huge=huge)
            start += len(entries) * page_size
        return exclusive * page_size, files * page_size, pss

    def _entry(self, number: int) -> int:
        """Read the entry of one page; 0 if the process has ended."""
        try:
            data = os.pread(self._fd, ENTRY_SIZE, number * ENTRY_SIZE)
        except OSError:
            return 0
        return int.from_bytes(data, sys.byteorder)

    def swapped(self, start: int, end: int) -> int | None:
        """Return how many bytes of [start, end) are swapped out, without markers.

        None if the kernel does not tell which are markers.  Raises ProcessLookupError
        if the process has ended.
        """
        pages = 0
        for entries in self._entries(start, end):
            places = [entry & SWAP_PLACE for entry in entries if entry & SWAP_ENTRY]
            if not all(places):
                return None
            pages += sum(place & SWAP_TYPE < SWAP_AREAS for place in places)
        return pages * os.sysconf("SC_PAGE_SIZE")

    def _entries(self, start: int, end: int) -> Iterator[memoryview[int]]:
        """Yield the entries of [start, end), some at a time."""
        page_size = os.sysconf("SC_PAGE_SIZE")
        while start < end:
            count = min((end - start) // page_size, ENTRIES)
            at = start // page_size * ENTRY_SIZE
            try:
                data = os.pread(self._fd, count * ENTRY_SIZE, at)
            except OSError:
                data = b""
            if len(data) < ENTRY_SIZE:
                raise ProcessLookupError
            entries = memoryview(data[: len(data) // ENTRY_SIZE * ENTRY_SIZE]).cast("Q")
            yield entries
            start += len(entries) * page_size
            if len(entries) == ENTRIES:
                let_go()


def let_go() -> None:
    """Let the process have its lock.

    A reader that comes back at once takes the lock again before a waiting writer has
    woken, for 10 ms and more (the lock stealing of rwsem_down_read_slowpath() in
    kernel/locking/rwsem.c).
    """
    time.sleep(PAUSE_S)


def has_large_pages(maps_fd: int, address: int) -> bool:
    """Tell by PROCMAP_QUERY (Linux 6.11) whether a region is hugetlb memory.

    Raises OSError on older kernels.
    """
    answer = bytearray(QUERY.pack(QUERY.size, 0, address, *[0] * 12))
    fcntl.ioctl(maps_fd, QUERY_IOCTL, answer)
    page_size: int = QUERY.unpack(answer)[QUERY_PAGE_SIZE]
    return page_size > os.sysconf("SC_PAGE_SIZE")
