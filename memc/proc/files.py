"""System calls on the files of a process, and the messages for their errors.

The directory of a process is opened once, and its files are opened relative to it.  If
the pid goes to another process, the files of the two are never mixed.
"""

from __future__ import annotations

import errno
import os

from memc.errors import AccessDenied, MemcError, ProcessError, ProcessGone
from memc.proc import stat
from memc.proc.entry import drain, open_entry, read_entry, read_record
from memc.proc.rights import REFUSED, denied, field, words_of
from memc.proc.root import Opened, is_copy, list_pids
from memc.table.fields import U32_MAX, U64_MAX

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.proc.pagecount import PageCounts

HIDDEN = "hidden by the mount option hidepid: needs the same user or CAP_SYS_PTRACE"


class ProcessFiles(Opened):
    """The open directory of process `pid`.

    Its files are read there, or in the directory of one of its threads.
    """

    __slots__ = ("_root", "_thread", "is_copy", "pid")

    def __init__(self, root: Opened, pid: int) -> None:
        flags = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            fd = os.open(str(pid), flags, dir_fd=root.fd)
        except OSError as error:
            self.fd = -1
            raise _no_process(root, pid, error) from None
        super().__init__(fd, str(pid))
        self._root = root
        self._thread = -1
        self.pid = pid
        self.is_copy = is_copy(root)

    def __exit__(self, *exception: object) -> None:
        """Close the directories."""
        self.use_process()
        super().__exit__(*exception)

    def use_process(self) -> None:
        """Read the files of the process itself again."""
        thread, self._thread = self._thread, -1
        if thread >= 0:
            os.close(thread)

    def use_thread(self, fd: int) -> None:
        """Read the files in the open directory of a thread, which this will close."""
        self.use_process()
        self._thread = fd

    def where(self) -> int:
        """Return the directory in which files are read."""
        return self.fd if self._thread < 0 else self._thread

    def open(self, name: str) -> int:
        """Open the file `name` and return its descriptor.  Raises OSError."""
        return open_entry(self.where(), name, is_copy=self.is_copy)

    def page_counts(self) -> PageCounts:
        """Open the counts of pages, in the root: the caller closes them."""
        from memc.proc.pagecount import PageCounts

        return PageCounts(self._root.fd, is_copy=self.is_copy)

    def read(self, name: str) -> bytes:
        """Read a small file, as read_entry() does.  Raises OSError."""
        return drain(self.open(name))

    def read_record(self, name: str) -> bytes:
        """Read a small file, as entry.read_record() does.  Raises OSError."""
        return read_record(self.where(), name, is_copy=self.is_copy)

    def _read_own(self, name: str) -> bytes:
        """Read a small file of the process itself.  Raises OSError."""
        return read_entry(self.fd, name, is_copy=self.is_copy)

    def statm(self) -> bytes:
        """Return the text of statm, b"" if it cannot be read."""
        try:
            return self.read("statm")
        except OSError:
            return b""

    def name(self) -> str | None:
        """Return the comm of the process, None if it cannot be read."""
        try:
            comm = self._read_own("comm")
        except OSError:
            return None
        return comm.removesuffix(b"\n").decode("utf-8", "surrogateescape")

    def stat(self) -> tuple[str | None, list[bytes]]:
        """Return the name in stat and the fields after it.  Raises OSError."""
        name, fields = stat.split(self._read_own("stat"))
        if name is None:
            return None, []
        return name.decode("utf-8", "surrogateescape"), fields

    def identity(self) -> tuple[str | None, int | None]:
        """Return the comm, and the start time in ticks since boot.

        stat tells both; a copy of /proc may have comm alone.  None is what cannot be
        read.
        """
        try:
            name, fields = self.stat()
        except OSError:
            name, fields = None, []
        if name is None:
            return self.name(), None
        field = fields[stat.STARTED] if len(fields) > stat.STARTED else b""
        digits = field[: len(field) - len(field.lstrip(b"0123456789"))]
        return name, _number(digits, U64_MAX)

    def cmdline(self) -> str | None:
        """Return the command line, with a blank between arguments.

        None if it cannot be read.  exec takes 6 MiB of arguments at most
        (bprm_stack_limits() in fs/exec.c); a process may declare more of its memory to
        be its arguments (PR_SET_MM_MAP in prctl(2)): the rest is not read.
        """
        try:
            arguments = self.read("cmdline")
        except OSError:
            return None
        line = arguments.rstrip(b"\0").replace(b"\0", b" ")
        return line.decode("utf-8", "surrogateescape")

    def uid(self) -> int | None:
        """Return the effective user, None if status cannot be read."""
        try:
            status = self.read("status")
        except OSError:
            return None
        return _number(field(status, b"Uid:", 2), U32_MAX)

    def cgroup(self) -> str | None:
        """Return the path of the control group, None if it cannot be read.

        Version 2 has one group for all controllers: 0::/user.slice/user-1000.slice.
        Version 1 has a group for each controller, and the path is that of the memory
        controller: 4:memory:/docker/fbb1.
        """
        try:
            text = self.read("cgroup")
        except OSError:
            return None
        found = None
        for line in text.split(b"\n"):
            number, _, rest = line.partition(b":")
            controllers, _, path = rest.partition(b":")
            memory = b"memory" in controllers.split(b",")
            if memory or (number, controllers) == (b"0", b""):
                found = path.decode("utf-8", "surrogateescape")
            if memory:
                break
        return found

    def explain(self, error: OSError, file: str) -> ProcessError:
        """Return the error to raise if `file` could not be read."""
        pid = self.pid
        if isinstance(error, ProcessLookupError):
            return ProcessGone(f"process {pid}: ended while it was read", pid)
        is_denied = isinstance(error, PermissionError) or self.hides(error)
        kind = AccessDenied if is_denied else ProcessError
        return kind(f"process {pid}: {file}: {self.words(error)}", pid)

    def words(self, error: OSError) -> str:
        """Return why a file could not be read."""
        if self.hides(error):
            return HIDDEN
        if error.errno == errno.EPERM:
            return REFUSED
        if isinstance(error, PermissionError):
            return denied(same_user=self._is_same_user())
        if error.errno == errno.ENOENT:
            return "no such file: an old kernel, or an incomplete copy"
        return words_of(error)

    def hides(self, error: OSError) -> bool:
        """Tell whether hidepid refused the file.

        It refuses every access to the directory with the same error, ENOENT or EPERM
        (proc_pid_permission() in fs/proc/base.c).  A check of ptrace gives EACCES.
        """
        if error.errno not in (errno.ENOENT, errno.EPERM):
            return False
        try:
            os.stat(".", dir_fd=self.fd)
        except OSError as other:
            return other.errno == error.errno
        return False

    def _is_same_user(self) -> bool:
        """Tell whether the process belongs to the user of this process: status says."""
        try:
            status = self.read("status")
        except OSError:
            return False
        return field(status, b"Uid:") == str(os.geteuid()).encode()


def _number(digits: bytes, most: int) -> int | None:
    """Return a number of decimal digits, None if it is none or larger than `most`."""
    if not digits.isdigit() or len(digits.lstrip(b"0")) > 20:
        return None
    number = int(digits)
    return number if number <= most else None


def _no_process(root: Opened, pid: int, error: OSError) -> ProcessError:
    """Return the error for the directory of a process that could not be opened."""
    who = f"process {pid}"
    if error.errno in (errno.ENOENT, errno.ESRCH):
        if not _is_hidden(root, pid):
            return ProcessGone(_words_of_gone(root, pid), pid)
        return AccessDenied(f"{who}: directory: {HIDDEN}", pid)
    if isinstance(error, PermissionError):
        words = REFUSED if error.errno == errno.EPERM else denied(same_user=False)
        return AccessDenied(f"{who}: directory: {words}", pid)
    return ProcessError(f"{who}: directory: {words_of(error)}", pid)


def _words_of_gone(root: Opened, pid: int) -> str:
    """Return why a process is not there: maybe the folder has none at all."""
    if root.path != "/proc":
        try:
            list_pids(root)
        except MemcError as error:
            return str(error)
    return f"process {pid}: no such process"


def _is_hidden(root: Opened, pid: int) -> bool:
    """Tell whether hidepid=4 hides a process, by signal 0, which sends nothing."""
    if root.path != "/proc":
        return False
    try:
        os.kill(pid, 0)
    except (OSError, OverflowError) as error:
        return isinstance(error, PermissionError)
    return True
