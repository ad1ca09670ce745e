"""Group regions by what they have in common, and sum their columns.

A process of which only the totals are known has no regions.  It is in a group if groups
hold whole processes, and in no group otherwise.
"""

from __future__ import annotations

from memc.analysis.adding import add_all
from memc.analysis.keys import BY, levels
from memc.analysis.places import compact, holds, place
from memc.table.amounts import JUDGED, MAIN
from memc.table.numbering import Numbers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from memc.analysis.keys import Key
    from memc.analysis.places import Nested
    from memc.owners import Owner
    from memc.targets.target import Target


__all__ = [
    "BY",
    "FREED",
    "GROWTH",
    "MAIN",
    "Groups",
    "amount_names",
    "group",
]

NO_AMOUNT = ("kernel_page_size_kb", "mmu_page_size_kb")
GROWTH = "growth_kb"  # how much a group grew between two readings
FREED = "freed_kb"  # what comes back if the process of a group ends


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

    If there are two levels, `by` is the inner one and `outer` the outer one, otherwise
    None.  `outer_keys` are the keys on the outer level, `outer_processes` how many
    targets each has, and `outer_of` has the index of the outer key of each group.
    """

    __slots__ = (
        "amounts",
        "by",
        "holder_count",
        "keys",
        "missing",
        "outer",
        "outer_keys",
        "outer_of",
        "outer_processes",
        "owners",
        "process_count",
        "processes",
        "regions",
        "sources",
        "targets",
    )

    def __init__(
        self,
        by: str,
        names: Iterable[str],
        targets: list[Target],
        keys: list[Key],
    ) -> None:
        self.by = by
        self.targets = targets
        self.process_count = self.holder_count = len(targets)
        self.keys = keys
        self.outer: str | None = None
        self.outer_keys: list[Key] = []
        self.outer_of: list[int] = []
        self.outer_processes: list[int] = []
        self.regions = [0] * len(keys)
        self.sources = [0] * len(keys)
        self.processes = [0] * len(keys)
        self.owners: list[set[Owner]] = [set() for _ in keys]
        self.amounts = {name: [0] * len(keys) for name in names}
        self.missing = {name: [0] * len(keys) for name in names}

    def __len__(self) -> int:
        """Return how many groups there are."""
        return len(self.keys)

    @property
    def levels(self) -> str:
        """What groups are by, both levels."""
        return f"{self.outer},{self.by}" if self.outer else self.by

    @classmethod
    def of(
        cls, by: str, names: Iterable[str], targets: list[Target], pairs: list[Nested]
    ) -> Groups:
        """Return groups on the levels `by`, whose keys are pairs."""
        outer, inner = levels(by)
        made = cls(inner, names, targets, [key for _, key in pairs])
        if outer is not None:
            indexes: dict[Key, int] = {}
            of = [indexes.setdefault(above, len(indexes)) for above, _ in pairs]
            made.nest(outer, [*indexes], of)
        return made

    def nest(self, outer: str | None, keys: list[Key], of: list[int]) -> None:
        """Set the outer level: its keys, and the index of that of each group."""
        self.outer, self.outer_keys, self.outer_of = outer, keys, of
        self.outer_processes = [0] * len(keys)

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
        hugetlb = self.amounts["hugetlb_kb"]
        return [a + b for a, b in zip(amounts, hugetlb, strict=True)]

    def order(self, name: str) -> list[int]:
        """Return the groups, the largest amount first, then the largest size.

        Pages of hugetlb count with the amounts that leave them out.  A group of which
        the amount is not known goes by its RSS.  With two levels the groups of an outer
        key follow each other.
        """
        amounts, sizes = self.judged(name), self.amounts["size_kb"]
        known = zip(self.missing[name], self.sources, strict=True)
        second = [
            0 if missing < count else rss
            for (missing, count), rss in zip(known, self.amounts["rss_kb"], strict=True)
        ]
        rows = range(len(self))
        found = sorted(rows, key=lambda i: (-amounts[i], -second[i], -sizes[i]))
        return self.nested(found, amounts, second, sizes)

    def nested(
        self, rows: list[int], *amounts: list[int], signed: bool = False
    ) -> list[int]:
        """Put the groups of each outer key together, the largest sums first.

        With `signed`, a sum below 0 is less than 0.
        """
        if not self.outer:
            return rows
        sums = [[0] * len(amounts) for _ in self.outer_keys]
        for i in rows:
            mine = sums[self.outer_of[i]]
            mine[:] = [
                total + each[i] for total, each in zip(mine, amounts, strict=True)
            ]
        size = int if signed else abs
        place = [tuple(-size(total) for total in mine) for mine in sums]
        of = self.outer_of
        return sorted(rows, key=lambda i: (place[of[i]], of[i]))


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
    """Group the regions of these targets, by what ``parse_by`` reads, and sum amounts.

    `keep` is called with the path of each region, as ``by="path"`` gives it.  If the
    result is false, the region is left out.
    """
    numbers: Numbers[Nested] = Numbers()
    places = [
        place(target, (i, range(target.sources)), by, numbers=numbers, keep=keep)
        for i, target in enumerate(targets)
    ]
    groups = Groups.of(by, names, targets, compact(places, numbers))
    if keep is not None:
        groups.holder_count = sum(map(holds, places))
    add_all(groups, targets, places)
    return groups
