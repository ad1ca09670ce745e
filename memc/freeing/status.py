"""What status and fd/ tell of a process: page tables, threads, open files."""

from __future__ import annotations

import re

from memc.proc.inode import PAGE_KB
from memc.proc.living import use_living_thread

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.proc.files import ProcessFiles

__all__ = [
    "CHANNEL_KB",
    "Status",
    "buffers_kb",
    "kernel_kb",
    "nodes_kb",
    "read_status",
]

NUMBER = re.compile(rb"^(\w+):[ \t]*([0-9]{1,18})\b", re.MULTILINE)

# What the kernel keeps for a process, measured on x86-64 with 500 threads, 40,000
# regions, 10,000 open files, 2,000 sockets and 400 pipes: a stack of 16 KiB and a task
# for each thread, a vm_area_struct for each region, a struct file for each open file.
THREAD_KB, REGION_KB, FILE_KB, CHANNEL_KB = 22.0, 0.19, 0.2, 1.8
# A node of an xarray for 64 pages of a file in memory (lib/xarray.c).
NODE_KB, NODE_PAGES = 0.5625, 64
# 39 buffer_heads of 104 bytes are in a page of their slab (linux/buffer_head.h).
BUFFER_KB = 4 / 39


class Status:
    """The numbers in status; None is what it does not tell.

    Everybody may read status, also of processes whose maps are refused.
    """

    __slots__ = ("_numbers",)

    def __init__(self, text: bytes) -> None:
        self._numbers = {key: int(number) for key, number in NUMBER.findall(text)}

    def get(self, key: str) -> int | None:
        """Return the number of a key, in kB if it is an amount."""
        return self._numbers.get(key.encode())

    @property
    def threads(self) -> int:
        """How many threads the process has; 1 if that is not told."""
        return self.get("Threads") or 1


def read_status(files: ProcessFiles) -> Status | None:
    """Read status, also if the first thread has ended; None if it cannot be read."""
    try:
        status = Status(files.read("status"))
        if status.get("VmSize") is None:  # its first thread may have ended
            use_living_thread(files)
            status = Status(files.read("status"))
    except OSError:
        return None
    return status


def nodes_kb(file_kb: int) -> float:
    """Estimate the kernel's bookkeeping for the pages of a file."""
    return file_kb / PAGE_KB / NODE_PAGES * NODE_KB


def buffers_kb(file_kb: int, block: int) -> float:
    """Estimate what a file system keeps for written pages, by the size of a block."""
    return (file_kb << 10) / block * BUFFER_KB


def kernel_kb(threads: int, regions: int, open_files: int) -> float:
    """Estimate the kernel's bookkeeping for a process."""
    return threads * THREAD_KB + regions * REGION_KB + open_files * FILE_KB
