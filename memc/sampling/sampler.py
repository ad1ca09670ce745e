"""Sample one process at intervals, on a thread in the background.

To import this module has two effects.  Every sampler stops when the interpreter exits.
In a forked child no sampler runs, because the child has no threads of its parent.
"""

from __future__ import annotations

import atexit
import os
import sys
from collections import deque
from contextlib import suppress
from threading import RLock, current_thread
from weakref import WeakSet

from memc.errors import MemcError
from memc.proc.identity import Identity
from memc.read.options import Options, check_pid
from memc.sampling.run import Run
from memc.sampling.schedule import check_interval
from memc.sampling.source import OneProcess

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn, Self

    from memc.table.snapshot import Snapshot

__all__ = ["Sampler"]

STOP_S = 0.03  # how long stop() waits for the thread, so that it takes at most 50 ms

SAMPLERS: WeakSet[Sampler] = WeakSet()


class Sampler:
    """Take a snapshot of one process every `interval_ms`, in the background.

    `detail`, `max_stall_ms` and `proc` are those of `memc.snapshot`.  For
    `max_stall_ms` the sampler estimates the next stall from that of the last read.
    `max_snapshots` is how many snapshots are kept, and the oldest are dropped first; 0
    keeps all.

    With `incremental`, a sample tells the one before again if no thread of the process
    has run since, and if that was read at most five seconds ago: see `after` of
    `memc.snapshot`.

    The first sample is taken at once, the others at fixed times after the start,
    without drift.  Samples that fall due while another is read, or while a callback
    runs, are left out.  The next snapshot has a note "late" that says how many, and
    `late_ticks` is their sum.  `taken` is how many snapshots were taken, kept or not.
    The kept snapshots and both numbers stay after a stop and a new start.

    A sampler belongs to the process that had `pid` at the first start.  The sampler
    stops by itself if the process has ended, also as a zombie, or cannot be read any
    more.  `error` is then ProcessGone or another exception; otherwise it is None.  If
    another process gets the pid, the sampler does not read that process.

    A sampler runs until it is stopped or the interpreter exits, even if no variable
    refers to it.  In a forked child it does not run, but can be started.  Methods may
    be called from any thread, from callbacks and from signal handlers.

    Raises TypeError or ValueError for wrong arguments.
    """

    __slots__ = (
        "__weakref__",
        "_callbacks",
        "_identity",
        "_is_taking",
        "_kept",
        "_late_ticks",
        "_lock",
        "_run",
        "_taken",
        "detail",
        "error",
        "incremental",
        "interval_ms",
        "max_snapshots",
        "max_stall_ms",
        "pid",
        "proc",
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
        incremental: bool = False,
    ) -> None:
        check_pid(pid)
        Options(detail, proc=proc, max_stall_ms=max_stall_ms)  # raises if one is wrong
        check_interval(interval_ms)
        check_max(max_snapshots)
        self.pid = pid
        self.detail = detail
        self.interval_ms = interval_ms
        self.max_snapshots = max_snapshots
        self.max_stall_ms = max_stall_ms
        self.proc = proc
        self.incremental = incremental
        self.error: BaseException | None = None
        self._kept: deque[Snapshot] = deque(maxlen=max_snapshots or None)
        self._callbacks: tuple[Callable[[Snapshot], object], ...] = ()
        self._identity: Identity | None = None
        self._is_taking = False
        self._late_ticks = self._taken = 0
        self._run: Run | None = None
        self._lock = RLock()  # a signal handler may call a method while one runs
        SAMPLERS.add(self)

    def __reduce__(self) -> NoReturn:
        """Let copy and pickle say why they cannot work."""
        raise TypeError("a Sampler has a thread: it cannot be copied or pickled")

    def start(self) -> None:
        """Start to sample, at once; do nothing if the sampler runs already.

        Raises ProcessGone if there is no such process or it has ended, AccessDenied if
        the process is hidden (hidepid), and MemcError if `proc` cannot be read.  An
        exception that comes later is in `error`.
        """
        with self._lock:
            if self._run is not None:
                return
            if self._identity is None:
                self._identity = Identity(self.pid, self.proc)
            self._identity.check()
            options = Options(
                self.detail,
                proc=self.proc,
                max_stall_ms=self.max_stall_ms,
                keep_open=self.incremental,
            )
            source = OneProcess(self.pid, options, identity=self._identity)
            run = Run(self._go, self.pid, source, self.interval_ms)
            run.thread.start()
            self.error = None
            self._run = run

    def stop(self) -> None:
        """Stop sampling, within 50 ms; do nothing if the sampler does not run.

        After this no snapshot is kept and no callback is called.  Only a callback or a
        read that is under way, and takes longer, may end after this returns.
        """
        with self._lock:
            run, self._run = self._run, None
            if run is None:
                return
            run.stop()
            self._take(run)
        if run.thread is not current_thread():
            run.thread.join(STOP_S)

    def is_running(self) -> bool:
        """Return whether the sampler was started and has not stopped since."""
        return self._run is not None

    def on_snapshot(self, callback: Callable[[Snapshot], object]) -> None:
        """Call `callback` with every snapshot from now on.

        Callbacks run on the sampling thread, in the order in which they were added, and
        may call any method.  If a callback raises an exception, it is printed to
        stderr and sampling goes on.

        Raises TypeError if `callback` cannot be called.
        """
        if not callable(callback):
            raise TypeError(f"callback: expected a function, not {callback!r}")
        with self._lock:
            self._callbacks = (*self._callbacks, callback)
            if self._run is not None:
                self._run.end_repeat()

    def get_snapshots(self) -> list[Snapshot]:
        """Return the snapshots that are kept, the oldest first."""
        with self._lock:
            self._take(self._run)
            return list(self._kept)

    def get_latest(self) -> Snapshot | None:
        """Return the newest snapshot, or None if none is kept."""
        with self._lock:
            self._take(self._run)
            return self._kept[-1] if self._kept else None

    def snapshot_count(self) -> int:
        """Return how many snapshots are kept."""
        with self._lock:
            self._take(self._run)
            return len(self._kept)

    @property
    def taken(self) -> int:
        """How many snapshots were taken, kept or not."""
        with self._lock:
            self._take(self._run)
            return self._taken

    @property
    def late_ticks(self) -> int:
        """How many samples were left out."""
        with self._lock:
            self._take(self._run)
            return self._late_ticks

    def __enter__(self) -> Self:
        """Start to sample."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop sampling."""
        self.stop()

    def __repr__(self) -> str:
        """Show the process, the options, and whether the sampler runs."""
        state = "running" if self.is_running() else "stopped"
        every = f"every {self.interval_ms} ms"
        return f"<Sampler of process {self.pid}: {self.detail}, {every}, {state}>"

    def _go(self, run: Run) -> None:
        """Take samples until the run is stopped: the function of its thread."""
        missed = 0
        try:
            while self._sample(run, missed):
                missed = run.schedule.advance()
                if not self._callbacks:
                    missed = run.tell_again(missed)
                if not run.wait():
                    return
        except MemcError as error:
            self._end(run, error)
        except BaseException as error:
            self._end(run, error)
            raise

    def _sample(self, run: Run, missed: int) -> bool:
        """Take a snapshot, keep it and call the callbacks; return whether to go on."""
        snap = run.source.read(missed)
        if self.max_snapshots != 1 and snap.as_of_ms is None:
            run.source.share(snap, self.get_latest())
        with self._lock:
            if self._run is not run:
                return False
            self._take(run)
            self._keep(snap, missed)
        return self._call(run, snap)

    def _keep(self, snap: Snapshot, missed: int) -> None:
        """Keep and count a snapshot; call this with the lock."""
        self._kept.append(snap)
        self._taken += 1
        self._late_ticks += missed

    def _take(self, run: Run | None) -> None:
        """Keep what the run told since the last call; call this with the lock.

        A signal handler that interrupts this sees what was kept before.
        """
        if run is None or run.repeat is None or self._is_taking:
            return
        self._is_taking = True
        try:
            while told := run.repeat.take():
                self._keep(*told)
        finally:
            self._is_taking = False

    def _call(self, run: Run, snap: Snapshot) -> bool:
        """Call the callbacks until one stops the run; return whether none did."""
        for callback in self._callbacks:
            if self._run is not run:
                break
            try:
                callback(snap)
            except BaseException:  # noqa: BLE001 - not even sys.exit() ends sampling
                report(callback, self.pid)
        return self._run is run

    def _end(self, run: Run, error: BaseException) -> None:
        """End a run that failed; do nothing if it was stopped before."""
        with self._lock:
            if self._run is not run:
                return
            self._take(run)
            self._run = None
            if isinstance(error, MemcError):
                # A frame of the traceback would keep the sampler alive.
                error.__context__ = None
                error = error.with_traceback(None)
            self.error = error

    def _forget_threads(self) -> None:
        """Reset the run and the lock, which a thread of the parent may have held."""
        self._lock = RLock()
        self._run = None
        self._is_taking = False
        if self._identity is not None:
            self._identity.forget_threads()


def check_max(max_snapshots: int) -> None:
    """Raise TypeError or ValueError unless `max_snapshots` is an int of 0 or more."""
    if not isinstance(max_snapshots, int):
        raise TypeError(f"max_snapshots: expected an int, not {max_snapshots!r}")
    if max_snapshots < 0:
        raise ValueError(f"max_snapshots: expected 0 or more, not {max_snapshots}")


def report(callback: Callable[[Snapshot], object], pid: int) -> None:
    """Print the exception of a callback to stderr; call this in its handler."""
    from traceback import format_exc

    name = getattr(callback, "__qualname__", type(callback).__qualname__)
    what = f"memc: process {pid}: callback {name} raised, and sampling goes on"
    stderr = sys.stderr or sys.__stderr__
    with suppress(AttributeError, OSError, ValueError):  # no stderr, or a closed one
        stderr.write(f"{what}\n{format_exc()}")  # type: ignore[union-attr]


def stop_all() -> None:
    """Stop every sampler, so that no thread runs while the interpreter shuts down."""
    for sampler in tuple(SAMPLERS):
        sampler.stop()


def take_all() -> None:
    """Keep what all runs told so far, before a fork: the child has none of it."""
    for sampler in tuple(SAMPLERS):
        if sampler._lock.acquire(timeout=STOP_S):
            sampler._take(sampler._run)
            sampler._lock.release()


def forget_all() -> None:
    """Reset every sampler in a forked child, which has no threads of its parent."""
    for sampler in SAMPLERS:
        sampler._forget_threads()


atexit.register(stop_all)
os.register_at_fork(before=take_all, after_in_child=forget_all)
