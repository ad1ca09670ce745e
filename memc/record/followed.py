"""A process that is followed, and what a look at all of them found."""

from __future__ import annotations

from memc.proc import stat

__all__ = ["NO_FILE", "RSS", "START_CODE", "Followed", "Seen", "places_of"]

NO_FILE = -1
ZOMBIE = ("Z", "X")
# Indexes after the name: fields 10, 12, 24 and 26 of proc(5).
MINFLT, MAJFLT, RSS, START_CODE = 7, 9, 21, 23


class Followed:
    """A process that is followed, and what its stat told last.

    - `pid` and `started` (ticks since boot) identify it; `execs` counts the programs
      that it began since it was first seen.
    - `name` is its comm, as bytes; `state` is a letter, and `parent` a pid.
    - `rss_pages`, `vsize` (bytes), `minflt`, `majflt` and `threads` are as in proc(5).
    - `text` is what stat told.  `lost_first` tells whether the first thread has ended.
    - `same_as` is another process whose memory this one has, or None.
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
        "lost_first",
        "majflt",
        "minflt",
        "name",
        "parent",
        "pid",
        "places",
        "rss_pages",
        "same_as",
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
        self.lost_first = False
        self.same_as: Followed | None = None
        self.state = ""
        self.places: tuple[bytes, bytes] | None = None
        self.is_changed = True

    def take(self, name: bytes, fields: list[bytes]) -> None:
        """Keep what stat tells, and whether it differs from the time before."""
        before = self._figures()
        self.rss_pages = stat.number(fields, RSS)
        self.vsize = stat.number(fields, stat.VSIZE)
        self.minflt = stat.number(fields, MINFLT)
        self.majflt = stat.number(fields, MAJFLT)
        self.threads = stat.number(fields, stat.THREADS)
        self.state = fields[stat.STATE].decode("ascii", "replace")
        self.is_changed = before != self._figures()
        self.parent = stat.number(fields, stat.PARENT)
        self.name = name
        self.places = places_of(fields)

    def is_zombie(self) -> bool:
        """Tell whether it ended, and its parent did not wait for it yet."""
        return self.state in ZOMBIE and not self.lost_first

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


def places_of(fields: list[bytes]) -> tuple[bytes, bytes] | None:
    """Return where a program and its stack are; None if the kernel does not tell."""
    hidden = stat.hides_places(fields)
    return None if hidden else (fields[START_CODE], fields[stat.STACK])
