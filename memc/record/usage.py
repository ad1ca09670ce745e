"""What processes use, as status tells it."""

from __future__ import annotations

import os

from memc.pure.stats import AMOUNTS, amounts_of
from memc.read.backend import backend
from memc.record.followed import NO_FILE
from memc.record.living import status_of_living

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from memc.proc.root import Opened
    from memc.pure.stats import Amounts
    from memc.record.follow import Crowd
    from memc.record.followed import Followed

__all__ = ["NOTHING_BESIDE", "OF_USAGE", "Usage", "beside", "row"]

FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK
NOTHING: Amounts = (None,) * len(AMOUNTS)
NOTHING_BESIDE: tuple[int, int | None] = (0, None)
# The first columns of `_usage`, and of `_beside`, among the amounts.
OF_USAGE, HUGETLB = slice(6), 6


class Usage:
    """Reads status of processes; the files stay open, at most `files_max` of them."""

    def __init__(self, root: Opened, crowd: Crowd, *, files_max: int) -> None:
        self._root = root
        self._crowd = crowd
        self._amounts = backend().amounts
        self._left = files_max
        self._files: dict[Followed, int] = {}

    def read(self, asked: list[Followed]) -> Iterator[tuple[Followed, Amounts]]:
        """Yield the amounts of each process that has not ended, in no order.

        An amount is None if the kernel does not tell it, as for a kernel thread, or if
        the memory is that of another process.
        """
        held: list[Followed] = []
        for followed in dict.fromkeys(asked):
            if followed in self._files and not followed.lost_first:
                held.append(followed)
            elif (amounts := self._meet(followed)) is not None:
                yield followed, amounts
        told = self._amounts([self._files[followed] for followed in held])
        for followed, amounts in zip(held, told, strict=True):
            if amounts is not None:
                yield followed, amounts if followed.same_as is None else NOTHING

    def _meet(self, followed: Followed) -> Amounts | None:
        if followed.same_as is not None:
            return NOTHING
        if followed.lost_first:
            text = status_of_living(self._root, followed.pid)
            return None if text is None else amounts_of(text)
        try:
            fd = os.open(f"{followed.pid}/status", FLAGS, dir_fd=self._root.fd)
        except OSError:
            return None
        (amounts,) = self._amounts([fd])
        # Another process may have got the pid since the last look.
        is_there = amounts is not None and self._crowd.is_there(followed)
        if is_there and self._left > 0:
            self._left -= 1
            self._files[followed] = fd
        else:
            os.close(fd)
        return amounts if is_there else None

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


def row(followed: Followed, amounts: Amounts) -> tuple[int | str | None, ...]:
    """Return the values of a row of `_usage` after its time."""
    faults = followed.minflt, followed.majflt
    return *amounts[OF_USAGE], *faults, followed.threads, followed.state


def beside(followed: Followed, amounts: Amounts) -> tuple[int, int | None]:
    """Return pages of hugetlb in kB, and the pid of whose memory a process has."""
    if followed.same_as is not None:
        return 0, followed.same_as.pid
    return amounts[HUGETLB] or 0, None
