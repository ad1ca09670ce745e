"""Look when it is time, and take signals meanwhile, until something ends it."""

from __future__ import annotations

import os
import signal
import time

from memc.cli.output import counted
from memc.cli.record.signals import is_by_process
from memc.human.counts import counted_processes
from memc.human.units import human

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.cli.record.line import Line
    from memc.cli.record.program import Program
    from memc.cli.record.signals import Signals
    from memc.record.notify import Notify
    from memc.record.session import Session

__all__ = ["Loop", "wait_for"]

LONGEST_S = 86_400.0
ENDING = (signal.SIGINT, signal.SIGTERM)
STATUS_S = 10.0


class Loop:
    """The looks of a session.

    They end after `count` looks, or `for_s` seconds; None means that this ends nothing.
    They end with `program`, and with the last process if `ends_alone`.
    """

    def __init__(
        self,
        session: Session,
        signals: Signals,
        *,
        line: Line,
        notify: Notify,
        program: Program | None = None,
        count: int | None = None,
        for_s: float | None = None,
        ends_alone: bool = False,
    ) -> None:
        self._session = session
        self._signals = signals
        self._line = line
        self._notify = notify
        self._program = program
        self._count = count
        self._until = None if for_s is None else time.monotonic() + for_s
        self._ends_alone = ends_alone
        self._had_terminal = _has_terminal()
        self._told = 0.0

    def begin(self) -> None:
        """Look for the first time, and write that at once."""
        self._session.step()
        self._session.flush()
        self._notify.tell(READY=1)

    def run(self) -> str:
        """Look until something ends it; return what, in a word for the recording."""
        why = self._end()
        while not why:
            why = self._wait()
            if not why and not self._session.wait_s():
                self._session.step()
                why = self._end()
        return why

    def _end(self) -> str:
        """Return what ends the recording after this look, "" if nothing does."""
        if self._count is not None and self._session.ticks >= self._count:
            return "count"
        return "ended" if self._ends_alone and not self._session.processes else ""

    def _wait(self) -> str:
        """Wait for the next look, or a signal; return what ends the recording."""
        self._line.show(self._session)
        self._tell()
        info = self._signals.wait(self._wait_s())
        if info is not None:
            return self._take(info)
        is_over = self._until is not None and time.monotonic() >= self._until
        return "time" if is_over else ""

    def _wait_s(self) -> float:
        left = [self._session.wait_s()]
        if self._until is not None:
            left.append(max(self._until - time.monotonic(), 0))
        if self._notify.watchdog_s is not None:
            left.append(self._notify.watchdog_s)
        return min(left)

    def _tell(self) -> None:
        """Tell the manager of services that we live, and now and then how it goes."""
        facts: dict[str, object] = {"WATCHDOG": 1}
        if time.monotonic() >= self._told:
            self._told = time.monotonic() + STATUS_S
            session = self._session
            size = human(session.size() // 1024)
            words = f"{counted(session.ticks, 'look')}, {counted(session.gaps, 'gap')}"
            who = counted_processes(session.processes)
            facts["STATUS"] = f"{who}, {size}, {words}"
        self._notify.tell(**facts)

    def _take(self, info: signal.struct_siginfo) -> str:
        number = info.si_signo
        if number == signal.SIGUSR1:
            self._session.frame_all()
        elif number == signal.SIGHUP and not self._is_hung_up():
            self._session.reopen()
        elif self._program is None:
            return signal.Signals(number).name
        elif self._program.has_ended():
            return "ended"
        else:
            hand_on(self._program, info)
        return ""

    def _is_hung_up(self) -> bool:
        """Tell whether the terminal went away: then SIGHUP is no wish for a new file.

        A program on that terminal is told by the kernel itself.
        """
        return self._had_terminal and not _has_terminal()


def wait_for(program: Program, signals: Signals) -> None:
    """Wait for the end of a program that is not recorded any more."""
    while not program.has_ended():
        info = signals.wait(LONGEST_S)
        if info is not None:
            hand_on(program, info)


def hand_on(program: Program, info: signal.struct_siginfo) -> None:
    """Let a program have a signal that was sent to memc alone.

    What a terminal sends, all programs on it get from the kernel.
    """
    if info.si_signo in ENDING and is_by_process(info):
        program.send(info.si_signo)


def _has_terminal() -> bool:
    """Tell whether this process has a terminal that sends it signals."""
    try:
        fd = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        return False
    os.close(fd)
    return True
