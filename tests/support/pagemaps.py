"""A pagemap and a maps file made up: what the ioctls and reads of them would give.

It takes the place of what ``memc.proc.pagescan`` calls, and notes how much it was
asked for.
"""

import ctypes
import errno
import struct
from bisect import bisect_left

from memc.proc import pagescan as _pagemap

PAGE = _pagemap.os.sysconf("SC_PAGE_SIZE")
SCAN = struct.Struct("12Q")
IN_MEMORY, OF_FILE, OWN = 1 << 63, 1 << 61, 1 << 56
FILE, PRESENT, SWAPPED, PFNZERO, HUGE, GUARD = 4, 8, 16, 32, 64, 256
READ = _pagemap.os.pread
INTERESTING = PRESENT | SWAPPED
MARKER, MIGRATION = 1 << 20, 1 << 21  # no categories: what a page that is swapped is
TYPES = {0: 1, MARKER: 31, MIGRATION: 29}


class Pagemap:
    """Pages by number: their categories, and whether they are mapped here alone.

    `costs` is how many nanoseconds each call takes, the last for ever; `fails` the
    errors that come first; `known` the categories that this kernel has; `tells`
    whether it tells the kinds of swap entries.
    """

    def __init__(self, pages, *, costs=(0,), fails=(), known=0x1FF, tells=True):
        self.pages = pages
        self.order = sorted(pages)
        self.costs = list(costs)
        self.fails = list(fails)
        self.known = known
        self.tells = tells
        self.maps = False  # maps is a real file, and may be looked at
        self.hugetlb = []  # (start, end) in bytes
        self.now_ns = 0
        self.scans = []  # (start, end, max_pages, room for ranges)
        self.reads = []  # sizes
        self.pauses = []  # (scans, reads) made before each of them

    def install(self, monkeypatch):
        monkeypatch.setattr(_pagemap.fcntl, "ioctl", self.ioctl)
        monkeypatch.setattr(_pagemap.os, "pread", self.pread)
        monkeypatch.setattr(_pagemap.time, "monotonic_ns", lambda: self.now_ns)
        monkeypatch.setattr(_pagemap.time, "sleep", self.sleep)

    def ioctl(self, _fd, request, arg):
        if request == _pagemap.QUERY_IOCTL:
            return self.query(arg)
        values = SCAN.unpack(arg)
        size, flags, start, end, _, vec, room, max_pages = values[:8]
        inverted, every, some, returned = values[8:]
        assert (size, flags, inverted, every, some) == (96, 0, 0, 0, INTERESTING)
        assert not returned & FILE, "makes the kernel look at each page"
        if returned & ~self.known:
            raise OSError(errno.EINVAL, "ioctl")
        if start == end:
            return 0
        self.scans.append((start, end, max_pages, room))
        self.now_ns += self.costs.pop(0) if len(self.costs) > 1 else self.costs[0]
        if self.fails:
            raise self.fails.pop(0)
        found = self.find(start // PAGE, end // PAGE, max_pages, room, returned)
        data = b"".join(struct.pack("3Q", *entry) for entry in found)
        ctypes.memmove(vec, data, len(data))
        return len(found)

    def sleep(self, seconds):
        assert seconds == _pagemap.PAUSE_S
        self.pauses.append((len(self.scans), len(self.reads)))

    def find(self, first, behind, max_pages, room, returned):
        """Give the ranges as do_pagemap_scan() does."""
        found = []
        for number in self.order[bisect_left(self.order, first) :]:
            kind = self.pages[number][0] & returned
            if number >= behind:
                break
            if not kind & INTERESTING:
                continue
            start, end = number * PAGE, (number + 1) * PAGE
            if found and found[-1][1:] == [start, kind]:
                found[-1][1] = end
            elif len(found) == room:
                break
            else:
                found.append([start, end, kind])
            max_pages -= 1
            if max_pages == 0:
                break
        return found

    def query(self, arg):
        address = struct.unpack_from("Q", arg, 16)[0]
        huge = any(start <= address < end for start, end in self.hugetlb)
        struct.pack_into("Q", arg, 48, PAGE * 512 if huge else PAGE)
        return 0

    def pread(self, fd, size, at):
        if self.maps and size < 8:  # a look at maps
            return READ(fd, size, at)
        self.reads.append(size)
        first = at // 8
        pages = [self.pages.get(first + i, (0, False)) for i in range(size // 8)]
        return struct.pack(f"{len(pages)}Q", *(self.entry(*page) for page in pages))

    def entry(self, kind, own):
        if kind & PRESENT:
            return IN_MEMORY | OWN * own | OF_FILE * bool(kind & FILE)
        if not kind & SWAPPED:
            return OF_FILE * bool(kind & FILE)
        place = TYPES[kind & (MARKER | MIGRATION)] | 77 << 5
        return 1 << 62 | (place if self.tells else 0)
