"""Write files completely or not at all.

A new file is written beside FILE.  When it is complete, it is renamed to FILE::

    .FILE.memc-9f86d081 --- write, fsync --- rename --> FILE    the new one, whole
                              |
                              x any failure, a signal           FILE, the old one

A failure or a signal removes the file beside FILE; only SIGKILL can leave it there.
"""

from __future__ import annotations

import errno
import os
from stat import S_IMODE, S_ISDIR, S_ISLNK, S_ISREG

from memc.files.signals import HeldSignals

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Place", "append", "replace"]

FOLDER = os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC
WRITE = os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC
CREATE = WRITE | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
NEW_MODE = 0o600  # a memory layout is a secret
NAME_MAX = 255
LINKS_MAX = 40
HERE = -100  # AT_FDCWD


class Place:
    """The place of a file that may not exist yet: an open folder and a name in it.

    A symbolic link at the end of the path is followed only if it belongs to the user
    who runs memc.  Otherwise another user could decide where memc writes.

    Raises OSError if the path cannot be followed to a name.
    """

    __slots__ = ("folder", "name")

    def __init__(self, path: str) -> None:
        self.folder = HERE
        self.name = ""
        try:
            self._find(path)
        except OSError:
            self.close()
            raise

    def close(self) -> None:
        """Close the folder."""
        if self.folder != HERE:
            os.close(self.folder)
            self.folder = HERE

    def look(self) -> os.stat_result | None:
        """Return the status of the file, or None if there is no file."""
        try:
            return os.lstat(self.name, dir_fd=self.folder)
        except FileNotFoundError:
            return None

    def open_special(self) -> int | None:
        """Open a file that is not regular, such as a device or a pipe, for writing.

        Return None if the file is regular or does not exist: `replace` makes a new one.
        Raises OSError if the file cannot be opened, or may not be replaced.
        """
        found = self.look()
        if found is None or S_ISREG(found.st_mode):
            self._check_writable(found)
            return None
        if S_ISDIR(found.st_mode):
            raise _error(errno.EISDIR)
        follow = 0 if S_ISLNK(found.st_mode) else os.O_NOFOLLOW
        flags = WRITE | os.O_NOCTTY | follow
        return os.open(self.name, flags, dir_fd=self.folder)

    def create_beside(self) -> tuple[bytes, int]:
        """Create a new file in the folder; return its name and its descriptor."""
        while True:
            end = b".memc-%s" % os.urandom(4).hex().encode()
            name = b".%s" % os.fsencode(self.name)[: NAME_MAX - len(end) - 1] + end
            try:
                return name, os.open(name, CREATE, NEW_MODE, dir_fd=self.folder)
            except FileExistsError:
                continue

    def _find(self, path: str) -> None:
        for _ in range(LINKS_MAX):
            head, self.name = os.path.split(path)
            if head:
                folder = os.open(head, FOLDER, dir_fd=self.folder)
                self.close()
                self.folder = folder
            if not self.name:
                raise _error(errno.EISDIR)
            found = self.look()
            if found is None or not S_ISLNK(found.st_mode):
                return
            if found.st_uid != os.geteuid():
                owner = f"uid {found.st_uid}"
                words = f"a symbolic link of another user ({owner}) is not followed"
                raise _error(errno.EPERM, words)
            if _is_in_proc(found):
                return
            path = os.readlink(self.name, dir_fd=self.folder)
        raise _error(errno.ELOOP)

    def _check_writable(self, found: os.stat_result | None) -> None:
        """Raise OSError now if the file could not be replaced later."""
        if found is not None and not self._may(self.name, os.W_OK):
            raise _error(errno.EACCES)
        if not self._may(".", os.W_OK | os.X_OK):
            words = "no file can be made in its folder, which may not be written to"
            raise _error(errno.EACCES, words)

    def _may(self, name: str, mode: int) -> bool:
        return os.access(name, mode, dir_fd=self.folder, effective_ids=True)


def replace(place: Place, write: Callable[[int], None]) -> int:
    """Replace the file at a place; return the descriptor of the new file.

    `write` is called with that descriptor and writes the contents.  The new file gets
    the owner and the mode of the old one, or mode 0600 if there is none.  If anything
    fails, or if a signal is going to end the process, the old file stays as it was.

    Raises OSError: InterruptedError after a signal, EEXIST if the file is not regular,
    EPERM if the new file cannot be given the owner of the old one.
    """
    old = place.look()
    if old is not None and not S_ISREG(old.st_mode):
        raise _error(errno.EEXIST, "it is not a regular file any more")
    with HeldSignals() as signals:
        name, fd = place.create_beside()
        try:
            _inherit(fd, old)
            write(fd)
            _sync(fd)
            signals.check()
            folder = place.folder
            os.rename(name, place.name, src_dir_fd=folder, dst_dir_fd=folder)
        except BaseException:
            os.unlink(name, dir_fd=place.folder)
            os.close(fd)
            raise
    return fd


def append(fd: int, write: Callable[[int], None]) -> int:
    """Let `write` append to a file; return how many bytes it wrote.

    If `write` fails, the part that it wrote is cut off again.
    """
    size = os.fstat(fd).st_size
    try:
        write(fd)
    except BaseException:
        os.ftruncate(fd, size)
        raise
    return os.fstat(fd).st_size - size


def _is_in_proc(link: os.stat_result) -> bool:
    """Tell whether a link is in /proc; it leads to an open file, whatever its text."""
    try:
        return link.st_dev == os.lstat("/proc/self").st_dev
    except OSError:
        return False


def _inherit(fd: int, old: os.stat_result | None) -> None:
    """Give a file the owner and the mode of the file that it will replace."""
    if old is None:
        os.fchmod(fd, NEW_MODE)  # whatever the umask
        return
    new = os.fstat(fd)
    if (old.st_uid, old.st_gid) != (new.st_uid, new.st_gid):
        try:
            os.fchown(fd, old.st_uid, old.st_gid)
        except PermissionError:
            owner = f"uid {old.st_uid}, gid {old.st_gid}"
            words = f"a new file cannot be given the owner of the old one ({owner})"
            raise _error(errno.EPERM, words) from None
    os.fchmod(fd, S_IMODE(old.st_mode))


def _sync(fd: int) -> None:
    """Write the file to the disk before it gets its name: a crash finds it complete."""
    try:
        os.fsync(fd)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # no fsync() here
            raise


def _error(number: int, words: str = "") -> OSError:
    return OSError(number, words or os.strerror(number))
