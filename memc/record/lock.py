"""One recorder for one file: a lock on a file beside it.

The recording itself is not locked: to close any descriptor of it would drop the locks
that SQLite holds on it (fcntl(2)).
"""

from __future__ import annotations

import fcntl
import os

from memc.errors import MemcError
from memc.files.place import NEW_MODE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.files.place import Place

__all__ = ["Lock"]

END = "-lock"
FLAGS = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK


class Lock:
    """The lock of a recording; the file stays, with the pid of the last recorder.

    Raises MemcError if another process holds the lock, and OSError.
    """

    __slots__ = ("_fd",)

    def __init__(self, place: Place, path: str) -> None:
        self._fd = os.open(place.name + END, FLAGS, NEW_MODE, dir_fd=place.folder)
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            who = os.pread(self._fd, 20, 0).decode("ascii", "replace").strip()
            self.close()
            who = f"process {who}" if who.isdigit() else "another process"
            raise MemcError(f"{path}: {who} records into it") from None
        os.ftruncate(self._fd, 0)
        os.pwrite(self._fd, b"%d\n" % os.getpid(), 0)

    def has_name(self) -> bool:
        """Tell whether the lock was not deleted: another would be made in its place."""
        return os.fstat(self._fd).st_nlink > 0

    def close(self) -> None:
        """Let another process have the lock."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
