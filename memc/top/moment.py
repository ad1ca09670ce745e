"""What a live view shows of one moment, and who tells it.

Amounts are in kB, times in milliseconds since 1970.  What is not known is None.  Texts
of other programs are escaped already: no text here can change what a terminal does.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "POINTS",
    "STEP_MS",
    "Details",
    "Gap",
    "Line",
    "Owner",
    "Region",
    "Replay",
    "Source",
    "Tell",
]

POINTS, STEP_MS = 60, 5000  # of the history of a line, at most: five minutes


@dataclass(slots=True, kw_only=True)
class Line:
    """One process, or a group of them.

    - `key` is the same for a process as long as it lives, and never that of another.
      It is positive; that of a group is negative, and `count` is how many processes
      are in it.
    - `service` is the unit of its control group, else its name.
    - `threads` and `state` (a letter) are as in proc(5).
    - `faults_s` is how many page faults it has in a second, and `rate_kb_min` how much
      its RSS grows in a minute, over the time of `history`.
    - `history` has its RSS over five minutes, at most `POINTS`, the newest last.  It
      belongs to the source, which may add to it.
    - `warning` says which limit it is over.
    - `same_as` is the pid of the process whose memory this one has, after vfork.
    - `ended` tells that it is not there: it had ended, or with `is_later` not begun.
    - `is_partial` tells that not every process of a group is in its amounts: they are
      at least so much.
    """

    key: int
    pid: int
    ppid: int = 0
    name: str = ""
    cmdline: str = ""
    user: str = ""
    cgroup: str = ""
    container: str = ""
    service: str = ""
    state: str = ""
    threads: int = 1
    rss_kb: int | None = None
    anon_kb: int | None = None
    file_kb: int | None = None
    shmem_kb: int | None = None
    swap_kb: int | None = None
    uss_kb: int | None = None
    faults_s: float | None = None
    rate_kb_min: float | None = None
    regions: int | None = None
    history: list[int | None] = field(default_factory=list)
    warning: str = ""
    ended: bool = False
    is_later: bool = False
    is_kernel: bool = False
    same_as: int | None = None
    count: int = 1
    is_partial: bool = False


@dataclass(slots=True)
class Gap:
    """A time in which nothing was recorded, and why."""

    begin_ms: int
    end_ms: int
    why: str


@dataclass(slots=True, kw_only=True)
class Tell:
    """All that is known of one moment.

    `psi_some` is the share of time, in percent, in which a task waited for memory, and
    `own_cpu` what memc itself takes of one CPU, in percent.  `notes` say what could not
    be read.  The rest is of a recording: its span, the `gap` in which the moment lies,
    and the text of the nearest event.
    """

    t_ms: int
    lines: list[Line]
    total_kb: int | None = None
    available_kb: int | None = None
    swap_used_kb: int | None = None
    psi_some: float | None = None
    own_cpu: float | None = None
    notes: list[str] = field(default_factory=list)
    is_live: bool = True
    gap: Gap | None = None
    begin_ms: int = 0
    end_ms: int = 0
    event: str = ""


@dataclass(slots=True, kw_only=True)
class Owner:
    """What one owner holds in a process."""

    name: str
    rss_kb: int | None = None
    swap_kb: int | None = None
    rate_kb_min: float | None = None
    history: list[int | None] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Region:
    """One region of a process; `start` and `end` are addresses."""

    start: int
    end: int
    perms: str
    pathname: str
    owner: str
    rss_kb: int | None = None
    swap_kb: int | None = None


@dataclass(slots=True, kw_only=True)
class Details:
    """The owners and regions of a process, the largest owner first.

    `age_s` is how long ago they were read, and `between_s` how long it is from one
    reading to the next, as its cost allows.  `note` says why there are none.  A region
    is made when it is asked for: a process may have 60,000.
    """

    owners: list[Owner] = field(default_factory=list)
    regions: Sequence[Region] = ()
    age_s: float = 0.0
    between_s: float | None = None
    note: str = ""
    no_regions: str = ""


class Source(Protocol):
    """Tells what there is."""

    def look(self) -> Tell:
        """Return what there is: now, or at the chosen time of a recording."""

    def details(self, line: Line) -> Details:
        """Return the owners and regions of a process, perhaps those read last."""

    def save(self, line: Line | None) -> bytes:
        """Return the document of a process, or of all."""

    def close(self) -> None:
        """Close all files."""


class Replay(Source, Protocol):
    """Tells what was recorded.

    A recording may grow, or begin anew in another file, while it is shown.
    """

    def position(self, width: int) -> list[tuple[str, str]]:
        """Return a line about which time is shown: texts and their styles."""

    def step(self, n: int) -> None:
        """Go `n` ticks forth, or back."""

    def move(self, ms: int) -> None:
        """Go so far forth, or back."""

    def event(self, n: int) -> None:
        """Go `n` events forth, or back."""

    def go(self, text: str) -> None:
        """Go to a time, as --at takes it.  Raises MemcError if it is none."""

    def play(self, speed: float) -> None:
        """Go on by itself, so many times as fast as it was recorded; 0 stops."""
