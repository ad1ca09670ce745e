"""A file that a process maps or has open: its identity, and the memory it takes.

Only regular files are opened, through a handle that opens nothing by itself, so that no
device, pipe or socket is touched.  Nothing of their content is read.
"""

from __future__ import annotations

import os
from stat import S_ISREG

__all__ = ["Key", "Seen", "look", "shared_device"]

Key = tuple[int, int, int]  # the two numbers of the device, and the inode

CACHESTAT = 451  # the same number on all machines but alpha; Linux 6.5
PAGE_KB = os.sysconf("SC_PAGE_SIZE") // 1024
HANDLE = os.O_PATH | os.O_CLOEXEC
READ = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
# linux/magic.h: memory is all that these file systems have.
TMPFS, RAMFS, HUGETLBFS = 0x01021994, 0x858458F6, 0x958458F6
# These keep a buffer_head for each block of a page that they wrote: ext2 to ext4, FAT.
BUFFERED = (0xEF53, 0x4D44, 0x2011BAB0)


class Seen:
    """What the kernel tells of a regular file.

    - `key`: the device and the inode;
    - `is_deleted`: whether it has no name any more;
    - `kb`: the memory it takes now, None if the kernel does not tell it;
    - `buffered_kb`, `bare_kb`: the parts of `kb` of which it is known that they have
      buffers of the file system, as what is to be written has, or that they have none;
    - `blocks_kb`: what it takes in memory and swap, or on its disk;
    - `block`: the size of a block of its file system, in bytes;
    - `kind`: the magic number of its file system, 0 if it is not known.
    """

    __slots__ = (
        "bare_kb",
        "block",
        "blocks_kb",
        "buffered_kb",
        "is_deleted",
        "kb",
        "key",
        "kind",
    )

    def __init__(self, found: os.stat_result) -> None:
        device = found.st_dev
        self.key = os.major(device), os.minor(device), found.st_ino
        self.is_deleted = found.st_nlink == 0
        self.blocks_kb = found.st_blocks // 2
        self.block = found.st_blksize
        self.kb: int | None = None
        self.buffered_kb = self.bare_kb = 0
        self.kind = 0

    @property
    def is_memory(self) -> bool:
        """Tell whether all of the file is memory or swap."""
        return self.kind in (TMPFS, RAMFS)

    @property
    def has_buffers(self) -> bool:
        """Tell whether the kernel keeps a buffer_head for each block that it wrote."""
        return self.kind in BUFFERED and self.block > 0

    @property
    def is_huge(self) -> bool:
        """Tell whether the file has huge pages of a pool."""
        return self.kind == HUGETLBFS


def look(name: str, folder: int) -> Seen | None:
    """Look at the file behind a link of /proc; None if it is not a regular one.

    Raises OSError if it cannot be looked at.  Without the right to open it, only stat()
    tells of it.
    """
    found = os.stat(name, dir_fd=folder)
    if not S_ISREG(found.st_mode):
        return None
    seen = Seen(found)
    try:
        handle = os.open(name, HANDLE, dir_fd=folder)
    except OSError:
        return seen
    try:
        if _is_same(found, os.fstat(handle)):
            _measure(seen, handle)
    finally:
        os.close(handle)
    return seen


def _is_same(a: os.stat_result, b: os.stat_result) -> bool:
    return (a.st_dev, a.st_ino, S_ISREG(b.st_mode)) == (b.st_dev, b.st_ino, True)


def _measure(seen: Seen, handle: int) -> None:
    """Set `kind` and `kb`: which file system it is on, and how much is in memory."""
    import ctypes

    from memc.proc.file_system import kind_of

    libc = ctypes.CDLL(None)
    seen.kind = kind_of(handle)
    if not seen.is_deleted and not seen.is_memory:
        return  # a file with a name stays in the cache, whatever it has
    try:
        fd = os.open(f"/proc/self/fd/{handle}", READ)
    except OSError:
        return
    try:
        pages = (ctypes.c_uint64 * 5)()  # struct cachestat: cached, dirty, in writeback
        whole = (ctypes.c_uint64 * 2)(0, 0)
        if libc.syscall(CACHESTAT, fd, whole, pages, 0) == 0:
            seen.kb = pages[0] * PAGE_KB
            seen.buffered_kb = min(pages[0], pages[1] + pages[2]) * PAGE_KB
    finally:
        os.close(fd)


def shared_device() -> tuple[int, int] | None:
    """Return the device of shared memory without a name: of memfd and of MAP_SHARED."""
    try:
        fd = os.memfd_create("memc", os.MFD_CLOEXEC)
    except (OSError, AttributeError):
        return None
    try:
        device = os.fstat(fd).st_dev
    finally:
        os.close(fd)
    return os.major(device), os.minor(device)
