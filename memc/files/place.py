"""The place of a file, found once: an open folder, and a name in it."""

from __future__ import annotations

import errno
import os
from stat import S_ISDIR, S_ISFIFO, S_ISLNK, S_ISREG

from memc.files.walk import (
    ENTRY,
    OTHERS_WRITE,
    Walk,
    is_in_proc,
    is_open_to_others,
    is_trusted,
    make_error,
)

__all__ = ["NEW_MODE", "Place"]

WRITE = os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC
CREATE = WRITE | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
# O_NONBLOCK: a pipe without a reader is an error, and memc does not wait for one.
SPECIAL = WRITE | os.O_NOCTTY | os.O_NONBLOCK
NEW_MODE = 0o600  # a memory layout is a secret
NAME_MAX = 255
CLOSED = -1
CHANGED = "another file took its place"


class Place:
    """The place of a file that may not exist yet: an open folder and a name in it.

    Raises OSError if the path cannot be followed to a name.
    """

    __slots__ = ("folder", "name")

    def __init__(self, path: str) -> None:
        walk = Walk()
        try:
            self.name = walk.find(path)
            self.folder = walk.folders.pop()
        finally:
            walk.close()

    def close(self) -> None:
        """Close the folder."""
        if self.folder != CLOSED:
            os.close(self.folder)
            self.folder = CLOSED

    def look(self) -> os.stat_result | None:
        """Return the status of the file, or None if there is no file."""
        try:
            return os.lstat(self.name, dir_fd=self.folder)
        except FileNotFoundError:
            return None

    def open_old(self) -> int | None:
        """Open the regular file that is there, as a path; None if there is no file.

        Raises OSError if the file may not be replaced: EEXIST if it is not regular.
        """
        try:
            fd = os.open(self.name, ENTRY, dir_fd=self.folder)
        except FileNotFoundError:
            return None
        try:
            found = os.fstat(fd)
            if not S_ISREG(found.st_mode):
                raise make_error(errno.EEXIST, "it is not a regular file any more")
            self._check_owner(found)
        except OSError:
            os.close(fd)
            raise
        return fd

    def open_special(self) -> int | None:
        """Open a file that is not regular, such as a device or a pipe, for writing.

        Return None if the file is regular or does not exist: `replace` makes a new one.
        Raises OSError if the file cannot be opened, or may not be replaced.
        """
        found = self.look()
        if found is None or S_ISREG(found.st_mode):
            if found is not None:
                self._check_owner(found)
            self._check_writable(found)
            return None
        if S_ISDIR(found.st_mode):
            raise make_error(errno.EISDIR)
        if S_ISFIFO(found.st_mode) and not is_trusted(found):
            words = f"a pipe of another user (uid {found.st_uid}) is not written to"
            raise make_error(errno.EPERM, words)
        return self._open_found(found)

    def _open_found(self, found: os.stat_result) -> int:
        """Open the file that was found, and no other one that took its place."""
        is_link = S_ISLNK(found.st_mode)
        if is_link and not is_in_proc(found):
            raise make_error(errno.EEXIST, CHANGED)
        follow = 0 if is_link else os.O_NOFOLLOW
        try:
            fd = os.open(self.name, SPECIAL | follow, dir_fd=self.folder)
        except OSError as error:
            if error.errno == errno.ENXIO and S_ISFIFO(found.st_mode):
                raise make_error(errno.ENXIO, "nobody reads from this pipe") from None
            if error.errno == errno.ELOOP:
                raise make_error(errno.EEXIST, CHANGED) from None
            raise
        if not is_link and not os.path.samestat(found, os.fstat(fd)):
            os.close(fd)
            raise make_error(errno.EEXIST, CHANGED)
        os.set_blocking(fd, True)
        return fd

    def create_beside(self) -> tuple[bytes, int]:
        """Create a new file in the folder; return its name and its descriptor."""
        while True:
            end = b".memc-%s" % os.urandom(4).hex().encode()
            name = b".%s" % os.fsencode(self.name)[: NAME_MAX - len(end) - 1] + end
            try:
                return name, os.open(name, CREATE, NEW_MODE, dir_fd=self.folder)
            except FileExistsError:
                continue

    def _check_owner(self, found: os.stat_result) -> None:
        """Raise OSError if another user may have put this regular file there.

        The new file gets the owner and the mode of the old one.  In a folder where
        others can write, another user would choose who can read it.
        """
        if not is_open_to_others(self.folder):
            return
        folder = os.fstat(self.folder)
        is_shared = folder.st_mode & OTHERS_WRITE
        if is_shared and not is_trusted(found) and found.st_uid != folder.st_uid:
            words = (
                f"others can write in its folder, and it belongs to another user "
                f"(uid {found.st_uid})"
            )
            raise make_error(errno.EPERM, words)
        if found.st_nlink > 1:
            words = "others can write in its folder, and the file has other names"
            raise make_error(errno.EPERM, words)

    def _check_writable(self, found: os.stat_result | None) -> None:
        """Raise OSError now if the file could not be replaced later."""
        if found is not None and not self._may(self.name, os.W_OK):
            raise make_error(errno.EACCES)
        if not self._may(".", os.W_OK | os.X_OK):
            words = "no file can be made in its folder, which may not be written to"
            raise make_error(errno.EACCES, words)

    def _may(self, name: str, mode: int) -> bool:
        return os.access(name, mode, dir_fd=self.folder, effective_ids=True)
