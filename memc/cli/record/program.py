"""A program that is recorded from its begin to its end.

::

    memc     fork   look   let it begin   look ... look   wait for its end
    child    wait..........exec..........................exit

The child is forked before the recording is opened: it has no file of it, and the limits
that it came with.
"""

from __future__ import annotations

import errno
import os
import signal

from memc.errors import MemcError
from memc.proc.rights import field, words_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from resource import struct_rusage

    from memc.cli.record.signals import Signals

__all__ = ["CannotStart", "Program"]

NOT_EXECUTABLE, NOT_FOUND = 126, 127  # as shells and env(1) have them
BY_SIGNAL = 128
LARGEST_KB = 1 << 62


class CannotStart(MemcError):  # noqa: N818 - says what happened
    """The program cannot be started; `status` is the exit status for that."""

    def __init__(self, text: str, status: int) -> None:
        super().__init__(text)
        self.status = status


class Program:
    """A child that waits for `begin` before it runs a program.

    `pid` is the child.  `status` is its exit status, 128 and the number of the signal
    if one ended it, and None before its end.  `peak_kb` is the most resident memory
    that it, or a descendant that it waited for, had at once; the child as it waited
    counts, too.
    """

    def __init__(self, argv: list[str], signals: Signals) -> None:
        self._argv = argv
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # ignored, it would reap for us
        self.status: int | None = None
        self.peak_kb = 0
        self._least_kb = _own_peak_kb()
        begin, self._begin = os.pipe()
        self._failed, failed = os.pipe()
        self.pid = os.fork()
        if not self.pid:
            os.close(self._begin)  # or it would wait for itself
            _become(argv, begin, failed, signals)
        os.close(begin)
        os.close(failed)

    def begin(self) -> None:
        """Let the program begin.  Raises CannotStart if it cannot."""
        os.write(self._begin, b"1")
        os.close(self._begin)
        with open(self._failed, "rb") as told:
            text = told.read()
        if text:
            os.waitpid(self.pid, 0)
            raise _cannot_start(self._argv[0], int(text))

    def cancel(self) -> None:
        """End the child, which has not begun."""
        os.close(self._begin)
        os.close(self._failed)
        os.waitpid(self.pid, 0)

    def has_ended(self) -> bool:
        """Tell whether the program ended."""
        if self.status is None:
            pid, status, usage = os.wait4(self.pid, os.WNOHANG)
            if pid:
                self._end(status, usage)
        return self.status is not None

    def _end(self, status: int, usage: struct_rusage) -> None:
        self.peak_kb = usage.ru_maxrss
        code = os.waitstatus_to_exitcode(status)
        self.status = code if code >= 0 else BY_SIGNAL - code

    def is_peak_its_own(self) -> bool:
        """Tell whether `peak_kb` is surely not that of the child as it waited."""
        return self.peak_kb > self._least_kb

    def send(self, number: int) -> None:
        """Hand a signal on that was sent to memc."""
        if self.status is None:  # not waited for, so the pid is its own
            os.kill(self.pid, number)


def _become(argv: list[str], begin: int, failed: int, signals: Signals) -> None:
    """Run the program in the place of this process, when it may begin; never return."""
    try:
        if not os.read(begin, 1):
            os._exit(0)  # memc cannot record
        signals.restore()
        os.execvp(argv[0], argv)  # noqa: S606 - what the user asked for
    except OSError as error:
        os.write(failed, b"%d" % (error.errno or errno.EIO))
    except ValueError:  # a NUL, which no argument of a process can have
        os.write(failed, b"%d" % errno.EINVAL)
    finally:
        os._exit(NOT_FOUND)


def _own_peak_kb() -> int:
    """Return the most that this program had, and so a child that was just forked.

    ru_maxrss would have what the process had before it ran this program, too
    (exec_mmap() in fs/exec.c).
    """
    try:
        with open("/proc/self/status", "rb") as file:
            return int(field(file.read(), b"VmHWM:"))
    except (OSError, ValueError):
        return LARGEST_KB


def _cannot_start(name: str, number: int) -> CannotStart:
    is_missing = number in (errno.ENOENT, errno.ENOTDIR)
    words = words_of(OSError(number, os.strerror(number)))
    if is_missing and "/" not in name:
        words = "no such command in PATH"
    elif number == errno.ENOENT and os.path.lexists(name):
        words += ": it, or the interpreter that its first line names"
    status = NOT_FOUND if is_missing else NOT_EXECUTABLE
    return CannotStart(f"cannot start {name}: {words}", status)
