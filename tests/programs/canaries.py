"""Map memory under names that tell of a user: each holds a word that was told."""

import ctypes
import mmap
import os
import shutil
import sys

word, folder, library = sys.argv[1:]
libc = ctypes.CDLL(None, use_errno=True)
home = os.path.join(folder, "home", f"{word}user", f"{word}project")
os.makedirs(home)
held = []


def mapped(fd):
    os.ftruncate(fd, mmap.PAGESIZE)
    held.append(mmap.mmap(fd, mmap.PAGESIZE))
    held[-1][:] = b"x" * mmap.PAGESIZE


with open("/proc/self/comm", "w") as comm:
    comm.write(f"{word}comm"[:15])
mapped(os.memfd_create(f"{word}memfd"))
gone = os.path.join(home, f"{word}temporary.dat")
mapped(os.open(gone, os.O_RDWR | os.O_CREAT))
os.unlink(gone)
shared = f"/dev/shm/{word}shared"
mapped(os.open(shared, os.O_RDWR | os.O_CREAT, 0o600))
os.unlink(shared)
for name in (f"lib{word}.so.1", f"\udcff{word}.so"):
    path = os.path.join(home, name)
    shutil.copy(library, path)
    held.append(ctypes.CDLL(path))
PR_SET_VMA, ANON_NAME = 0x53564D41, 0
named = mmap.mmap(-1, mmap.PAGESIZE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
named[:] = b"x" * mmap.PAGESIZE
address = ctypes.addressof(ctypes.c_char.from_buffer(named))
libc.prctl(
    PR_SET_VMA,
    ANON_NAME,
    ctypes.c_ulong(address),
    ctypes.c_ulong(mmap.PAGESIZE),
    f"{word}anon".encode(),
)
os.write(1, b"ready\n")
sys.stdin.read()
