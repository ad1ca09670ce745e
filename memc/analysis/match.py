"""Which regions of one table are which of another: the same memory, later or elsewhere.

A region has no name of its own that lasts: it grows, is cut in two by a change of its
permissions, becomes one with its neighbour, or is put elsewhere.  What lasts is what it
shows: the `file` (name, device and inode; " (deleted)" behind the name aside), and for
files the place in memory of the file's first byte, start - offset, which neither
growing nor splitting nor merging changes.  Names alone count where a table has no
inodes, as a short JSON document.  The type is not looked at: name and permissions make
it.  Of what the stages leave over, each takes what it can, in order of address:

1. regions that overlap, of the same file, place and permissions: they are the same,
   grew, shrank, were split (one overlaps several) or merged (several overlap one);
2. the same file, place, start and end: all its permissions changed;
3. anonymous memory anywhere of the same name, permissions and size, if there is just
   one on either side: mremap() moves it, and shows no more of it than this;
4. regions that overlap, of the same file and place, and are of other permissions.  What
   overlaps a region that was matched before is a part of the same change: mprotect()
   of the middle of a region splits it in three;
5. anywhere, of the same file, offset and permissions, unless anonymous: a library that
   was loaded again, or all of a program that was started again.

The rest appeared, or went.  Tables are sorted and their regions do not overlap, so one
sweep finds what overlaps, of n and m regions at most n + m pairs; the other stages are
dictionaries.  Two regions that changed places look as if nothing had happened.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Sequence

    from memc.table.region import Table

PLACE = ("offset", "dev_major", "dev_minor", "inode")
DELETED = " (deleted)"
NEW = -1


class Match:
    """The changes from one table to another, numbered from 0 in order of address.

    `before` has for each region of the first table the number of its change, `after`
    for each of the second; every change has a region on one side or on both.
    """

    __slots__ = ("after", "before", "count")

    def __init__(self, before: Sequence[int], after: Sequence[int], count: int) -> None:
        self.before = before
        self.after = after
        self.count = count


def match(before: Table | None, after: Table | None) -> Match:
    """Match the regions of two tables; None is a process that was not there."""
    if before is None:
        return Match((), range(len(after or ())), len(after or ()))
    if after is None:
        return Match(range(len(before)), (), len(before))
    files: dict[Hashable, int] = {}
    has_place = all(name in t.columns for t in (before, after) for name in PLACE)
    left = _Rows(before, files, has_place=has_place)
    right = _Rows(after, files, has_place=has_place)
    found = _Found(len(before), len(after))
    near = list(_overlaps(left, right))
    found.join((i, j) for i, j in near if left.perm[i] == right.perm[j])
    found.join((i, j) for i, j in near if left.span(i) == right.span(j))
    found.pair(left.amounts(), right.amounts(), alone=True)
    found.join(near)
    found.pair(left.contents(), right.contents())
    return found.in_order(left.start, right.start)


class _Rows:
    """The columns of a table that tell regions apart, as lists."""

    def __init__(
        self, table: Table, files: dict[Hashable, int], *, has_place: bool
    ) -> None:
        columns = table.columns
        self.start = columns["start"].values.tolist()
        self.end = columns["end"].values.tolist()
        self.perm = columns["perm"].values.tolist()
        names = [str(name).removesuffix(DELETED) for name in columns["pathname"]]
        self.is_anonymous = [not n or n.startswith("[anon") for n in names]
        zeros = [0] * len(names)
        offsets, majors, minors, inodes = (
            columns[name].values.tolist() if has_place else zeros for name in PLACE
        )
        keys = zip(names, majors, minors, inodes, strict=True)
        self.file = [files.setdefault(key, len(files)) for key in keys]
        self.offset = offsets
        # Memory that is of no file has no offset: it is known by where it is.
        self.kin = [
            (file, start - offset if inode or offset else 0)
            for file, start, offset, inode in zip(
                self.file, self.start, offsets, inodes, strict=True
            )
        ]

    def span(self, row: int) -> tuple[int, int]:
        """Return where a region begins and ends."""
        return self.start[row], self.end[row]

    def contents(self) -> Iterable[Hashable]:
        """Return what a part of a file is known by anywhere; None for other memory."""
        keys = zip(self.file, self.offset, self.perm, strict=True)
        pairs = zip(keys, self.is_anonymous, strict=True)
        return (None if is_anonymous else key for key, is_anonymous in pairs)

    def amounts(self) -> Iterable[Hashable]:
        """Return what anonymous memory is known by anywhere; None for files."""
        rows = zip(
            self.file, self.perm, self.start, self.end, self.is_anonymous, strict=True
        )
        for file, perm, start, end, is_anonymous in rows:
            yield (file, perm, end - start) if is_anonymous else None


def _overlaps(left: _Rows, right: _Rows) -> Iterator[tuple[int, int]]:
    """Yield the numbers of regions of one file and place that overlap."""
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
    """The changes so far; NEW for regions that are in none."""

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
        """Match equal keys in order; if `alone` only those that nobody shares."""
        others = _by_key(self._after, right)
        for key, rows in _by_key(self._before, left).items():
            mates = others.get(key, ())
            if alone and (len(rows), len(mates)) != (1, 1):
                continue
            for i, j in zip(rows, mates, strict=False):
                self._before[i] = self._after[j] = self._count
                self._count += 1

    def join(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Match pairs of which one side at least is new, to what the other is in.

        In a sweep no pair closes a ring, so what is of one kind becomes one change.
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

    def in_order(self, starts: Sequence[int], others: Sequence[int]) -> Match:
        """Return all, numbered by where they are, or were if they are gone."""
        before, after = self._numbered(self._before), self._numbered(self._after)
        where: dict[int, int] = {}
        for labels, places in ((after, others), (before, starts)):
            for label, start in zip(labels, places, strict=True):
                where.setdefault(label, start)
        order = sorted(where, key=where.__getitem__)
        numbers = dict(zip(order, range(len(order)), strict=True))
        return Match(
            [numbers[label] for label in before],
            [numbers[label] for label in after],
            len(order),
        )

    def _numbered(self, labels: list[int]) -> list[int]:
        """Make a change of its own of every region that is left over."""
        for row, label in enumerate(labels):
            if label == NEW:
                labels[row] = self._count
                self._count += 1
        return labels


def _by_key(
    labels: Iterable[int], keys: Iterable[Hashable]
) -> dict[Hashable, list[int]]:
    """Return the rows of each key, of those that are in no change yet."""
    found: dict[Hashable, list[int]] = {}
    for row, (label, key) in enumerate(zip(labels, keys, strict=True)):
        if label == NEW and key is not None:
            found.setdefault(key, []).append(row)
    return found
