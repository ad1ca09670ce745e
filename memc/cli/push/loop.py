"""Scan and push when it is time, and hear signals meanwhile, until something ends it.

Both are done beside the main thread, which waits: a signal ends memc while a receiver
keeps it waiting, and a receiver that does so for ever holds up no scan.
"""

from __future__ import annotations

import math
import queue
import signal
import threading
import time

from memc.serve.push_error import PushError
from memc.serve.receiver import TIMEOUT_S

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    from memc.serve.scan import Scan

    class Scanner(Protocol):
        """What the loop needs of memc.serve.Scanner."""

        def scan(self) -> Scan: ...

    class Pusher(Protocol):
        """What the loop needs of memc.serve.otlp.Pusher."""

        def push(self, scan: Scan) -> int: ...

        def close(self) -> None: ...


__all__ = ["Loop"]

DONE, FAILED = 0, 1
ENDING = (signal.SIGINT, signal.SIGTERM)
HEAR_S = 0.5  # a signal that another thread got does not wake this one
END_S = 2.0  # for what is under way when a signal comes
WAIT_MAX_S = 3600.0  # a receiver may not ask for more peace than this
MS = 1000
NS = 1_000_000_000


class _Job:
    """Something that is done beside the main thread, and what came of it."""

    __slots__ = ("error", "result")

    def __init__(self) -> None:
        self.result: object = None
        self.error: Exception | None = None


class Loop:
    """Pushes every `interval_ms`, `count` times or until a signal comes.

    The next scan waits longer if the last one took more than `duty` percent of a CPU.
    `where` names the receiver.  `say` tells when pushing fails, and when it works
    again.
    """

    def __init__(
        self,
        scanner: Scanner,
        pusher: Pusher,
        *,
        interval_ms: int,
        duty: float,
        where: str,
        say: Callable[[str], None],
        count: int | None = None,
    ) -> None:
        self._interval_s = interval_ms / MS
        self._cpu_share = duty / 100
        self._scanner = scanner
        self._pusher = pusher
        self._where = where
        self._say = say
        self._left = count
        self._failed = 0  # all of them, and those since it worked
        self._failing = 0
        self._events: queue.SimpleQueue[_Job | int] = queue.SimpleQueue()
        self._is_ended = False
        self._pushing: _Job | None = None
        self._not_before = 0.0

    def run(self) -> int:
        """Push until something ends it; return the exit status."""
        for number in ENDING:
            if signal.getsignal(number) != signal.SIG_IGN:  # as nohup has it
                signal.signal(number, lambda got, _: self._events.put(got))
        while not self._is_ended:
            began = time.monotonic()
            cost_s = self._once()
            if self._left is not None:
                self._left -= 1
                if not self._left:
                    break
            self._is_done(None, began + self.after_s(cost_s) - time.monotonic())
        self._end()
        return FAILED if self._left == 0 and self._failed else DONE

    def after_s(self, cost_s: float) -> float:
        """Return the time from a scan that took so much CPU to the next one."""
        return max(self._interval_s, cost_s / self._cpu_share)

    def _once(self) -> float:
        """Scan, and push that; return the CPU time of the scan in seconds."""
        job = self._begin(self._scanner.scan)
        if not self._is_done(job, None):
            return 0.0
        if job.error is not None:  # the scanner has said why
            self._failed += 1
            return 0.0
        scan: Scan = job.result  # type: ignore[assignment]
        error = self._push(scan)
        if not self._is_ended:
            self._tell(error)
        return scan.cost_ns / NS

    def _push(self, scan: Scan) -> PushError | None:
        """Push a scan; return why that failed."""
        if self._pushing is not None:
            return PushError("the receiver still holds up the push before")
        if time.monotonic() < self._not_before:
            return PushError("the receiver asked to wait")
        job = self._pushing = self._begin(lambda: self._pusher.push(scan))
        if not self._is_done(job, TIMEOUT_S):
            return PushError(f"no answer in {TIMEOUT_S:g} s")
        error = job.error
        if error is None:
            return None
        if not isinstance(error, PushError):
            return PushError(f"{type(error).__name__}: {error}")
        self._not_before = time.monotonic() + min(error.wait_s, WAIT_MAX_S)
        return error

    def _tell(self, error: PushError | None) -> None:
        """Say that pushing fails, or that it works again, once each."""
        if error is not None:
            self._failed += 1
            self._failing += 1
            if self._failing == 1:
                self._say(f"cannot push to {self._where}: {error}")
        elif self._failing:
            times = "once" if self._failing == 1 else f"{self._failing:,} times"
            self._say(f"pushing to {self._where} works again; it failed {times}")
            self._failing = 0

    def _begin(self, do: Callable[[], object]) -> _Job:
        job = _Job()

        def work() -> None:
            try:
                job.result = do()
            except Exception as error:  # noqa: BLE001 - told, and tried again later
                job.error = error
            self._events.put(job)

        threading.Thread(target=work, daemon=True).start()
        return job

    def _is_done(self, job: _Job | None, limit_s: float | None) -> bool:
        """Wait for the end of a job, or of all if a signal comes; tell which."""
        until = math.inf if limit_s is None else time.monotonic() + limit_s
        while not self._is_ended:
            left_s = max(until - time.monotonic(), 0)
            try:
                event = self._events.get(timeout=min(left_s, HEAR_S))
            except queue.Empty:
                if left_s > HEAR_S:
                    continue
                return False
            if isinstance(event, int):
                self._is_ended = True
                break
            if event is self._pushing:  # perhaps one that was given up
                self._pushing = None
            if event is job:
                return True
        return False

    def _end(self) -> None:
        """Give a push that is under way a little time, and give it up."""
        if self._is_ended and self._pushing is not None:
            self._is_ended = False  # another signal ends it at once
            self._is_done(self._pushing, END_S)
        self._pusher.close()
