"""Files that are whole or absent.

A new file is made beside its place and renamed over it when it is whole::

    .FILE.memc-9f86d081 --- write, fsync --- rename --> FILE    the new one, whole
                              |
                              x any failure, a signal           FILE, the old one

The file beside it is removed then; only SIGKILL can leave it behind.
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
    """Where a file is, or is to be: an open folder, and a name in it.

    A symbolic link at the end of the path is followed only if it is our own, so that
    nobody else says where we write.  Everything that can be wrong raises OSError.
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
        """Return what is there, None for nothing."""
        try:
            return os.lstat(self.name, dir_fd=self.folder)
        except FileNotFoundError:
            return None

    def open_special(self) -> int | None:
        """Open what is no regular file, to be written to as it is.

        A regular file, or nothing, is None: that is to be replaced, and it is an error
        if it may not be.
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
        """Make a new file in the folder; return its name and its descriptor."""
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
        """Find out early what would fail in the end."""
        if found is not None and not self._may(self.name, os.W_OK):
            raise _error(errno.EACCES)
        if not self._may(".", os.W_OK | os.X_OK):
            words = "no file can be made in its folder, which may not be written to"
            raise _error(errno.EACCES, words)

    def _may(self, name: str, mode: int) -> bool:
        return os.access(name, mode, dir_fd=self.folder, effective_ids=True)


def replace(place: Place, write: Callable[[int], None]) -> int:
    """Put a new file in a place: what `write` writes to the descriptor it is given.

    An old file gives it its owner and its mode.  When anything fails, or a signal comes
    that ends us, the old one stays as it was.  The descriptor is returned.
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
    """Let `write` write to the end of a file; return how many bytes that were.

    When it fails, what it wrote is cut off again.
    """
    size = os.fstat(fd).st_size
    try:
        write(fd)
    except BaseException:
        os.ftruncate(fd, size)
        raise
    return os.fstat(fd).st_size - size


def _is_in_proc(link: os.stat_result) -> bool:
    """Tell a link of /proc: it leads to an open file, whatever it reads."""
    try:
        return link.st_dev == os.lstat("/proc/self").st_dev
    except OSError:
        return False


def _inherit(fd: int, old: os.stat_result | None) -> None:
    """Give a file the owner and the mode of the one that it will replace."""
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
    """Have it on the disk before it has the name, so that a crash finds it whole."""
    try:
        os.fsync(fd)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # cannot be asked for
            raise


def _error(number: int, words: str = "") -> OSError:
    return OSError(number, words or os.strerror(number))
