"""Add the amounts of targets to the groups of their regions.

Many processes run the same program.  Those whose regions are in the same groups are
added together: a column is one large number, with 64 bits for each region, so a sum of
columns is a sum of numbers.
"""

from __future__ import annotations

from sys import byteorder

from memc.analysis.keys import OWNED
from memc.analysis.places import LEFT_OUT
from memc.table.amounts import parts, whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from memc.analysis.groups import Groups
    from memc.owners import Owner
    from memc.table.amounts import Values
    from memc.targets.target import Target

__all__ = ["add", "add_all"]

ROWS_MAX = 512  # such a process has none that is alike
WIDTH = 8  # bytes of an amount
# The bytes of an amount that are 0 in all processes that may be added together: so many
# that the sum of 2**24 of them does not run over into the next.
HIGH = (0xFFFFFF << 40).to_bytes(WIDTH, byteorder)


def add_all(groups: Groups, targets: list[Target], places: list[list[int]]) -> None:
    """Add the sources of all targets; `places` has the groups of those of each."""
    alike: dict[tuple[int, ...], list[Target]] = {}
    for target, rows in zip(targets, places, strict=True):
        if target.is_sum or not 0 < len(rows) <= ROWS_MAX:
            add(groups, target, rows)
        else:
            alike.setdefault(tuple(rows), []).append(target)
    for place, some in alike.items():
        if len(some) == 1:
            add(groups, some[0], list(place))
        else:
            _add_alike(groups, some, place)


def add(groups: Groups, target: Target, rows: list[int]) -> None:
    """Add the sources of a target to their groups; `rows` has a group for each."""
    if target.is_sum:
        for row in rows:  # one at most
            if row != LEFT_OUT:
                _add_sum(groups, target, row)
        return
    counts = _counts(rows)
    _add_amounts(groups, target, rows, counts)
    _count(groups, counts, target.regions_in(rows) or counts)
    if groups.by in OWNED or groups.outer in OWNED:
        _add_owners(groups, rows, target.find_owners())


def _add_alike(groups: Groups, targets: list[Target], rows: tuple[int, ...]) -> None:
    """Add targets whose sources are in the same groups."""
    counts = _counts(rows)
    for name, sums in groups.amounts.items():
        missing = groups.missing[name]
        sums.append(0)  # as in _add_amounts
        missing.append(0)
        columns = [part for each in targets for part in parts(each.table, name)]
        for values in (*_take_plain(columns, len(rows)), *columns):
            if values is None:
                for row, count in counts.items():
                    missing[row] += count
            else:
                _add_each(sums, missing, rows, values)
        sums.pop()
        missing.pop()
    for target in targets:
        _count(groups, counts, target.regions_in(rows) or counts)
    if groups.by in OWNED or groups.outer in OWNED:
        for owners in {target.find_owners() for target in targets}:
            _add_owners(groups, rows, owners)


def _take_plain(columns: list[Values | None], rows: int) -> list[Values]:
    """Take away the columns that may be added together; return their sum, if any."""
    added, others = 0, []
    high = int.from_bytes(HIGH * rows, byteorder)
    for values in columns:
        number = high
        if isinstance(values, memoryview) and values.itemsize == WIDTH:
            number = int.from_bytes(values, byteorder)
        if number & high:
            others.append(values)
        else:
            added += number
    columns[:] = others
    packed = added.to_bytes(WIDTH * rows, byteorder)
    return [memoryview(packed).cast("Q")] if added else []


def _counts(rows: Iterable[int]) -> dict[int, int]:
    """Return how many sources each group has."""
    counts: dict[int, int] = {}
    for row in rows:
        counts[row] = counts.get(row, 0) + 1
    return counts


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
    sums: list[int], missing: list[int], rows: Sequence[int], values: Values
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


def _add_owners(groups: Groups, rows: Sequence[int], owners: tuple[Owner, ...]) -> None:
    known = groups.owners
    for row, owner in set(zip(rows, owners, strict=True)):
        if row != LEFT_OUT:
            known[row].add(owner)
