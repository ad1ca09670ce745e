"""The system calls on the files of a process, and the words for what they refuse.

The directory of a process is opened once and its files are opened in it, so a pid that
is used again cannot mix two processes.
"""

from __future__ import annotations

import errno
import os

from memc.errors import AccessDenied, MemcError, ProcessError, ProcessGone

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

READ_SIZE = 65536
PID_MAX = 2**31 - 1
# What opens the memory of another user's process: CAP_SYS_PTRACE, CAP_SYS_ADMIN and
# CAP_PERFMON (mm_access() and proc_mem_open() in fs/proc/base.c).
CAPABILITIES = 1 << 19 | 1 << 21 | 1 << 38
NEEDS = "CAP_PERFMON (CAP_SYS_PTRACE before Linux 6.15)"


class Directory:
    """An open directory, closed at the end of a ``with`` block."""

    __slots__ = ("fd", "path")

    def __init__(self, fd: int, path: str) -> None:
        self.fd = fd
        self.path = path

    def __enter__(self) -> Self:
        """Nothing is left to do."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        os.close(self.fd)


def open_root(proc: str) -> Directory:
    """Open /proc, or another root."""
    try:
        return Directory(
            os.open(proc, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC), proc
        )
    except OSError as error:
        raise _root_error(proc, error) from None


def list_pids(root: Directory) -> list[int]:
    """Return the processes of a root in order."""
    try:
        names = os.listdir(root.fd)
    except OSError as error:
        raise _root_error(root.path, error) from None
    pids = [int(name) for name in names if name.isascii() and name.isdigit()]
    return sorted(pid for pid in pids if 0 < pid <= PID_MAX)


def _root_error(proc: str, error: OSError) -> MemcError:
    words = f"{proc}: {error.strerror}: not a proc file system, or a copy of one"
    return MemcError(words)


class ProcessFiles(Directory):
    """The open directory of process `pid`."""

    __slots__ = ("pid",)

    def __init__(self, root: Directory, pid: int) -> None:
        flags = os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC
        try:
            fd = os.open(str(pid), flags, dir_fd=root.fd)
        except OSError as error:
            self.fd = -1
            raise _no_process(root, pid, error) from None
        super().__init__(fd, str(pid))
        self.pid = pid

    def open(self, name: str) -> int:
        """Open the file `name` and return its descriptor; OSError."""
        return os.open(name, os.O_RDONLY | os.O_CLOEXEC, dir_fd=self.fd)

    def read(self, name: str) -> bytes:
        """Return the whole of the small file `name`; OSError."""
        fd = self.open(name)
        try:
            return b"".join(iter(lambda: os.read(fd, READ_SIZE), b""))
        finally:
            os.close(fd)

    def read_list(self, name: str) -> tuple[bytes, bool]:
        """Return the text of maps or smaps, and whether it is the whole; OSError.

        A read that is short is not the end: the kernel stops at a record that does not
        fit.  And an end is not the end of the list when the process ended or called
        exec: it comes early then, without an error, and nothing can be read any more.
        """
        fd = self.open(name)
        try:
            chunks: list[bytes] = []
            try:
                chunks.extend(iter(lambda: os.read(fd, READ_SIZE), b""))
            except ProcessLookupError:
                if not chunks:
                    raise
            return b"".join(chunks), not chunks or _still_there(fd)
        finally:
            os.close(fd)

    def statm(self) -> bytes:
        """Return the text of statm; b"" when that cannot be read."""
        try:
            return self.read("statm")
        except OSError:
            return b""

    def name(self) -> str:
        """Return the comm of the process; "" when that cannot be read."""
        try:
            comm = self.read("comm")
        except OSError:
            return ""
        return comm.removesuffix(b"\n").decode("utf-8", "surrogateescape")

    def explain(self, error: OSError, file: str) -> ProcessError:
        """Return what to raise when `file` could not be read."""
        pid = self.pid
        if isinstance(error, ProcessLookupError):
            return ProcessGone(f"process {pid}: ended while it was read", pid)
        if isinstance(error, PermissionError):
            words = _denied(same_user=self._is_same_user())
            return AccessDenied(f"process {pid}: {file}: {words}", pid)
        words = str(error.strerror)
        if error.errno == errno.ENOENT:
            words = "no such file: an old kernel, or an incomplete copy"
        return ProcessError(f"process {pid}: {file}: {words}", pid)

    def _is_same_user(self) -> bool:
        """Ask status; the owner of the directory is root's when it is not dumpable."""
        try:
            status = self.read("status")
        except OSError:
            return False
        return _field(status, b"Uid:") == str(os.geteuid()).encode()


def _still_there(fd: int) -> bool:
    try:
        return os.pread(fd, 1, 0) != b""
    except OSError:
        return False


def _no_process(root: Directory, pid: int, error: OSError) -> ProcessError:
    """Explain why the directory of a process could not be opened."""
    who = f"process {pid}"
    if error.errno in (errno.ENOENT, errno.ESRCH):
        if not _is_hidden(root, pid):
            return ProcessGone(f"{who}: no such process", pid)
        words = f"hidden by the mount option hidepid: needs the same user or {NEEDS}"
        return AccessDenied(f"{who}: directory: {words}", pid)
    if isinstance(error, PermissionError):
        return AccessDenied(f"{who}: directory: {_denied(same_user=False)}", pid)
    return ProcessError(f"{who}: directory: {error.strerror}", pid)


def _is_hidden(root: Directory, pid: int) -> bool:
    """Tell a process that hidepid makes look absent; signal 0 sends nothing."""
    if root.path != "/proc":
        return False
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except (OSError, OverflowError):
        return False
    return False


def _denied(*, same_user: bool) -> str:
    """Say what would help, from what this process lacks."""
    if _is_privileged():
        reason = "a security module or a sandbox refuses it"
        return f"permission denied although privileged: {reason}"
    if same_user:
        reason = f"it is not dumpable; needs {NEEDS}"
        return f"permission denied although it is the same user: {reason}"
    return f"permission denied: needs the same user or {NEEDS}"


def _is_privileged() -> bool:
    try:
        with open("/proc/self/status", "rb") as file:
            effective = int(_field(file.read(), b"CapEff:"), 16)
    except (OSError, ValueError):
        return False
    return effective & CAPABILITIES != 0


def _field(status: bytes, key: bytes) -> bytes:
    """Return the first word behind `key` in the text of a status file."""
    for line in status.split(b"\n"):
        if line.startswith(key):
            return line[len(key) :].split()[0]
    return b""
