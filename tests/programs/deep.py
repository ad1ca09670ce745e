"""A process that maps a file whose path is longer than any that can be opened.

    python deep.py FOLDER

It makes folders in folders, prints "ready", then the path in hex, and waits until its
standard input ends.  The file's name has every byte that a name may have.
"""

import mmap
import os
import sys

DEPTH = 20
NAME = b"d" * 250
EVERY_BYTE = bytes(set(range(1, 256)) - {ord("/")})


def main():
    folder = os.open(sys.argv[1], os.O_RDONLY)
    for _ in range(DEPTH):
        os.mkdir(NAME, dir_fd=folder)
        folder = os.open(NAME, os.O_RDONLY, dir_fd=folder)
    fd = os.open(EVERY_BYTE, os.O_RDWR | os.O_CREAT, dir_fd=folder)
    os.truncate(fd, mmap.PAGESIZE)
    mapped = mmap.mmap(fd, mmap.PAGESIZE)
    path = b"/".join([os.fsencode(sys.argv[1]), *[NAME] * DEPTH, EVERY_BYTE])
    sys.stdout.write(f"ready\n{path.hex()}\n")
    sys.stdout.flush()
    sys.stdin.read()
    mapped.close()


if __name__ == "__main__":
    main()
