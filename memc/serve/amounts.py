"""The amounts of a group of processes, and of what its memory is for.

An amount is in kB.  It is None if it is not known of every process of the group: a sum
that lacks some of them would look as if memory had been freed.
"""

from __future__ import annotations

from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["METRICS", "OWNED", "Amounts", "Line", "OwnerAmounts", "add", "add_owners"]

# What is summed over the processes of a group, by the words for it in metrics.
METRICS = {
    "threads": "threads",
    "resident": "resident_kb",
    "unique": "unique_kb",
    "proportional": "proportional_kb",
    "swap": "swap_kb",
    "proportional_swap": "proportional_swap_kb",
    "virtual": "virtual_kb",
    "mappings": "mappings",
}
# What is summed over the regions of an owner, in the same words.
OWNED = {"resident": "resident_kb", "unique": "unique_kb", "swap": "swap_kb"}


class Amounts(NamedTuple):
    """The sums over the processes of a group; never changes.

    `mappings_max` is the number of mappings of the process that has most.  `unknown`
    has the words of METRICS, and of how many processes each is not known; what is
    known of all, or was not read of any, is not in it.  `oldest_start_s` is the Unix
    time at which the oldest process of the group started.
    """

    processes: int
    threads: int | None = None
    resident_kb: int | None = None
    unique_kb: int | None = None
    proportional_kb: int | None = None
    swap_kb: int | None = None
    proportional_swap_kb: int | None = None
    virtual_kb: int | None = None
    mappings: int | None = None
    mappings_max: int | None = None
    oldest_start_s: float | None = None
    unknown: dict[str, int] = {}  # noqa: RUF012 - memc never changes it


class OwnerAmounts(NamedTuple):
    """The sums over the regions of one owner in a group; never changes."""

    resident_kb: int | None = None
    unique_kb: int | None = None
    swap_kb: int | None = None


class Line(NamedTuple):
    """One process; never changes.

    `started` is in ticks since boot, None if it is not known, and `cgroup` is the path
    of its control group, None if it was not read.
    """

    pid: int
    name: str
    cgroup: str | None
    started: int | None
    amounts: Amounts


def add(members: Iterable[Amounts]) -> Amounts:
    """Return the sums of processes, or of groups."""
    members = [*members]
    unknown: dict[str, int] = {}
    for each in members:
        for name, count in each.unknown.items():
            unknown[name] = unknown.get(name, 0) + count
    sums = {field: _sum(members, field) for field in METRICS.values()}
    most = [each.mappings_max for each in members]
    starts = [each.oldest_start_s for each in members]
    return Amounts(
        processes=sum(each.processes for each in members),
        mappings_max=max((n for n in most if n is not None), default=None)
        if None not in most
        else None,
        oldest_start_s=min((s for s in starts if s is not None), default=None),
        unknown=unknown,
        **sums,
    )


def add_owners(members: Iterable[OwnerAmounts]) -> OwnerAmounts:
    """Return the sums of an owner in several groups."""
    members = [*members]
    return OwnerAmounts(*(_sum(members, field) for field in OwnerAmounts._fields))


def _sum(members: list[Amounts] | list[OwnerAmounts], field: str) -> int | None:
    values = [getattr(each, field) for each in members]
    return None if None in values else sum(values)
