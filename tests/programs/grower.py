"""A process that holds so many MiB from the start, and may grow all the time.

    python grower.py MIB [forever]

It prints "ready" when it has what it holds, and asks to keep that in memory: some
machines page out what nobody has used for a while.
"""

import ctypes
import mmap
import sys
import time

PAGE = mmap.PAGESIZE
MCL_CURRENT = 1
kept = []


def take(size):
    memory = mmap.mmap(-1, size, mmap.MAP_PRIVATE)
    for offset in range(0, size, PAGE):
        memory[offset] = 1
    kept.append(memory)


if __name__ == "__main__":
    take(int(sys.argv[1]) << 20)
    ctypes.CDLL(None).mlockall(MCL_CURRENT)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while "forever" in sys.argv:
        take(4 * PAGE)
        time.sleep(0.001)
    sys.stdin.read()
