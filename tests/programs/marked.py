"""A process with markers of userfaultfd, which are no swap, beside pages in swap.

It prints "ready" and a line of JSON: by the name of each kind the address of its
region.  If userfaultfd is not permitted, there are no kinds.  Then it waits.
"""

import ctypes
import fcntl
import json
import mmap
import os
import struct
import sys

PAGE = mmap.PAGESIZE
PAGES, TOUCHED = 64, 16
CALLS = {"x86_64": 323, "aarch64": 282, "riscv64": 282}
LIBC = ctypes.CDLL(None, use_errno=True)
API, REGISTER, PROTECT, POISON = 0xC018AA3F, 0xC020AA00, 0xC018AA06, 0xC020AA08
FEATURES = 1 << 0 | 1 << 13 | 1 << 14  # write-protect, also what is not there; poison
MISSING, WRITE = 1, 2
NOHUGEPAGE, PAGEOUT = 15, 21


def take(fd=-1, flags=mmap.MAP_PRIVATE):
    """Map memory that is touched in part, between two regions that differ."""
    memory = mmap.mmap(fd, PAGES * PAGE, flags)
    memory.madvise(NOHUGEPAGE)
    for page in range(TOUCHED):
        memory[page * PAGE] = 1
    return memory, ctypes.addressof(ctypes.c_char.from_buffer(memory))


def protect(uffd, address):
    size = PAGES * PAGE
    ask(uffd, REGISTER, struct.pack("4Q", address, size, WRITE, 0))
    ask(uffd, PROTECT, struct.pack("3Q", address, size, 1))


def poison(uffd, address):
    size = PAGES * PAGE
    ask(uffd, REGISTER, struct.pack("4Q", address, size, MISSING, 0))
    first = address + TOUCHED * PAGE
    ask(uffd, POISON, struct.pack("4Q", first, size - TOUCHED * PAGE, 0, 0))


def ask(uffd, request, words):
    fcntl.ioctl(uffd, request, bytearray(words))


def shared_file():
    fd = os.memfd_create("marked")
    os.ftruncate(fd, PAGES * PAGE)
    return fd


def main():
    """Make the regions; give by kind the memory and its address."""
    uffd = LIBC.syscall(CALLS.get(os.uname().machine, -1), os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        ask(uffd, API, struct.pack("3Q", 0xAA, FEATURES, 0))
    except OSError:
        return {}
    kinds = {
        "protected": take(),
        "poisoned": take(),
        "protected shared": take(shared_file(), mmap.MAP_SHARED),
        "plain": take(),
    }
    protect(uffd, kinds["protected"][1])
    poison(uffd, kinds["poisoned"][1])
    protect(uffd, kinds["protected shared"][1])
    kinds["plain"][0].madvise(PAGEOUT)
    return kinds


kinds = main()
addresses = {name: address for name, (_, address) in kinds.items()}
sys.stdout.write(f"ready\n{json.dumps(addresses)}\n")
sys.stdout.flush()
sys.stdin.read()
