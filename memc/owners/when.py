"""What must hold in a whole process before a rule of owners is tried: to save time.

A rule that is left out would match no region of the process.
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
from memc.owners.kinds import EXEC, NAMED, OPEN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from memc.owners.layout import Layout

__all__ = ["WHEN"]

N, S, M, K = _names, _shapes, _modules, _stacks
H, R = _heaps, _runtimes
C, P = _chromium, _cpython


def flag(*words: str) -> Callable[[Layout], bool]:
    """Tell whether some region has one of these VmFlags."""
    return lambda layout: any(word in layout.known_flags for word in words)


def runs(*starts: str) -> Callable[[Layout], bool]:
    """Tell whether code is mapped from such a file."""
    return lambda layout: layout.runs(*starts)


def _has_loose_code(layout: Layout) -> bool:
    """Tell whether some executable memory has no file."""

    def find() -> bool:
        pairs = zip(layout.kind, layout.perm, strict=True)
        return any(perm & EXEC and kind in (OPEN, NAMED) for kind, perm in pairs)

    return layout.recall("loose", find)


WHEN: dict[Callable[[Layout, int], str | None], Callable[[Layout], bool]] = {
    N.flagged_huge: flag("ht"),
    N.flagged_device: flag("pf", "io"),
    S.huge: lambda layout: bool(layout.huge),
    S.loose_code: _has_loose_code,
    M.program_moved: _has_loose_code,
    M.library_moved: _has_loose_code,
    K.shadow_stack: flag("ss"),
    K.pointed_stack: lambda layout: bool(layout.tids),
    K.fiber: lambda layout: bool(K.find_fibers(layout)),
    K.coroutine: runs("qemu-system"),
    K.guarded_stack: flag("gu"),
    K.flagged_stack: flag("nh"),
    K.flagged_guard: flag("nh"),
    K.unguarded_stack: lambda layout: {"nh", "nr"} <= layout.known_flags,
    K.stack: lambda layout: not layout.single,
    H.flagged_arena: flag("nr"),
    H.go_heap: lambda layout: bool(H.find_go(layout)),
    C.flagged_v8: lambda layout: "dc" in layout.known_flags and layout.runs(*C.V8),
    C.v8_heap: lambda layout: "dc" in layout.known_flags or layout.runs(*C.V8),
    C.caged_v8: lambda layout: bool(layout.rows(C.find_cages)),
    C.partition: lambda layout: bool(layout.rows(C.find_partitions)),
    P.arena: lambda layout: bool(layout.rows(P.find_arenas)),
    R.java_heap: runs(*R.JAVA),
    R.java_classes: runs(*R.JAVA),
    R.large_java_heap: runs(*R.JAVA),
    R.jemalloc: runs(*R.JEMALLOC),
    R.mimalloc: lambda layout: "nr" in layout.known_flags or layout.runs("libmimalloc"),
    R.zend: runs(*R.PHP),
    R.mixed: R.has_much_mixed,
}
