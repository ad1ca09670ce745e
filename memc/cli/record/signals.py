"""The signals that a recorder takes between two looks."""

from __future__ import annotations

import signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Signals", "is_by_process"]

# They end the recording, open FILE anew, and keep the regions of everything now.
TAKEN = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1)
ALARM = signal.SIGALRM


class Signals:
    """Signals that wait until `wait` takes them; one that is ignored stays ignored.

    `more` are other signals to take.
    """

    __slots__ = ("_before", "_wanted")

    def __init__(self, more: Iterable[signal.Signals] = ()) -> None:
        ignored = signal.SIG_IGN
        wanted = {each for each in TAKEN if signal.getsignal(each) != ignored}
        self._wanted = {*wanted, *more, ALARM}
        self._before = signal.pthread_sigmask(signal.SIG_BLOCK, self._wanted)

    def restore(self) -> None:
        """Take signals as before: for a process that begins another program."""
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)  # Python ignores it
        signal.pthread_sigmask(signal.SIG_SETMASK, self._before)

    def wait(self, seconds: float) -> signal.struct_siginfo | None:
        """Wait for a signal; return None if none came in `seconds`.

        A timer ends the wait: sigtimedwait() would return a signal that never came if
        SIGCONT interrupted it after its time was over.
        """
        if seconds <= 0:
            return self._taken() if self._is_pending() else None
        signal.setitimer(signal.ITIMER_REAL, seconds)
        info = self._taken()
        signal.setitimer(signal.ITIMER_REAL, 0)
        if ALARM in signal.sigpending():  # it went off meanwhile
            signal.sigwait({ALARM})
        return None if info.si_signo == ALARM else info

    def _is_pending(self) -> bool:
        return not self._wanted.isdisjoint(signal.sigpending())

    def _taken(self) -> signal.struct_siginfo:
        return signal.sigwaitinfo(self._wanted)


def is_by_process(info: signal.struct_siginfo) -> bool:
    """Tell whether a process sent a signal, and not the kernel for a terminal."""
    return info.si_code <= 0
