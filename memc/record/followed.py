"""A process that is followed, and what a look at all of them found."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.proc.stat import Told

__all__ = ["NO_FILE", "ZOMBIE", "Followed", "Seen"]

NO_FILE = -1
CODE = 8  # of the numbers that stat tells: code and stack are the last
ZOMBIE = ("Z", "X")  # states of processes that have no memory any more


class Followed:
    """A process that is followed, and what its stat told last.

    - `pid` and `started` (ticks since boot) identify it; `execs` counts the programs
      that it began since it was first seen.
    - `name` is its comm, as bytes; `state` is a letter, and `parent` a pid.
    - `rss_pages`, `vsize` (bytes), `minflt`, `majflt` and `threads` are as in proc(5).
    - `places` says where its program and its stack are; None if the kernel does not.
    - `told` is all of these.  `lost_first` tells whether the first thread has ended.
    - `same_as` is another process whose memory this one has, or None.
    """

    __slots__ = (
        "cmdline",
        "execs",
        "fd",
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
        "threads",
        "told",
        "vsize",
    )

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.fd = NO_FILE
        self.started = self.execs = self.parent = 0
        self.rss_pages = self.vsize = self.minflt = self.majflt = self.threads = 0
        self.name = self.cmdline = b""
        self.lost_first = False
        self.same_as: Followed | None = None
        self.state = ""
        self.places: tuple[int, int] | None = None
        self.told: Told | None = None

    def take(self, told: Told) -> None:
        """Keep what stat tells."""
        self.told = told
        self.name, numbers = told
        (state, self.parent, self.threads, self.started, self.vsize, self.rss_pages,
         self.minflt, self.majflt, code, stack) = numbers  # fmt: skip
        self.state = chr(state) if state else ""
        self.places = (code, stack) if stack else None

    def is_in_exec(self) -> bool:
        """Tell whether exec has made its memory, but not yet put the program in it.

        The kernel gives a process its name before that (begin_new_exec() in fs/exec.c,
        load_elf_binary() in fs/binfmt_elf.c).  A hidden code is 1, not 0.
        """
        return self.told is not None and self.vsize > 0 and not any(self.told[1][CODE:])

    def is_zombie(self) -> bool:
        """Tell whether it ended, and its parent did not wait for it yet."""
        return self.state in ZOMBIE and not self.lost_first

    def __repr__(self) -> str:
        """Show the pid and the name."""
        return f"<process {self.pid} {self.name!r}>"


class Seen:
    """What one look at all processes found.

    `alive` has all that live.  `started` and `executed` are those of them that are new
    or began another program; `renamed` has those with another name, and the old one.
    `changed` has those that may use something else than the time before, and the new
    ones.  `ended` has those that were there the time before.
    """

    __slots__ = ("alive", "changed", "ended", "executed", "renamed", "started")

    def __init__(self) -> None:
        self.alive: list[Followed] = []
        self.started: list[Followed] = []
        self.executed: list[Followed] = []
        self.renamed: list[tuple[Followed, bytes]] = []
        self.changed: list[Followed] = []
        self.ended: list[Followed] = []
