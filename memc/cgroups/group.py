"""What a memory control group tells: usage, limits, events and statistics."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.cgroups.files import GroupFiles

__all__ = ["Group", "read_group"]

# The limits by their names in version 2, and the file of each version.
LIMITS = (
    {
        "max": "memory.limit_in_bytes",
        "low": "memory.soft_limit_in_bytes",
        "memsw.max": "memory.memsw.limit_in_bytes",
        "kmem.max": "memory.kmem.limit_in_bytes",
    },
    {
        "max": "memory.max",
        "high": "memory.high",
        "low": "memory.low",
        "min": "memory.min",
        "swap.max": "memory.swap.max",
        "zswap.max": "memory.zswap.max",
    },
)
USAGE = ("memory.usage_in_bytes", "memory.current")
SWAP = "memory.swap.current"
PEAK = ("memory.max_usage_in_bytes", "memory.peak")
KERNEL = "memory.kmem.usage_in_bytes"
TOTAL = "total_"


class Group:
    """A memory control group.  All amounts are in kB, and None is not known.

    `limits` are by the names of version 2: "max", "high", "low", "min", "swap.max".
    For version 1 "max" is limit_in_bytes, "low" the soft limit, and "memsw.max" the
    limit of memory and swap together.  The value "max" means that there is no limit.
    `events` are "oom_kill", "high" and "max": how often a process was killed, how
    often the group was slowed down, and how often it was at its limit.
    `stat` is memory.stat in the kernel's units, of the group and all below it.
    `is_root` tells that no group is above it, on the whole machine.
    """

    __slots__ = (
        "events",
        "is_root",
        "kernel_kb",
        "limits",
        "path",
        "peak_kb",
        "stat",
        "swap_kb",
        "usage_kb",
        "version",
    )

    def __init__(self, version: int, path: str) -> None:
        self.version = version
        self.path = path
        self.usage_kb: int | None = None
        self.swap_kb: int | None = None
        self.kernel_kb: int | None = None
        self.peak_kb: int | None = None
        self.limits: dict[str, int | str] = {}
        self.events: dict[str, int] = {}
        self.stat: dict[str, int] = {}
        self.is_root = False

    @property
    def limit_kb(self) -> int | None:
        """The hard limit; None if there is none or it is not known."""
        limit = self.limits.get("max")
        return limit if isinstance(limit, int) else None

    @property
    def inactive_file_kb(self) -> int | None:
        """The cache that the kernel takes back first."""
        value = self.stat.get("inactive_file")
        return None if value is None else value >> 10

    @property
    def working_set_kb(self) -> int | None:
        """The usage without `inactive_file_kb`."""
        cache = self.inactive_file_kb
        if self.usage_kb is None or cache is None:
            return None
        return max(0, self.usage_kb - cache)

    @property
    def used_kb(self) -> int | None:
        """The working set, or the usage if the working set is not known."""
        working = self.working_set_kb
        return self.usage_kb if working is None else working


def read_group(
    files: GroupFiles, version: int, *, full: bool = True, events: bool = False
) -> Group | None:
    """Read a group; None if no memory is counted there.

    In version 2 that is the root, or a group whose parent does not enable the memory
    controller.  Without `full` only the limits "max" and "high" are read, with `events`
    also these, and everything of a group that has a limit.
    """
    group = Group(version, files.path)
    for name, file in LIMITS[version - 1].items():
        if not full and name not in ("max", "high"):
            continue
        limit = files.limit_kb(file)
        if limit is not None:
            group.limits[name] = limit
    is_limited = any(isinstance(limit, int) for limit in group.limits.values())
    if full or is_limited or not group.limits:
        group.usage_kb = files.kb(USAGE[version - 1])
    if group.usage_kb is None and not group.limits:
        return None
    if full or is_limited:
        _read_rest(files, group)
    elif events:
        group.events = _events(files, version, full=False)
    return group


def _read_rest(files: GroupFiles, group: Group) -> None:
    group.events = _events(files, group.version, full=True)
    stat = files.pairs("memory.stat") or {}
    group.peak_kb = files.kb(PEAK[group.version - 1])
    if group.version == 1:
        totals = {
            name.removeprefix(TOTAL): value
            for name, value in stat.items()
            if name.startswith(TOTAL)
        }
        group.stat = stat | totals
        group.kernel_kb = files.kb(KERNEL)
        swap = group.stat.get("swap")
    else:
        group.stat = stat
        kernel = stat.get("kernel")  # Linux 5.18
        group.kernel_kb = None if kernel is None else kernel >> 10
        swap_kb = files.kb(SWAP)
        swap = None if swap_kb is None else swap_kb << 10
    group.swap_kb = None if swap is None else swap >> 10


def _events(files: GroupFiles, version: int, *, full: bool) -> dict[str, int]:
    """Return the events by their names of version 2; "max" of version 1 if `full`."""
    if version != 1:
        return files.pairs("memory.events") or {}
    found = {}
    kills = (files.pairs("memory.oom_control") or {}).get("oom_kill")  # Linux 4.13
    fails = files.count("memory.failcnt") if full else None
    if kills is not None:
        found["oom_kill"] = kills
    if fails is not None:
        found["max"] = fails
    return found
