"""Follow processes by their stat, whose files stay open.

An open stat is the identity of a process: once the process was reaped, a read fails
with ESRCH, and never tells of another process with the same pid (proc_single_show() in
fs/proc/base.c).  So the files are read again and again, at half the cost of opening
them.
"""

from __future__ import annotations

import os

from memc.proc import stat
from memc.proc.root import list_names, pids_among
from memc.read.backend import backend
from memc.record.followed import NO_FILE, Followed, Seen
from memc.record.living import cmdline, told_by_living
from memc.record.newest import Newest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    from memc.proc.root import Opened
    from memc.proc.stat import Told

__all__ = ["Crowd"]

FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY


class Crowd:
    """The processes of a root; `pids` are the only ones to follow, None all.

    At most `files_max` files stay open; the files of more processes are opened for each
    look.
    """

    def __init__(
        self, root: Opened, *, pids: Collection[int] | None = None, files_max: int
    ) -> None:
        self._root = root
        self._stats = backend().stats(root.fd)
        self._pids = None if pids is None else [*pids]
        self._newest = Newest(root)
        self._names: list[str] = []
        self._listed: list[int] = []
        self._left = files_max
        self._known: dict[int, Followed] = {}

    def look(self) -> Seen:
        """Read the stat of every process.  Raises MemcError if the root has none."""
        seen, known = Seen(), self._known
        pids = self._list() if self._pids is None else self._pids
        self._look_again(seen)
        if self._pids is not None:  # a pid was named: not who has it later
            ended = {followed.pid for followed in seen.ended}
            pids = [pid for pid in pids if pid not in ended]
        there = {*pids}
        for gone in [known[pid] for pid in known if pid not in there]:
            self._drop(gone, seen)
        for pid in pids:
            if pid not in known:
                self._meet(pid, seen)
        seen.alive = [known[pid] for pid in pids if pid in known]
        if self._pids is not None:
            self._pids = [*known]
        return seen

    def _list(self) -> list[int]:
        if not self._newest.may_have_begun() and self._known:
            return self._listed
        names = list_names(self._root)
        if names != self._names:  # most looks find the same
            self._names, self._listed = names, pids_among(names, self._root)
        return self._listed

    def is_there(self, followed: Followed) -> bool:
        """Tell whether a process has not ended, and runs the same program."""
        told = self._stats.again(followed.pid)
        if told is None or stat.started_of(told) != followed.started:
            return False
        now = Followed(followed.pid)
        now.take(self._whole(followed, told))
        if None in (now.places, followed.places):
            return followed.places is None or not now.is_in_exec()
        return now.places == followed.places

    def close(self) -> None:
        """Close all files."""
        for followed in self._known.values():
            self._close(followed)
        self._newest.close()

    def _look_again(self, seen: Seen) -> None:
        """Compare with the look before."""
        for pid, told in self._stats.look():
            followed = self._known[pid]
            if told is None or stat.started_of(told) != followed.started:
                self._drop(followed, seen)  # another process may have its pid
            elif (whole := self._whole(followed, told)) != followed.told:
                seen.changed.append(followed)
                self._compare(followed, whole, seen)

    def _whole(self, followed: Followed, told: Told) -> Told:
        """Let a living thread tell of the memory if the first one has ended."""
        followed.lost_first = stat.has_lost_first(told)
        if not followed.lost_first:
            return told
        return told_by_living(self._root, followed.pid, told)

    def _meet(self, pid: int, seen: Seen) -> None:
        """Begin to follow a process, unless it ended."""
        followed = Followed(pid)
        try:
            if self._left > 0:
                followed.fd = os.open(f"{pid}/stat", FLAGS, dir_fd=self._root.fd)
                self._left -= 1
        except OSError:
            return
        told = self._stats.add(pid, followed.fd)
        if told is None:
            self._close(followed)
            return
        followed.take(self._whole(followed, told))
        if followed.places is None:
            followed.cmdline = cmdline(self._root, pid)
        self._known[pid] = followed
        seen.started.append(followed)
        seen.changed.append(followed)

    def _drop(self, followed: Followed, seen: Seen) -> None:
        del self._known[followed.pid]
        self._stats.drop(followed.pid)
        self._close(followed)
        seen.ended.append(followed)

    def _close(self, followed: Followed) -> None:
        if followed.fd != NO_FILE:
            os.close(followed.fd)
            followed.fd = NO_FILE
            self._left += 1

    def _compare(self, followed: Followed, told: Told, seen: Seen) -> None:
        """Keep what stat tells; note another program, or another name."""
        name, vsize, places = followed.name, followed.vsize, followed.places
        followed.take(told)
        if places is not None and followed.is_in_exec():
            followed.name, followed.places = name, places  # compared at the next look
            return
        if followed.places is None or places is None:
            is_exec = False
            if followed.name != name or followed.vsize < vsize // 2:
                line = cmdline(self._root, followed.pid)
                is_exec = line != followed.cmdline
                followed.cmdline = line
        else:
            is_exec = followed.places != places
        if is_exec:
            followed.execs += 1
            seen.executed.append(followed)
        elif followed.name != name:
            seen.renamed.append((followed, name))
