"""A process whose memory changes when it is told how.

    python told.py

It prints "ready" and the address of a region in a line each, and then does what each
line of its standard input says, and prints the line.  What lies around the region is
closed, so that it is never one with its neighbours.
"""

import ctypes
import mmap
import sys

PAGE = mmap.PAGESIZE
LIBC = ctypes.CDLL(None, use_errno=True)
for function in (LIBC.mmap, LIBC.mremap):
    function.restype = ctypes.c_void_p
P, N, I = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int  # noqa: E741
LIBC.mmap.argtypes = (P, N, I, I, I, ctypes.c_long)
LIBC.mprotect.argtypes = (P, N, I)
LIBC.munmap.argtypes = (P, N)
LIBC.mremap.argtypes = (P, N, N, I, P)
NONE, READ, BOTH = 0, 1, 3
PRIVATE_ANONYMOUS = 0x22
MAYMOVE_FIXED = 3

room = LIBC.mmap(None, 1000 * PAGE, NONE, PRIVATE_ANONYMOUS, -1, 0)
start = room + 100 * PAGE
LIBC.mprotect(start, 200 * PAGE, BOTH)

ACTIONS = {
    "touch": lambda: ctypes.memset(start, 1, 64 * PAGE),
    "grow": lambda: LIBC.mprotect(start + 200 * PAGE, 50 * PAGE, BOTH),
    "split": lambda: LIBC.mprotect(start + 100 * PAGE, PAGE, READ),
    "join": lambda: LIBC.mprotect(start + 100 * PAGE, PAGE, BOTH),
    "move": lambda: LIBC.mremap(
        start, 200 * PAGE, 200 * PAGE, MAYMOVE_FIXED, start + 500 * PAGE
    ),
    "free": lambda: LIBC.munmap(start, 200 * PAGE),
    "wait": lambda: None,
}

if __name__ == "__main__":
    sys.stdout.write(f"ready\n{start}\n")
    sys.stdout.flush()
    for line in sys.stdin:
        ACTIONS[line.strip()]()
        sys.stdout.write(line)
        sys.stdout.flush()
