"""Count the anonymous pages that a group of processes has alone, by page frames.

/proc/PID/pagemap tells the frame of each page, and /proc/kpagecount how often a frame
is mapped: it comes back if the group maps it that often.  Both take CAP_SYS_ADMIN.
"""

from __future__ import annotations

import os
from errno import EIO
from operator import add

from memc.errors import ProcessError
from memc.proc.files import ProcessFiles
from memc.proc.living import use_living_thread

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from memc.freeing.own import Own
    from memc.proc.root import Opened
    from memc.table.region import Table

__all__ = ["anonymous_kb", "numbers_of", "present", "settle"]

PRIVATE = 16  # the bit in a value of the column `perm`
PAGE = os.sysconf("SC_PAGE_SIZE")
PAGE_KB = PAGE // 1024
# The bits of an entry of pagemap (Documentation/admin-guide/mm/pagemap.rst).
PRESENT, OF_FILE, ALONE, FRAME = 1 << 63, 1 << 61, 1 << 56, (1 << 55) - 1
MOST_KB = 16 << 20  # shared memory that is counted: a second, 400 MB
MOST_MIXED = 256 << 20  # bytes of regions whose page tables are read to settle bounds
BLOCK = 1 << 16  # entries at a time
GAP = 512  # read frames in one go if no more than this lies between two of them


def settle(files: ProcessFiles, own: Own) -> None:
    """Set the bounds exactly where private pages of files leave doubt.

    Page tables tell it, also to the owner of a process.  Large regions are left.
    """
    if sum(end - start for start, end, _, _ in own.mixed) > MOST_MIXED:
        return
    try:
        fd = files.open("pagemap")
    except OSError:
        return
    try:
        for start, end, least, most in own.mixed:
            kb = PAGE_KB * sum(e == ALONE for e in _anonymous(fd, start, end))
            if least <= kb <= most:
                own.least += kb - least
                own.most += kb - most
    except OSError:
        pass
    finally:
        os.close(fd)


def anonymous_kb(root: Opened, tables: Iterable[tuple[int, Table]]) -> int | None:
    """Return the anonymous memory that nobody but these processes has, in kB.

    None if frames may not be read, or if there are too many.
    """
    counts: dict[int, int] = {}
    pages = 0
    try:
        for pid, table in tables:
            with ProcessFiles(root, pid) as files:
                use_living_thread(files)
                for frame in _frames(files, table):
                    if frame == ALONE:
                        pages += 1
                        continue
                    counts[frame] = counts.get(frame, 0) + 1
                    if len(counts) * PAGE_KB > MOST_KB:
                        return None
            pages += _simple_kb(table) // PAGE_KB
        if 0 in counts:  # the kernel hides frames
            return None
        return (pages + _ours(root, counts)) * PAGE_KB
    except (OSError, ProcessError):
        return None


def _rows(table: Table) -> Iterator[tuple[int, int, int, bool]]:
    """Yield addresses, anonymous memory, and whether others have a page there."""
    columns = table.columns
    names = ("perm", "start", "end", "anonymous_kb", "rss_kb")
    private = map(
        add, columns["private_clean_kb"].values, columns["private_dirty_kb"].values
    )
    rows = zip(*(columns[name].values for name in names), private, strict=True)
    for perm, start, end, anonymous, rss, alone in rows:
        if perm & PRIVATE and anonymous:
            yield start, end, anonymous, alone < rss


def _simple_kb(table: Table) -> int:
    return sum(anonymous for *_, anonymous, is_mixed in _rows(table) if not is_mixed)


def _frames(files: ProcessFiles, table: Table) -> Iterator[int]:
    """Yield the frame of each anonymous page that others have too, else ALONE."""
    fd = files.open("pagemap")
    try:
        for start, end, _, is_mixed in _rows(table):
            if is_mixed:
                yield from _anonymous(fd, start, end)
    finally:
        os.close(fd)


def _anonymous(fd: int, start: int, end: int) -> Iterator[int]:
    for entries in _blocks(fd, start, end):
        for entry in entries:
            if entry & PRESENT and not entry & OF_FILE:
                yield ALONE if entry & ALONE else entry & FRAME


def present(fd: int, start: int, end: int) -> Iterator[tuple[int, bool]]:
    """Yield the frame of each page in memory, and whether it is a page of a file."""
    for entries in _blocks(fd, start, end):
        for entry in entries:
            if entry & PRESENT:
                yield entry & FRAME, entry & OF_FILE != 0


def _blocks(fd: int, start: int, end: int) -> Iterator[Iterable[int]]:
    """Yield entries of pagemap, many at a time; parts without any page are left out."""
    from array import array

    at, stop = start // PAGE * 8, end // PAGE * 8
    while at < stop:
        data = os.pread(fd, min(stop - at, BLOCK * 8), at)
        if not data:
            return
        at += len(data)
        if data.count(0) == len(data):
            continue
        yield array("Q", data)


def _ours(root: Opened, counts: dict[int, int]) -> int:
    """Return how many frames are mapped by nobody else; 0 times are pages of zeros."""
    mapped = numbers_of(root, "kpagecount", counts)
    return sum(0 < number <= counts[frame] for frame, number in mapped)


def numbers_of(
    root: Opened, name: str, wanted: Iterable[int]
) -> Iterator[tuple[int, int]]:
    """Yield these frames and their numbers in kpagecount or kpageflags.

    Raises OSError.
    """
    from array import array

    fd = os.open(name, os.O_RDONLY | os.O_CLOEXEC, dir_fd=root.fd)
    try:
        frames = sorted(wanted)
        first = 0
        for last in range(1, len(frames) + 1):
            is_near = last < len(frames) and frames[last] - frames[last - 1] <= GAP
            if is_near and frames[last] - frames[first] < BLOCK:
                continue
            run = frames[first:last]
            size = (run[-1] - run[0] + 1) * 8
            numbers = array("Q", os.pread(fd, size, run[0] * 8))
            if len(numbers) * 8 < size:
                raise OSError(EIO, f"{name} ends before frame {run[-1]}")
            yield from ((frame, numbers[frame - run[0]]) for frame in run)
            first = last
    finally:
        os.close(fd)
