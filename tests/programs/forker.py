"""A server that forked: its memory is that of its children until one writes.

It prints "ready", then a line of JSON: the address and pages of what they share, and of
each process the pid and how many of the pages are its own.
"""

import ctypes
import json
import mmap
import os
import signal
import sys

PAGE = mmap.PAGESIZE
PAGES = 512
WRITTEN = 100
NOHUGEPAGE, PR_SET_PDEATHSIG = 15, 1
LIBC = ctypes.CDLL(None)


def fork(address, count):
    """Start a child that writes to so many pages, and wait until it has."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        for i in range(count):
            ctypes.memset(address + i * PAGE, 2, 1)
        os.write(writing, b"!")
        while True:
            signal.pause()
    os.read(reading, 1)
    return pid


if __name__ == "__main__":
    memory = mmap.mmap(-1, PAGES * PAGE, mmap.MAP_PRIVATE)
    memory.madvise(NOHUGEPAGE)
    address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    ctypes.memset(address, 1, PAGES * PAGE)
    own = {fork(address, count): count for count in (WRITTEN, 0)} | {os.getpid(): 0}
    sys.stdout.write("ready\n" + json.dumps([address, PAGES, list(own.items())]) + "\n")
    sys.stdout.flush()
    sys.stdin.read()
    os._exit(0)
