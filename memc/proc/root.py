"""The root in which processes are looked up: /proc, or a copy of it."""

from __future__ import annotations

import errno
import os

from memc.errors import MemcError
from memc.proc.entry import read_entry
from memc.proc.rights import words_of
from memc.table.fields import PID_MAX

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

__all__ = [
    "PROC_ROOT_INO",
    "Opened",
    "is_copy",
    "is_ours",
    "is_procfs",
    "list_names",
    "list_pids",
    "open_root",
    "pids_among",
    "read_small",
]

PROC_ROOT_INO = 1  # include/linux/proc_fs.h
PROC_MAGIC = 0x9FA0  # include/uapi/linux/magic.h


class Opened:
    """An open file or directory, closed at the end of a ``with`` block."""

    __slots__ = ("_is_copy", "fd", "path")

    def __init__(self, fd: int, path: str) -> None:
        self.fd = fd
        self.path = path
        self._is_copy: bool | None = None

    def __enter__(self) -> Self:
        """Return the object, which is open."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file or directory."""
        os.close(self.fd)


def open_root(proc: str) -> Opened:
    """Open /proc or another root.  Raises MemcError if it cannot be opened."""
    try:
        fd = os.open(proc, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise _root_error(proc, error) from None
    root = Opened(fd, proc)
    if proc == "/proc" and not _is_mounted(root):
        os.close(fd)
        raise _root_error(proc, _no_data())
    return root


def is_copy(root: Opened) -> bool:
    """Tell whether a root may be a copy, made by others."""
    if root._is_copy is None:
        is_proc = root.path == "/proc" and os.fstat(root.fd).st_ino == PROC_ROOT_INO
        root._is_copy = not is_proc
    return root._is_copy


def is_procfs(root: Opened) -> bool:
    """Tell whether a root is the file system proc, wherever it is mounted."""
    if not is_copy(root):
        return True
    from memc.proc.file_system import kind_of

    return kind_of(root.fd) == PROC_MAGIC


def is_ours(root: Opened) -> bool:
    """Tell whether its pids are those that system calls know: it tells who asks."""
    try:
        return os.readlink("self", dir_fd=root.fd) == str(os.getpid())
    except OSError:  # this process is not in its pid namespace
        return False


def _is_mounted(root: Opened) -> bool:
    """Tell whether /proc is mounted, or holds a copy.

    In an empty folder no process would seem to exist.
    """
    try:
        os.stat("self", dir_fd=root.fd, follow_symlinks=False)
    except OSError:
        try:
            list_pids(root)
        except MemcError:
            return False
    return True


def read_small(root: Opened, name: str) -> bytes:
    """Read a small file of the root itself, as read_entry() does.  Raises OSError."""
    return read_entry(root.fd, name, is_copy=is_copy(root))


def list_pids(root: Opened) -> list[int]:
    """Return the pids in a root, sorted.

    Raises MemcError if it cannot be read or has none: a /proc has at least the process
    that reads it.
    """
    return pids_among(list_names(root), root)


def list_names(root: Opened) -> list[str]:
    """Return the names in a root.  Raises MemcError if it cannot be read."""
    try:
        return os.listdir(root.fd)
    except OSError as error:
        raise _root_error(root.path, error) from None


def pids_among(names: list[str], root: Opened) -> list[int]:
    """Return the pids among the names in a root, as `list_pids` does."""
    pids = [int(name) for name in names if name.isascii() and name.isdigit()]
    if not (found := sorted(pid for pid in pids if 0 < pid <= PID_MAX)):
        raise _root_error(root.path, _no_data())
    return found


def _no_data() -> OSError:
    return OSError(errno.ENODATA, os.strerror(errno.ENODATA))


def _root_error(proc: str, error: OSError) -> MemcError:
    words = f"{proc}: {words_of(error)}"
    if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ENODATA):
        words += ": not a proc file system, or a copy of one"
        if error.errno == errno.ENODATA and proc != "/proc":  # an empty folder
            words += ": name another by --proc or MEMC_PROC"
    return MemcError(words)
