"""What tests of samplers wait on: never a sleep, and never for ever."""

import threading

TIMEOUT_S = 60


class Clock:
    """A clock that a callback moves, so that samples fall due when a test says so."""

    def __init__(self):
        self.now_ns = 0

    def __call__(self):
        return self.now_ns

    def move(self, ms):
        self.now_ns += ms * 1_000_000


class Seen:
    """A callback that keeps what it is given and can be waited for."""

    def __init__(self):
        self.snapshots = []
        self.changed = threading.Condition()

    def __call__(self, snap):
        with self.changed:
            self.snapshots.append(snap)
            self.changed.notify_all()

    def wait(self, count):
        """Return the first `count` snapshots when there are so many."""
        with self.changed:
            enough = self.changed.wait_for(
                lambda: len(self.snapshots) >= count, TIMEOUT_S
            )
        assert enough
        return self.snapshots[:count]


def threads():
    """Name the threads of all samplers."""
    return [t for t in threading.enumerate() if t.name.startswith("memc sampler ")]


def wait_for_end():
    """Return when no sampler has a thread any more."""
    for thread in threads():
        thread.join(TIMEOUT_S)
    assert threads() == []
