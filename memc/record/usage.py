"""What a process uses, as a row of the table of usage."""

from __future__ import annotations

import os
import re

from memc.record.followed import NO_FILE
from memc.record.living import status_of_living

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.proc.root import Opened
    from memc.record.follow import Crowd
    from memc.record.followed import Followed

__all__ = ["HUGETLB", "NOTHING_BESIDE", "Usage", "amount", "amounts_of"]

SIZE = 4096
# The keys of status, in the order of the columns of `_usage`.
KEYS = (b"VmRSS:", b"VmSize:", b"RssAnon:", b"RssFile:", b"RssShmem:", b"VmSwap:")
HUGETLB = b"HugetlbPages:"
# All of them at once, in the order of task_mem() in fs/proc/task_mmu.c: a search for
# each takes three times as long.
LINE = rb"%s\s*(\d+) kB\n"
USUAL = re.compile(
    rb"\n%s(?:.*\n)*?%s%s%s%s(?:.*\n)*?%s%s"
    % tuple(LINE % key for key in (KEYS[1], KEYS[0], *KEYS[2:], HUGETLB))
)
NOTHING = (None,) * len(KEYS)
NOTHING_BESIDE: tuple[int, int | None] = (0, None)


class Usage:
    """Reads status of processes; the files stay open, at most `files_max` of them.

    `text` is what status told last.
    """

    def __init__(self, root: Opened, crowd: Crowd, *, files_max: int) -> None:
        self.text = b""
        self.beside: tuple[int, int | None] = NOTHING_BESIDE
        self._root = root
        self._crowd = crowd
        self._left = files_max
        self._files: dict[Followed, int] = {}

    def read(self, followed: Followed) -> tuple[int | str | None, ...] | None:
        """Return the values of a row of `_usage` after its time; None if it ended.

        A value is None if the kernel does not tell it, as for a kernel thread, or if
        the memory is that of another process.  `beside` is then set, too: pages of
        hugetlb in kB, and the pid of that process.
        """
        faults = followed.minflt, followed.majflt
        rest = *faults, followed.threads, followed.state
        if followed.same_as is not None:
            self.text = b""
            self.beside = 0, followed.same_as.pid
            return *NOTHING, *rest
        if followed.lost_first:
            text = status_of_living(self._root, followed.pid)
        else:
            text = self._text(followed)
        if text is None:
            return None
        self.text = text
        amounts = amounts_of(text)
        self.beside = amounts[-1] or 0, None
        return *amounts[:-1], *rest

    def _text(self, followed: Followed) -> bytes | None:
        try:
            fd = self._files.get(followed, NO_FILE)
            if fd != NO_FILE:
                return os.pread(fd, SIZE, 0)
            name, flags = f"{followed.pid}/status", os.O_RDONLY | os.O_CLOEXEC
            fd = os.open(name, flags, dir_fd=self._root.fd)
        except OSError:
            return None
        try:
            text = os.pread(fd, SIZE, 0)
        except OSError:
            text = b""
        # Another process may have got the pid since the last look.
        is_there = text and self._crowd.is_there(followed)
        if is_there and self._left > 0:
            self._left -= 1
            self._files[followed] = fd
        else:
            os.close(fd)
        return text if is_there else None

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


def amounts_of(text: bytes) -> list[int | None]:
    """Return the amounts of `KEYS` and `HUGETLB`, in kB; None if status has one not."""
    usual = USUAL.search(text)
    if usual is None:
        return [amount(text, key) for key in (*KEYS, HUGETLB)]
    size, rss, *others = map(int, usual.groups())
    return [rss, size, *others]


def amount(text: bytes, key: bytes) -> int | None:
    """Return an amount in kB; None if status does not have it."""
    at = text.find(b"\n" + key)
    if at < 0:
        return None
    number = text[at + len(key) + 1 :].split(None, 1)[:1]
    return int(number[0]) if number and number[0].isdigit() else None
