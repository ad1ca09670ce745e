"""What changes from one reading of a made-up process to the next.

A reading waits where its smaps is a FIFO: what comes in between is done while it waits,
so that nothing depends on the time.
"""

import os
import threading
from contextlib import contextmanager

from support.family import counters
from support.text import record

BEFORE = (
    record(0x10000, 0x20000, *counters(8, 8), name=b"[heap]")
    + record(0x40000, 0x50000, *counters(4, 2), perm="r--p", name=b"/a")
    + record(0x70000, 0x80000, *counters(16, 16))
)
AFTER = (
    record(0x10000, 0x30000, *counters(100, 100), name=b"[heap]")
    + record(0x40000, 0x50000, *counters(4, 2), perm="r--p", name=b"/a")
    + record(0x90000, 0x94000, *counters(4, 4, 2))
)
STAT = b"1 (x) S " + b"0 " * 18 + b"%d 0\n"


@contextmanager
def between(tree, act, text=BEFORE, pid=1):
    """Let the first reading of a process wait, `act`, and then hand it the text."""
    path = tree.path / str(pid) / "smaps"
    os.mkfifo(path)

    def hand_over():
        with open(path, "wb") as first:  # it waits here for the reader
            act(path)
            first.write(text)

    thread = threading.Thread(target=hand_over)
    thread.start()
    yield
    thread.join()


def replaced_by(text):
    def act(path):
        path.with_name("new").write_bytes(text)
        path.with_name("new").rename(path)

    return act
