"""Regions put together by what they have in common, and the sums of their columns."""

from __future__ import annotations

from itertools import repeat
from operator import add

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import TypeAlias

    from memc.owners import Owner
    from memc.region import Table
    from memc.targets import Target

    # What tells one group from another; a region's is its target's number and its own.
    Key: TypeAlias = str | int | tuple[int, int]
    Values: TypeAlias = Iterable[int | None]

__all__ = ["BY", "MAIN", "Groups", "amount_names", "group"]

BY = ("owner", "type", "path", "region", "process")

# The amounts that every summary has; "private" is made of two columns in smaps.
MAIN = {
    "pss": "pss_kb",
    "rss": "rss_kb",
    "private": "private_kb",
    "swap": "swap_kb",
    "size": "size_kb",
}
NO_AMOUNT = ("kernel_page_size_kb", "mmu_page_size_kb")


class Groups:
    """Groups, numbered from 0: each attribute is a list with one item a group.

    `keys` tells one from another by what `by` says; `regions` counts, and `processes`
    of how many targets they are.  `owners` are the owners in it, empty where none were
    looked for.  `amounts` has by name a list of sums over the regions whose value is
    known, and `missing` one of how many are not.
    """

    __slots__ = (
        "amounts",
        "by",
        "keys",
        "missing",
        "owners",
        "processes",
        "regions",
        "targets",
    )

    def __init__(self, by: str, names: Iterable[str], targets: list[Target]) -> None:
        self.by = by
        self.targets = targets
        self.keys: list[Key] = []
        self.regions: list[int] = []
        self.processes: list[int] = []
        self.owners: list[set[Owner]] = []
        self.amounts: dict[str, list[int]] = {name: [] for name in names}
        self.missing: dict[str, list[int]] = {name: [] for name in names}

    def __len__(self) -> int:
        """Return how many groups there are."""
        return len(self.keys)

    def value(self, name: str, i: int) -> int | None:
        """Return the sum of an amount in group `i`; None if none of it is known."""
        is_unknown = self.missing[name][i] == self.regions[i]
        return None if is_unknown else self.amounts[name][i]

    def total(self, name: str, rows: Sequence[int] | None = None) -> int | None:
        """Return the sum over these groups, or all; None if none of it is known."""
        picked = range(len(self)) if rows is None else rows
        missing = sum(map(self.missing[name].__getitem__, picked))
        if missing == sum(map(self.regions.__getitem__, picked)):
            return None
        return sum(map(self.amounts[name].__getitem__, picked))

    def is_partial(self, name: str, rows: Sequence[int]) -> bool:
        """Tell whether the sum over these groups lacks values that are not known."""
        return any(map(self.missing[name].__getitem__, rows))

    def is_known(self, name: str) -> bool:
        """Tell whether any region has a value of this amount."""
        return name in self.amounts and sum(self.missing[name]) < sum(self.regions)

    def order(self, name: str) -> list[int]:
        """Return the groups, the largest first; equal ones as they came."""
        amounts, sizes = self.amounts[name], self.amounts["size_kb"]
        rows = range(len(self))
        return sorted(rows, key=lambda i: (-amounts[i], -sizes[i]))


def amount_names(targets: Iterable[Target], *, wide: bool = False) -> list[str]:
    """Return the main amounts, and if `wide` all others that any of these has."""
    names = list(MAIN.values())
    if wide:
        for target in targets:
            for name in target.table.columns:
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

    Regions whose path (as ``by="path"`` tells it) does not pass `keep` are left out.
    """
    groups = Groups(by, names, targets)
    numbers: dict[Key, int] = {}
    wants_owners = keep is not None or by in ("owner", "path", "region")
    for number, target in enumerate(targets):
        owners = target.find_owners() if wants_owners else ()
        keys = _keys(target, number, by, owners)
        # -1, behind the last group, are those that are left out.
        rows = [numbers.setdefault(key, len(numbers)) for key in keys]
        if keep is not None:
            paths = _paths(target.table, owners)
            passed = {path: bool(keep(path)) for path in set(paths)}
            rows = [
                row if passed[path] else -1
                for row, path in zip(rows, paths, strict=True)
            ]
        _add(groups, rows, len(numbers), target.table)
        _add_owners(groups, rows, owners)
    groups.keys = list(numbers)
    return _without_empty(groups) if keep is not None else groups


def _add(groups: Groups, rows: list[int], count: int, table: Table) -> None:
    """Add the regions of a table to the groups that `rows` names."""
    more = [0] * (count - len(groups.regions))
    groups.processes += more
    groups.owners += [set() for _ in more]
    for row in set(rows) - {-1}:
        groups.processes[row] += 1
    groups.regions += [*more, 0]
    for row in rows:
        groups.regions[row] += 1
    groups.regions.pop()
    for name in groups.amounts:
        sums, missing = groups.amounts[name], groups.missing[name]
        sums += [*more, 0]
        missing += [*more, 0]
        for row, value in zip(rows, _values(table, name), strict=True):
            if value is None:
                missing[row] += 1
            else:
                sums[row] += value
        sums.pop()
        missing.pop()


def _add_owners(groups: Groups, rows: list[int], owners: tuple[Owner, ...]) -> None:
    if groups.by == "region":  # one each: regions of one owner share the set of it
        alone = {owner: {owner} for owner in set(owners)}
        first = len(groups.owners) - len(owners)
        groups.owners[first:] = [alone[owner] for owner in owners]
        return
    for row, owner in set(zip(rows, owners, strict=False)):
        if row >= 0:
            groups.owners[row].add(owner)


def _without_empty(groups: Groups) -> Groups:
    """Leave out the groups that have no region."""
    rows = [i for i, count in enumerate(groups.regions) if count]
    kept = Groups(groups.by, groups.amounts, groups.targets)
    kept.keys = [groups.keys[i] for i in rows]
    kept.regions = [groups.regions[i] for i in rows]
    kept.processes = [groups.processes[i] for i in rows]
    kept.owners = [groups.owners[i] for i in rows]
    for name in groups.amounts:
        kept.amounts[name] = [groups.amounts[name][i] for i in rows]
        kept.missing[name] = [groups.missing[name][i] for i in rows]
    return kept


def _keys(
    target: Target, number: int, by: str, owners: tuple[Owner, ...]
) -> Iterable[Key]:
    """Return the key of each region."""
    table = target.table
    if by == "process":
        return repeat(number, len(table))
    if by == "region":
        return zip(repeat(number, len(table)), range(len(table)), strict=True)
    if by == "owner":
        return [owner.owner for owner in owners]
    return map(str, table.columns["type"]) if by == "type" else _paths(table, owners)


def _paths(table: Table, owners: tuple[Owner, ...]) -> list[str]:
    """Return what each region is a part of: its file, or "(owner)" if nameless.

    What lies behind the data of a file is that file's too.
    """
    nameless = {
        owner: owner.label if owner.owner.endswith(" bss") else f"({owner.owner})"
        for owner in set(owners)
    }
    names = map(str, table.columns["pathname"])
    return [name or nameless[owner] for name, owner in zip(names, owners, strict=True)]


def _values(table: Table, name: str) -> Values:
    """Return an amount of each region, None where it is not known."""
    column = table.columns.get(name)
    if name == "private_kb" and column is None:
        return _private(table)
    if column is None:
        return repeat(None, len(table))
    if column.valid is None:
        return column.values
    return [value if isinstance(value, int) else None for value in column]


def _private(table: Table) -> Values:
    """Return what is mapped by the process alone: told as such, or as two parts."""
    if "uss_kb" in table.columns:
        return _values(table, "uss_kb")
    clean = table.columns.get("private_clean_kb")
    dirty = table.columns.get("private_dirty_kb")
    if clean is None or dirty is None:
        return repeat(None, len(table))
    if clean.valid is None and dirty.valid is None:
        return map(add, clean.values, dirty.values)
    return [
        a + b if isinstance(a, int) and isinstance(b, int) else None
        for a, b in zip(clean, dirty, strict=True)
    ]
