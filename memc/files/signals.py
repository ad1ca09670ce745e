"""Block signals that would end the process while a file must stay consistent."""

from __future__ import annotations

from errno import EINTR

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal as _signal
    from typing import Self
else:
    import _signal  # the C part of the module signal, which makes no enums

__all__ = ["HeldSignals"]

ENDING = (_signal.SIGINT, _signal.SIGTERM, _signal.SIGHUP)


class HeldSignals:
    """Block SIGINT, SIGTERM and SIGHUP in a ``with`` block.

    Signals that arrive take effect at the end of the block.  An ignored signal stays
    ignored.  Only this thread, and the threads that it starts, block signals.
    """

    __slots__ = ("_blocked", "_wanted")

    def __init__(self) -> None:
        ignored = _signal.SIG_IGN
        self._wanted = {n for n in ENDING if _signal.getsignal(n) != ignored}
        self._blocked: set[_signal.Signals] = set()

    def hold(self) -> Self:
        """Block the signals without a ``with`` block, until the process ends."""
        before = _signal.pthread_sigmask(_signal.SIG_BLOCK, self._wanted)
        self._blocked = self._wanted - before
        return self

    def __enter__(self) -> Self:
        """Block the signals."""
        return self.hold()

    def __exit__(self, *_: object) -> None:
        """Unblock the signals, but not those that were blocked before."""
        _signal.pthread_sigmask(_signal.SIG_UNBLOCK, self._blocked)

    def check(self) -> None:
        """Raise InterruptedError if a signal waits for the end of the block."""
        if not self._blocked.isdisjoint(_signal.sigpending()):
            raise InterruptedError(EINTR, "interrupted by a signal")

    def wait(self, seconds: float) -> bool:
        """Wait for a signal and consume it; return False if none came in `seconds`.

        With 0 seconds, return whether a signal is pending, and leave it pending.

        sigtimedwait() would not do: if SIGCONT interrupts it after its time is over,
        Python's wrapper returns a signal that never came.
        """
        if not seconds:
            return not self._wanted.isdisjoint(_signal.sigpending())
        alarm = _signal.SIGALRM
        _signal.pthread_sigmask(_signal.SIG_BLOCK, {alarm})
        _signal.setitimer(_signal.ITIMER_REAL, seconds)
        return _signal.sigwait({*self._wanted, alarm}) != alarm
