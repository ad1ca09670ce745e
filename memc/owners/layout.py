"""The columns of a table as plain lists, for the rules of owners."""

from __future__ import annotations

from memc.pure.classify import is_shared_lib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeAlias

    from memc.table.region import Table

    Threads: TypeAlias = Mapping[int, int | None]

READ, WRITE, EXEC, PRIVATE = 1, 2, 4, 16
ACCESS = READ | WRITE | EXEC
RW_PRIVATE = READ | WRITE | PRIVATE

# The kind of a region, by its name.  Nameless regions are open if they may be read,
# written or executed, and closed if not.
OPEN, CLOSED = "open", "closed"
NAMED, KERNEL, OBJECT = "named", "kernel", "object"
SPECIAL, LIBRARY, PROGRAM, FILE = "special", "library", "program", "file"

# Names that look like paths but are no files, and folders of files with one purpose.
SPECIAL_STARTS = (
    "/memfd:",
    "/SYSV",
    "/dev/",
    "/anon_hugepage",
    "/[aio]",
    "/i915",
    "/drm mm object",
    "/dmabuf:",
    "/secretmem",
    "/sys/devices/",
)
# Files with code that a runtime loads, not the kernel: Android's and Java's.
CODE_FILES = (".oat", ".odex", ".dex", ".vdex", ".art", ".apk", ".jar")
DELETED = " (deleted)"


class Layout:
    """A table for the rules: `name[i]`, `start[i]` and so on belong to region `i`.

    `flags[i]` is None if VmFlags are not known.  `kind[i]` is one of the words above.
    `held[i]` tells whether the region is known to hold memory, resident or swapped.
    `code` has the files with an executable region.  `tids` maps the number of a region
    to the threads whose stack pointers lie in the region.  `single` tells whether the
    process is known to have one thread.

    `has_noreserve`: some region has the flag "nr", so glibc's heaps would have it too.
    `has_stack_guards`: some closed region has the flag "nh", so guards of stacks have
    it here.  A closed region gets "nh" only from MAP_STACK; others get it from
    madvise() too.
    """

    __slots__ = (
        "code",
        "end",
        "flags",
        "has_noreserve",
        "has_stack_guards",
        "held",
        "kind",
        "name",
        "name_ids",
        "offset",
        "perm",
        "single",
        "start",
        "tids",
    )

    def __init__(self, table: Table, threads: Threads | None = None) -> None:
        columns = table.columns
        self.start = columns["start"].values.tolist()
        self.end = columns["end"].values.tolist()
        self.perm = columns["perm"].values.tolist()
        offset = columns.get("offset")  # a document without --full has no offset
        self.offset = [0] * len(table) if offset is None else offset.values.tolist()
        self.name_ids = columns["pathname"].values.tolist()
        self.name = [str(name) for name in columns["pathname"]]
        self.flags = _flags(table)
        self.has_noreserve = any("nr" in flags for flags in set(self.flags) if flags)
        self.held = _held(table)
        self.code = {
            name
            for name, perm in zip(self.name, self.perm, strict=True)
            if perm & EXEC and name.startswith("/")
        }
        kinds = {name: self._kind_of(name) for name in set(self.name)}
        self.kind = [
            kinds[name] or (OPEN if perm & ACCESS else CLOSED)
            for name, perm in zip(self.name, self.perm, strict=True)
        ]
        self.has_stack_guards = any(
            kind == CLOSED and flags is not None and "nh" in flags
            for kind, flags in zip(self.kind, self.flags, strict=True)
        )
        self.tids = self._place(threads or {})
        self.single = threads is not None and len(threads) == 1

    def _kind_of(self, name: str) -> str:
        """Return the kind that the name alone shows, "" for a nameless region."""
        if name.startswith("/"):
            return self._kind_of_file(name)
        if name.startswith(("[anon:", "[anon_shmem:")):
            return NAMED
        if name.startswith("["):
            return KERNEL
        return OBJECT if name else ""

    def _kind_of_file(self, name: str) -> str:
        if name.startswith(SPECIAL_STARTS):
            return SPECIAL
        bare = name.removesuffix(DELETED)
        if is_shared_lib(bare.encode("utf-8", "surrogateescape")):
            return LIBRARY
        if name in self.code:
            return LIBRARY if bare.endswith(CODE_FILES) else PROGRAM
        return FILE

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
