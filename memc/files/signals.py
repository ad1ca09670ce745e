"""Signals that would end us, held back while something must stay whole."""

from __future__ import annotations

from errno import EINTR

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal as _signal
    from typing import Self
else:
    import _signal  # what signal is made of, without the enums

__all__ = ["HeldSignals"]

ENDING = (_signal.SIGINT, _signal.SIGTERM, _signal.SIGHUP)


class HeldSignals:
    """In a ``with`` block, hold them back; at its end those that came take effect.

    What is ignored stays ignored.  Only this thread, and the threads that it starts,
    hold anything back.
    """

    __slots__ = ("_blocked", "_wanted")

    def __init__(self) -> None:
        ignored = _signal.SIG_IGN
        self._wanted = {n for n in ENDING if _signal.getsignal(n) != ignored}
        self._blocked: set[_signal.Signals] = set()

    def hold(self) -> Self:
        """Begin without a ``with`` block, and for good."""
        before = _signal.pthread_sigmask(_signal.SIG_BLOCK, self._wanted)
        self._blocked = self._wanted - before
        return self

    def __enter__(self) -> Self:
        """Begin."""
        return self.hold()

    def __exit__(self, *_: object) -> None:
        """Let them through; what was held back before stays so."""
        _signal.pthread_sigmask(_signal.SIG_UNBLOCK, self._blocked)

    def check(self) -> None:
        """Raise InterruptedError if one came, which takes effect after the block."""
        if not self._blocked.isdisjoint(_signal.sigpending()):
            raise InterruptedError(EINTR, "interrupted by a signal")

    def wait(self, seconds: float) -> bool:
        """Wait for one and take it; return False when none came in that time.

        Not by sigtimedwait(): when SIGCONT interrupts that after its time, Python's
        returns a signal that never came.
        """
        if not seconds:
            return not self._wanted.isdisjoint(_signal.sigpending())
        alarm = _signal.SIGALRM
        _signal.pthread_sigmask(_signal.SIG_BLOCK, {alarm})
        _signal.setitimer(_signal.ITIMER_REAL, seconds)
        return _signal.sigwait({*self._wanted, alarm}) != alarm
