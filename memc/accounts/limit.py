"""A control group beside its account: usage, peak, events, and all limits."""

from __future__ import annotations

from memc.cgroups.chain import read_chain
from memc.errors import MemcError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.accounts.choose import Chosen
    from memc.cgroups.chain import Chain
    from memc.cgroups.group import Group
    from memc.cgroups.mounts import Mount
    from memc.table.document import Json

__all__ = ["Limit", "Limited", "look"]

WANTED = ("max", "high", "low", "min", "swap.max", "memsw.max", "zswap.max")


class Limit:
    """A limit: the `path` of its group, its `name` in version 2, and `kb`.

    `kb` is None if the group has no such limit ("max").  `usage_kb` is the usage of
    that group.
    """

    __slots__ = ("kb", "name", "path", "usage_kb")

    def __init__(
        self, path: str, name: str, kb: int | None, usage_kb: int | None
    ) -> None:
        self.path = path
        self.name = name
        self.kb = kb
        self.usage_kb = usage_kb

    def to_dict(self) -> dict[str, Json]:
        """Return it as a part of a document."""
        from memc.table.document import shown_text

        return {
            "path": shown_text(self.path),
            "name": self.name,
            "kb": self.kb,
            "usage_kb": self.usage_kb,
        }


class Limited:
    """A control group of an account.  Amounts are in kB; None is not known.

    - `path`, `version`: the group;
    - `usage_kb`, `swap_kb`, `peak_kb`: of the group and all below it;
    - `working_set_kb`: the usage without cache that the kernel takes back first;
    - `events`: how often a process was killed ("oom_kill"), and the group was at its
      limits ("max", "high");
    - `limits`: those of the group and of all above it, the group's own first;
    - `above_kb`: the smallest limit also of groups that are not seen (version 1);
    - `sees_all`: whether the uppermost group that was seen is the root;
    - `why`: why the group could not be read, "" if it could.
    """

    __slots__ = (
        "above_kb",
        "events",
        "limits",
        "path",
        "peak_kb",
        "sees_all",
        "swap_kb",
        "usage_kb",
        "version",
        "why",
        "working_set_kb",
    )

    def __init__(self, version: int, path: str) -> None:
        self.version = version
        self.path = path
        self.usage_kb: int | None = None
        self.working_set_kb: int | None = None
        self.peak_kb: int | None = None
        self.swap_kb: int | None = None
        self.above_kb: int | None = None
        self.events: dict[str, int] = {}
        self.limits: list[Limit] = []
        self.sees_all = False
        self.why = ""

    def to_dict(self) -> dict[str, Json]:
        """Return it as a part of a document."""
        from memc.table.document import shown_text

        return {
            "path": shown_text(self.path),
            "version": self.version,
            "usage_kb": self.usage_kb,
            "working_set_kb": self.working_set_kb,
            "peak_kb": self.peak_kb,
            "swap_kb": self.swap_kb,
            "events": {**self.events},
            "limits": [limit.to_dict() for limit in self.limits],
            "above_kb": self.above_kb,
            "sees_all": self.sees_all,
        }


def look(mounts: list[Mount] | MemcError, one: Chosen) -> tuple[Limited, Group | None]:
    """Read a group and those above it; the group is None if it cannot be read."""
    limited = Limited(one.version, one.path)
    try:
        if isinstance(mounts, MemcError):
            raise mounts
        chain = read_chain(mounts, one.version, one.path, full=True)
    except MemcError as error:
        limited.why = str(error)
        return limited, None
    _fill(limited, chain)
    group = chain.groups[0] if chain.groups else None
    if group is None or group.path != one.path or group.usage_kb is None:
        limited.why = f"control group {one.path}: its usage of memory is not told here"
        if one.path == "/":
            limited.why += ": memc machine tells that of the whole machine"
        return limited, None
    limited.usage_kb = group.usage_kb
    limited.working_set_kb = group.working_set_kb
    limited.peak_kb = group.peak_kb
    limited.swap_kb = group.swap_kb
    limited.events = group.events
    return limited, group


def _fill(limited: Limited, chain: Chain) -> None:
    limited.above_kb = chain.above_kb
    limited.sees_all = chain.sees_all
    for group in chain.groups:
        for name in WANTED:
            if name in group.limits:
                told = group.limits[name]
                kb = told if isinstance(told, int) else None
                limit = Limit(group.path, name, kb, group.usage_kb)
                limited.limits.append(limit)
