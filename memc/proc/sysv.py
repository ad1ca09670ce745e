"""Segments of System V shared memory: which end with their last user."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.proc.files import ProcessFiles

__all__ = ["PREFIX", "Segment", "is_our_space", "read_segments"]

PREFIX = "/SYSV"  # shmem_kernel_file_setup() names them so, with their key
DEST = 0o1000  # SHM_DEST in include/linux/shm.h: marked for removal
FILE = "/proc/sysvipc/shm"


class Segment:
    """A segment: whether it is marked for removal, and how often it is attached."""

    __slots__ = ("attached", "is_marked")

    def __init__(self, mode: int, attached: int) -> None:
        self.is_marked = bool(mode & DEST)
        self.attached = attached


def read_segments() -> dict[int, Segment] | None:
    """Return the segments of this IPC namespace by inode; None if unreadable.

    The inode of a segment is its shmid (newseg() in ipc/shm.c).  Fields 2, 3 and 7 are
    shmid, mode and nattch (sysvipc_shm_proc_show()).
    """
    try:
        with open(FILE, "rb") as file:
            lines = file.read().splitlines()[1:]
    except OSError:
        return None
    found = {}
    for line in lines:
        words = line.split()
        if len(words) > 6 and words[1].isdigit() and words[2].isdigit():
            attached = int(words[6]) if words[6].isdigit() else 0
            found[int(words[1])] = Segment(int(words[2], 8), attached)
    return found


def is_our_space(files: ProcessFiles) -> bool:
    """Tell whether a live process is in the IPC namespace of this one."""
    try:
        theirs = os.readlink("ns/ipc", dir_fd=files.where())
        return theirs == os.readlink("/proc/self/ns/ipc")
    except OSError:
        return False
