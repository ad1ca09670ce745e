"""What changes from one reading of a made-up process to the next."""

import ctypes
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


IN_OPEN = 0x20
# How long lies between the readings: the change is made as soon as the first has begun.
APART = "500ms"


@contextmanager
def between(tree, act, text=BEFORE, pid=1):
    """Let the first reading of a process open its smaps with this text, then `act`."""
    path = tree.path / str(pid) / "smaps"
    path.write_bytes(text)
    libc = ctypes.CDLL(None, use_errno=True)
    seen = libc.inotify_init1(os.O_CLOEXEC)
    assert libc.inotify_add_watch(seen, os.fsencode(path), IN_OPEN) >= 0

    def change():
        os.read(seen, 4096)  # it waits here for the reader
        act(path)

    thread = threading.Thread(target=change, daemon=True)
    thread.start()
    yield
    thread.join(30)
    os.close(seen)
    assert not thread.is_alive()


def replaced_by(text):
    def act(path):
        path.with_name("new").write_bytes(text)
        path.with_name("new").rename(path)

    return act
