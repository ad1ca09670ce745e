"""Small objects, large blocks and mappings of Python, with the addresses of each.

A line is a word and an address: "small" objects lie in arenas or in malloc's heap, what
is "other" does not lie in an arena.
"""

import ctypes
import mmap
import sys
import time

MIB = 1 << 20
kept = []


def tell(word, address):
    sys.stdout.write(f"{word} {address}\n")


def small(count):
    kept.append([[i, str(i)] for i in range(count)])
    for pair in kept[-1][:: max(count // 500, 1)]:
        tell("small", id(pair[1]))


def numpy(count):
    from numpy import ones

    for size in (131072,) * count + (5_000_000,):
        kept.append(ones(size))
        tell("other", kept[-1].ctypes.data)


def blocks(count):
    for _ in range(count):
        kept.append(bytearray(MIB))
        buffer = (ctypes.c_char * MIB).from_buffer(kept[-1])
        tell("other", ctypes.addressof(buffer))


def maps(count):
    for _ in range(count):
        kept.append(mmap.mmap(-1, MIB, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS))
        kept[-1].write(b"x" * MIB)
        buffer = (ctypes.c_char * MIB).from_buffer(kept[-1])
        tell("other", ctypes.addressof(buffer))


KINDS = {"small": small, "numpy": numpy, "blocks": blocks, "maps": maps}
for argument in sys.argv[1:]:
    name, _, number = argument.partition("=")
    KINDS[name](int(number))
sys.stdout.write("ready\n")
sys.stdout.flush()
time.sleep(3600)
