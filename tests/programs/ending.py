"""A process with one kind of memory, to be killed.

    python ending.py KIND MIB FOLDER [UID]

It takes MIB of memory of the kind, prints "ready", then the pids of all its processes
in a line, its own first, and waits.  Files are made in FOLDER.  It becomes user UID,
whose files in /proc are its own.
"""

import array
import ctypes
import mmap
import os
import resource
import signal
import socket
import struct
import sys
import threading

PAGE, MIB = mmap.PAGESIZE, 1 << 20
SHARED, PRIVATE, ANONYMOUS = mmap.MAP_SHARED, mmap.MAP_PRIVATE, mmap.MAP_ANONYMOUS
NORESERVE, HUGETLB = 0x4000, 0x40000
DONTNEED, FREE, HUGEPAGE, NOHUGEPAGE, PAGEOUT = 4, 8, 14, 15, 21
READ = mmap.PROT_READ
IPC_CREAT, IPC_RMID, SHM_HUGETLB = 0o1000, 0, 0o4000
LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.shmat.restype = ctypes.c_void_p
SET_DUMPABLE, MFD_HUGETLB = 4, 4
kept = []  # what must live as long as the process
pids = [os.getpid()]


def fill(memory, start=0, end=None):
    """Write to each page, with content that is not the same in two pages."""
    for at in range(start, len(memory) if end is None else end, PAGE):
        memory[at : at + 16] = struct.pack("QQ", at + 1, os.getpid())


def take(size, flags=PRIVATE, fd=-1, prot=READ | mmap.PROT_WRITE):
    made = mmap.mmap(fd, size, flags | (ANONYMOUS if fd < 0 else 0), prot)
    kept.append(made)
    return made


def anonymous(size):
    made = take(size)
    made.madvise(NOHUGEPAGE)
    fill(made)
    return made


def address(memory):
    return ctypes.addressof(ctypes.c_char.from_buffer(memory))


def fork(work=lambda: None):
    """Make a child that works and waits."""
    ours, theirs = os.pipe()
    child = os.fork()
    if not child:
        work()
        os.write(theirs, b"x")
        while True:
            signal.pause()
    os.read(ours, 1)
    os.close(ours)
    os.close(theirs)
    pids.append(child)


def memfd(size, *, flags=0):
    fd = os.memfd_create("who", flags)
    os.ftruncate(fd, size)
    return fd


def of_file(size, kind):
    fd = os.open(f"{folder}/file.dat", os.O_RDWR | os.O_CREAT, 0o600)
    os.ftruncate(fd, size)
    if kind == "file":
        for _ in range(size // MIB):
            os.write(fd, b"x" * MIB)
        os.fsync(fd)
    made = take(size, PRIVATE if kind == "cowfile" else SHARED, fd)
    if kind == "file":
        sum(made[at] for at in range(0, size, PAGE))
    else:
        fill(made)
    if kind.startswith("delfile"):
        delete(fd, size, kind)


def delete(fd, size, kind):
    """Delete the file; before that write its pages to the disk, and read them anew."""
    if kind != "delfile":
        os.fsync(fd)
    if kind.startswith("delfileread"):
        kept.pop().close()
        os.posix_fadvise(fd, 0, size, os.POSIX_FADV_DONTNEED)
        for at in range(0, size, MIB):
            os.pread(fd, MIB, at)
    if kind == "delfilereadmapped":
        made = take(size, SHARED, fd)
        sum(made[at] for at in range(0, size, PAGE))
    os.unlink(f"{folder}/file.dat")


def of_shm(size, *, deleted):
    path = f"/dev/shm/memc-test-{os.getpid()}"
    fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    os.ftruncate(fd, size)
    fill(take(size, SHARED, fd))
    if deleted:
        os.unlink(path)


def of_memfd(size, kind):
    fd = memfd(size)
    made = take(size, SHARED, fd)
    fill(made)
    if kind == "memfd0":  # open, not mapped
        kept.pop().close()
    elif kind == "memfd2":  # mapped twice
        fill(take(size, SHARED, fd))
    elif kind == "memfdpart":  # half of it is mapped, and it is closed
        LIBC.munmap(ctypes.c_void_p(address(made)), ctypes.c_size_t(size // 2))
        os.close(fd)
    elif kind == "memfdopen":  # open in a child, not mapped there
        fork(made.close)
    elif kind == "memfdmapped":  # mapped in a child, closed in both
        kept.pop().close()
        again = take(size, SHARED, fd)
        os.close(fd)
        fork()
        kept.append(again)


def of_segment(size, *, removed):
    number = LIBC.shmget(0, ctypes.c_size_t(size), IPC_CREAT | 0o600)
    at = LIBC.shmat(number, None, 0)
    fill((ctypes.c_char * size).from_address(at))
    if removed:
        LIBC.shmctl(number, IPC_RMID, None)
    else:
        sys.stderr.write(f"{number}\n")
        sys.stderr.flush()


def of_threads(count):
    threading.stack_size(256 << 10)
    for _ in range(count):
        threading.Thread(target=threading.Event().wait, daemon=True).start()


def of_regions(count):
    made = take(count * 2 * PAGE, PRIVATE | NORESERVE)
    for i in range(count):
        at = ctypes.c_void_p(address(made) + i * 2 * PAGE)
        LIBC.mprotect(at, ctypes.c_size_t(PAGE), READ)


def of_files(count):
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, count + 100), hard))
    for _ in range(min(hard - 100, count)):
        os.open("/etc/passwd", os.O_RDONLY)


def of_pipes(count):
    for _ in range(count):
        _, writer = os.pipe()
        os.write(writer, b"x" * 65536)


def in_flight(size):
    """Send the only descriptor of a memfd to a socket that nobody reads."""
    fd = memfd(size)
    made = take(size, SHARED, fd)
    fill(made)
    kept.pop().close()
    left, right = socket.socketpair()
    kept.extend((left, right))
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [fd]))]
    left.sendmsg([b"x"], rights)
    os.close(fd)


def huge(size, *, holes):
    made = take(size + 2 * MIB)
    first = -address(made) % (2 * MIB)
    LIBC.madvise(
        ctypes.c_void_p(address(made) + first), ctypes.c_size_t(size), HUGEPAGE
    )
    fill(made, first, first + size)
    for at in range(first, first + size if holes else 0, 2 * PAGE):
        LIBC.madvise(
            ctypes.c_void_p(address(made) + at), ctypes.c_size_t(PAGE), DONTNEED
        )


def forked(size, *, out=False):
    made = anonymous(size)
    if out:
        made.madvise(PAGEOUT, 0, size // 2)
    for i in range(4):
        start = i * size // 8 // PAGE * PAGE
        fork(lambda start=start: fill(made, start, start + size // 8 // PAGE * PAGE))


def sparse(size):
    made = take(size * 512, PRIVATE | NORESERVE)
    made.madvise(NOHUGEPAGE)
    for at in range(0, size * 512, 2 * MIB):
        made[at] = 1


def freed_lazily(size):
    anonymous(size).madvise(FREE, 0, size // 2)


def swapped(size):
    anonymous(size).madvise(PAGEOUT, 0, size // 2)


def swapped_shm(size):
    fd = memfd(size)
    made = take(size, SHARED, fd)
    fill(made)
    made.madvise(PAGEOUT, 0, size // 2)


def pool(size, flags=PRIVATE, *, named=False):
    """Take pages of hugetlb; with `named` of a memfd that is open, and not mapped."""
    if named:
        made = take(size, SHARED, memfd(size, flags=MFD_HUGETLB))
    else:
        made = take(size, flags | HUGETLB)
    for at in range(0, size, 2 * MIB):
        made[at] = 1
    if named:
        kept.pop().close()


KINDS = {
    "base": lambda _: None,
    "malloc": lambda size: kept.extend(bytes([1]) * 4000 for _ in range(size // 4096)),
    "anon": anonymous,
    "sparse": sparse,
    "thp": lambda size: huge(size, holes=False),
    "free": freed_lazily,
    "fork": forked,
    "forkone": forked,
    "shm": lambda size: of_shm(size, deleted=False),
    "delshm": lambda size: of_shm(size, deleted=True),
    "memfdone": lambda size: of_memfd(size, "memfdopen"),
    "memfdmappedone": lambda size: of_memfd(size, "memfdmapped"),
    "shanon": lambda size: fill(take(size, SHARED)),
    "sysv": lambda size: of_segment(size, removed=False),
    "sysvdest": lambda size: of_segment(size, removed=True),
    "hugetlb": pool,
    "hugeshared": lambda size: pool(size, SHARED),
    "hugememfd": lambda size: pool(size, named=True),
    "swapped": swapped,
    "swappedshm": swapped_shm,
    "swappedfork": lambda size: forked(size, out=True),
    "threads": lambda size: of_threads(5 * size // MIB),
    "regions": lambda size: of_regions(200 * size // MIB),
    "files": lambda size: of_files(100 * size // MIB),
    "pipes": lambda size: of_pipes(4 * size // MIB),
    "inflight": in_flight,
    "holes": lambda size: huge(size, holes=True),
}
ON_DISK = ("file", "dirty", "cowfile", "delfile")
for name in (*ON_DISK, "delfilewritten", "delfileread", "delfilereadmapped"):
    KINDS[name] = lambda size, name=name: of_file(size, name)
for name in ("memfd", "memfd0", "memfd2", "memfdpart", "memfdopen", "memfdmapped"):
    KINDS[name] = lambda size, name=name: of_memfd(size, name)

kind, mib, folder, *uid = sys.argv[1:]
KINDS[kind](int(mib) * MIB)
if uid:
    os.setgroups([])
    os.setresgid(int(uid[0]), int(uid[0]), int(uid[0]))
    os.setresuid(int(uid[0]), int(uid[0]), int(uid[0]))
    LIBC.prctl(SET_DUMPABLE, 1, 0, 0, 0)
sys.stdout.write(f"ready\n{' '.join(map(str, pids))}\n")
sys.stdout.flush()
while True:
    signal.pause()
