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

__all__ = ["OF_TEXTS", "WHERE", "Where"]

N, S, M, K = _names, _shapes, _modules, _stacks
H, R = _heaps, _runtimes
C, P = _chromium, _cpython


class Where:
    """A place that can have regions only if the texts of a layout tell `of_texts`."""

    __slots__ = ("_place", "of_texts")

    def __init__(self, of_texts: Callable[[Layout], object], place: Place) -> None:
        self.of_texts = of_texts
        self._place = place

    def __call__(self, layout: Layout) -> Iterable[int]:
        """Return the regions."""
        return self._place(layout) if self.of_texts(layout) else ()


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


def guards_inside(layout: Layout) -> list[int]:
    """Return the open nameless regions with the VmFlags "gu" and "nh"."""
    if not layout.known_flags.issuperset(("gu", "nh")):
        return []
    return layout.looks.rows(
        layout.kind[i] == OPEN and layout.has_flag(i, "gu") and layout.has_flag(i, "nh")
        for i in layout.looks.first
    )


def runs(place: Place, *starts: str) -> Where:
    """Return a place where code is mapped from such a file, and nothing elsewhere."""
    return Where(lambda layout: layout.runs(*starts), place)


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


def has_v8(layout: Layout) -> bool:
    """Tell whether flags or code tell of V8."""
    return "dc" in layout.known_flags or layout.runs(*C.V8)


def has_stack_flags(layout: Layout) -> bool:
    """Tell whether there are the flags of stacks without guards."""
    return layout.known_flags.issuperset(("nh", "nr"))


def many_stacks(layout: Layout) -> Iterable[int]:
    """Return where stacks without guards can be."""
    return () if layout.single else layout.large(K.STACK_MIN)


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
    K.fiber: Where(above_closed, K.find_fibers),
    K.coroutine: runs(above_closed, "qemu-system"),
    K.guarded_stack: guards_inside,
    K.flagged_stack: above_closed,
    K.flagged_guard: nameless_closed,
    K.unguarded_stack: Where(has_stack_flags, many_stacks),
    K.stack: above_closed,
    K.guard: nameless_closed,
    H.flagged_arena: aligned(H.ARENA_32),
    H.arena: aligned(H.ARENA_32),
    H.arena_tail: nameless_closed,
    H.go_heap: H.find_go,
    C.flagged_v8: Where(has_v8, aligned(C.V8_PAGE)),
    C.v8_heap: Where(has_v8, aligned(C.V8_PAGE)),
    C.caged_v8: runs(C.find_cages, *C.V8),
    C.partition: Where(nameless_closed, C.find_partitions),
    P.arena: runs(P.find_arenas, *P.PYTHON),
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
    *(accounted, unflagged, named_bss, shared_files, unflagged_files, guards_inside),
}
