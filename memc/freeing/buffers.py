"""Count the pages of a deleted file that have buffers, by page frames.

/proc/kpageflags tells of each frame whether its file system keeps something for it.
Of pages that are to be written that is known, and of pages that nobody maps it is not.
"""

from __future__ import annotations

import os

from memc.freeing.frames import PAGE_KB, numbers_of, present

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.freeing.shared import Shared
    from memc.proc.files import ProcessFiles
    from memc.proc.root import Opened

__all__ = ["settle"]

PRIVATE = 1 << 35  # KPF_PRIVATE in linux/kernel-page-flags.h
MOST = 4 << 30  # bytes of regions: their page tables are read in 0.2 s


def settle(root: Opened, files: ProcessFiles, one: Shared) -> None:
    """Find how much of a file has buffers, and how much has none.

    It takes CAP_SYS_ADMIN: without it the bounds stay.
    """
    seen = one.seen
    if seen is None or not seen.has_buffers or (seen.kb or 0) <= seen.buffered_kb:
        return
    if sum(end - start for start, end in one.places) > MOST:
        return
    try:
        frames = _frames(files, one.places)
        if not frames or 0 in frames:  # the kernel hides frames
            return
        flags = [flag for _, flag in numbers_of(root, "kpageflags", frames)]
    except OSError:
        return
    kb = PAGE_KB * sum(flag & PRIVATE != 0 for flag in flags)
    seen.buffered_kb = max(seen.buffered_kb, kb)
    seen.bare_kb = PAGE_KB * len(flags) - kb


def _frames(files: ProcessFiles, places: list[tuple[int, int]]) -> set[int]:
    fd = files.open("pagemap")
    try:
        return {
            frame
            for start, end in places
            for frame, is_of_file in present(fd, start, end)
            if is_of_file
        }
    finally:
        os.close(fd)
