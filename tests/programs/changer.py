"""A process with many regions that changes them when it is told to.

It prints "ready", then obeys a line at a time and answers with the same line:

    merge    make one region of the many
    exec     become another program, which answers
"""

import ctypes
import mmap
import os
import sys

PAGE = mmap.PAGESIZE
COUNT = 300
LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.mmap.restype = ctypes.c_void_p
LIBC.mmap.argtypes = (
    ctypes.c_void_p,
    ctypes.c_size_t,
    *[ctypes.c_int] * 3,
    ctypes.c_long,
)
LIBC.mprotect.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
FLAGS = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS


def stripes():
    """Map memory in which every other page is read-only; give its address."""
    address = LIBC.mmap(None, COUNT * PAGE, mmap.PROT_READ, FLAGS, -1, 0)
    for i in range(0, COUNT, 2):
        LIBC.mprotect(address + i * PAGE, PAGE, mmap.PROT_READ | mmap.PROT_WRITE)
    return address


def answer(line):
    sys.stdout.write(line)
    sys.stdout.flush()


def main():
    address = stripes()
    answer("ready\n")
    for line in sys.stdin:
        if line == "exec\n":
            os.execv("/bin/sh", ["sh", "-c", "echo exec; read x"])
        LIBC.mprotect(address, COUNT * PAGE, mmap.PROT_READ)
        answer(line)


if __name__ == "__main__":
    main()
