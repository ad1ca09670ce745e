"""A process with every kind of memory that counts differently.

    python kinds.py FOLDER [HUGE]

With a second argument there are two huge pages to be had, and it takes them.

It prints "ready", then a line of JSON: by the name of each kind the address of its
region and how many pages of it count.  Two pages lie between any two regions.
What a kernel does not offer is left out: guard pages.
"""

import ctypes
import json
import mmap
import os
import sys

PAGE = mmap.PAGESIZE
HUGE = 2 << 20
LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.mmap.restype = ctypes.c_void_p
LIBC.mmap.argtypes = (
    ctypes.c_void_p,
    ctypes.c_size_t,
    *[ctypes.c_int] * 3,
    ctypes.c_long,
)
LIBC.mprotect.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
LIBC.munmap.argtypes = (ctypes.c_void_p, ctypes.c_size_t)
LIBC.madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)

NONE, READ, WRITE = 0, 1, 2
BOTH = READ | WRITE
SHARED, PRIVATE, FIXED, ANONYMOUS = 1, 2, 0x10, 0x20
NORESERVE, HUGETLB, FIXED_NOREPLACE = 0x4000, 0x40000, 0x100000
MFD_HUGETLB = 4
DONTNEED, FREE, HUGEPAGE, NOHUGEPAGE, PAGEOUT, GUARD = 4, 8, 14, 15, 21, 102
PAGES = 64
TOUCHED = 40
RESERVED = 1 << 40
BASE = 0x100000000000  # nothing is there: each kind is alone

kinds = {}


class Space:
    """Where the next region goes."""

    next = BASE


def take(size, prot, flags, fd=-1, *, align=PAGE):
    """Map memory where nothing is; give its address, None where the kernel won't."""
    address = -(-Space.next // align) * align
    flags |= FIXED_NOREPLACE | (ANONYMOUS if fd < 0 else 0)
    if LIBC.mmap(address, size, prot, flags, fd, 0) != address:
        return None
    Space.next = address + size + 2 * PAGE
    LIBC.madvise(address, size, NOHUGEPAGE)  # nothing is there that was not touched
    return address


def touch(address, first, count, *, write=True):
    for i in range(first, first + count):
        if write:
            ctypes.memset(address + i * PAGE, 1, 1)
        else:
            ctypes.string_at(address + i * PAGE, 1)


def advise(address, first, count, advice):
    return LIBC.madvise(address + first * PAGE, count * PAGE, advice) == 0


def plain(name, flags=PRIVATE, *, fd=-1, write=True, prot=BOTH):
    """Map some pages and touch some of them."""
    address = take(PAGES * PAGE, prot, flags, fd)
    touch(address, 3, TOUCHED, write=write)
    kinds[name] = (address, TOUCHED)
    return address


def put(folder, name):
    """Make a file and open it."""
    path = os.path.join(folder, name)
    with open(path, "wb") as file:
        file.write(b"memc" * (PAGE // 4) * PAGES)
    return os.open(path, os.O_RDWR)


def files(folder):
    fd = put(folder, "read")
    plain("file that is read", SHARED, fd=fd, prot=READ, write=False)
    plain("private file that is written", fd=put(folder, "private"))
    plain("shared file that is written", SHARED, fd=put(folder, "shared"))
    fd = put(folder, "twice")
    plain("file that is mapped twice", SHARED, fd=fd)
    plain("file that is mapped twice", SHARED, fd=fd)


def shared():
    plain("shared", SHARED)
    fd = os.memfd_create("kinds")
    os.truncate(fd, PAGES * PAGE)
    plain("memfd", SHARED, fd=fd)
    plain("private memfd", PRIVATE, fd=fd)


def private():
    plain("private")
    kinds["zero page"] = (plain("zero page", write=False), 0)
    address = plain("given back")
    advise(address, 0, PAGES, DONTNEED)
    kinds["given back"] = (address, 0)
    advise(plain("free when needed"), 0, PAGES, FREE)
    advise(plain("paged out"), 0, PAGES, PAGEOUT)
    LIBC.mprotect(plain("out of reach"), PAGES * PAGE, NONE)
    address = plain("with guard pages")
    if advise(address, 10, 20, GUARD):
        kinds["with guard pages"] = (address, TOUCHED - 20)
    take(RESERVED, NONE, PRIVATE | NORESERVE)
    address = take(RESERVED, BOTH, PRIVATE | NORESERVE)
    touch(address, 0, 1)
    touch(address, RESERVED // PAGE - 1, 1)
    kinds["1 TiB of which two pages are touched"] = (address, 2)
    scattered("every 50th page", *[49] * 200)
    scattered("pages ever farther apart", *range(100))


def scattered(name, *gaps):
    """Touch one page after each gap, which is so many pages."""
    address = take((sum(gaps) + len(gaps)) * PAGE, BOTH, PRIVATE)
    at = -1
    for gap in gaps:
        at += gap + 1
        touch(address, at, 1)
    kinds[name] = (address, len(gaps))


def stripes(count=100):
    """Regions side by side, so that one range of pages runs over many."""
    address = take(2 * count * PAGE, BOTH, PRIVATE)
    touch(address, 0, 2 * count)
    for i in range(count):
        LIBC.mprotect(address + 2 * i * PAGE, PAGE, READ)
        kinds[f"stripe {i}"] = (address + 2 * i * PAGE, 1)


def huge():
    for name in ("huge", "huge and split", "huge zero page"):
        address = take(2 * HUGE, BOTH, PRIVATE, align=HUGE)
        advise(address, 0, 2 * HUGE // PAGE, HUGEPAGE)
        touch(address, 0, 2 * HUGE // PAGE, write=name != "huge zero page")
        kinds[name] = (address, 2 * HUGE // PAGE)
    address, pages = kinds["huge and split"]
    advise(address, 0, pages, NOHUGEPAGE)  # khugepaged would make it whole again
    advise(address, 7, 1, DONTNEED)
    kinds["huge and split"] = (address, pages - 1)
    kinds["huge zero page"] = (kinds["huge zero page"][0], 0)


def hugetlb(*, populate):
    """Map huge pages; to touch them where there are none is to die."""
    try:
        fd = os.memfd_create("tlb", MFD_HUGETLB)
        os.truncate(fd, HUGE)
    except OSError:  # this kernel has none at all
        return
    found = {
        "hugetlb": take(HUGE, BOTH, PRIVATE | HUGETLB | NORESERVE, align=HUGE),
        "shared hugetlb": take(HUGE, BOTH, SHARED | NORESERVE, fd, align=HUGE),
    }
    for name, address in found.items():
        if populate:
            touch(address, 0, 1)
        kinds[name] = (address, 0)


if __name__ == "__main__":
    files(sys.argv[1])
    shared()
    private()
    stripes()
    huge()
    hugetlb(populate=len(sys.argv) > 2)
    sys.stdout.write("ready\n" + json.dumps(kinds) + "\n")
    sys.stdout.flush()
    sys.stdin.read()
    os._exit(0)
