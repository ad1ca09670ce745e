"""A process that maps a file of its own tmpfs privately; the pages are swapped out.

The argument is a folder to mount the tmpfs on.  It prints "ready" and a line: 1 if it
was permitted, else 0.  Then it waits.
"""

import ctypes
import mmap
import os
import sys

PAGES, PAGEOUT, NEWNS, PRIVATE = 64, 21, 0x20000, 1 << 18 | 1 << 14
LIBC = ctypes.CDLL(None, use_errno=True)


def mounted(folder):
    if LIBC.unshare(NEWNS) != 0:
        return False
    if LIBC.mount(b"none", b"/", None, ctypes.c_ulong(PRIVATE), None) != 0:
        return False
    kind = b"tmpfs"
    return LIBC.mount(kind, os.fsencode(folder), kind, ctypes.c_ulong(0), None) == 0


def main(folder):
    held = []
    there = mounted(folder)
    if there:
        with open(f"{folder}/file", "w+b") as file:
            file.truncate(PAGES * mmap.PAGESIZE)
            shared = mmap.mmap(file.fileno(), 0)
            for page in range(PAGES):
                shared[page * mmap.PAGESIZE] = 1
            held.append(mmap.mmap(file.fileno(), 0, mmap.MAP_PRIVATE))
            shared.madvise(PAGEOUT)
            shared.close()
    sys.stdout.write(f"ready\n{int(there)}\n")
    sys.stdout.flush()
    sys.stdin.readline()
    return held


main(sys.argv[1])
