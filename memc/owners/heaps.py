"""Tests for the heaps of glibc and Go, for the rules of owners.

Each test returns the label of the owner, or None if the region does not match.

    7f55e8000000 rw-p   glibc arena: 64 MiB aligned (HEAP_MAX_SIZE in malloc/arena.c)
    7f55e8094000 ---p   ... its unopened end, up to the next 64 MiB
    c000000000   rw-p   Go's first arena
    c000400000   ---p   ... and what it has not opened

Go 1.26 begins at random: at 64 MiB, or 4 MiB or more behind it, which stay closed.
"""

from __future__ import annotations

from memc.owners.kinds import CLOSED, OPEN, RW_PRIVATE
from memc.owners.stacks import is_guarded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.owners.layout import Layout

MIB, GIB, TIB = 1 << 20, 1 << 30, 1 << 40
ARENA, ARENA_32 = 64 * MIB, MIB
FULL_MAX = GIB  # of full heaps side by side, where no flag tells them
# Where Go's heap begins, in steps of 1 TiB: mallocinit() in runtime/malloc.go; on
# arm64; and before Go 1.11, where tables came first.
GO_STARTS = {0xC0 << 32, 0x40 << 32, 0xC4_2000_0000, 0xC8_2000_0000, 0xC2_0800_0000}
GO_STEPS = 128
GO_UNIT = 4 * MIB  # heapArenaBytes in a 32-bit process
PIECES = 64  # of memory that belongs together
ALONE = 64 * GIB  # how far from all else a random address is


def is_plain(layout: Layout, i: int) -> bool:
    """Tell whether memory is nameless, private, and may be read and written."""
    return layout.kind[i] == OPEN and layout.perm[i] == RW_PRIVATE


# glibc


def arena(layout: Layout, i: int) -> str | None:
    """Match a heap of glibc by its alignment and its end.

    If VmFlags are known and some region has "nr", a heap would have "nr" too:
    `flagged_arena` matches heaps then.
    """
    if layout.start[i] % ARENA_32 or (
        layout.has_noreserve and layout.flags[i] is not None
    ):
        return None
    size = _arena_size(layout)
    if not _begins_arena(layout, i, size):
        return None
    if layout.end[i] % size:
        return "" if _ends_arena(layout, i, size) else None
    if layout.size(i) == size == ARENA:
        return ""
    is_cut_off = layout.touches(i + 1) and layout.is_closed(i + 1)
    if is_cut_off or layout.size(i) > FULL_MAX or is_guarded(layout, i):
        return None  # the next heap would begin with open memory
    is_beside = _is_beside_arena(layout, i, size)
    return "" if is_beside or (size == ARENA and _has_half(layout)) else None


def flagged_arena(layout: Layout, i: int) -> str | None:
    """Match a heap that was reserved and then opened: flag "nr", and no "ac".

    Full heaps that lie side by side are one region.
    """
    if layout.start[i] % ARENA_32:
        return None
    flags = layout.flags[i]
    if flags is None or "nr" not in flags or "ac" in flags or "dc" in flags:
        return None
    size = _arena_size(layout)
    if not _begins_arena(layout, i, size):
        return None
    return "" if not layout.end[i] % size or _ends_arena(layout, i, size) else None


def _arena_size(layout: Layout) -> int:
    return ARENA_32 if layout.is_32 else ARENA


def _begins_arena(layout: Layout, i: int, size: int) -> bool:
    return not layout.start[i] % size and is_plain(layout, i)


def _ends_arena(layout: Layout, i: int, size: int) -> bool:
    """Tell whether the unopened end goes from a region up to the next boundary."""
    if not layout.touches(i + 1) or not layout.is_closed(i + 1):
        return False
    return bool(layout.end[i + 1] == -(-layout.end[i] // size) * size)


def _is_beside_arena(layout: Layout, i: int, size: int) -> bool:
    """Tell whether a region of full heaps touches a heap that is not full."""
    if layout.touches(i + 1) and _is_half(layout, i + 1, size):
        return True
    is_above = layout.touches(i) and layout.is_closed(i - 1) and layout.touches(i - 1)
    return is_above and _is_half(layout, i - 2, size)


def _is_half(layout: Layout, i: int, size: int) -> bool:
    return _begins_arena(layout, i, size) and _ends_arena(layout, i, size)


def _has_half(layout: Layout) -> bool:
    """Tell whether some heap is not full, so that full ones can be expected too."""
    rows = layout.aligned(ARENA)
    return layout.recall(
        "half", lambda: any(_is_half(layout, i, ARENA) for i in rows if i)
    )


def arena_tail(layout: Layout, i: int) -> str | None:
    """Match the part of a heap that glibc has not opened yet."""
    if not layout.is_closed(i) or not layout.touches(i) or i - 1 in find_go(layout):
        return None
    is_tail = arena(layout, i - 1) is not None
    return "" if is_tail or flagged_arena(layout, i - 1) is not None else None


# Go


def go_heap(layout: Layout, i: int) -> str | None:
    """Match Go's heap: what begins at Go's address, and what lies right behind it."""
    return "" if i in find_go(layout) and is_plain(layout, i) else None


def find_go(layout: Layout) -> set[int]:
    """Return the open regions of the runs of nameless memory that are Go's."""
    return layout.recall("go", lambda: _find_go(layout))


def _find_go(layout: Layout) -> set[int]:
    found: set[int] = set()
    is_static = not layout.has_library and layout.first("[heap]") is None
    for i in layout.aligned(GO_UNIT):
        if i in found or not is_plain(layout, i):
            continue
        if not _is_go_start(layout, i, is_static=is_static):
            continue
        found.add(i)
        above = i + 1
        while layout.touches(above) and layout.kind[above] in (OPEN, CLOSED):
            if layout.kind[above] == OPEN:
                found.add(above)
            above += 1
    return found


def _is_go_start(layout: Layout, i: int, *, is_static: bool) -> bool:
    start = layout.start[i]
    if layout.has_flag(i, "nr"):  # memory of Go is accounted, the heaps of glibc not
        return False
    if start % TIB in GO_STARTS and start < GO_STEPS * TIB:
        is_other = layout.runs("qemu-") or layout.has_flag(i, "dc")
        return not is_other and (start < TIB or _is_alone(layout, i))
    unit = GO_UNIT if layout.is_32 else ARENA
    place = _find_arenas(layout, i, unit)
    if place is None:
        return False
    if layout.is_32:
        is_large = layout.end[place[1]] - start >= ARENA
        return is_static and bool(layout.code) and is_large
    is_known = bool(layout.code) if is_static else layout.has_library
    return (
        is_known and _is_opened_by_go(layout, place[1]) and _is_far_off(layout, *place)
    )


def _find_arenas(layout: Layout, i: int, unit: int) -> tuple[int, int] | None:
    """Return the first and the last region of arenas that open memory lies in.

    The last is closed, if not all is opened, and so is the first where Go 1.26 begins
    its heap inside an arena, at random.  Advice about huge pages cuts the open memory
    into several regions.
    """
    first = i
    if layout.start[i] % unit:
        first = i - 1
        if not layout.touches(i) or not layout.is_closed(first):
            return None
        if layout.start[first] % unit or layout.size(first) >= unit:
            return None
    last = i + 1
    while layout.touches(last) and is_plain(layout, last) and last - i < PIECES:
        last += 1
    if not layout.touches(last) or not layout.is_closed(last):
        last -= 1
        if first == i:
            return None  # neither below nor above it is memory set aside
    return None if layout.end[last] % unit else (first, last)


def _is_opened_by_go(layout: Layout, last: int) -> bool:
    """Tell whether less than an arena is left, and 4 MiB were opened at a time.

    That is mheap.grow() in runtime/mheap.go.  Chromium has cages of a GiB and more.
    """
    left = layout.size(last) if layout.is_closed(last) else 0
    return left < ARENA and not left % GO_UNIT


def _is_alone(layout: Layout, i: int) -> bool:
    """Tell whether arenas of Go lie here, and nothing lies near them."""
    place = _find_arenas(layout, i, ARENA)
    if place is None:
        return False
    is_last = place[1] + 1 >= len(layout.start)
    below = layout.start[i] - (layout.end[i - 1] if i else 0)
    above = ALONE if is_last else layout.start[place[1] + 1] - layout.end[place[1]]
    return below >= ALONE and above >= ALONE


def _is_far_off(layout: Layout, first: int, last: int) -> bool:
    """Tell whether memory and its unopened end lie far from all other memory.

    The heaps of glibc lie near the libraries, at the top.
    """
    if not first or last + 1 >= len(layout.start):
        return False
    below = layout.start[first] - layout.end[first - 1]
    above = layout.start[last + 1] - layout.end[last]
    return bool(below >= ALONE and above >= ALONE)
