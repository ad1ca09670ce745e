"""One run of a sampler: its thread, what it waits for, and when it is stopped."""

from __future__ import annotations

from threading import Lock, Thread

from memc.sampling.schedule import Schedule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from memc.sampling.source import OneProcess

__all__ = ["Run"]


class Run:
    """One run of a sampler, from start to stop: its thread and its schedule."""

    __slots__ = ("is_stopped", "repeat", "running", "schedule", "source", "thread")

    def __init__(
        self, go: Callable[[Run], None], pid: int, source: OneProcess, interval_ms: int
    ) -> None:
        self.source = source
        self.is_stopped = False
        self.running = Lock()  # to wait for it is cheaper than for an Event
        self.running.acquire()
        self.thread = Thread(
            target=go, args=(self,), name=f"memc sampler {pid}", daemon=True
        )
        self.schedule = Schedule(interval_ms)
        self.repeat = source.repeat(self.schedule.interval_ns)

    def tell_again(self, missed: int) -> int:
        """Take samples as long as the process does nothing and no callback waits.

        `missed` is how many samples were left out before.  Returns how many were left
        out before the next one.
        """
        if self.repeat is not None:
            schedule = self.schedule
            missed, schedule.due_ns = self.repeat.run(missed, schedule.due_ns)
        return missed

    def end_repeat(self) -> None:
        """Let each sample from now on be a reading."""
        if self.repeat is not None:
            self.repeat.end()

    def wait(self) -> bool:
        """Wait until a sample is due; return False if the run was stopped."""
        while left_s := self.schedule.wait_s():
            if self.running.acquire(True, left_s):  # noqa: FBT003
                return False
        return not self.is_stopped

    def stop(self) -> None:
        """End the wait; call this once."""
        self.is_stopped = True
        self.end_repeat()
        self.running.release()
