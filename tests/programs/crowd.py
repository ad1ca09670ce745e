"""A process that has as many regions as it may: just below the usual limit.

It prints "ready" and waits until its standard input ends.  The limit is the sysctl
vm.max_map_count.
"""

import ctypes
import mmap
import sys

PAGE = mmap.PAGESIZE
LIMIT = 65_530
SPARE = 20  # for what Python itself maps
LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.mmap.restype = ctypes.c_void_p
LIBC.mmap.argtypes = (
    ctypes.c_void_p,
    ctypes.c_size_t,
    *[ctypes.c_int] * 3,
    ctypes.c_long,
)
LIBC.mprotect.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)


def main():
    flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
    with open("/proc/self/maps", "rb") as file:
        left = LIMIT - SPARE - len(file.read().splitlines())
    address = LIBC.mmap(None, LIMIT * PAGE, 0, flags, -1, 0)
    # A page that differs from those around it makes two regions more.
    for i in range(1, left, 2):
        if LIBC.mprotect(address + i * PAGE, PAGE, mmap.PROT_READ | mmap.PROT_WRITE):
            break
        if i % 16 == 1:
            ctypes.memset(address + i * PAGE, 1, 1)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main()
