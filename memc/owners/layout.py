"""The columns of a table, for the rules of owners."""

from __future__ import annotations

from memc.owners.kinds import (
    CLOSED,
    DELETED,
    EXEC,
    FAR,
    FAR_32,
    LIBRARY,
    NAMED,
    OPEN,
    PRIVATE,
    PROGRAM,
    READ,
    WRITE,
    bare_name,
    find_kinds,
    kind_of,
)
from memc.owners.looks import Looks, is_constant, rows_at, rows_of
from memc.owners.texts import recall_texts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, TypeAlias, TypeVar

    from memc.table.columns import Column
    from memc.table.region import Table

    T = TypeVar("T")
    Flags: TypeAlias = tuple[str, ...] | None
    Threads: TypeAlias = Mapping[int, int | None]
    # The type of the file system by device number.
    Mounts: TypeAlias = Callable[[], Mapping[tuple[int, int], str]]

# Amounts from which on a region is one of hugetlbfs: no base page has 1 MiB.
HUGE_KB = {"kernel_page_size_kb": 1024, "private_hugetlb_kb": 1, "shared_hugetlb_kb": 1}


class Layout:
    """A table for the rules: `name[i]`, `start[i]` and so on belong to region `i`.

    `flags[i]` is None if VmFlags are not known.  `kind[i]` is a number of
    ``memc.owners.kinds``.  `offset` is None if the table has no offsets.  `looks` tells
    which regions have the same name, permissions and flags.  `code` has the files with
    an executable region, and `bare` their last parts in lower case.  `tids` maps the
    number of a region to the threads whose stack pointers lie in the region.  `threads`
    is None if the threads of the process are not known.  `single` tells whether the
    process is known to have one thread.  `is_32` tells whether all memory lies below 4
    GiB.  `huge` has the regions of hugetlbfs, as far as amounts prove it, and
    `known_flags` all VmFlags that some region has.  `memo` keeps what a rule has found
    out about the whole layout.  `texts` is what tables with the same texts have in
    common.

    `has_noreserve`: some region has the flag "nr", so glibc's heaps would have it too.
    `has_stack_guards`: some closed region has the flag "nh", so guards of stacks have
    it here.  A closed region gets "nh" only from MAP_STACK; others get it from
    madvise() too.
    """

    __slots__ = (
        "bare",
        "code",
        "end",
        "flags",
        "has_library",
        "has_noreserve",
        "has_stack_guards",
        "huge",
        "is_32",
        "kind",
        "known_flags",
        "looks",
        "memo",
        "mounts",
        "name",
        "name_ids",
        "offset",
        "perm",
        "pointers",
        "single",
        "start",
        "table",
        "texts",
        "threads",
        "tids",
    )

    def __init__(
        self,
        table: Table,
        threads: Threads | None = None,
        mounts: Mounts | None = None,
    ) -> None:
        columns = table.columns
        self.table = table
        self.mounts = mounts
        self.memo: dict[object, object] = {}
        self.start = columns["start"].values
        self.end = columns["end"].values
        self.perm = bytearray(columns["perm"].values)
        offset = columns.get("offset")  # a document without --full has no offset
        self.offset = None if offset is None else offset.values
        self.is_32 = not len(self.end) or self.end[-1] <= 1 << 32
        names, flags = columns["pathname"], _flags(table)
        self.name_ids = names.values
        self.texts = recall_texts(self, names, flags)
        if not self.texts.give(self):
            self._read_texts(names, flags)
            self.texts.keep(self)
        self.huge: set[int] = self._find_huge()
        self.pointers = sorted(p for p in (threads or {}).values() if p)
        self.tids: dict[int, list[int]] = self._place(threads or {})
        self.threads = threads
        self.single: bool = threads is not None and len(threads) == 1

    def _read_texts(self, names: Column, flags: Column) -> None:
        """Find all that follows from the texts."""
        looks = self.looks = Looks(names.values, flags.values, self.perm)
        texts: list[str] = _decoded(names, looks.first)
        known: list[Flags] = _decoded(flags, looks.first)
        self.name, self.flags = looks.each(texts), looks.each(known)
        self.known_flags = {flag for each in known for flag in each or ()}
        self.has_noreserve = "nr" in self.known_flags
        self.code: set[str] = set()
        self._find_kinds(flags.values)

    def _find_kinds(self, flags: memoryview[int]) -> None:
        kinds = find_kinds(self)
        self.bare = {bare_name(name).lower() for name in self.code}
        if self._all_may_run():
            self._forget_execution(kinds)
            self.looks = Looks(self.name_ids, flags, self.perm)
        first = self.looks.first
        self.kind = self.looks.spread_bytes(
            kind_of(kinds[self.name[i]], self.perm[i]) for i in first
        )
        self.has_library = LIBRARY in self.kind
        self.has_stack_guards = "nh" in self.known_flags and any(
            self.kind[i] == CLOSED and self.has_flag(i, "nh") for i in first
        )

    def _all_may_run(self) -> bool:
        """Tell whether all that may be read may be executed (READ_IMPLIES_EXEC)."""
        heap = self.first("[heap]")
        return heap is not None and bool(self.perm[heap] & EXEC)

    def _forget_execution(self, kinds: dict[str, int]) -> None:
        """Drop the permission where it tells nothing."""
        for i, perm in enumerate(self.perm):
            kind = kind_of(kinds[self.name[i]], perm)
            is_data = kind in (LIBRARY, PROGRAM) and perm & WRITE
            if is_data or (kind in (OPEN, NAMED) and perm & READ):
                self.perm[i] &= ~EXEC

    def _place(self, threads: Threads) -> dict[int, list[int]]:
        """Return the threads by the region that their stack pointer lies in."""
        if not self.pointers:
            return {}
        from _bisect import bisect_right

        placed: dict[int, list[int]] = {}
        for tid, pointer in sorted(threads.items()):
            row = bisect_right(self.start, pointer) - 1 if pointer else -1
            if row >= 0 and pointer is not None and pointer < self.end[row]:
                placed.setdefault(row, []).append(tid)
        return placed

    def is_far(self, i: int, program: int) -> bool:
        """Tell whether a region begins far above that of the program."""
        far = FAR_32 if self.is_32 else FAR
        return self.start[i] - self.start[program] > far

    def size(self, i: int) -> int:
        """Return the size of a region in bytes."""
        return self.end[i] - self.start[i]

    def touches(self, i: int) -> bool:
        """Tell whether region `i` - 1 ends where `i` begins."""
        return 0 < i < len(self.end) and self.end[i - 1] == self.start[i]

    def is_closed(self, i: int) -> bool:
        """Tell whether a region is nameless, private and without any access."""
        return self.kind[i] == CLOSED and self.perm[i] == PRIVATE

    def has_flag(self, i: int, flag: str) -> bool:
        """Tell whether VmFlags are known and have `flag`."""
        flags = self.flags[i]
        return flags is not None and flag in flags

    def file(self, i: int) -> str:
        """Return the name of the file without " (deleted)"."""
        name: str = self.name[i]
        return name.removesuffix(DELETED)

    def runs(self, *starts: str) -> bool:
        """Tell whether code is mapped from a file whose last part starts so."""
        key = "runs", starts
        bare = self.bare
        return self.texts.recall(key, lambda: any(b.startswith(starts) for b in bare))

    def recall(self, key: object, find: Callable[[], T]) -> T:
        """Return what `find` returned the first time it was called for `key`."""
        if key not in self.memo:
            self.memo[key] = find()
        return self.memo[key]  # type: ignore[return-value]  # found for the same key

    def rows(self, find: Callable[[Layout], set[int]]) -> set[int]:
        """Return the regions that `find` finds, looked for once."""
        try:
            return self.memo[find]  # type: ignore[return-value]  # as above
        except KeyError:
            made = self.memo[find] = find(self)
            return made

    def names(self) -> dict[str, int]:
        """Return all names, with the first region of each."""

        def find() -> dict[str, int]:
            return {self.name[i]: i for i in reversed(self.looks.first)}

        return self.texts.recall("names", find)

    def first(self, name: str) -> int | None:
        """Return the first region with a name."""
        return self.names().get(name)

    def of_kind(self, *kinds: int) -> list[int]:
        """Return the regions of these kinds."""
        return self.texts.recall(("kinds", kinds), lambda: rows_of(self.kind, kinds))

    def above_closed(self) -> list[int]:
        """Return the open nameless regions that follow nameless ones without access."""
        above = [i + 1 for i in self.of_kind(CLOSED) if i + 1 < len(self.kind)]
        return [i for i in above if self.kind[i] == OPEN]

    def with_perm(self, test: Callable[[int], object]) -> list[int]:
        """Return the regions whose permissions pass a test."""
        perms = {self.perm[i] for i in self.looks.first}
        return rows_of(self.perm, filter(test, perms))

    def aligned(self, unit: int, behind: int = 0) -> list[int]:
        """Return the regions that begin so many bytes behind a multiple of `unit`.

        `unit` is a power of two of at least 64 KiB, and `behind` is less than that.
        """

        def find() -> list[int]:
            rows = rows_at(self.start, unit)
            return [i for i in rows if self.start[i] % unit == behind]

        return self.recall(("aligned", unit, behind), find)

    def large(self, size: int) -> list[int]:
        """Return the regions that are so large or larger, in bytes."""
        sizes = self.table.columns["size_kb"].values
        return [i for i, kb in enumerate(sizes) if kb >= size >> 10]

    def holds(self, i: int) -> bool:
        """Tell whether a region is known to hold memory, resident or swapped."""
        return any((self.amount(i, name) or 0) > 0 for name in ("rss_kb", "swap_kb"))

    def amount(self, i: int, name: str) -> int | None:
        """Return a number of region `i`, None if it is not known."""
        column = self.table.columns.get(name)
        if column is None:
            return None
        value = column.values[i] if column.valid is None else column[i]
        return value if isinstance(value, int) else None

    def dirty_kb(self, i: int) -> int | None:
        """Return how much of a region was written, None if that is not known."""
        private = self.amount(i, "private_dirty_kb")
        if private is None:
            return None
        shared = self.amount(i, "shared_dirty_kb")
        return None if shared is None else private + shared

    def _find_huge(self) -> set[int]:
        """Return the regions whose amounts prove pages of hugetlbfs."""
        huge: set[int] = set()
        for name, least in HUGE_KB.items():
            column = self.table.columns.get(name)
            if column is None or not len(column):
                continue
            if is_constant(column.values) and column.values[0] < least:
                continue
            huge.update(i for i, kb in enumerate(column.values) if kb >= least)
        return huge

    def file_system(self, i: int) -> str:
        """Return the type of the file system of a file, "" if it is not known."""
        if self.mounts is None:
            return ""
        major, minor = self.amount(i, "dev_major"), self.amount(i, "dev_minor")
        if major is None or minor is None:
            return ""
        return self.recall("mounts", self.mounts).get((major, minor), "")


def _flags(table: Table) -> Column:
    """Return a column of the flags, in which nothing is missing but a value is None."""
    column = table.columns.get("vm_flags")
    if column is not None and column.valid is None and column.decode is not None:
        return column
    from memc.table.build import column as made_column, pool

    values = [None] * len(table) if column is None else column
    known, numbers = pool(x if isinstance(x, tuple) else None for x in values)
    return made_column("I", numbers, known)


def _decoded(column: Column, rows: list[int]) -> list[Any]:
    """Return the values of these rows, each number decoded once."""
    decode = column.decode or str  # names and flags are numbers of texts
    ids = [column.values[i] for i in rows]
    return list(map({number: decode(number) for number in set(ids)}.get, ids))
