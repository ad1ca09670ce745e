"""A process and a second one that has its memory: clone(2) with CLONE_VM.

It prints "ready", and then the pid of the second one, which ends with the first.
"""

import ctypes
import mmap
import signal
import sys

CLONE_VM, PR_SET_PDEATHSIG = 0x100, 1
STACK = 1 << 16
SIZE = 32 << 20
LIBC = ctypes.CDLL(None)

if __name__ == "__main__":
    held = mmap.mmap(-1, SIZE, mmap.MAP_PRIVATE)
    held.write(b"\1" * SIZE)
    stack = ctypes.create_string_buffer(STACK)
    top = ctypes.c_void_p((ctypes.addressof(stack) + STACK) & ~15)
    wait = ctypes.cast(LIBC.sleep, ctypes.c_void_p)  # no Python runs in the second one
    second = LIBC.clone(wait, top, CLONE_VM | signal.SIGCHLD, ctypes.c_void_p(600))
    sys.stdout.write(f"ready\n{second}\n")
    sys.stdout.flush()
    sys.stdin.read()
