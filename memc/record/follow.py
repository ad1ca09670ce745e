"""Follow processes by their stat, whose files stay open.

An open stat is the identity of a process: once the process was reaped, a read fails
with ESRCH, and never tells of another process with the same pid (proc_single_show() in
fs/proc/base.c).  So the files are read again and again, at half the cost of opening
them.
"""

from __future__ import annotations

import os

from memc.proc import stat
from memc.proc.entry import drain
from memc.proc.root import list_names, pids_among
from memc.record.followed import NO_FILE, Followed, Seen, places_of
from memc.record.living import cmdline, fields_of_living, has_lost_first

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    from memc.proc.root import Opened

__all__ = ["Crowd"]

FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW
SIZE = 4096  # more than the longest line of stat


class Crowd:
    """The processes of a root; `pids` are the only ones to follow, None all.

    At most `files_max` files stay open; the files of more processes are opened for each
    look.
    """

    def __init__(
        self, root: Opened, *, pids: Collection[int] | None = None, files_max: int
    ) -> None:
        self._root = root
        self._pids = None if pids is None else [*pids]
        self._names: list[str] = []
        self._listed: list[int] = []
        self._left = files_max
        self._known: dict[int, Followed] = {}

    def look(self) -> Seen:
        """Read the stat of every process.  Raises MemcError if the root has none."""
        seen = Seen()
        before, self._known = self._known, {}
        for pid in self._list() if self._pids is None else self._pids:
            known = before.pop(pid, None)
            if known is not None and not self._look_again(known, seen):
                self._drop(known, seen)  # it ended, and another one may have its pid
                known = None
                if self._pids is not None:
                    continue
            if known is None:
                known = self._meet(pid)
            if known is not None:
                seen.alive.append(known)
                self._known[pid] = known
        for gone in before.values():
            self._drop(gone, seen)
        if self._pids is not None:  # a pid was named: not who has it later
            self._pids = [followed.pid for followed in seen.alive]
        seen.started = [f for f in seen.alive if f.is_new]
        return seen

    def _list(self) -> list[int]:
        names = list_names(self._root)
        if names != self._names:  # most looks find the same
            self._names, self._listed = names, pids_among(names, self._root)
        return self._listed

    def is_there(self, followed: Followed) -> bool:
        """Tell whether a process has not ended, and runs the same program."""
        _, fields = self._split(followed, self._read(followed))
        if stat.number(fields, stat.STARTED, -1) != followed.started:
            return False
        places = places_of(fields)
        return places is None or followed.places in (None, places)

    def close(self) -> None:
        """Close all files."""
        for followed in [*self._known.values()]:
            self._close(followed)

    def _look_again(self, followed: Followed, seen: Seen) -> bool:
        """Compare with the look before; return False if the process ended."""
        try:
            text = os.pread(followed.fd, SIZE, 0)
        except OSError:
            text = self._read(followed)
        followed.is_new = False
        if text == followed.text and not followed.lost_first:
            followed.is_changed = False  # nor did it run
            return True
        name, fields = self._split(followed, text)
        if stat.number(fields, stat.STARTED, -1) != followed.started:
            return False
        followed.text = text
        self._compare(followed, name, fields, seen)
        return True

    def _read(self, followed: Followed) -> bytes:
        """Return the text of stat; b"" if the process ended."""
        try:
            if followed.fd != NO_FILE:
                return os.pread(followed.fd, SIZE, 0)
            return drain(self._open(followed.pid))
        except OSError:
            return b""

    def _split(self, followed: Followed, text: bytes) -> tuple[bytes, list[bytes]]:
        """Return the name and the fields of a stat; no fields if it tells too few."""
        name, fields = stat.split(text)
        if len(fields) <= stat.STACK:
            return b"", []
        followed.lost_first = has_lost_first(fields)
        if followed.lost_first:
            fields = fields_of_living(self._root, followed.pid, fields)
        return name or b"", fields

    def _open(self, pid: int) -> int:
        return os.open(f"{pid}/stat", FLAGS, dir_fd=self._root.fd)

    def _meet(self, pid: int) -> Followed | None:
        """Begin to follow a process; None if it ended."""
        followed = Followed(pid)
        try:
            if self._left > 0:
                followed.fd = self._open(pid)
                self._left -= 1
        except OSError:
            return None
        followed.text = self._read(followed)
        name, fields = self._split(followed, followed.text)
        if not fields:
            self._close(followed)
            return None
        followed.started = stat.number(fields, stat.STARTED)
        followed.take(name, fields)
        if followed.places is None:
            followed.cmdline = cmdline(self._root, pid)
        return followed

    def _drop(self, followed: Followed, seen: Seen) -> None:
        self._close(followed)
        seen.ended.append(followed)

    def _close(self, followed: Followed) -> None:
        if followed.fd != NO_FILE:
            os.close(followed.fd)
            followed.fd = NO_FILE
            self._left += 1

    def _compare(
        self, followed: Followed, name: bytes, fields: list[bytes], seen: Seen
    ) -> None:
        """Keep what stat tells; note another program, or another name."""
        old_name, old_vsize, old_places = (
            followed.name,
            followed.vsize,
            followed.places,
        )
        followed.take(name, fields)
        if followed.places is None or old_places is None:
            is_exec = False
            if name != old_name or followed.vsize < old_vsize // 2:
                line = cmdline(self._root, followed.pid)
                is_exec = line != followed.cmdline
                followed.cmdline = line
        else:
            is_exec = followed.places != old_places
        if is_exec:
            followed.execs += 1
            seen.executed.append(followed)
        elif name != old_name:
            seen.renamed.append((followed, old_name))
