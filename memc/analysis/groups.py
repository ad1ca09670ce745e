"""Group regions by what they have in common, and sum their columns.

A process of which only the totals are known has no regions.  It is a group of its own
if groups are processes, and in no group otherwise.
"""

from __future__ import annotations

from collections import Counter
from itertools import repeat
from operator import add as plus

from memc.table.amounts import JUDGED, MAIN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import TypeAlias

    from memc.owners import Owner
    from memc.table.region import Table
    from memc.targets.target import Target

    # The key of a group.  That of a region is the number of its target and its own.
    Key: TypeAlias = str | int | tuple[int, int]

__all__ = [
    "BY",
    "FREED",
    "GROWTH",
    "LEFT_OUT",
    "MAIN",
    "OWNED",
    "Groups",
    "add",
    "amount_names",
    "compact",
    "group",
    "holds",
    "place",
]

BY = ("owner", "type", "path", "region", "process")

NO_AMOUNT = ("kernel_page_size_kb", "mmu_page_size_kb")
OWNED = ("owner", "path", "region")  # groups by these know the owners of their regions
GROWTH = "growth_kb"  # how much a group grew between two readings
FREED = "freed_kb"  # what comes back if the process of a group ends
LEFT_OUT = -1  # in place of a group's number: the region is in no group


class Groups:
    """Groups of regions, numbered from 0.

    These are lists with one item a group:

    - `keys`: what the regions of the group have in common, as `by` says;
    - `regions`, `processes`: how many regions the group has, and of how many targets;
    - `sources`: how many values each amount has: one a region, or one for the totals of
      a process;
    - `owners`: the owners of its regions, empty if owners were not looked for;
    - `amounts[name]`: the sum of an amount, in kB, over the sources that know it;
    - `missing[name]`: how many sources do not know it.

    `process_count` is the number of targets.  `holder_count` is how many of them have a
    region in any group.
    """

    __slots__ = (
        "amounts",
        "by",
        "holder_count",
        "keys",
        "missing",
        "owners",
        "process_count",
        "processes",
        "regions",
        "sources",
        "targets",
    )

    def __init__(
        self, by: str, names: Iterable[str], targets: list[Target], keys: list[Key]
    ) -> None:
        self.by = by
        self.targets = targets
        self.process_count = self.holder_count = len(targets)
        self.keys = keys
        self.regions = [0] * len(keys)
        self.sources = [0] * len(keys)
        self.processes = [0] * len(keys)
        self.owners: list[set[Owner]] = [set() for _ in keys]
        self.amounts = {name: [0] * len(keys) for name in names}
        self.missing = {name: [0] * len(keys) for name in names}

    def __len__(self) -> int:
        """Return how many groups there are."""
        return len(self.keys)

    def value(self, name: str, i: int) -> int | None:
        """Return the sum of an amount in group `i`; None if no value is known."""
        is_unknown = self.missing[name][i] >= (self.sources[i] or 1)
        return None if is_unknown else self.amounts[name][i]

    def total(self, name: str, rows: Sequence[int] | None = None) -> int | None:
        """Return the sum over these groups, or all; None if no value is known."""
        picked = range(len(self)) if rows is None else rows
        missing = sum(map(self.missing[name].__getitem__, picked))
        if missing == sum(map(self.sources.__getitem__, picked)):
            return None
        return sum(map(self.amounts[name].__getitem__, picked))

    def is_partial(self, name: str, rows: Sequence[int]) -> bool:
        """Tell whether the sum over these groups lacks values that are not known."""
        return any(map(self.missing[name].__getitem__, rows))

    def is_known(self, name: str) -> bool:
        """Tell whether any source has a value of this amount."""
        return name in self.amounts and sum(self.missing[name]) < sum(self.sources)

    def region_count(self, rows: Sequence[int] | None = None) -> int | None:
        """Return how many regions these groups have, or all; None if nobody told."""
        picked = range(len(self)) if rows is None else rows
        count = sum(map(self.regions.__getitem__, picked))
        return None if not count and any(self.sources[i] for i in picked) else count

    def judged(self, name: str) -> list[int]:
        """Return an amount of each group, with hugetlb if the amount leaves it out."""
        amounts = self.amounts[name]
        if name not in JUDGED or "hugetlb_kb" not in self.amounts:
            return amounts
        return list(map(plus, amounts, self.amounts["hugetlb_kb"]))

    def order(self, name: str) -> list[int]:
        """Return the groups, the largest amount first, then the largest size.

        Pages of hugetlb count with the amounts that leave them out.
        """
        amounts, sizes = self.judged(name), self.amounts["size_kb"]
        rows = range(len(self))
        return sorted(rows, key=lambda i: (-amounts[i], -sizes[i]))


def amount_names(targets: Iterable[Target], *, wide: bool = False) -> list[str]:
    """Return the main amounts; with `wide` also the others that a target has."""
    names = list(MAIN.values())
    if wide:
        for target in targets:
            for name in target.names():
                if name.endswith("_kb") and name not in (*names, *NO_AMOUNT):
                    names.append(name)
    return names


def group(
    targets: list[Target],
    by: str,
    *,
    names: Iterable[str] = tuple(MAIN.values()),
    keep: Callable[[str], object] | None = None,
) -> Groups:
    """Group the regions of these targets by one of `BY` and sum the amounts.

    `keep` is called with the path of each region, as ``by="path"`` gives it.  If the
    result is false, the region is left out.
    """
    numbers: dict[Key, int] = {}
    places = [
        place(target, (i, range(target.sources)), by, numbers=numbers, keep=keep)
        for i, target in enumerate(targets)
    ]
    groups = Groups(by, names, targets, compact(places, numbers))
    if keep is not None:
        groups.holder_count = sum(map(holds, places))
    for target, rows in zip(targets, places, strict=True):
        add(groups, target, rows)
    return groups


def place(
    target: Target,
    who: tuple[int, Sequence[int]],
    by: str,
    *,
    numbers: dict[Key, int],
    keep: Callable[[str], object] | None = None,
) -> list[int]:
    """Return the group of each source, LEFT_OUT for regions that do not pass `keep`.

    `who` is the number of the target and the numbers of its regions.  `numbers` maps
    each key to the number of its group; new keys are added to it.
    """
    if target.is_sum:
        return _place_sum(target, who[0], by, numbers=numbers, keep=keep)
    owners = target.find_owners() if keep is not None or by in OWNED else ()
    rows = [
        numbers.setdefault(key, len(numbers)) for key in _keys(target, who, by, owners)
    ]
    if keep is None:
        return rows
    paths = _paths(target.table, owners)
    passed = {path: bool(keep(path)) for path in set(paths)}
    pairs = zip(rows, paths, strict=True)
    return [row if passed[path] else LEFT_OUT for row, path in pairs]


def _place_sum(
    target: Target,
    number: int,
    by: str,
    *,
    numbers: dict[Key, int],
    keep: Callable[[str], object] | None,
) -> list[int]:
    """Return the group of a process of which only the totals are known."""
    if by != "process" or keep is not None or not target.sources:
        return [LEFT_OUT] * target.sources
    return [numbers.setdefault(number, len(numbers))]


def holds(rows: Iterable[int]) -> bool:
    """Tell whether any of these regions is in a group."""
    return any(row != LEFT_OUT for row in rows)


def compact(places: list[list[int]], numbers: dict[Key, int]) -> list[Key]:
    """Drop the groups without regions and renumber the others; return their keys."""
    used = set().union(*places) - {LEFT_OUT}
    if len(used) < len(numbers):
        kept = {row: i for i, row in enumerate(sorted(used))} | {LEFT_OUT: LEFT_OUT}
        places[:] = [[kept[row] for row in rows] for rows in places]
    return [key for key, row in numbers.items() if row in used]


def add(groups: Groups, target: Target, rows: list[int]) -> None:
    """Add the sources of a target to their groups; `rows` has a group for each."""
    for row, count in Counter(rows).items():
        if row != LEFT_OUT:
            groups.processes[row] += 1
            groups.sources[row] += count
            groups.regions[row] += len(target.table) if target.is_sum else count
    for name in groups.amounts:
        sums, missing = groups.amounts[name], groups.missing[name]
        sums.append(0)  # item -1, for LEFT_OUT; it is removed below
        missing.append(0)
        for row, value in zip(rows, target.values(name), strict=True):
            if value is None:
                missing[row] += 1
            else:
                sums[row] += value
        sums.pop()
        missing.pop()
    if groups.by in OWNED and not target.is_sum:
        _add_owners(groups, rows, target.find_owners())


def _add_owners(groups: Groups, rows: list[int], owners: tuple[Owner, ...]) -> None:
    known = groups.owners
    for row, owner in set(zip(rows, owners, strict=True)):
        if row != LEFT_OUT:
            known[row].add(owner)


def _keys(
    target: Target, who: tuple[int, Sequence[int]], by: str, owners: tuple[Owner, ...]
) -> Iterable[Key]:
    """Return the key of each region."""
    table = target.table
    number, labels = who
    if by == "process":
        return repeat(number, len(table))
    if by == "region":
        return zip(repeat(number, len(table)), labels, strict=True)
    if by == "owner":
        return [owner.owner for owner in owners]
    return map(str, table.columns["type"]) if by == "type" else _paths(table, owners)


def _paths(table: Table, owners: tuple[Owner, ...]) -> list[str]:
    """Return the path of each region: its file, or "(owner)" if it is nameless.

    The bss after the data of a file belongs to that file.
    """
    nameless = {
        owner: owner.label if owner.owner.endswith(" bss") else f"({owner.owner})"
        for owner in set(owners)
    }
    names = map(str, table.columns["pathname"])
    return [name or nameless[owner] for name, owner in zip(names, owners, strict=True)]
