"""A sample: what was read of a host at one time, and what tells it from others."""

from __future__ import annotations

from memc.errors import MemcError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from memc.fleet.process import Process
    from memc.targets.target import Target

    # Tells whether a sample is wanted, which has regions or not.
    Wanted: TypeAlias = Callable[["Key", bool], bool]

__all__ = ["Key", "Sample", "check_time"]

LAST_MS = 253402214400000  # the last day that datetime knows


class Key:
    """What a sample is of: the host, its boot, the time, and which part of it."""

    __slots__ = ("boot", "host", "part", "ts_ms")

    def __init__(
        self, host: str, boot: str | None, ts_ms: int, part: str | None
    ) -> None:
        self.host = host
        self.boot = boot
        self.ts_ms = ts_ms
        self.part = part

    def names(self) -> tuple[str, str | None, int, str | None]:
        """Return what tells it from others."""
        return self.host, self.boot, self.ts_ms, self.part


class Sample:
    """The processes of a host at one time.

    Those of a recording are `told`, else it is None.  `has_regions` tells whether its
    regions are to be kept: those of the processes, or of `framed` if that is not None.
    `memory_kb` is the memory of the machine, None if the source does not tell it.
    """

    __slots__ = ("framed", "has_regions", "key", "memory_kb", "targets", "told")

    def __init__(self, key: Key, targets: list[Target]) -> None:
        self.key = key
        self.targets = targets
        self.has_regions = True
        self.told: list[Process] | None = None
        self.framed: list[Process] | None = None
        self.memory_kb: int | None = None


def check_time(ts_ms: int, path: str) -> None:
    if not 0 <= ts_ms <= LAST_MS:
        where = f"{path}: " if path else ""
        raise MemcError(f"{where}a time of {ts_ms} ms is none of this calendar")
