"""Record processes into a file, on a thread in the background.

To import this module has two effects.  Every recorder stops when the interpreter exits.
In a forked child no recorder runs, because the child has no threads of its parent.
"""

from __future__ import annotations

import atexit
import os
from threading import Condition, RLock, Thread, current_thread
from weakref import WeakSet

from memc.record.options import RecordOptions
from memc.record.session import Session

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import NoReturn, Self

    from memc.limits.limits import AnyLimit
    from memc.targets.choice import Choice

__all__ = ["Recorder"]

RECORDERS: WeakSet[Recorder] = WeakSet()


class Run:
    """One run of a recorder, from start to stop: its session and its thread."""

    __slots__ = ("frames", "is_stopped", "notes", "session", "thread", "wake")

    def __init__(self, session: Session) -> None:
        self.session = session
        self.wake = Condition()
        self.is_stopped = False
        self.notes: list[str] = []
        self.frames = False
        self.thread: Thread | None = None

    def wait(self) -> bool:
        """Wait until a tick is due; return False if the run was stopped."""
        with self.wake:
            while not self.is_stopped and (left_s := self.session.wait_s()):
                self.wake.wait(left_s)
            return not self.is_stopped

    def step(self) -> None:
        """Do what was asked for, and look once."""
        with self.wake:
            notes, self.notes = self.notes, []
            frames, self.frames = self.frames, False
        for text in notes:
            self.session.note(text)
        if frames:
            self.session.frame_all()
        self.session.step()


class Recorder:
    """Record the memory of processes into the file `path`, in the background.

    `pids` are the processes to record, and `choice` says who else, in the words of
    `memc.targets.choice`; without both, all are recorded.  `interval_ms` is
    the time from one look to the next.  `detail`, `duty` (percent of one CPU) and
    `max_stall_ms` say how regions are read; `regions` are those whose regions are kept:
    pids, patterns such as "/java/", or "top:5" for the five that grew most.  `limits`
    are those of `memc.limits.limits`, whose crossings become events.  `keep_s` is how
    long rows are kept, `max_size` how many bytes the file may have, and `flush_s` how
    often rows are written.  `proc` is another root than /proc.

    `ticks` is how often the recorder has looked, `gaps` how often nothing could be seen
    or written, and `error` why recording ended by itself, else None.  They stay after a
    stop; a new start goes on in the same file.

    A recorder runs until it is stopped, the interpreter exits, or all processes of
    `pids` have ended.  In a forked child it does not run.  Methods may be called from
    any thread.

    Raises TypeError or ValueError for wrong arguments.
    """

    def __init__(  # noqa: PLR0913 - keyword-only, and a call names few
        self,
        path: str | os.PathLike[str],
        *,
        pids: Iterable[int] = (),
        choice: Choice | None = None,
        interval_ms: int = 1000,
        detail: str = "rss",
        regions: Sequence[int | str] = (),
        duty: float = 2.0,
        max_stall_ms: int | None = None,
        limits: Sequence[AnyLimit] = (),
        keep_s: float = 7 * 86400,
        max_size: int = 1 << 30,
        flush_s: float = 10,
        proc: str = "/proc",
    ) -> None:
        self.path = os.fsdecode(path)
        self.options = RecordOptions(
            choice=choice,
            pids=pids,
            interval_ms=interval_ms,
            detail=detail,
            regions=regions,
            duty=duty,
            max_stall_ms=max_stall_ms,
            limits=limits,
            keep_s=keep_s,
            max_size=max_size,
            flush_s=flush_s,
            proc=proc,
        )
        self.error: BaseException | None = None
        self._ticks = self._gaps = 0
        self._run: Run | None = None
        self._lock = RLock()
        RECORDERS.add(self)

    def __reduce__(self) -> NoReturn:
        """Let copy and pickle say why they cannot work."""
        raise TypeError("a Recorder has a thread: it cannot be copied or pickled")

    @property
    def ticks(self) -> int:
        """How often the recorder has looked."""
        run = self._run
        return self._ticks + (run.session.ticks if run else 0)

    @property
    def gaps(self) -> int:
        """How often nothing could be seen or written."""
        run = self._run
        return self._gaps + (run.session.gaps if run else 0)

    def start(self) -> None:
        """Start to record, at once; do nothing if the recorder runs already.

        Raises MemcError if the file cannot be a recording, another recorder has it, or
        `proc` cannot be read; OSError if the file cannot be made.  An exception that
        comes later is in `error`.
        """
        with self._lock:
            if self._run is not None:
                return
            run = Run(Session(self.path, self.options))
            name = f"memc recorder {os.path.basename(self.path)}"
            run.thread = Thread(target=self._go, args=(run,), name=name, daemon=True)
            self.error = None
            self._run = run
            run.thread.start()

    def stop(self) -> None:
        """Stop recording, and write what waits; do nothing if it does not run."""
        run = self._run
        if run is None:
            return
        with run.wake:
            run.is_stopped = True
            run.wake.notify()
        if run.thread is not None and run.thread is not current_thread():
            run.thread.join()

    def is_running(self) -> bool:
        """Return whether the recorder was started and has not stopped since."""
        return self._run is not None

    def mark(self, text: str) -> None:
        """Add an event "note" with these words at the next tick.

        Raises TypeError if they are no str, and RuntimeError if the recorder does not
        run.
        """
        if not isinstance(text, str):
            raise TypeError(f"text: expected a str, not {text!r}")
        run = self._running()
        with run.wake:
            run.notes.append(text)

    def frame_all(self) -> None:
        """Keep the regions of every process at the next tick.

        Raises RuntimeError if the recorder does not run.
        """
        run = self._running()
        with run.wake:
            run.frames = True

    def __enter__(self) -> Self:
        """Start to record."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop recording."""
        self.stop()

    def __repr__(self) -> str:
        """Show the file and whether the recorder runs."""
        state = "running" if self.is_running() else "stopped"
        return f"<Recorder into {self.path!r}: {self.ticks} ticks, {state}>"

    def _running(self) -> Run:
        run = self._run
        if run is None:
            raise RuntimeError("the recorder does not run: call start() first")
        return run

    def _go(self, run: Run) -> None:
        """Record until the run is stopped: the function of its thread."""
        error: BaseException | None = None
        try:
            while run.wait() and not run.session.is_over():
                run.step()
            for text in run.notes:
                run.session.note(text)
        except BaseException as caught:  # noqa: BLE001 - it is in `error`
            error = caught.with_traceback(None)
        try:
            run.session.close("stopped" if error is None else str(error))
        except BaseException as caught:  # noqa: BLE001 - likewise
            error = error or caught.with_traceback(None)
        with self._lock:
            self._ticks += run.session.ticks
            self._gaps += run.session.gaps
            self.error = error
            self._run = None

    def _forget_threads(self) -> None:
        """Reset the run and the lock, which a thread of the parent may have held."""
        self._lock = RLock()
        run, self._run = self._run, None
        if run is not None:
            run.session.abandon()


def stop_all() -> None:
    """Stop every recorder, so that what waits is written before the exit."""
    for recorder in tuple(RECORDERS):
        recorder.stop()


def forget_all() -> None:
    """Reset every recorder in a forked child, which has no threads of its parent."""
    for recorder in RECORDERS:
        recorder._forget_threads()


atexit.register(stop_all)
os.register_at_fork(after_in_child=forget_all)
