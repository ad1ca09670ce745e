"""Add the amounts of a target to the groups of its regions."""

from __future__ import annotations

from memc.analysis.keys import OWNED
from memc.analysis.places import LEFT_OUT
from memc.table.amounts import parts, whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.analysis.groups import Groups
    from memc.owners import Owner
    from memc.table.amounts import Values
    from memc.targets.target import Target

__all__ = ["add"]


def add(groups: Groups, target: Target, rows: list[int]) -> None:
    """Add the sources of a target to their groups; `rows` has a group for each."""
    if target.is_sum:
        for row in rows:  # one at most
            if row != LEFT_OUT:
                _add_sum(groups, target, row)
        return
    counts: dict[int, int] = {}
    for row in rows:
        counts[row] = counts.get(row, 0) + 1
    _add_amounts(groups, target, rows, counts)
    _count(groups, counts, target.regions_in(rows) or counts)
    if groups.by in OWNED or groups.outer in OWNED:
        _add_owners(groups, rows, target.find_owners())


def _add_sum(groups: Groups, target: Target, row: int) -> None:
    """Add a process of which only the totals are known."""
    groups.processes[row] += 1
    groups.sources[row] += 1
    groups.regions[row] += target.region_count
    for name, sums in groups.amounts.items():
        value = whole(target.table, name)
        if value is None:
            groups.missing[name][row] += 1
        else:
            sums[row] += value
    if groups.outer:
        groups.outer_processes[groups.outer_of[row]] += 1


def _add_amounts(
    groups: Groups, target: Target, rows: list[int], counts: dict[int, int]
) -> None:
    most = max(counts, key=counts.__getitem__, default=LEFT_OUT)
    others = [i for i, row in enumerate(rows) if row != most]
    for name in groups.amounts:
        sums, missing = groups.amounts[name], groups.missing[name]
        sums.append(0)  # item -1, for LEFT_OUT; it is removed below
        missing.append(0)
        for values in parts(target.table, name):
            if values is None:
                for row, count in counts.items():
                    missing[row] += count
            elif not isinstance(values, memoryview):
                _add_each(sums, missing, rows, values)
            elif not any(values):  # swap and hugetlb of most processes
                continue
            elif len(others) * 2 < len(rows):
                sums[most] += _sum_others(sums, rows, others, values)
            else:
                _add_each(sums, missing, rows, values)
        sums.pop()
        missing.pop()


def _sum_others(
    sums: list[int], rows: list[int], others: list[int], values: memoryview[int]
) -> int:
    """Add the values of these rows to their groups, and return what is left."""
    left = sum(values)
    if left:
        for i in others:
            value = values[i]
            sums[rows[i]] += value
            left -= value
    return left


def _add_each(
    sums: list[int], missing: list[int], rows: list[int], values: Values
) -> None:
    for row, value in zip(rows, values, strict=True):
        if value is None:
            missing[row] += 1
        else:
            sums[row] += value


def _count(groups: Groups, counts: dict[int, int], regions: dict[int, int]) -> None:
    counts.pop(LEFT_OUT, None)
    for row, count in counts.items():
        groups.processes[row] += 1
        groups.sources[row] += count
        groups.regions[row] += regions[row]
    if groups.outer:
        for outer in {groups.outer_of[row] for row in counts}:
            groups.outer_processes[outer] += 1


def _add_owners(groups: Groups, rows: list[int], owners: tuple[Owner, ...]) -> None:
    known = groups.owners
    for row, owner in set(zip(rows, owners, strict=True)):
        if row != LEFT_OUT:
            known[row].add(owner)
