"""A process that samples another for long, or starts and stops a sampler often.

    python enduring.py sample PID SECONDS
    python enduring.py restart PID TIMES

It prints "ready", then "mark" at each of MARKS moments, at which it holds still to be
measured until it is sent a line, and in the end what it found, as JSON.
"""

import json
import sys
import threading
import time
from threading import Event

import memc

INTERVAL_MS = 10
INTERVAL_NS = INTERVAL_MS * 1_000_000
MARKS = 20


def say(line):
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def mark():
    say("mark")
    sys.stdin.readline()


class Ticks:
    """A callback that follows which tick each sample is, by the notes alone.

    Tick n is due at the begin + n intervals.  Its sample comes after that, and when it
    was chosen, after the sample before it was done, it was not yet past.  So each
    sample bounds the begin from both sides; the bounds cross if any tick was not where
    it belongs, or was left out and not counted.
    """

    def __init__(self, sampler, last):
        self.sampler, self.last = sampler, last
        self.tick = -1
        self.seen = 0
        self.marks = 0
        self.done_ns = 0
        self.begin_ns = [0, sys.maxsize]
        self.end = Event()

    def __call__(self, snap):
        now_ns = time.monotonic_ns()
        self.seen += 1
        self.tick += 1 + sum(note.count for note in snap.notes if note.code == "late")
        self.bound(self.done_ns - self.tick * INTERVAL_NS, max, 0)
        self.bound(now_ns - self.tick * INTERVAL_NS, min, 1)
        while self.marks < MARKS and self.tick * MARKS >= (self.marks + 1) * self.last:
            self.marks += 1
            mark()
        if self.tick >= self.last:
            self.sampler.stop()
            self.end.set()
        self.done_ns = time.monotonic_ns()

    def bound(self, begin_ns, narrower, side):
        self.begin_ns[side] = narrower(self.begin_ns[side], begin_ns)


def sample(pid, seconds):
    """Sample until the tick that is due `seconds` after the start."""
    sampler = memc.Sampler(
        pid, detail="smaps", interval_ms=INTERVAL_MS, max_snapshots=100
    )
    ticks = Ticks(sampler, seconds * 1000 // INTERVAL_MS)
    sampler.on_snapshot(ticks)
    before_ns = time.monotonic_ns()
    sampler.start()
    after_ns = time.monotonic_ns()
    ticks.end.wait()
    return {
        "seen": ticks.seen,
        "ticks": ticks.tick + 1,
        "taken": sampler.taken,
        "late": sampler.late_ticks,
        "begin_ns": ticks.begin_ns,
        "start_ns": [before_ns, after_ns],
        "error": str(sampler.error),
    }


def restart(pid, times):
    """Start and stop one sampler, after a sample, and new ones, at once, by turns."""
    seen = threading.Semaphore(0)
    old = memc.Sampler(pid, interval_ms=INTERVAL_MS, max_snapshots=10)
    old.on_snapshot(lambda _: seen.release())
    for number in range(times):
        sampler = old if number % 2 else memc.Sampler(pid, interval_ms=INTERVAL_MS)
        sampler.start()
        if sampler is old:
            seen.acquire()
        sampler.stop()
        if (number + 1) % (times // MARKS) == 0:
            for thread in threading.enumerate()[1:]:
                thread.join()
            mark()
    return {"taken": old.taken, "error": str(old.error)}


def main():
    work, pid, much = sys.argv[1:]
    say("ready")
    say(json.dumps({"sample": sample, "restart": restart}[work](int(pid), int(much))))


if __name__ == "__main__":
    main()
