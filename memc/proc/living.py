"""Find the memory of a process whose own files tell of none.

The first thread of a process may have ended while others live.  /proc/PID/maps is empty
then, and /proc/PID/task/TID/maps of a living thread has everything.
"""

from __future__ import annotations

import os

from memc.proc import stat
from memc.proc.rights import field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.proc.files import ProcessFiles

__all__ = ["Living", "has_ended", "look", "use_living_thread"]

FOLDER = os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class Living:
    """Where the memory of a process is."""

    NONE = "none"  # it has no memory, such as a kernel thread
    ZOMBIE = "zombie"  # it has ended, and its memory is free
    THREAD = "thread"  # another thread has it, whose files are read from now on
    ENDING = "ending"  # it was killed, and the kernel still frees its memory
    GONE = "gone"  # it was reaped


def look(files: ProcessFiles) -> str:
    """Find out; if another thread has the memory, let `files` read that one's files."""
    files.use_process()
    try:
        fields = files.stat()[1]
    except ProcessLookupError:
        return Living.GONE
    except OSError:
        fields = []
    flags = stat.number(fields, stat.FLAGS)
    if flags & stat.PF_KTHREAD:
        return Living.NONE
    threads = stat.number(fields, stat.THREADS, 2)  # perhaps, in a copy without stat
    if threads > 1 and _use_thread(files):
        return Living.THREAD
    if threads == 1 and fields[stat.STATE] in (b"Z", b"X"):
        return Living.ZOMBIE
    return Living.ENDING if flags & stat.PF_EXITING else Living.NONE


def has_ended(files: ProcessFiles) -> bool:
    """Tell whether all threads exit or have ended, so that the memory may be gone."""
    return look(files) in (Living.ZOMBIE, Living.ENDING, Living.GONE)


def use_living_thread(files: ProcessFiles) -> None:
    """Let `files` read the files of a living thread, if the first one has ended."""
    if not _has_memory(files):
        look(files)


def _use_thread(files: ProcessFiles) -> bool:
    try:
        task = os.open("task", FOLDER | os.O_RDONLY, dir_fd=files.fd)
    except OSError:
        return False
    try:
        names = [name for name in os.listdir(task) if name.isascii()]
        tids = sorted(int(name) for name in names if name.isdigit())
        for tid in tids:
            if tid != files.pid and _is_living(files, task, tid):
                return True
    except OSError:  # the process has ended
        pass
    finally:
        os.close(task)
    files.use_process()
    return False


def _is_living(files: ProcessFiles, task: int, tid: int) -> bool:
    try:
        files.use_thread(os.open(str(tid), FOLDER | os.O_PATH, dir_fd=task))
    except OSError:
        return False
    return _has_memory(files)


def _has_memory(files: ProcessFiles) -> bool:
    """Tell whether there is memory.  Everyone may read statm; a copy may lack it."""
    try:
        return stat.number(files.read("statm").split(), 0) > 0
    except OSError:
        pass
    try:
        return field(files.read("status"), b"VmSize:") != b""
    except OSError:
        return False
