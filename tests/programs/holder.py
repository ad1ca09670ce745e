"""A process with memory for many purposes, whose addresses and threads it tells.

    python holder.py

It prints "ready", then one line of "PURPOSE ADDRESS" words for each, an empty line, and
waits until its standard input ends.
"""

import ctypes
import mmap
import os
import sys
import threading

PAGE = mmap.PAGESIZE
LIBC = ctypes.CDLL(None, use_errno=True)
for function in (LIBC.mmap, LIBC.malloc, LIBC.shmat):
    function.restype = ctypes.c_void_p
LIBC.mmap.argtypes = (
    ctypes.c_void_p,
    ctypes.c_size_t,
    *[ctypes.c_int] * 3,
    ctypes.c_long,
)
LIBC.mprotect.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
told = []


def anonymous(size, prot, flags=2):
    return LIBC.mmap(None, size, prot, flags | 0x20, -1, 0)


def tell(purpose, address):
    told.append(f"{purpose} {address}")


def thread(barrier):
    """Allocate in an arena of its own, and tell an address in it and on the stack."""
    kept = [LIBC.malloc(1000) for _ in range(100)]
    tell("arena", kept[-1])
    local = ctypes.create_string_buffer(1)  # not on the stack, but of this thread
    kept.append(local)
    tell("thread", threading.get_native_id())
    barrier.wait()
    threading.Event().wait()


def main():
    tell("jit", anonymous(PAGE, 7))
    tell("shared", anonymous(PAGE, 3, 1))
    tell("reserved", anonymous(1 << 30, 0))
    # Holes on either side, larger than guards, keep these apart from others.
    plain = anonymous(200 * PAGE, 0) + 50 * PAGE
    LIBC.mprotect(plain, PAGE, 3)
    tell("plain", plain)
    touched = plain + 100 * PAGE
    LIBC.mprotect(touched, PAGE, 3)
    ctypes.memset(touched, 1, PAGE)
    LIBC.mprotect(touched, PAGE, 0)
    tell("protected", touched)
    fd = os.memfd_create("held")
    os.truncate(fd, PAGE)
    tell("memfd", LIBC.mmap(None, PAGE, 3, 1, fd, 0))
    number = LIBC.shmget(0, PAGE, 0o1600)
    if number >= 0:
        tell("sysv", LIBC.shmat(number, None, 0))
        LIBC.shmctl(number, 0, None)
    tell("malloc", ctypes.cast(LIBC.malloc, ctypes.c_void_p).value)
    barrier = threading.Barrier(4)
    for _ in range(3):
        threading.Thread(target=thread, args=(barrier,), daemon=True).start()
    barrier.wait()


if __name__ == "__main__":
    main()
    sys.stdout.write("ready\n" + "\n".join(told) + "\n\n")
    sys.stdout.flush()
    sys.stdin.read()
    os._exit(0)
