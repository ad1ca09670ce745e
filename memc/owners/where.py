"""Where a rule of owners can match, if it looks further than at a region's own words.

The rules that are not here look at nothing but the name, the permissions and the flags
of a region, so they are tried once for all regions that are alike.  A rule that is here
looks at amounts, addresses, neighbours or the whole process too.  It is tried for the
regions that its place returns, and would match no others.
"""

from __future__ import annotations

import memc.owners.chromium as _chromium
import memc.owners.cpython as _cpython
import memc.owners.heaps as _heaps
import memc.owners.modules as _modules
import memc.owners.names as _names
import memc.owners.runtimes as _runtimes
import memc.owners.shapes as _shapes
import memc.owners.stacks as _stacks
from memc.owners.kinds import (
    ACCESS,
    CLOSED,
    EXEC,
    FILE,
    LIBRARY,
    NAMED,
    NAMED_BSS,
    OPEN,
    PRIVATE,
    PROGRAM,
    READ,
    SPECIAL,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import TypeAlias

    from memc.owners.layout import Layout
    from memc.owners.owner import Test

    Place: TypeAlias = Callable[[Layout], Iterable[int]]

__all__ = ["OF_TEXTS", "WHERE"]

N, S, M, K = _names, _shapes, _modules, _stacks
H, R = _heaps, _runtimes
C, P = _chromium, _cpython


def closed(layout: Layout) -> list[int]:
    """Return the regions without access."""

    def find() -> list[int]:
        return layout.with_perm(lambda perm: not perm & ACCESS)

    return layout.texts.recall(closed, find)


def nameless_closed(layout: Layout) -> list[int]:
    """Return the nameless regions without access."""
    return layout.of_kind(CLOSED)


def above_closed(layout: Layout) -> list[int]:
    """Return the open nameless regions behind nameless ones without access."""
    return layout.above_closed()


def behind_files(layout: Layout) -> list[int]:
    """Return the nameless regions behind a part of a program or library."""

    def find() -> list[int]:
        kinds = layout.kind
        rows = layout.of_kind(LIBRARY, PROGRAM)
        return [i + 1 for i in rows if i + 1 < len(kinds) and kinds[i + 1] == OPEN]

    return layout.texts.recall(behind_files, find)


def loose_code(layout: Layout) -> list[int]:
    """Return the executable regions in no file."""

    def find() -> list[int]:
        rows = layout.with_perm(EXEC.__and__)
        return [i for i in rows if layout.kind[i] in (OPEN, NAMED)]

    return layout.texts.recall(loose_code, find)


def read_only(layout: Layout) -> list[int]:
    """Return the read-only private parts of programs and libraries."""

    def find() -> list[int]:
        rows = layout.of_kind(LIBRARY, PROGRAM)
        return [i for i in rows if layout.perm[i] == READ | PRIVATE]

    return layout.texts.recall(read_only, find)


def accounted(layout: Layout) -> list[int]:
    """Return those of them whose VmFlags say that they were writable once."""
    return [i for i in read_only(layout) if layout.has_flag(i, "ac")]


def unflagged(layout: Layout) -> list[int]:
    """Return those of them whose VmFlags are not known."""
    return [i for i in read_only(layout) if layout.flags[i] is None]


def named_bss(layout: Layout) -> list[int]:
    """Return what Android's linker names as bss."""
    if layout.first(NAMED_BSS) is None:
        return []
    return [i for i in layout.of_kind(NAMED) if layout.name[i] == NAMED_BSS]


def shared_files(layout: Layout) -> list[int]:
    """Return the shared mappings of files without a special purpose."""
    return [i for i in layout.of_kind(FILE) if not layout.perm[i] & PRIVATE]


def mounted(layout: Layout) -> list[int]:
    """Return the files whose file systems can be known."""
    return [] if layout.mounts is None else shared_files(layout)


def unflagged_files(layout: Layout) -> list[int]:
    """Return the files of which no VmFlags tell whether they are of hugetlbfs."""
    return [i for i in layout.of_kind(FILE, SPECIAL) if layout.flags[i] is None]


def flagged(*flags: str) -> Place:
    """Return a place: the open nameless regions with all of these VmFlags."""

    def place(layout: Layout) -> list[int]:
        if not layout.known_flags.issuperset(flags):
            return []
        return layout.looks.rows(
            layout.kind[i] == OPEN and all(layout.has_flag(i, f) for f in flags)
            for i in layout.looks.first
        )

    return place


def runs(place: Place, *starts: str) -> Place:
    """Return a place where code is mapped from such a file, and nothing elsewhere."""
    return lambda layout: place(layout) if layout.runs(*starts) else ()


def aligned(unit: int) -> Place:
    """Return a place: the regions that begin at a multiple."""
    return lambda layout: layout.aligned(unit)


def low(layout: Layout) -> range:
    """Return the regions where Java's heap and classes can be."""
    from _bisect import bisect_right

    return range(bisect_right(layout.start, R.JAVA_CLASSES))


def large(size: int) -> Place:
    """Return a place: the regions that are so large or larger."""
    return lambda layout: layout.large(size)


def java(layout: Layout) -> list[int]:
    """Return the region that is taken for Java's heap, if it is not at its address."""
    row = layout.recall("java", lambda: R.find_java(layout))
    return [] if row is None else [row]


def v8_pages(layout: Layout) -> Iterable[int]:
    """Return the regions that begin as pages of V8, where flags or code tell of it."""
    is_there = "dc" in layout.known_flags or layout.runs(*C.V8)
    return layout.aligned(C.V8_PAGE) if is_there else ()


def many_stacks(layout: Layout) -> Iterable[int]:
    """Return where stacks without guards can be."""
    if layout.single or not layout.known_flags.issuperset(("nh", "nr")):
        return ()
    return layout.large(K.STACK_MIN)


WHERE: dict[Test, Place] = {
    S.huge: lambda layout: layout.huge,
    S.closed_empty: closed,
    S.closed_held: closed,
    N.closed_empty: closed,
    N.closed_held: closed,
    N.on_hugetlbfs: mounted,
    N.on_tmpfs: mounted,
    N.huge_folder: unflagged_files,
    N.dirty_file: shared_files,
    M.program_moved: loose_code,
    M.library_moved: loose_code,
    M.named_program_bss: named_bss,
    M.named_library_bss: named_bss,
    M.program_bss: behind_files,
    M.library_bss: behind_files,
    M.flagged_relro: accounted,
    M.relro: unflagged,
    M.unsure_rodata: unflagged,
    K.pointed_stack: lambda layout: layout.tids,
    K.fiber: K.find_fibers,
    K.coroutine: runs(above_closed, "qemu-system"),
    K.guarded_stack: flagged("gu", "nh"),
    K.flagged_stack: above_closed,
    K.flagged_guard: nameless_closed,
    K.unguarded_stack: many_stacks,
    K.stack: above_closed,
    K.guard: nameless_closed,
    H.flagged_arena: aligned(H.ARENA_32),
    H.arena: aligned(H.ARENA_32),
    H.arena_tail: nameless_closed,
    H.go_heap: H.find_go,
    C.flagged_v8: v8_pages,
    C.v8_heap: v8_pages,
    C.caged_v8: C.find_cages,
    C.partition: C.find_partitions,
    P.arena: P.find_arenas,
    R.java_heap: runs(low, *R.JAVA),
    R.java_classes: runs(low, *R.JAVA),
    R.large_java_heap: runs(java, *R.JAVA),
    R.jemalloc: runs(large(R.EXTENT), *R.JEMALLOC),
    R.mimalloc: aligned(R.MIMALLOC_STEP),
    R.zend: runs(aligned(R.CHUNK), *R.PHP),
    R.mixed: loose_code,
}
# The places that go by texts alone, and so have the same regions in tables that have
# the same texts.
OF_TEXTS = {
    *(closed, nameless_closed, above_closed, behind_files, loose_code),
    *(accounted, unflagged, named_bss, shared_files, unflagged_files),
}
