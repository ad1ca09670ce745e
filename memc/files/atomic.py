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

from memc.files.inherit import inherit
from memc.files.place import Place
from memc.files.signals import HeldSignals
from memc.files.walk import make_error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Place", "append", "replace"]


def replace(place: Place, write: Callable[[int], None]) -> int:
    """Replace the file at a place; return the descriptor of the new file.

    `write` is called with that descriptor and writes the contents.  The new file gets
    the owner, the mode and the extended attributes of the old one, or mode 0600 if
    there is none.  If anything fails, or if a signal is going to end the process, the
    old file stays as it was.

    Raises OSError: InterruptedError after a signal, EEXIST if the file is not regular
    or if another file took the place of the new one, EPERM if the new file cannot be
    given what the old one has.
    """
    old = place.open_old()
    try:
        return _replace(place, old, write)
    finally:
        if old is not None:
            os.close(old)


def _replace(place: Place, old: int | None, write: Callable[[int], None]) -> int:
    folder = place.folder
    with HeldSignals() as signals:
        name, fd = place.create_beside()
        try:
            inherit(fd, old)
            write(fd)
            _sync(fd)
            signals.check()
            _check_same(fd, os.lstat(name, dir_fd=folder))
            os.rename(name, place.name, src_dir_fd=folder, dst_dir_fd=folder)
        except BaseException:
            _remove(name, fd, folder)
            os.close(fd)
            raise
    return fd


def _check_same(fd: int, found: os.stat_result) -> None:
    """Raise OSError if another file has the name of the new one."""
    if not os.path.samestat(os.fstat(fd), found):
        raise make_error(errno.EEXIST, "another file took the place of the new one")


def _remove(name: bytes, fd: int, folder: int) -> None:
    """Remove the new file, but not what another user put in its place."""
    try:
        if os.path.samestat(os.fstat(fd), os.lstat(name, dir_fd=folder)):
            os.unlink(name, dir_fd=folder)
    except FileNotFoundError:
        return


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


def _sync(fd: int) -> None:
    """Write the file to the disk before it gets its name: a crash finds it complete."""
    try:
        os.fsync(fd)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # no fsync() here
            raise
