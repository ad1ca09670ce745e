"""Recognise a process for as long as it lives, even if its pid is used again."""

from __future__ import annotations

import os
from _thread import RLock

from memc.errors import ProcessGone
from memc.proc.files import ProcessFiles
from memc.proc.living import has_ended
from memc.proc.root import open_root


class Identity:
    """The open directory of a process, which no later process with its pid shares.

    Once a process was reaped, the kernel refuses every access to its open directory
    (proc_pid_permission() in fs/proc/base.c).  No other process gets the pid before
    that.  If a `check` passes, everything that was read by pid before it therefore
    belongs to this process.
    """

    __slots__ = ("_files", "_lock", "pid")

    def __init__(self, pid: int, proc: str = "/proc") -> None:
        """Open the directory.

        Raises ProcessGone if there is no such process, AccessDenied if hidepid hides
        it, and MemcError if `proc` cannot be opened.
        """
        self._files: ProcessFiles | None = None
        self._lock = RLock()  # else one thread could close what another one reads
        self.pid = pid
        with open_root(proc) as root:
            self._files = ProcessFiles(root, pid)

    def check(self, *, regions: int = 0) -> None:
        """Raise ProcessGone if the process has ended, is about to, or is a zombie.

        `regions` is how many regions were just read: a process with regions has not
        ended.
        """
        with self._lock:
            files = self._files
            if files is None or _is_gone(files) or (not regions and has_ended(files)):
                self.close()
                raise ProcessGone(f"process {self.pid}: ended", self.pid)

    def forget_threads(self) -> None:
        """Reset the lock in a forked child: a thread of the parent may have held it."""
        self._lock = RLock()

    def close(self) -> None:
        """Close the directory; every later check raises ProcessGone."""
        with self._lock:
            files, self._files = self._files, None
            if files is not None:
                os.close(files.fd)

    __del__ = close


def _is_gone(files: ProcessFiles) -> bool:
    """Tell whether the directory is gone: ESRCH, or a copy of it was removed."""
    try:
        return os.stat(".", dir_fd=files.fd).st_nlink == 0
    except ProcessLookupError:
        return True
    except OSError:  # hidepid refuses, so the process is there
        return False
