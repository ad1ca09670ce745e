"""A process that brings the machine into a state, for memc.accounts.

    python states.py STATE AMOUNT

The amount is in MiB, or a number of threads, regions or pipes.  It prints "ready" and
waits.
"""

import ctypes
import mmap
import os
import sys
import threading

PAGE = mmap.PAGESIZE
MIB = 1 << 20
LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.mmap.restype = ctypes.c_void_p
LIBC.mmap.argtypes = (
    ctypes.c_void_p,
    ctypes.c_size_t,
    *[ctypes.c_int] * 3,
    ctypes.c_long,
)
LIBC.mprotect.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
LIBC.madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
LIBC.memset.argtypes = (ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t)
READ, BOTH = 1, 3
SHARED, PRIVATE, ANONYMOUS, NORESERVE, HUGETLB = 1, 2, 0x20, 0x4000, 0x40000
DONTNEED, HUGEPAGE, NOHUGEPAGE, PAGEOUT = 4, 14, 15, 21
HUGE = 2 * MIB
KEPT = []


def get(size, flags=PRIVATE | ANONYMOUS, fd=-1):
    address = LIBC.mmap(None, size, BOTH, flags, fd, 0)
    assert address not in (None, 2**64 - 1), os.strerror(ctypes.get_errno())
    return address


def fill(address, size):
    LIBC.memset(address, 1, size)


def anon(amount):
    fill(get(amount * MIB), amount * MIB)


def swapped(amount):
    """Swap memory out and read half of it back: that half is in swap, too."""
    size = amount * MIB
    address = get(size)
    ctypes.memmove(address, os.urandom(size), size)
    LIBC.madvise(address, size, PAGEOUT)
    for i in range(0, size // 2, PAGE):
        ctypes.c_char.from_address(address + i).value  # noqa: B018 - reads the page


def threads(amount):
    threading.stack_size(1 << 16)
    wait = threading.Event()
    for _ in range(amount):
        KEPT.append(threading.Thread(target=wait.wait, daemon=True))
        KEPT[-1].start()


def tables(amount):
    """Touch one page in each 2 MiB: each takes a page of page tables."""
    count = amount * MIB // PAGE
    address = get(count * HUGE, PRIVATE | ANONYMOUS | NORESERVE)
    LIBC.madvise(address, count * HUGE, NOHUGEPAGE)
    for i in range(count):
        ctypes.c_char.from_address(address + i * HUGE).value = b"x"


def memfd(amount, *, mapped=False):
    fd = os.memfd_create("states")
    os.truncate(fd, amount * MIB)
    block = b"x" * MIB
    for i in range(amount):
        os.pwrite(fd, block, i * MIB)
    KEPT.append(fd)
    if mapped:
        fill(get(amount * MIB, SHARED, fd), amount * MIB)


def mapped_memfd(amount):
    memfd(amount, mapped=True)


def deleted(amount):
    path = f"/dev/shm/memc-states-{os.getpid()}"
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    os.unlink(path)
    block = b"x" * MIB
    for i in range(amount):
        os.pwrite(fd, block, i * MIB)
    KEPT.append(fd)


def regions(amount):
    address = get(amount * PAGE, PRIVATE | ANONYMOUS | NORESERVE)
    for i in range(0, amount, 2):
        LIBC.mprotect(address + i * PAGE, PAGE, READ)


def hugetlb(amount):
    fill(get(amount * MIB, PRIVATE | ANONYMOUS | HUGETLB), amount * MIB)


def pipes(amount):
    for _ in range(amount):
        reading, writing = os.pipe()
        os.write(writing, b"x" * 65536)
        KEPT.append(reading)


def holes(amount):
    """Give every other page of huge pages back: the kernel frees none of them."""
    size = amount * MIB
    address = (get(size + HUGE) + HUGE - 1) & ~(HUGE - 1)
    LIBC.madvise(address, size, HUGEPAGE)
    fill(address, size)
    for i in range(0, size, 2 * PAGE):
        LIBC.madvise(address + i, PAGE, DONTNEED)


def main():
    state, amount = sys.argv[1:]
    globals()[state](int(amount))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main()
