"""A sample to export: the processes that were read at one time."""

from __future__ import annotations

from memc.table.amounts import parts, whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from memc.targets.target import Target

__all__ = ["Sample", "has_regions", "owners_of", "who"]


class Sample:
    """Processes that were read together.

    `otherwise_ms` is the Unix time of those that tell none.
    """

    __slots__ = ("otherwise_ms", "targets")

    def __init__(self, targets: Sequence[Target], otherwise_ms: int) -> None:
        self.targets = targets
        self.otherwise_ms = otherwise_ms

    def time_of(self, target: Target) -> int:
        """Return the Unix time in ms at which a process was read."""
        found: int | None = getattr(target.table, "timestamp_ms", None)
        return self.otherwise_ms if found is None else found


def has_regions(target: Target) -> bool:
    """Tell whether each row of its table is a region.

    Otherwise a row is all that an owner has (of a recording), or there are only totals.
    """
    return not target.is_sum and getattr(target, "counts", None) is None


def who(target: Target) -> str:
    """Return the name and the pid of a process; the name of its file if none is known.

    The file has no folder: that may tell too much.
    """
    base = (target.file or "").rstrip("/").rpartition("/")[2] or target.file or ""
    name = target.name or ("" if target.pid is not None else base)
    return f"{name} ({target.pid})".strip() if target.pid is not None else name


def owners_of(target: Target, name: str) -> dict[str, int | None]:
    """Return how much of an amount each owner has; None if a part is not known.

    The whole process is the owner "" if only that is known.
    """
    if target.is_sum:
        return {"": whole(target.table, name)} if target.sources else {}
    owners = [owner.owner for owner in target.find_owners()]
    sums: dict[str, int | None] = dict.fromkeys(owners, 0)
    for part in parts(target.table, name):
        if part is None:
            return dict.fromkeys(owners)
        for owner, value in zip(owners, part, strict=True):
            before = sums[owner]
            sums[owner] = None if value is None or before is None else before + value
    return sums
