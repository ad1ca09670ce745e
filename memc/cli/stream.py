"""Sampling: documents one after the other, at fixed times."""

from __future__ import annotations

import time

from memc._identity import Identity
from memc._signals import HeldSignals
from memc.cli.collect import OneProcess, System
from memc.cli.output import counted, say, tell
from memc.errors import ProcessError, ProcessGone
from memc.schedule import Schedule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.cli.collect import Write
    from memc.cli.options import Request
    from memc.snapshot import Snapshot

__all__ = ["run"]


def run(request: Request, write: Write) -> None:
    """Write as many documents as wanted, or without end.

    A signal ends it after the whole document under way, and so does the end of the
    process once there was a document.
    """
    # For good: a second signal, while the first takes effect, must not change that.
    signals = HeldSignals().hold()
    source = System(request) if request.all else Followed(request)
    schedule = Schedule(request.interval)
    duty = Duty(request.duty)
    late = done = 0
    while True:
        duty.begin(schedule.clock())
        try:
            document = source.read(late)
        except ProcessGone as error:
            if not done:
                raise
            say(f"process {error.pid} ended after {counted(done, 'sample')}")
            return
        write(document)
        tell(source.message)
        done += 1
        if done == request.count:
            return
        late = schedule.advance()
        schedule.postpone(duty.end())
        if _is_ended(schedule, signals):
            return


class Duty:
    """The share of one CPU that samples may take: of all, reading and writing both."""

    def __init__(self, percent: int | None) -> None:
        self._percent = percent
        self._began_ns = self._cpu_ns = 0

    def begin(self, now_ns: int) -> None:
        """Begin a sample."""
        self._began_ns, self._cpu_ns = now_ns, time.process_time_ns()

    def end(self) -> int:
        """End it; return when the next may begin."""
        if self._percent is None:
            return 0
        cost_ns = time.process_time_ns() - self._cpu_ns
        return self._began_ns + cost_ns * 100 // self._percent


class Followed(OneProcess):
    """Snapshots of one process until it ends, and never of another with its pid."""

    def __init__(self, request: Request) -> None:
        super().__init__(request)
        self._identity = Identity(request.pid, request.proc)

    def read(self, late: int = 0) -> Snapshot:
        """Take one, as its base does; ProcessGone if the process has ended by now."""
        try:
            snap = super().read(late)
        except ProcessError:
            self._identity.check()
            raise
        self._identity.check(regions=len(snap))
        return snap


def _is_ended(schedule: Schedule, signals: HeldSignals) -> bool:
    """Wait for the next sample; return whether a signal came first."""
    while True:
        left_s = schedule.wait_s()
        if signals.wait(left_s):
            return True
        if not left_s:
            return False
