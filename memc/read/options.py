"""The options of a reading: one object, which all code that reads takes."""

from __future__ import annotations

from memc.errors import ProcessGone
from memc.table.fields import DETAILS, PID_MAX

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from memc.table.snapshot import Snapshot, SystemSnapshot

__all__ = ["MAX_AGE_MS", "Options", "check_pid", "check_snapshot"]

MAX_AGE_MS = 5000


class Options:
    """How to read processes; ``struct memc_options`` in C has the same options.

    `detail`, `proc`, `max_stall_ms`, `keep_open` and `max_age_ms` are those of
    ``memc.snapshot``; `skip_kernel`, `cgroups`, `cmdlines` and `jobs` are those of
    ``memc.snapshot_all``.  `progress` is called with the number of processes done, and
    of all.

    Three attributes are for one reading and are set before it.  `late` is how many
    samples were due before the reading and left out.  `last` is the last snapshot that
    has the stall of its process.  `after` is the last result of the same options.

    `held` is what a backend made of the others.  It is kept if `is_reused`: then a
    reading with these options follows, and there is never more than one at a time.

    Raises TypeError for a value of another type, and ValueError for one that makes no
    sense.
    """

    __slots__ = (
        "after",
        "cgroups",
        "cmdlines",
        "detail",
        "held",
        "is_reused",
        "jobs",
        "keep_open",
        "last",
        "late",
        "max_age_ms",
        "max_stall_ms",
        "proc",
        "progress",
        "skip_kernel",
    )

    def __init__(  # noqa: PLR0913 - keyword-only, and a call names few
        self,
        detail: str = "maps",
        *,
        proc: str = "/proc",
        max_stall_ms: int | None = None,
        skip_kernel: bool = False,
        cgroups: bool = False,
        cmdlines: bool = False,
        jobs: int | None = None,
        keep_open: bool = False,
        max_age_ms: int = MAX_AGE_MS,
        after: Snapshot | SystemSnapshot | None = None,
    ) -> None:
        numbers = {"max_stall_ms": max_stall_ms, "jobs": jobs, "max_age_ms": max_age_ms}
        for name, number in numbers.items():
            if number is None and name != "max_age_ms":
                continue
            if not isinstance(number, int):
                raise TypeError(f"{name}: expected an int, not {number!r}")
            if number < 1:
                raise ValueError(f"{name}: expected 1 or more, not {number}")
        if not isinstance(proc, str):
            raise TypeError(f"proc: expected a str, not {proc!r}")
        if detail not in (*DETAILS,):  # a list, say, has no hash
            choices = " or ".join(map(repr, DETAILS))
            raise ValueError(f"detail: expected {choices}, not {detail!r}")
        self.detail = detail
        self.proc = proc
        self.max_stall_ms = max_stall_ms
        self.skip_kernel = bool(skip_kernel)
        self.cgroups = bool(cgroups)
        self.cmdlines = bool(cmdlines)
        self.jobs = jobs
        self.keep_open = bool(keep_open) or after is not None
        self.max_age_ms = max_age_ms
        self.after = after
        self.held: Any = None
        self.is_reused = self.keep_open
        self.late = 0
        self.last: Snapshot | None = None
        self.progress: Callable[[int, int], None] | None = None

    def copy(self) -> Options:
        """Return equal options."""
        made = Options(self.detail)
        for name in Options.__slots__:
            setattr(made, name, getattr(self, name))
        made.held = None
        return made

    @property
    def unread(self) -> tuple[str, ...]:
        """The attributes of Process that are not read."""
        asked = {"cgroup": self.cgroups, "cmdline": self.cmdlines}
        return tuple(name for name, is_asked in asked.items() if not is_asked)


def check_pid(pid: int) -> None:
    """Raise TypeError, ValueError or ProcessGone unless a process may have this pid."""
    if not isinstance(pid, int):
        raise TypeError(f"pid: expected an int, not {type(pid).__name__}")
    if pid < 1:
        raise ValueError(f"pid: expected 1 or more, not {pid}")
    if pid > PID_MAX:
        raise ProcessGone(f"process {pid}: no such process", pid)


def check_snapshot(name: str, value: object, kind: type) -> None:
    """Raise TypeError unless an argument is None or an object of this kind."""
    if value is not None and not isinstance(value, kind):
        raise TypeError(f"{name}: expected a {kind.__name__}, not {value!r}")
