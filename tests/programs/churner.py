"""A process that does something to its memory, and then nothing for a while.

    python churner.py SEED

It prints "ready".  What it does next is chosen by the seed: it maps, touches, protects
and unmaps memory, makes threads, forks, waits for a child by vfork, or calls exec.
"""

import ctypes
import mmap
import os
import random
import sys
import threading
import time

PAGE = mmap.PAGESIZE
LIBC = ctypes.CDLL(None, use_errno=True)
P, N, I = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int  # noqa: E741
LIBC.mmap.restype = P
LIBC.mmap.argtypes = (P, N, I, I, I, ctypes.c_long)
LIBC.mprotect.argtypes = (P, N, I)
LIBC.munmap.argtypes = (P, N)
FLAGS = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
RIGHTS = mmap.PROT_READ | mmap.PROT_WRITE
HELD = []


def add(chance):
    size = chance.randrange(1, 40) * PAGE
    HELD.append((LIBC.mmap(None, size, RIGHTS, FLAGS, -1, 0), size))


def touch(chance):
    if HELD:
        at, size = chance.choice(HELD)
        LIBC.mprotect(at, size, RIGHTS)
        ctypes.memset(at, 1, size)


def protect(chance):
    if HELD:
        at, size = chance.choice(HELD)
        LIBC.mprotect(at, chance.randrange(1, size // PAGE + 1) * PAGE, mmap.PROT_READ)


def remove(chance):
    if HELD:
        LIBC.munmap(*HELD.pop(chance.randrange(len(HELD))))


def run_thread(chance):
    """Change the memory from another thread, which may stay for a while."""
    wait = chance.choice([0, 0.2])

    def change():
        add(chance)
        time.sleep(wait)
        touch(chance)

    threading.Thread(target=change).start()


def fork(chance):
    if os.fork() == 0:
        add(chance)
        time.sleep(chance.choice([0, 0.1]))
        os._exit(0)


def vfork(chance):
    """Let a child have this memory until it calls exec."""
    os.posix_spawn("/bin/sleep", ["sleep", str(chance.choice([0, 0.1]))], {})


def start_again(chance):
    if threading.active_count() == 1:
        seed = str(chance.random())
        os.execv(sys.executable, [sys.executable, "-I", __file__, seed, "again"])


def reap():
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def spin(chance):
    """Change the memory again and again, without a wait."""
    end = time.monotonic() + chance.choice([0.001, 0.02, 0.2])
    while time.monotonic() < end:
        add(chance)
        remove(chance)


DO = [add, add, touch, touch, protect, protect, remove, run_thread, fork, vfork]
DO += [start_again, spin]


def main(seed):
    chance = random.Random(seed)
    add(chance)
    if len(sys.argv) == 2:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
    while True:
        chance.choice(DO)(chance)
        time.sleep(chance.choice([0, 0.001, 0.03, 0.1, 0.3]))
        reap()


if __name__ == "__main__":
    main(sys.argv[1])
