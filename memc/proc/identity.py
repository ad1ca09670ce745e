"""Which process a pid meant when it was first looked up, however long ago that was."""

from __future__ import annotations

import os

from memc.errors import ProcessGone
from memc.proc.files import ProcessFiles, open_root

FLAGS = 6  # its place behind the name in stat: field 9 of proc(5)
PF_EXITING = 4  # include/linux/sched.h: its memory may be gone, and it a zombie


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
        """Raise ProcessGone if the process has ended, be it on its way or a zombie.

        `regions` is how many it was just seen to have: what has some has not ended.
        """
        files = self._files
        if files is None or _is_gone(files) or (not regions and _is_exiting(files)):
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


def _is_exiting(files: ProcessFiles) -> bool:
    """Look at the flags in stat."""
    try:
        return int(files.stat()[FLAGS]) & PF_EXITING != 0
    except ProcessLookupError:  # reaped since
        return True
    except (OSError, IndexError, ValueError):  # a copy need not have it
        return False
