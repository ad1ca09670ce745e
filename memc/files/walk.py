"""Follow a path component by component.

Each folder is opened in the one before::

    /home/ann/logs/out.json     logs -> ../data, a link of ann
    1   2   3 .... 4 data       the name out.json, in the open folder 4

A symbolic link is followed only if it belongs to root or to the user who runs memc.
Otherwise another user could decide where memc writes.  openat2() cannot ask for the
owner of a link, so links are read and followed here.
"""

from __future__ import annotations

import errno
import os
from stat import S_ISLNK

__all__ = [
    "OTHERS_WRITE",
    "Walk",
    "is_in_proc",
    "is_open_to_others",
    "is_trusted",
    "make_error",
]

FOLDER = os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC
ENTRY = os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC
LINKS_MAX = 40
OTHERS_WRITE = 0o022


class Walk:
    """The folders that were opened on the way to a name.

    They stay open, so ".." is the folder that was passed, wherever others move the
    folders meanwhile.
    """

    def __init__(self) -> None:
        self.folders: list[int] = []
        self._links = 0

    def close(self) -> None:
        """Close the folders."""
        while self.folders:
            os.close(self.folders.pop())

    def find(self, path: str) -> str:
        """Open the folders of a path; return the name in the last of them."""
        rest = self._start(path)
        while rest:
            name = rest.pop()
            if name in ("", "."):
                continue
            if name == "..":
                self._leave()
                continue
            target = self._enter(name) if rest else self._target(name)
            if target is not None:
                rest += self._start(target)
            elif not rest:
                return name
        raise make_error(errno.EISDIR)

    def _start(self, path: str) -> list[str]:
        """Go to where a path starts; return its components, the last one first."""
        if not path:
            raise make_error(errno.ENOENT)
        if path.startswith("/"):
            self.close()
        if not self.folders:
            self.folders.append(os.open("/" if path[0] == "/" else ".", FOLDER))
        return path.split("/")[::-1]

    def _leave(self) -> None:
        left = self.folders.pop()
        try:
            if not self.folders:
                self.folders.append(os.open("..", FOLDER, dir_fd=left))
        finally:
            os.close(left)

    def _enter(self, name: str) -> str | None:
        """Open a folder in the last one; return the target if it is a link instead."""
        folder = self.folders[-1]
        try:
            fd = os.open(name, FOLDER | os.O_NOFOLLOW, dir_fd=folder)
        except NotADirectoryError:
            target = self._target(name)
            if target is not None:
                return target
            found = os.lstat(name, dir_fd=folder)
            if not (S_ISLNK(found.st_mode) and is_in_proc(found)):
                raise
            fd = os.open(name, FOLDER, dir_fd=folder)
        self.folders.append(fd)
        return None

    def _target(self, name: str) -> str | None:
        """Return the target of a link; None for other files, and for links in /proc.

        Raises OSError if the link must not be followed.
        """
        try:
            fd = os.open(name, ENTRY, dir_fd=self.folders[-1])
        except FileNotFoundError:
            return None
        try:
            found = os.fstat(fd)
            if not S_ISLNK(found.st_mode):
                return None
            self._links += 1
            if self._links > LINKS_MAX:
                raise make_error(errno.ELOOP)
            if not is_trusted(found):
                owner = f"uid {found.st_uid}"
                words = f"a symbolic link of another user ({owner}) is not followed"
                raise make_error(errno.EPERM, words)
            if is_in_proc(found):
                return None
            if found.st_nlink > 1 and is_open_to_others(self.folders[-1]):
                words = "a symbolic link with other names, where others can write"
                raise make_error(errno.EPERM, f"{words}, is not followed")
            return os.readlink("", dir_fd=fd)
        finally:
            os.close(fd)


def is_trusted(found: os.stat_result) -> bool:
    """Tell whether a file belongs to root or to the user who runs memc."""
    return found.st_uid in (0, os.geteuid())


def is_open_to_others(folder: int) -> bool:
    """Tell whether another user can give a file of root a second name in a folder."""
    found = os.fstat(folder)
    return bool(found.st_mode & OTHERS_WRITE) or not is_trusted(found)


def is_in_proc(link: os.stat_result) -> bool:
    """Tell whether a link is in /proc; it leads to an open file, whatever its text."""
    try:
        return link.st_dev == os.lstat("/proc/self").st_dev
    except OSError:
        return False


def make_error(number: int, words: str = "") -> OSError:
    """Return an error with these words, or with those of the number."""
    return OSError(number, words or os.strerror(number))
