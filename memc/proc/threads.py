"""The threads of a live process and their stack pointers."""

from __future__ import annotations

import os

from memc.proc.entry import READ_SIZE, open_entry
from memc.proc.files import ProcessFiles
from memc.proc.root import open_root

__all__ = ["read_threads"]

# The links of the folder "task" if there is one thread: each thread is one more
# (proc_task_getattr() in fs/proc/base.c).
ALONE = 3
FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def read_threads(pid: int, *, proc: str = "/proc") -> dict[int, int | None]:
    """Return the stack pointer of each thread, by the number of the thread.

    None means that the pointer could not be read: the thread runs at the moment, it has
    ended, or the right to trace the process is missing (proc_pid_syscall() in
    fs/proc/base.c).  The only thread of a process has its stack in ``[stack]``, so its
    pointer is not read and is None.

    Raises ProcessGone, AccessDenied or MemcError if the threads cannot be listed.
    """
    if proc == "/proc" and _is_alone(f"/proc/{pid}/task"):  # as most processes are
        return {pid: None}
    with open_root(proc) as root, ProcessFiles(root, pid) as files:
        try:
            if not files.is_copy and os.stat("task", dir_fd=files.fd).st_nlink == ALONE:
                return {pid: None}
            fd = os.open("task", FOLDER, dir_fd=files.fd)
        except OSError as error:
            raise files.explain(error, "task") from None
        try:
            tids = sorted(int(name) for name in os.listdir(fd) if _is_number(name))
            if len(tids) == 1:
                return {tids[0]: None}
            return {tid: _stack_pointer(fd, tid, is_copy=files.is_copy) for tid in tids}
        except OSError as error:
            raise files.explain(error, "task") from None
        finally:
            os.close(fd)


def _is_alone(folder: str) -> bool:
    """Tell whether this has the threads of a process that has one.

    What is wrong with the folder is left to others, who can tell it.
    """
    try:
        return os.stat(folder).st_nlink == ALONE
    except OSError:
        return False


def _is_number(name: str) -> bool:
    return name.isascii() and name.isdigit()


def _stack_pointer(task: int, tid: int, *, is_copy: bool) -> int | None:
    """Read the file syscall: "NUMBER ARGUMENTS… SP PC", "-1 SP PC" or "running"."""
    try:
        thread = os.open(str(tid), FOLDER | os.O_PATH, dir_fd=task)
    except OSError:
        return None
    try:
        fd = open_entry(thread, "syscall", is_copy=is_copy)
    except OSError:
        return None
    finally:
        os.close(thread)
    try:
        words = os.read(fd, READ_SIZE).split()
        return int(words[-2], 16) if len(words) >= 3 else None
    except (OSError, ValueError):
        return None
    finally:
        os.close(fd)
