"""How groups of regions grew between two times.

``memc.analysis.groups`` groups the regions of both times, with the same keys.  If a
change has one region before and one after, both count in the group of the one after.
The owner of a region depends on its neighbours, so it can become another although the
region itself did not change.
"""

from __future__ import annotations

from memc.analysis.adding import add
from memc.analysis.groups import GROWTH, Groups
from memc.analysis.kinds import SHARING
from memc.analysis.places import LEFT_OUT, compact, holds, place
from memc.table.numbering import Numbers
from memc.table.region import Shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from memc.analysis.pair import Pair
    from memc.analysis.places import Nested
    from memc.human.picture import Picture

__all__ = ["Growth", "grow", "with_growth"]


class Growth(Groups, Shown):
    """Groups whose amounts are growth, in kB; it is below 0 if a group shrank.

    `before` and `after` are the groups of the two times, with the same numbers.  The
    attributes of Groups are for both times together:

    - `regions`, `sources` and `missing` count what was before and what is after;
    - `processes` counts processes with regions at either time;
    - `owners` are the owners after, or before if no region is left;
    - a number in a key is an index in `targets`, for a process that ended the index of
      its target before.

    `kinds` counts the changes in each group, by kind.  If a region is in another group
    after, it is "gone" from its group before.  In groups by region, `changes` has the
    pair of each group and the number of the change in the pair, and the key is that of
    the first region.

    If `grown_first` is set, what grew comes before what shrank, however much.
    """

    __slots__ = ("after", "before", "changes", "grown_first", "kinds")

    def __init__(self, before: Groups, after: Groups) -> None:
        targets = [*after.targets, *before.targets]
        super().__init__(after.by, after.amounts, targets, after.keys)
        self.nest(after.outer, [*after.outer_keys], after.outer_of)
        self.before = before
        self.after = after
        self.grown_first = False
        self.changes: list[tuple[Pair, int]] = []
        self.kinds: list[dict[str, int]] = [{} for _ in self.keys]
        self.regions = _sums(before.regions, after.regions)
        self.sources = _sums(before.sources, after.sources)
        self.owners = [
            new or old for old, new in zip(before.owners, after.owners, strict=True)
        ]
        for name in self.amounts:
            self._take(name)

    def _take(self, name: str) -> None:
        """Set the growth of an amount; it is unknown if one side does not know it."""
        before, after = self.before, self.after
        if not all(s.is_known(name) or not sum(s.sources) for s in (before, after)):
            self.missing[name] = [*self.sources]
            return
        pairs = zip(before.amounts[name], after.amounts[name], strict=True)
        self.amounts[name] = [new - old for old, new in pairs]
        self.missing[name] = _sums(before.missing[name], after.missing[name])
        for i in range(len(self.sources)):
            if _is_unknown(before, name, i) or _is_unknown(after, name, i):
                self.amounts[name][i] = 0
                self.missing[name][i] = self.sources[i]

    def _picture(self) -> Picture:
        from memc.analysis.pictures import of_growth

        return of_growth(self)

    def order(self, name: str) -> list[int]:
        """Return the groups that changed, the largest growth or shrinkage first."""
        amounts, sizes = self.judged(name), self.amounts["size_kb"]
        rows = [i for i in range(len(self)) if self.is_changed(i)]
        size = int if self.grown_first else abs
        rows.sort(key=lambda i: (-size(amounts[i]), -size(sizes[i])))
        return self.nested(rows, amounts, sizes, signed=self.grown_first)

    def is_changed(self, i: int) -> bool:
        """Tell whether anything in group `i` differs."""
        return any(kind != "same" for kind in self.kinds[i])

    def differs(self, *, sharing: bool = False) -> bool:
        """Tell whether anything differs.

        With `sharing`, it is a difference if others share more or less of the memory.
        """
        calm = {"same"} if sharing else {"same", SHARING}
        return any(kind not in calm for kinds in self.kinds for kind in kinds)

    @property
    def unchanged(self) -> int:
        """The number of groups in which nothing differs."""
        rows = range(len(self))
        return sum(not self.is_changed(i) for i in rows)

    def region_growth(self, rows: Sequence[int]) -> int | None:
        """Return how many regions these groups gained; below 0 if they lost some.

        It is None if one side does not tell.
        """
        now, then = self.after.region_count(rows), self.before.region_count(rows)
        return None if now is None or then is None else now - then


def grow(
    pairs: Sequence[Pair],
    by: str,
    *,
    names: Iterable[str],
    keep: Callable[[str], object] | None = None,
) -> Growth:
    """Group the changes of these processes, as ``groups.group`` does.

    Regions whose path does not pass `keep` are left out, before and after separately.
    """
    numbers: Numbers[Nested] = Numbers()
    places: list[list[int]] = []  # two items a pair: before, after
    for number, pair in enumerate(pairs):
        old, new = (
            []
            if target is None
            else place(target, (number, labels), by, numbers=numbers, keep=keep)
            for target, labels in pair.sides
        )
        _follow(old, new, pair.twins())
        places += old, new
    keys = compact(places, numbers)
    names = tuple(names)
    sides = []
    for side in (0, 1):
        targets = [target for pair in pairs if (target := pair.sides[side][0])]
        sides.append(Groups.of(by, names, targets, keys))
        for pair, rows in zip(pairs, places[side::2], strict=True):
            target = pair.sides[side][0]
            if target is not None:
                add(sides[-1], target, rows)
    made = Growth(*sides)
    made.process_count = made.holder_count = len(pairs)
    if keep is not None:
        sides_of = zip(places[::2], places[1::2], strict=True)
        made.holder_count = sum(holds(old) or holds(new) for old, new in sides_of)
    for pair, old, new in zip(pairs, places[::2], places[1::2], strict=True):
        _count_process(made, {*old, *new} - {LEFT_OUT})
        _count_kinds(made, pair, (old, new))
    _name_keys(made, pairs)
    return made


def with_growth(growth: Growth, name: str) -> Groups:
    """Return the groups after, with the growth of an amount as the first column.

    Groups that are gone are among them, without regions.
    """
    groups = Groups(growth.by, (), growth.targets, growth.keys)
    groups.nest(growth.outer, growth.outer_keys, growth.outer_of)
    groups.outer_processes = growth.after.outer_processes
    groups.process_count = growth.process_count
    groups.holder_count = growth.holder_count
    groups.regions = growth.after.regions
    groups.sources = growth.after.sources
    groups.processes = growth.after.processes
    groups.owners = growth.owners
    groups.amounts = {GROWTH: growth.judged(name), **growth.after.amounts}
    unknown = [growth.value(name, i) is None for i in range(len(growth))]
    pairs = zip(unknown, groups.sources, strict=True)
    missing = [max(count, 1) if is_unknown else 0 for is_unknown, count in pairs]
    groups.missing = {GROWTH: missing, **growth.after.missing}
    return groups


def _follow(old: list[int], new: list[int], twins: list[tuple[int, int, int]]) -> None:
    """Move each region with one region after into the group of that region."""
    for _, before, after in twins:
        old[before] = new[after]


def _count_process(made: Growth, rows: set[int]) -> None:
    """Count a process in the groups in which it has or had regions."""
    for row in rows:
        made.processes[row] += 1
    if made.outer:
        for outer in {made.outer_of[row] for row in rows}:
            made.outer_processes[outer] += 1


def _count_kinds(made: Growth, pair: Pair, sides: tuple[list[int], list[int]]) -> None:
    """Count the kinds of changes: of twins, which share a group, and of the others."""
    old, new = sides
    kinds = pair.kinds
    twins = pair.twins()

    def count(row: int, kind: str) -> None:
        if row != LEFT_OUT:
            counts = made.kinds[row]
            counts[kind] = counts.get(kind, 0) + 1

    for change, _, i in twins:
        count(new[i], kinds[change])
    single = {change for change, _, _ in twins}
    before = _placed(old, pair.match.before, single)
    after = _placed(new, pair.match.after, single)
    for where in before | after:
        row, change = where
        kind = kinds[change] if where in after else "gone"
        count(row, kind if where in before else "appeared")


def _placed(
    rows: list[int], labels: Sequence[int], single: set[int]
) -> set[tuple[int, int]]:
    """Return the group and the change of each region that is no twin."""
    pairs = zip(rows, labels, strict=True)
    return {(row, change) for row, change in pairs if change not in single}


def _name_keys(made: Growth, pairs: Sequence[Pair]) -> None:
    """Make keys that name a target, or the first region of a change in its target."""
    index = {target: i for i, target in enumerate(made.targets)}
    if made.outer == "process":
        made.outer_keys = [
            index[pairs[key].subject] if isinstance(key, int) else key
            for key in made.outer_keys
        ]
    if made.by not in ("process", "region"):
        return
    keys, made.keys = made.keys, [*made.keys]
    for i, key in enumerate(keys):
        number, change = key if isinstance(key, tuple) else (key, None)
        pair = pairs[int(number or 0)]
        if change is None:
            made.keys[i] = index[pair.subject]
            continue
        target, row = pair.first(change)
        made.keys[i] = index[target], row
        made.owners[i] = {target.find_owners()[row]}
        made.changes.append((pair, change))


def _sums(left: Sequence[int], right: Sequence[int]) -> list[int]:
    return [kb + more for kb, more in zip(left, right, strict=True)]


def _is_unknown(groups: Groups, name: str, i: int) -> bool:
    """Tell whether a group has sources, but no source knows the amount."""
    return 0 < groups.sources[i] == groups.missing[name][i]
