"""A process with many regions whose child waits between vfork and exec.

posix_spawn() makes the child, which shares the memory and opens the FIFO that is the
first argument: it waits until somebody writes to it.  Then it becomes a small program,
which ends when the FIFO is closed.
"""

import mmap
import os
import sys

PAGE = mmap.PAGESIZE
COUNT = 2000
SIZE = 16 << 20

if __name__ == "__main__":
    held = [mmap.mmap(-1, PAGE, mmap.MAP_SHARED) for _ in range(COUNT)]
    written = mmap.mmap(-1, SIZE, mmap.MAP_PRIVATE)
    written.write(b"\1" * SIZE)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    opened = [(os.POSIX_SPAWN_OPEN, 0, sys.argv[1], os.O_RDONLY, 0)]
    pid = os.posix_spawn(
        "/bin/sh", ["sh", "-c", "read x; read x"], {}, file_actions=opened
    )
    os.waitpid(pid, 0)
