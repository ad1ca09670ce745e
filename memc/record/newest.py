"""Tell from the pid that was given last whether a process began.

The last field of loadavg is that pid in the namespace of who reads it
(loadavg_proc_show() in fs/proc/loadavg.c).  A process gets a pid in its own namespace
and in each one above (alloc_pid() in kernel/pid.c), so what is true of the namespace of
this process is true of those below it.  To read the field takes a fiftieth of the time
that it takes to list /proc.
"""

from __future__ import annotations

import fcntl
import os

from memc.proc.root import is_procfs, read_small
from memc.record.followed import NO_FILE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.proc.root import Opened

__all__ = ["Newest"]

NS_GET_PARENT = 0xB702  # include/uapi/linux/nsfs.h
DEEPEST = 32  # MAX_PID_NS_LEVEL
SIZE = 128  # more than the longest line of loadavg
LOOKS = 30  # a process that clone3() gave a chosen pid moves nothing


class Newest:
    """Tells whether a process may have begun in a root since the looks before."""

    def __init__(self, root: Opened) -> None:
        self._fd = _open(root)
        self._pid = b""
        self._unmoved = 0

    def may_have_begun(self) -> bool:
        """Compare with the last two looks: a pid is given before its process is seen.

        To be asked before the processes are listed.
        """
        pid = _read(self._fd)
        is_same = pid == self._pid != b""
        self._pid = pid
        self._unmoved = self._unmoved + 1 if is_same else 0
        return self._unmoved < 2 or self._unmoved % LOOKS == 0

    def close(self) -> None:
        """Close the file."""
        if self._fd != NO_FILE:
            os.close(self._fd)
            self._fd = NO_FILE


def _open(root: Opened) -> int:
    """Open loadavg; NO_FILE if it does not tell of all processes of the root."""
    if not is_procfs(root) or not (_is_same(root) or _is_below(root)):
        return NO_FILE
    try:
        fd = os.open("loadavg", os.O_RDONLY | os.O_CLOEXEC, dir_fd=root.fd)
    except OSError:
        return NO_FILE
    if os.fstat(fd).st_dev != os.fstat(root.fd).st_dev:  # as lxcfs mounts its own
        os.close(fd)
        return NO_FILE
    return fd


def _read(fd: int) -> bytes:
    """Return the pid that was given last; b"" if it is not told."""
    try:
        text = b"" if fd == NO_FILE else os.pread(fd, SIZE, 0)
    except OSError:
        return b""
    pid = text.rpartition(b" ")[2].strip()
    return pid if pid != b"0" else b""


def _is_same(root: Opened) -> bool:
    """Tell whether the pid namespace of a root is that of this process.

    Then NSpid has one pid: it has one for each namespace from that of the root down.
    """
    try:
        status = read_small(root, "self/status")
    except OSError:  # this process is not there
        return False
    pids = status.partition(b"\nNSpid:")[2].partition(b"\n")[0].split()
    return len(pids) == 1


def _is_below(root: Opened) -> bool:
    """Tell whether the pid namespace of a root is one below that of this process."""
    fds: list[int] = []
    try:
        ours = os.stat("/proc/self/ns/pid")
        fds.append(os.open("1/ns/pid", os.O_RDONLY | os.O_CLOEXEC, dir_fd=root.fd))
        for _ in range(DEEPEST):
            if os.path.samestat(os.fstat(fds[-1]), ours):
                return True
            fds.append(fcntl.ioctl(fds[-1], NS_GET_PARENT))
    except OSError:  # it is not below, or may not be asked
        pass
    finally:
        for fd in fds:
            os.close(fd)
    return False
