"""The columns of a table as plain lists, for the rules of owners."""

from __future__ import annotations

from memc.owners.kinds import (
    CLOSED,
    DELETED,
    EXEC,
    LIBRARY,
    NAMED,
    OPEN,
    PRIVATE,
    PROGRAM,
    READ,
    WRITE,
    bare_name,
    find_kinds,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeAlias, TypeVar

    from memc.table.region import Table

    T = TypeVar("T")
    Threads: TypeAlias = Mapping[int, int | None]
    # The type of the file system by device number.
    Mounts: TypeAlias = Callable[[], Mapping[tuple[int, int], str]]

# Amounts from which on a region is one of hugetlbfs: no base page has 1 MiB.
HUGE_KB = {"kernel_page_size_kb": 1024, "private_hugetlb_kb": 1, "shared_hugetlb_kb": 1}


class Layout:
    """A table for the rules: `name[i]`, `start[i]` and so on belong to region `i`.

    `flags[i]` is None if VmFlags are not known.  `kind[i]` is a word of
    ``memc.owners.kinds``.  `held[i]` tells whether the region is known to hold memory,
    resident or swapped.  `offset` is None if the table has no offsets.  `code` has the
    files with an executable region, and `bare` their last parts in lower case.  `tids`
    maps the number of a region to the threads whose stack pointers lie in the region.
    `threads` is None if the threads of the process are not known.  `single` tells
    whether the process is known to have one thread.  `is_32` tells whether all memory
    lies below 4 GiB.  `huge` has the regions of hugetlbfs, as far as amounts prove it,
    and `known_flags` all VmFlags that some region has.  `memo` keeps what a
    rule has found out about the whole layout.

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
        "held",
        "huge",
        "is_32",
        "kind",
        "known_flags",
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
        self.start = columns["start"].values.tolist()
        self.end = columns["end"].values.tolist()
        self.perm = columns["perm"].values.tolist()
        offset = columns.get("offset")  # a document without --full has no offset
        self.offset = None if offset is None else offset.values.tolist()
        self.name_ids = columns["pathname"].values.tolist()
        self.name = [str(name) for name in columns["pathname"]]
        self.is_32 = not self.end or self.end[-1] <= 1 << 32
        self.flags = _flags(table)
        self.known_flags: set[str] = {
            flag for flags in set(self.flags) if flags for flag in flags
        }
        self.has_noreserve = "nr" in self.known_flags
        self.held = _held(table)
        self.huge: set[int] = self._find_huge()
        self.code: set[str] = set()
        self.kind = find_kinds(self)
        self.bare = {bare_name(name).lower() for name in self.code}
        if self._all_may_run():
            self._forget_execution()
        self.has_library = LIBRARY in self.kind
        self.has_stack_guards = "nh" in self.known_flags and any(
            kind == CLOSED and flags is not None and "nh" in flags
            for kind, flags in zip(self.kind, self.flags, strict=True)
        )
        self.pointers = sorted(p for p in (threads or {}).values() if p)
        self.tids: dict[int, list[int]] = self._place(threads or {})
        self.threads = threads
        self.single: bool = threads is not None and len(threads) == 1

    def _all_may_run(self) -> bool:
        """Tell whether all that may be read may be executed (READ_IMPLIES_EXEC)."""
        return "[heap]" in self.name and bool(
            self.perm[self.name.index("[heap]")] & EXEC
        )

    def _forget_execution(self) -> None:
        """Drop the permission where it tells nothing."""
        for i, kind in enumerate(self.kind):
            is_data = kind in (LIBRARY, PROGRAM) and self.perm[i] & WRITE
            if is_data or (kind in (OPEN, NAMED) and self.perm[i] & READ):
                self.perm[i] &= ~EXEC

    def _place(self, threads: Threads) -> dict[int, list[int]]:
        """Return the threads by the region that their stack pointer lies in."""
        from bisect import bisect_right

        placed: dict[int, list[int]] = {}
        for tid, pointer in sorted(threads.items()):
            row = bisect_right(self.start, pointer) - 1 if pointer else -1
            if row >= 0 and pointer is not None and pointer < self.end[row]:
                placed.setdefault(row, []).append(tid)
        return placed

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
        return self.name[i].removesuffix(DELETED)

    def runs(self, *starts: str) -> bool:
        """Tell whether code is mapped from a file whose last part starts so."""
        key = "runs", starts
        return self.recall(key, lambda: any(b.startswith(starts) for b in self.bare))

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

    def amount(self, i: int, name: str) -> int | None:
        """Return a number of region `i`, None if it is not known."""
        column = self.table.columns.get(name)
        value = None if column is None else column[i]
        return value if isinstance(value, int) else None

    def dirty_kb(self, i: int) -> int | None:
        """Return how much of a region was written, None if that is not known."""
        private = self.amount(i, "private_dirty_kb")
        shared = self.amount(i, "shared_dirty_kb")
        return None if private is None or shared is None else private + shared

    def _find_huge(self) -> set[int]:
        """Return the regions whose amounts prove pages of hugetlbfs."""
        huge: set[int] = set()
        for name, least in HUGE_KB.items():
            column = self.table.columns.get(name)
            if column is not None and len(column) and max(column.values) >= least:
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


def _flags(table: Table) -> list[tuple[str, ...] | None]:
    column = table.columns.get("vm_flags")
    if column is None:
        return [None] * len(table)
    return [flags if isinstance(flags, tuple) else None for flags in column]


def _held(table: Table) -> list[bool]:
    """Return for each region whether it is known to hold memory."""
    held = [False] * len(table)
    for name in ("rss_kb", "swap_kb"):
        column = table.columns.get(name)
        if column is not None:
            pairs = zip(held, column.values, strict=True)
            held = [was or value > 0 for was, value in pairs]
    return held
