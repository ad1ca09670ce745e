"""A process with one huge page, and a child that has a part of it.

The arguments are a word for what the child does, and the number of a page: it "keeps"
that page and unmaps the others, or "writes" to it, which gives it a copy; it "has" all;
"none" makes no child; "split" lets the child keep that page, and the process itself
have its huge page mapped in small ones.  It prints "ready" and a line: the address of
the huge page, 0 if there is none.  Then it waits.
"""

import ctypes
import mmap
import os
import sys

HUGE, PAGE = 2 << 20, mmap.PAGESIZE
HUGEPAGE, READ, WRITE = 14, 1, 2
LIBC = ctypes.CDLL(None, use_errno=True)


def address(at):
    return ctypes.c_void_p(at)


def unmap(start, end):
    if start < end:
        LIBC.munmap(address(start), ctypes.c_size_t(end - start))


def close(start, end):
    LIBC.mprotect(address(start), ctypes.c_size_t(end - start), 0)


def change(memory, at, word, page):
    """Do what the child does."""
    if word == "writes":
        memory[at - first_of(memory) + page * PAGE] = 2
    elif word in ("keeps", "split"):
        unmap(at, at + page * PAGE)
        unmap(at + (page + 1) * PAGE, at + HUGE)


def first_of(memory):
    return ctypes.addressof(ctypes.c_char.from_buffer(memory))


def main(word, page):
    memory = mmap.mmap(-1, 4 * HUGE, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    first = first_of(memory)
    at = (first + HUGE) & ~(HUGE - 1)
    close(first, at)  # so that the huge page is a region of its own
    close(at + HUGE, first + 4 * HUGE)
    there = LIBC.madvise(address(at), ctypes.c_size_t(HUGE), HUGEPAGE) == 0
    memory[at - first] = 1
    reader, writer = os.pipe()
    if word != "none" and os.fork() == 0:
        change(memory, at, word, page)
        os.write(writer, b"x")
        sys.stdin.readline()  # the end of the parent ends the pipe
        os._exit(0)
    if word != "none":
        os.read(reader, 1)
    if word == "split":
        LIBC.mprotect(address(at), ctypes.c_size_t(PAGE), READ)
        LIBC.mprotect(address(at), ctypes.c_size_t(PAGE), READ | WRITE)
    sys.stdout.write(f"ready\n{at if there else 0}\n")
    sys.stdout.flush()
    sys.stdin.readline()


main(sys.argv[1], int(sys.argv[2]))
