"""Which process a pid meant when it was first looked up, however long ago that was."""

from __future__ import annotations

import os

from memc._procfs import ProcessFiles, _field, open_root
from memc.errors import ProcessGone

ENDED = (b"Z", b"X")  # zombie, dead: task_state_array in fs/proc/array.c


class Identity:
    """The open directory of a process, which tells it from later ones of its pid.

    The kernel refuses every look into the directory of a process that was reaped, for
    ever (proc_pid_permission() in fs/proc/base.c), and gives its pid to no other
    process before.  So what was read by pid before a `check` that passes was read of
    this very process.
    """

    __slots__ = ("_files", "pid")

    def __init__(self, pid: int, proc: str = "/proc") -> None:
        """Look `pid` up; ProcessGone, AccessDenied (hidepid) or MemcError (`proc`)."""
        self._files: ProcessFiles | None = None
        self.pid = pid
        with open_root(proc) as root:
            self._files = ProcessFiles(root, pid)

    def check(self, *, regions: int = 0) -> None:
        """Raise ProcessGone if the process has ended, be it a zombie still.

        `regions` is how many it was just seen to have: a zombie has none.
        """
        files = self._files
        if files is None or _is_gone(files) or (not regions and _is_zombie(files)):
            self.close()
            raise ProcessGone(f"process {self.pid}: ended", self.pid)

    def close(self) -> None:
        """Let go of a process that has ended: every later check says so."""
        files, self._files = self._files, None
        if files is not None:
            os.close(files.fd)

    __del__ = close


def _is_gone(files: ProcessFiles) -> bool:
    """Look into the directory: ESRCH, or in a copy of /proc that it was removed."""
    try:
        return os.stat(".", dir_fd=files.fd).st_nlink == 0
    except ProcessLookupError:
        return True
    except OSError:  # what is refused is there: hidepid
        return False


def _is_zombie(files: ProcessFiles) -> bool:
    """Tell a process that has ended and whose parent has not asked for its end."""
    try:
        return _field(files.read("status"), b"State:") in ENDED
    except OSError:
        return False
