"""What a process uses, as a row of the table of usage."""

from __future__ import annotations

import os

from memc.record.follow import NO_FILE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.proc.root import Opened
    from memc.record.follow import Followed

__all__ = ["Usage"]

SIZE = 4096
# The keys of status, in the order of the columns of `_usage`.
KEYS = (b"VmRSS:", b"VmSize:", b"RssAnon:", b"RssFile:", b"RssShmem:", b"VmSwap:")


class Usage:
    """Reads status of processes; the files stay open, at most `files_max` of them."""

    def __init__(self, root: Opened, *, files_max: int) -> None:
        self._root = root
        self._left = files_max
        self._files: dict[Followed, int] = {}

    def read(self, followed: Followed) -> tuple[int | str | None, ...] | None:
        """Return the values of a row of `_usage` after its time; None if it ended.

        A value is None if the kernel does not tell it, as for a kernel thread.
        """
        text = self._text(followed)
        if text is None:
            return None
        amounts = [_amount(text, key) for key in KEYS]
        faults = followed.minflt, followed.majflt
        return *amounts, *faults, followed.threads, followed.state

    def _text(self, followed: Followed) -> bytes | None:
        try:
            fd = self._files.get(followed, NO_FILE)
            if fd != NO_FILE:
                return os.pread(fd, SIZE, 0)
            name, flags = f"{followed.pid}/status", os.O_RDONLY | os.O_CLOEXEC
            fd = os.open(name, flags, dir_fd=self._root.fd)
        except OSError:
            return None
        if self._left > 0:
            self._left -= 1
            self._files[followed] = fd
            return self._text(followed)
        try:
            return os.read(fd, SIZE)
        except OSError:
            return None
        finally:
            os.close(fd)

    def forget(self, followed: Followed) -> None:
        """Close the file of a process that ended."""
        fd = self._files.pop(followed, NO_FILE)
        if fd != NO_FILE:
            os.close(fd)
            self._left += 1

    def close(self) -> None:
        """Close all files."""
        for followed in [*self._files]:
            self.forget(followed)


def _amount(text: bytes, key: bytes) -> int | None:
    """Return an amount in kB; None if status does not have it."""
    at = text.find(b"\n" + key)
    if at < 0:
        return None
    number = text[at + len(key) + 1 :].split(None, 1)[:1]
    return int(number[0]) if number and number[0].isdigit() else None
