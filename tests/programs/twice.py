"""A process that maps one memfd twice, and one that it maps once.

The arguments are the sizes of the two in kB.  All pages are touched.  It prints "ready"
and waits.
"""

import mmap
import os
import sys


def take(kb, times):
    fd = os.memfd_create(f"mapped-{times}")
    os.ftruncate(fd, kb << 10)
    memories = [mmap.mmap(fd, kb << 10) for _ in range(times)]
    for memory in memories:
        for at in range(0, kb << 10, mmap.PAGESIZE):
            memory[at] = 1
    return memories


twice, once = map(int, sys.argv[1:])
held = take(twice, 2), take(once, 1)
sys.stdout.write("ready\n")
sys.stdout.flush()
sys.stdin.readline()
