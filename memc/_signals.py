"""Signals that would end us, held back while something must stay whole."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal as _signal
    from types import TracebackType
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
        self._blocked: set[int] = set()

    def hold(self) -> Self:
        """Begin without a ``with`` block, and for good."""
        before = _signal.pthread_sigmask(_signal.SIG_BLOCK, self._wanted)
        self._blocked = self._wanted - before
        return self

    def __enter__(self) -> Self:
        """Begin."""
        return self.hold()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let them through; what was held back before stays so."""
        _signal.pthread_sigmask(_signal.SIG_UNBLOCK, self._blocked)

    def pending(self) -> bool:
        """Tell whether one came that takes effect at the end of the block."""
        return not self._blocked.isdisjoint(_signal.sigpending())

    def wait(self, seconds: float) -> bool:
        """Wait for one and take it; False when none came in that time."""
        return _signal.sigtimedwait(self._wanted, seconds) is not None
