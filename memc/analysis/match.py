"""Match the regions of two tables: which are the same memory, later or elsewhere.

A region has no name of its own that lasts.  It can grow, a change of permissions can
split it, it can merge with its neighbour, or it can move.  `match` compares what lasts:

- the `file`: its name without " (deleted)", its device and its inode.  If a table has
  no inodes, as a JSON document without ``--full``, the names alone count;
- for files the place: the address of the first byte of the file, start - offset.  It
  stays when a region grows, is split or is merged.

The type is not compared, because it follows from name and permissions.  Each stage
matches regions that the stages before left over, in order of address:

1. regions that overlap, with the same file, place and permissions.  They are the same,
   grew, shrank, were split (one overlaps several) or merged (several overlap one);
2. regions with the same file, place, start and end: the permissions changed;
3. anonymous memory with the same name, permissions and size, at any address, if each
   side has just one such region: mremap() moves memory and leaves no other trace;
4. regions that overlap, with the same file and place, but other permissions.  A region
   that overlaps a matched one joins its change: mprotect() of the middle of a region
   splits it in three;
5. regions of files with the same file, offset and permissions, at any address: a
   library that was loaded again, or a whole program that was started again.

The rest appeared or is gone.  Regions are sorted and do not overlap within a table, so
one sweep finds all overlaps: at most n + m pairs for tables of n and m regions.  The
other stages use dictionaries.  If two regions change places, they look unchanged.
"""

from __future__ import annotations

from itertools import repeat

from memc.analysis.equal import NEW, equal_rows, rows_of
from memc.table.fields import PLACE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Sequence

    from memc.analysis.equal import Row
    from memc.table.region import Table


class Match:
    """The changes from one table to another, numbered from 0 in order of address.

    `before` has the number of the change of each region in the first table, `after` of
    each region in the second.  `count` is the number of changes.  Every change has a
    region on at least one side.
    """

    __slots__ = ("after", "before", "count")

    def __init__(self, before: Sequence[int], after: Sequence[int], count: int) -> None:
        self.before = before
        self.after = after
        self.count = count

    @property
    def is_plain(self) -> bool:
        """Whether each region equals the one of the same number on the other side."""
        return self.before == self.after == range(self.count)


def match(before: Table | None, after: Table | None) -> Match:
    """Match the regions of two tables; None means that there was no process."""
    if before is None:
        return Match((), range(len(after or ())), len(after or ()))
    if after is None:
        return Match(range(len(before)), (), len(before))
    has_place = all(name in t.columns for t in (before, after) for name in PLACE)
    olds, news = (rows_of(table, has_place=has_place) for table in (before, after))
    old_starts, new_starts = (t.columns["start"].values for t in (before, after))
    old_labels, new_labels = equal_rows(olds, news)
    count = max(old_labels, default=NEW) + 1
    if old_labels == new_labels == [*range(count)]:
        return Match(range(count), range(count), count)
    old_rest, new_rest = (
        [i for i, label in enumerate(labels) if label == NEW]
        for labels in (old_labels, new_labels)
    )
    rest = _match_rest([olds[i] for i in old_rest], [news[i] for i in new_rest])
    for labels, rows, found in (
        (old_labels, old_rest, rest.before),
        (new_labels, new_rest, rest.after),
    ):
        for row, label in zip(rows, found, strict=True):
            labels[row] = count + label
    return _in_order(old_labels, old_starts, new_labels, new_starts)


def _match_rest(olds: list[Row], news: list[Row]) -> Match:
    """Match rows that differ, by the stages; the changes are in no order."""
    files: dict[Hashable, int] = {}
    left, right = _Rows(olds, files), _Rows(news, files)
    found = _Found(len(olds), len(news))
    near = list(_overlaps(left, right))
    found.join((i, j) for i, j in near if left.perm[i] == right.perm[j])
    found.join((i, j) for i, j in near if left.span(i) == right.span(j))
    found.pair(left.amounts(), right.amounts(), alone=True)
    found.join(near)
    found.pair(left.contents(), right.contents())
    return found.numbered()


def _in_order(
    before: list[int], starts: Sequence[int], after: list[int], others: Sequence[int]
) -> Match:
    """Return the changes, numbered by their address after, or else before."""
    now, then = (
        dict(zip(reversed(labels), reversed(places), strict=True))  # the first counts
        for labels, places in ((after, others), (before, starts))
    )
    gone = [label for label in dict.fromkeys(before) if label not in now]
    where = then | now
    order = sorted([*dict.fromkeys(after), *gone], key=where.__getitem__)
    numbers = dict(zip(order, range(len(order)), strict=True))
    return Match(
        list(map(numbers.__getitem__, before)),
        list(map(numbers.__getitem__, after)),
        len(order),
    )


class _Rows:
    """The columns of rows, as lists."""

    def __init__(self, rows: list[Row], files: dict[Hashable, int]) -> None:
        columns = zip(*rows, strict=True) if rows else repeat((), 4 + len(PLACE))
        self.start, self.end, self.perm, names, offsets, *places = map(list, columns)
        self.is_anonymous = [not n or n.startswith("[anon") for n in names]
        inodes = places[-1]
        keys = zip(names, *places, strict=True)
        self.file = [files.setdefault(key, len(files)) for key in keys]
        self.offset = offsets
        # Memory without a file has no place in a file, so the name alone counts.
        self.kin = [
            (file, start - offset if inode or offset else 0)
            for file, start, offset, inode in zip(
                self.file, self.start, offsets, inodes, strict=True
            )
        ]

    def span(self, row: int) -> tuple[int, int]:
        """Return the start and the end of a region."""
        return self.start[row], self.end[row]

    def contents(self) -> Iterable[Hashable]:
        """Return a key for parts of files that does not depend on the address.

        Anonymous memory has None.
        """
        keys = zip(self.file, self.offset, self.perm, strict=True)
        pairs = zip(keys, self.is_anonymous, strict=True)
        return (None if is_anonymous else key for key, is_anonymous in pairs)

    def amounts(self) -> Iterable[Hashable]:
        """Return a key for anonymous memory that does not depend on its address.

        Parts of files have None.
        """
        rows = zip(
            self.file, self.perm, self.start, self.end, self.is_anonymous, strict=True
        )
        for file, perm, start, end, is_anonymous in rows:
            yield (file, perm, end - start) if is_anonymous else None


def _overlaps(left: _Rows, right: _Rows) -> Iterator[tuple[int, int]]:
    """Yield each pair of regions that overlap and have the same file and place."""
    starts, ends, kin = left.start, left.end, left.kin
    others, other_ends, other_kin = right.start, right.end, right.kin
    i = j = 0
    while i < len(starts) and j < len(others):
        end, other_end = ends[i], other_ends[j]
        is_same = end == other_end and starts[i] == others[j]
        overlap = is_same or (starts[i] < other_end and others[j] < end)
        if overlap and kin[i] == other_kin[j]:
            yield i, j
        if is_same:
            i, j = i + 1, j + 1
        elif end <= other_end:
            i += 1
        else:
            j += 1


class _Found:
    """The change that each region belongs to so far, or NEW."""

    def __init__(self, left: int, right: int) -> None:
        self._before = [NEW] * left
        self._after = [NEW] * right
        self._count = 0

    def pair(
        self,
        left: Iterable[Hashable],
        right: Iterable[Hashable],
        *,
        alone: bool = False,
    ) -> None:
        """Match regions with equal keys, in order.

        With `alone`, match only keys that one region on each side has.
        """
        others = _by_key(self._after, right)
        for key, rows in _by_key(self._before, left).items():
            mates = others.get(key, ())
            if alone and (len(rows), len(mates)) != (1, 1):
                continue
            for i, j in zip(rows, mates, strict=False):
                self._before[i] = self._after[j] = self._count
                self._count += 1

    def join(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Add each pair to the change that already holds one of its regions.

        If both are new, they become a new change; if neither is, nothing happens.  The
        pairs of a sweep form chains and no rings, so no two changes have to be merged.
        """
        before, after = self._before, self._after
        for i, j in pairs:
            if before[i] == NEW and after[j] == NEW:
                before[i] = after[j] = self._count
                self._count += 1
            elif before[i] == NEW:
                before[i] = after[j]
            elif after[j] == NEW:
                after[j] = before[i]

    def numbered(self) -> Match:
        """Return the changes; each region that is left over has one of its own."""
        before, after = self._numbered(self._before), self._numbered(self._after)
        return Match(before, after, self._count)

    def _numbered(self, labels: list[int]) -> list[int]:
        """Give every region that is left over a change of its own."""
        for row, label in enumerate(labels):
            if label == NEW:
                labels[row] = self._count
                self._count += 1
        return labels


def _by_key(
    labels: Iterable[int], keys: Iterable[Hashable]
) -> dict[Hashable, list[int]]:
    """Return the rows of each key, without rows that are in a change already."""
    found: dict[Hashable, list[int]] = {}
    for row, (label, key) in enumerate(zip(labels, keys, strict=True)):
        if label == NEW and key is not None:
            found.setdefault(key, []).append(row)
    return found
