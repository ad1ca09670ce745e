"""A process with every kind of mapping that can be made without privileges.

    python target.py FOLDER

It makes files with odd names in FOLDER, maps them and much else, prints "ready" and
waits until its standard input ends.  What a kernel does not offer is left out: huge
pages, names for anonymous memory, some kinds of advice.
"""

import ctypes
import mmap
import os
import sys
import threading

PAGE = mmap.PAGESIZE
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
LIBC.mlock.argtypes = (ctypes.c_void_p, ctypes.c_size_t)
LIBC.shmat.restype = ctypes.c_void_p

NONE, READ, WRITE, EXEC = 0, 1, 2, 4
SHARED, PRIVATE, ANONYMOUS, NORESERVE, HUGETLB = 1, 2, 0x20, 0x4000, 0x40000
NAMES = [
    b"plain",
    b"with blank",
    b"two  blanks",
    b" leading",
    b"trailing ",
    b"new\nline",
    b"ends in newline\n",
    b"tab\there",
    b"carriage\rreturn\r",
    b"vertical\x0btab form\x0cfeed",
    b"back\\slash",
    b"lit\\012eral",
    b"not utf-8 \xff\xfe\xc3",
    "utf-8 é中😀\u2028".encode(),
    b"control \x01\x1b\x7f",
    b"quote\"quote'",
    b"percent %s %n",
    b"faked (deleted)",
    b"Rss: 12 kB",
    b"[heap]",
    b"[anon:x]",
    b"[vdso]",
    b"libx.so",
    b"lib x.so.1.2",
    b"ld.so.cache",
    b"x" * 255,
]
ADVICE = [1, 2, 10, 12, 14, 15, 16, 18, 20]  # MADV_RANDOM … MADV_COLD, one page each
kept = []


def put(folder, name, pages=2):
    """Make a file of that name and give its path."""
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(b"memc" * (PAGE // 4) * pages)
    return path


def map_file(path, flags, prot, *, touch=True):
    fd = os.open(path, os.O_RDWR)
    view = mmap.mmap(fd, 2 * PAGE, flags, prot)
    os.close(fd)
    if touch and prot & mmap.PROT_READ:
        view.read(1)
    kept.append(view)


def files(folder):
    for name in NAMES:
        map_file(put(folder, name), mmap.MAP_PRIVATE, mmap.PROT_READ)
    map_file(put(folder, b"shared"), mmap.MAP_SHARED, READ | WRITE)
    map_file(put(folder, b"untouched"), mmap.MAP_SHARED, READ, touch=False)
    map_file(put(folder, b"code"), mmap.MAP_PRIVATE, READ | EXEC)
    map_file(put(folder, b"x.so.d/a.sock"), mmap.MAP_PRIVATE, mmap.PROT_READ)
    for name in (b"gone", b"gone (deleted)", b"libgone.so.1"):
        path = put(folder, name)
        map_file(path, mmap.MAP_PRIVATE, READ | WRITE)
        os.unlink(path)
    path = put(folder, b"before")
    map_file(path, mmap.MAP_PRIVATE, mmap.PROT_READ)
    os.rename(path, os.path.join(folder, b"renamed"))


def memfds():
    for name in ("plain", "with blank", "new\nline", "", "jit.so", "x (deleted)"):
        fd = os.memfd_create(name)
        os.truncate(fd, 2 * PAGE)
        view = mmap.mmap(fd, 2 * PAGE, mmap.MAP_SHARED)
        view[:4] = b"memc"
        kept.append((fd, view))


def anonymous(pages, prot, flags, *, fill=True):
    """Map anonymous memory; give its address, or None where the kernel will not."""
    address = LIBC.mmap(None, pages * PAGE, prot, flags | ANONYMOUS, -1, 0)
    if address in (None, ctypes.c_void_p(-1).value):
        return None
    if fill:
        ctypes.memset(address, 1, pages * PAGE)
    return address


def memory():
    both = READ | WRITE
    anonymous(16, both, PRIVATE)
    anonymous(8, both, SHARED)
    anonymous(4, both | EXEC, PRIVATE)
    anonymous(1 << 18, NONE, PRIVATE | NORESERVE, fill=False)
    anonymous(512, both, PRIVATE | HUGETLB | NORESERVE, fill=False)
    LIBC.mprotect(anonymous(4, both, PRIVATE), 4 * PAGE, READ | EXEC)
    LIBC.mlock(anonymous(4, both, PRIVATE), 2 * PAGE)
    LIBC.madvise(anonymous(8, both, PRIVATE), 8 * PAGE, 8)  # MADV_FREE
    for advice in ADVICE:
        LIBC.madvise(anonymous(4, both, PRIVATE), 4 * PAGE, advice)
    named = anonymous(4, both, PRIVATE)
    LIBC.prctl(0x53564D41, 0, ctypes.c_ulong(named), 4 * PAGE, b"a name")
    zero = os.open("/dev/zero", os.O_RDWR)
    kept.append(mmap.mmap(zero, PAGE, mmap.MAP_PRIVATE))
    os.close(zero)


def stripes(count=150):
    """Make so many regions that the kernel needs several reads to print them."""
    address = anonymous(2 * count, READ | WRITE, PRIVATE)
    for i in range(count):
        LIBC.mprotect(address + 2 * i * PAGE, PAGE, READ)


def system_v():
    """Attach a segment that goes away with the last process that has it."""
    number = LIBC.shmget(0, 4 * PAGE, 0o1600)  # IPC_PRIVATE, IPC_CREAT
    if number >= 0:
        ctypes.memset(LIBC.shmat(number, None, 0), 1, PAGE)
        LIBC.shmctl(number, 0, None)  # IPC_RMID


def threads(count=3):
    started = threading.Barrier(count + 1)
    for _ in range(count):
        run = (started.wait, threading.Event().wait)
        threading.Thread(target=lambda run=run: [f() for f in run], daemon=True).start()
    started.wait()


if __name__ == "__main__":
    files(os.fsencode(sys.argv[1]))
    memfds()
    memory()
    stripes()
    system_v()
    threads()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.read()
    os._exit(0)
