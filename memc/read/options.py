"""The options of a reading: one object, which all code that reads takes."""

from __future__ import annotations

from memc.errors import ProcessGone
from memc.table.fields import DETAILS, PID_MAX

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from memc.table.snapshot import Snapshot

__all__ = ["Options", "check_pid"]


class Options:
    """How to read processes; ``struct memc_options`` in C has the same options.

    `detail`, `proc` and `max_stall_ms` are those of ``memc.snapshot``; `skip_kernel`,
    `cgroups`, `cmdlines` and `jobs` are those of ``memc.snapshot_all``.  `progress` is
    called with the number of processes done, and of all.

    Two attributes are for one reading and are set before it.  `late` is how many
    samples were due before the reading and left out.  `last` is the last snapshot that
    has the stall of its process.

    Raises TypeError for a value of another type, and ValueError for one that makes no
    sense.
    """

    __slots__ = (
        "cgroups",
        "cmdlines",
        "detail",
        "jobs",
        "last",
        "late",
        "max_stall_ms",
        "proc",
        "progress",
        "skip_kernel",
    )

    def __init__(
        self,
        detail: str = "maps",
        *,
        proc: str = "/proc",
        max_stall_ms: int | None = None,
        skip_kernel: bool = False,
        cgroups: bool = False,
        cmdlines: bool = False,
        jobs: int | None = None,
    ) -> None:
        for name, number in (("max_stall_ms", max_stall_ms), ("jobs", jobs)):
            if number is not None and not isinstance(number, int):
                raise TypeError(f"{name}: expected an int, not {number!r}")
        if not isinstance(proc, str):
            raise TypeError(f"proc: expected a str, not {proc!r}")
        if detail not in DETAILS:
            choices = " or ".join(map(repr, DETAILS))
            raise ValueError(f"detail: expected {choices}, not {detail!r}")
        if max_stall_ms is not None and max_stall_ms < 1:
            raise ValueError(f"max_stall_ms: expected 1 or more, not {max_stall_ms}")
        if jobs is not None and jobs < 1:
            raise ValueError(f"jobs: expected 1 or more, not {jobs}")
        self.detail = detail
        self.proc = proc
        self.max_stall_ms = max_stall_ms
        self.skip_kernel = skip_kernel
        self.cgroups = cgroups
        self.cmdlines = cmdlines
        self.jobs = jobs
        self.late = 0
        self.last: Snapshot | None = None
        self.progress: Callable[[int, int], None] | None = None

    def copy(self) -> Options:
        """Return equal options."""
        made = Options(self.detail)
        for name in Options.__slots__:
            setattr(made, name, getattr(self, name))
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
