"""Sample one process again and again, on a thread in the background.

To import it has two effects: when the interpreter exits every sampler is stopped, and
in a forked child, which has none of its parent's threads, no sampler runs.
"""

from __future__ import annotations

import atexit
import os
import sys
from collections import deque
from contextlib import suppress
from threading import Event, RLock, Thread, current_thread
from weakref import WeakSet

from memc.errors import MemcError
from memc.proc.identity import Identity
from memc.read.options import Options, check_pid
from memc.sampling.schedule import Schedule, check_interval
from memc.sampling.source import OneProcess

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

    from memc.table.snapshot import Snapshot

__all__ = ["Sampler"]

STOP_S = 0.03  # how long stop() waits for what is under way: it may take 50 ms

SAMPLERS: WeakSet[Sampler] = WeakSet()


class Run:
    """What lies between a start and a stop: a thread, and the times it samples at."""

    __slots__ = ("schedule", "source", "stopped", "thread")

    def __init__(
        self, go: Callable[[Run], None], pid: int, source: OneProcess, interval_ms: int
    ) -> None:
        self.source = source
        self.stopped = Event()
        self.thread = Thread(
            target=go, args=(self,), name=f"memc sampler {pid}", daemon=True
        )
        self.schedule = Schedule(interval_ms)

    def wait(self) -> bool:
        """Wait until a sample is due; return whether it is still wanted."""
        while left_s := self.schedule.wait_s():
            if self.stopped.wait(left_s):
                return False
        return not self.stopped.is_set()


class Sampler:
    """Snapshots of one process, every `interval_ms`, taken in the background.

    `detail`, `max_stall_ms` and `proc` are those of `memc.snapshot`, and what the last
    smaps cost is known.  `max_snapshots` is how many are kept, the oldest go first; 0
    is all of them.  Wrong arguments raise TypeError or ValueError.

    The first sample is taken at once, the others at fixed times after the start, which
    do not drift.  Those that fall due while one is read, or while a callback runs, are
    left out: the next snapshot has a note that tells how many ("late"), and
    `late_ticks` is their sum.  `taken` is how many snapshots there were, kept or not.
    What is kept, and both numbers, stay when it is stopped and started again.

    A sampler belongs to the process that `pid` was when it was first started.  It stops
    by itself when that has ended (a zombie has) or can be read no more; `error` is then
    the ProcessGone or other exception, and None otherwise.  It never goes on with
    another process to which the pid was given.

    A running sampler runs on until it is stopped or the interpreter exits, also when
    nobody holds it.  In a forked child it does not run, and can be started.  Methods
    may be called from any thread, from callbacks and from signal handlers.
    """

    __slots__ = (
        "__weakref__",
        "_callbacks",
        "_identity",
        "_kept",
        "_lock",
        "_run",
        "detail",
        "error",
        "interval_ms",
        "late_ticks",
        "max_snapshots",
        "max_stall_ms",
        "pid",
        "proc",
        "taken",
    )

    def __init__(
        self,
        pid: int,
        *,
        detail: str = "maps",
        interval_ms: int = 1000,
        max_snapshots: int = 0,
        max_stall_ms: int | None = None,
        proc: str = "/proc",
    ) -> None:
        check_pid(pid)
        Options(detail, proc=proc, max_stall_ms=max_stall_ms)  # checks them
        check_interval(interval_ms)
        check_max(max_snapshots)
        self.pid = pid
        self.detail = detail
        self.interval_ms = interval_ms
        self.max_snapshots = max_snapshots
        self.max_stall_ms = max_stall_ms
        self.proc = proc
        self.error: BaseException | None = None
        self.late_ticks = 0
        self.taken = 0
        self._kept: deque[Snapshot] = deque(maxlen=max_snapshots or None)
        self._callbacks: tuple[Callable[[Snapshot], object], ...] = ()
        self._identity: Identity | None = None
        self._run: Run | None = None
        self._lock = RLock()  # a signal handler may come in between
        SAMPLERS.add(self)

    def start(self) -> None:
        """Begin to sample, at once; when it runs already, do nothing.

        Raises ProcessGone if there is no such process, or no more, AccessDenied if it
        is hidden, and MemcError if `proc` is no good.  What comes later is in `error`.
        """
        with self._lock:
            if self._run is not None:
                return
            if self._identity is None:
                self._identity = Identity(self.pid, self.proc)
            self._identity.check()
            options = Options(
                self.detail, proc=self.proc, max_stall_ms=self.max_stall_ms
            )
            source = OneProcess(self.pid, options, identity=self._identity)
            run = Run(self._go, self.pid, source, self.interval_ms)
            run.thread.start()
            self.error = None
            self._run = run

    def stop(self) -> None:
        """End sampling, within 50 ms; when it does not run, do nothing.

        No snapshot is kept and no callback is called any more.  Only a callback or a
        reading that is under way, and takes longer, may still end after this returns.
        """
        with self._lock:
            run, self._run = self._run, None
        if run is None:
            return
        run.stopped.set()
        if run.thread is not current_thread():
            run.thread.join(STOP_S)

    def is_running(self) -> bool:
        """Return whether it was started, and not stopped, and has not ended."""
        return self._run is not None

    def on_snapshot(self, callback: Callable[[Snapshot], object]) -> None:
        """Call `callback` with every snapshot from now on.

        Callbacks run on the sampling thread, in the order in which they were added, and
        may call any method.  What one raises is reported on stderr, and that is all.
        """
        if not callable(callback):
            raise TypeError(f"callback: expected a function, not {callback!r}")
        with self._lock:
            self._callbacks = (*self._callbacks, callback)

    def get_snapshots(self) -> list[Snapshot]:
        """Return the snapshots that are kept, the oldest first."""
        with self._lock:
            return list(self._kept)

    def get_latest(self) -> Snapshot | None:
        """Return the newest snapshot, None before there is one."""
        with self._lock:
            return self._kept[-1] if self._kept else None

    def snapshot_count(self) -> int:
        """Return how many snapshots are kept: those that `get_snapshots` gives."""
        with self._lock:
            return len(self._kept)

    def __enter__(self) -> Self:
        """Start it."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        self.stop()

    def __repr__(self) -> str:
        """Tell whom it samples, how, and whether it does."""
        state = "running" if self.is_running() else "stopped"
        every = f"every {self.interval_ms} ms"
        return f"<Sampler of process {self.pid}: {self.detail}, {every}, {state}>"

    def _go(self, run: Run) -> None:
        """Be the thread of a run."""
        missed = 0
        try:
            while self._sample(run, missed):
                missed = run.schedule.advance()
                if not run.wait():
                    return
        except MemcError as error:
            self._end(run, error)
        except BaseException as error:
            self._end(run, error)
            raise

    def _sample(self, run: Run, missed: int) -> bool:
        """Take a snapshot and pass it on; return whether to go on."""
        snap = run.source.read(missed)
        with self._lock:
            if self._run is not run:
                return False
            self._kept.append(snap)
            self.taken += 1
            self.late_ticks += missed
        return self._call(run, snap)

    def _call(self, run: Run, snap: Snapshot) -> bool:
        """Call the callbacks, until one stops the run; return whether none did."""
        for callback in self._callbacks:
            if self._run is not run:
                break
            try:
                callback(snap)
            except BaseException:  # noqa: BLE001 - sys.exit() in it is no reason either
                report(callback, self.pid)
        return self._run is run

    def _end(self, run: Run, error: BaseException) -> None:
        """End a run that nobody stopped."""
        with self._lock:
            if self._run is not run:
                return
            self._run = None
            if isinstance(error, MemcError):
                # One of the frames that it came through holds the sampler.
                error.__context__ = None
                error = error.with_traceback(None)
            self.error = error

    def _forget_threads(self) -> None:
        """Be stopped and unlocked, whatever the threads of the parent were about."""
        self._lock = RLock()
        self._run = None


def check_max(max_snapshots: int) -> None:
    """Raise unless `max_snapshots` is a number of snapshots to keep, or 0."""
    if not isinstance(max_snapshots, int):
        raise TypeError(f"max_snapshots: expected an int, not {max_snapshots!r}")
    if max_snapshots < 0:
        raise ValueError(f"max_snapshots: expected 0 or more, not {max_snapshots}")


def report(callback: Callable[[Snapshot], object], pid: int) -> None:
    """Say on stderr what a callback raised; call it while that is handled."""
    from traceback import format_exc

    name = getattr(callback, "__qualname__", type(callback).__qualname__)
    what = f"memc: process {pid}: callback {name} raised, and sampling goes on"
    stderr = sys.stderr or sys.__stderr__
    with suppress(AttributeError, OSError, ValueError):  # there is none, or it is shut
        stderr.write(f"{what}\n{format_exc()}")  # type: ignore[union-attr]


def stop_all() -> None:
    """Stop every sampler: no thread may run into an interpreter that goes away."""
    for sampler in tuple(SAMPLERS):
        sampler.stop()


def forget_all() -> None:
    """Be in a forked child, where the threads and what they held are not."""
    for sampler in SAMPLERS:
        sampler._forget_threads()


atexit.register(stop_all)
os.register_at_fork(after_in_child=forget_all)
