"""Why a process has no memory: it has ended, is a kernel thread, or unmapped it all."""

from __future__ import annotations

from memc.errors import MemcError, ProcessGone
from memc.proc import stat
from memc.proc.files import ProcessFiles
from memc.proc.rights import field
from memc.proc.root import open_root

__all__ = ["why_empty"]

ENDED = "has no memory: it has ended"
KERNEL = "has no memory: it is a kernel thread"
ZOMBIE = "has no memory: it has ended and is a zombie"
LEADER = "its first thread has ended: its memory is not known"
ENDING = "has no memory any more: it is ending"
UNMAPPED = "has no memory: it has unmapped all of it"
UNKNOWN = "has no memory"
NOW = "had no memory when it was read, and has some by now"


def why_empty(pid: int, proc: str = "/proc") -> str:
    """Return words for a process that was read and has no regions."""
    try:
        with open_root(proc) as root, ProcessFiles(root, pid) as files:
            return _why(files)
    except (ProcessGone, ProcessLookupError):
        return ENDED
    except (OSError, MemcError):
        return UNKNOWN


def _why(files: ProcessFiles) -> str:
    status = files.read("status")
    flags = _flags(files)
    state = field(status, b"State:")
    # Linux 6.10 and later tell kernel threads in status, too.
    if field(status, b"Kthread:") == b"1" or flags & stat.PF_KTHREAD:
        return KERNEL
    if field(status, b"VmSize:") not in (b"", b"0"):
        return NOW
    if state in (b"Z", b"X"):
        return LEADER if stat.number([field(status, b"Threads:")], 0) > 1 else ZOMBIE
    if flags & stat.PF_EXITING:
        return ENDING
    return UNMAPPED if state else UNKNOWN


def _flags(files: ProcessFiles) -> int:
    try:
        return stat.number(files.stat()[1], stat.FLAGS)
    except ProcessLookupError:
        raise
    except OSError:  # a copy need not have stat
        return 0
