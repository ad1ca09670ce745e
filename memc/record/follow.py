"""Follow processes by their stat, whose files stay open.

An open stat is the identity of a process: once the process was reaped, a read fails
with ESRCH, and never tells of another process with the same pid (proc_single_show() in
fs/proc/base.c).  So the files are read again and again, at half the cost of opening
them.
"""

from __future__ import annotations

import os

from memc.proc import stat
from memc.proc.entry import drain, read_entry
from memc.proc.root import list_pids

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    from memc.proc.root import Opened

__all__ = ["Crowd", "Followed", "Seen"]

FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW
SIZE = 4096  # more than the longest line of stat
NO_FILE = -1
# Indexes after the name: fields 10, 12, 20, 23 and 24 of proc(5).
MINFLT, MAJFLT, VSIZE, RSS = 7, 9, 20, 21
START_CODE, START_STACK = 23, 25


class Followed:
    """A process that is followed, and what its stat told last.

    - `pid` and `started` (ticks since boot) identify it; `execs` counts the programs
      that it began since it was first seen.
    - `name` is its comm, as bytes; `state` is a letter, and `parent` a pid.
    - `rss_pages`, `vsize` (bytes), `minflt`, `majflt` and `threads` are as in proc(5).
    - `text` is all of its stat.
    - `is_new` tells whether this is the first look at it.
    - `is_changed` tells whether any of these five, or the state, differs from the time
      before.
    """

    __slots__ = (
        "cmdline",
        "execs",
        "fd",
        "is_changed",
        "is_new",
        "majflt",
        "minflt",
        "name",
        "parent",
        "pid",
        "places",
        "rss_pages",
        "started",
        "state",
        "text",
        "threads",
        "vsize",
    )

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.fd = NO_FILE
        self.is_new = True
        self.started = self.execs = self.parent = 0
        self.rss_pages = self.vsize = self.minflt = self.majflt = self.threads = 0
        self.name = self.cmdline = self.text = b""
        self.state = ""
        self.places: tuple[bytes, bytes] | None = None
        self.is_changed = True

    def take(self, name: bytes, fields: list[bytes]) -> None:
        """Keep what stat tells, and whether it differs from the time before."""
        before = self._figures()
        self.rss_pages = stat.number(fields, RSS)
        self.vsize = stat.number(fields, VSIZE)
        self.minflt = stat.number(fields, MINFLT)
        self.majflt = stat.number(fields, MAJFLT)
        self.threads = stat.number(fields, stat.THREADS)
        self.state = fields[stat.STATE].decode("ascii", "replace")
        self.is_changed = before != self._figures()
        self.parent = stat.number(fields, stat.PARENT)
        self.name = name
        is_hidden = stat.hides_places(fields)
        self.places = None if is_hidden else (fields[START_CODE], fields[START_STACK])

    def _figures(self) -> tuple[int | str, ...]:
        faults = self.minflt, self.majflt
        return self.rss_pages, self.vsize, self.threads, self.state, *faults

    def __repr__(self) -> str:
        """Show the pid and the name."""
        return f"<process {self.pid} {self.name!r}>"


class Seen:
    """What one look at all processes found.

    `alive` has all that live.  `started` and `executed` are those of them that are new
    or began another program; `renamed` has those with another name, and the old one.
    `ended` has those that were there the time before.
    """

    __slots__ = ("alive", "ended", "executed", "renamed", "started")

    def __init__(self) -> None:
        self.alive: list[Followed] = []
        self.started: list[Followed] = []
        self.executed: list[Followed] = []
        self.renamed: list[tuple[Followed, bytes]] = []
        self.ended: list[Followed] = []


class Crowd:
    """The processes of a root; `pids` are the only ones to follow, None all.

    At most `files_max` files stay open; the files of more processes are opened for each
    look.
    """

    def __init__(
        self, root: Opened, *, pids: Collection[int] | None = None, files_max: int
    ) -> None:
        self._root = root
        self._pids = pids
        self._left = files_max
        self._known: dict[int, Followed] = {}

    def look(self) -> Seen:
        """Read the stat of every process.  Raises MemcError if the root has none."""
        seen = Seen()
        there = set()
        for pid in list_pids(self._root) if self._pids is None else self._pids:
            known = self._known.get(pid)
            if known is not None:
                text = self._text(known)
                if text == known.text:  # most processes do nothing, most of the time
                    known.is_new = known.is_changed = False
                    seen.alive.append(known)
                    there.add(pid)
                    continue
                name, fields = _split(known, text)
                if stat.number(fields, stat.STARTED, -1) == known.started:
                    self._compare(known, name, fields, seen)
                else:  # it ended, and another process may have its pid
                    self._drop(known, seen)
                    known = None
            if known is None:
                known = self._meet(pid)
            if known is not None:
                seen.alive.append(known)
                there.add(pid)
        for gone in [f for pid, f in self._known.items() if pid not in there]:
            self._drop(gone, seen)
        seen.started = [f for f in seen.alive if f.is_new]
        return seen

    def close(self) -> None:
        """Close all files."""
        for followed in [*self._known.values()]:
            self._close(followed)

    def _text(self, followed: Followed) -> bytes:
        """Return the stat of a process; b"" if it ended."""
        try:
            if followed.fd != NO_FILE:
                return os.pread(followed.fd, SIZE, 0)
            return drain(self._open(followed.pid))
        except OSError:
            return b""

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
        self._known[pid] = followed
        name, fields = _split(followed, self._text(followed))
        if not fields:
            self._close(followed)
            return None
        followed.started = stat.number(fields, stat.STARTED)
        followed.take(name, fields)
        if followed.places is None:
            followed.cmdline = self._cmdline(pid)
        return followed

    def _drop(self, followed: Followed, seen: Seen) -> None:
        self._close(followed)
        seen.ended.append(followed)

    def _close(self, followed: Followed) -> None:
        if followed.fd != NO_FILE:
            os.close(followed.fd)
            self._left += 1
        del self._known[followed.pid]

    def _compare(
        self, followed: Followed, name: bytes, fields: list[bytes], seen: Seen
    ) -> None:
        """Keep what stat tells; note another program, or another name."""
        old_name, old_vsize, old_places = (
            followed.name,
            followed.vsize,
            followed.places,
        )
        followed.is_new = False
        followed.take(name, fields)
        if followed.places is None or old_places is None:
            is_exec = False
            if name != old_name or followed.vsize < old_vsize // 2:
                cmdline = self._cmdline(followed.pid)
                is_exec = cmdline != followed.cmdline
                followed.cmdline = cmdline
        else:
            is_exec = followed.places != old_places
        if is_exec:
            followed.execs += 1
            seen.executed.append(followed)
        elif name != old_name:
            seen.renamed.append((followed, old_name))

    def _cmdline(self, pid: int) -> bytes:
        """Return the command line, which everybody may read; b"" if it ended."""
        try:
            fd = os.open(str(pid), os.O_PATH | os.O_DIRECTORY, dir_fd=self._root.fd)
        except OSError:
            return b""
        try:
            return read_entry(fd, "cmdline", is_copy=False)
        except OSError:
            return b""
        finally:
            os.close(fd)


def _split(followed: Followed, text: bytes) -> tuple[bytes, list[bytes]]:
    """Keep a stat; return its name and its fields, no fields if it is not whole."""
    followed.text = text
    name, fields = stat.split(text)
    return name or b"", fields if len(fields) > START_STACK else []
