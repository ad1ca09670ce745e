"""Tests for the heaps of V8 and Chromium, for the rules of owners.

Each test returns the label of the owner, or None if the region does not match.

    33d401e02000 rw-p   what PartitionAlloc notes of a super page
    33d401e03000 ---p
    33d401e04000 rw-p   the payload: 16 KiB behind a boundary of 2 MiB
    33d401e5c000 ---p   up to the next boundary, or farther
"""

from __future__ import annotations

from memc.owners.heaps import PIECES, is_plain
from memc.owners.kinds import CLOSED, OPEN, PRIVATE, READ

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.owners.layout import Layout

KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30
V8_PAGE = 256 * KIB
V8 = (
    *("node", "chrome", "chromium", "electron", "deno", "libv8", "libnode", "code"),
    *("brave", "msedge", "vivaldi", "opera"),
)
CAGE = 4 * GIB  # what compressed pointers of V8 reach
WASM_GUARD = 2 * GIB  # V8 sets aside so much behind the memory of WebAssembly
SUPER_PAGE, PARTITION_START, PAGE = 2 * MIB, 16 * KIB, 4 * KIB


def flagged_v8(layout: Layout, i: int) -> str | None:
    """Match pages of V8 by their flags in a program that is known to run V8."""
    if layout.start[i] % V8_PAGE or not _has_v8_flags(layout, i):
        return None
    return "" if layout.runs(*V8) else None


def v8_heap(layout: Layout, i: int) -> str | None:
    """Match pages of V8: by their flags alone, or alone in a program that runs V8."""
    if layout.start[i] % V8_PAGE or not is_plain(layout, i):
        return None
    if layout.flags[i] is not None:
        return "" if _has_v8_flags(layout, i) and not layout.runs("qemu-") else None
    below = layout.end[i - 1] if i else 0
    is_alone = layout.start[i] - below >= V8_PAGE
    return "" if is_alone and layout.runs(*V8) else None


def _has_v8_flags(layout: Layout, i: int) -> bool:
    """Tell whether fork does not copy memory that was mapped without reserving swap."""
    flags = layout.flags[i]
    if flags is None or "dc" not in flags or "nr" not in flags:
        return False
    return is_plain(layout, i) and not _is_web_assembly(layout, i)


def _is_web_assembly(layout: Layout, i: int) -> bool:
    """Tell whether gigabytes are set aside behind a region."""
    is_followed = layout.touches(i + 1) and layout.is_closed(i + 1)
    return is_followed and layout.size(i + 1) >= WASM_GUARD


def caged_v8(layout: Layout, i: int) -> str | None:
    """Match V8's memory where its pointers are compressed: in 4 GiB set aside."""
    return "" if i in layout.rows(find_cages) else None


def find_cages(layout: Layout) -> set[int]:
    """Return the regions in the memory that V8 sets aside for its heap."""
    found: set[int] = set()
    if not layout.runs(*V8):
        return found
    i, count = 0, len(layout.start)
    while i < count:
        end = i
        while layout.touches(end + 1) and _is_loose(layout, end + 1):
            end += 1
        if _is_loose(layout, i) and layout.end[end] - layout.start[i] >= CAGE:
            found |= _find_caged(layout, i, end + 1)
        i = end + 1
    return found


def _is_loose(layout: Layout, i: int) -> bool:
    return layout.kind[i] in (OPEN, CLOSED)


def _find_caged(layout: Layout, first: int, stop: int) -> set[int]:
    """Return the memory of a chain in the 4 GiB from where V8's begins.

    Objects that are only read come first there.
    """
    base = None
    found = set()
    for i in range(first, stop):
        start = layout.start[i]
        if not _may_be_caged(layout, i):
            continue
        if base is None and not start % CAGE and layout.perm[i] == READ | PRIVATE:
            base = start
        if base is not None and start < base + CAGE and is_plain(layout, i):
            found.add(i)
    return found


def _may_be_caged(layout: Layout, i: int) -> bool:
    flags = layout.flags[i]
    is_v8 = flags is None or ("nr" in flags and "ac" not in flags)
    return is_v8 and layout.kind[i] == OPEN


def partition(layout: Layout, i: int) -> str | None:
    """Match the payload of a super page: 16 KiB behind a boundary of 2 MiB, guarded.

    It may be several regions.  Memory that is larger than a super page has one of its
    own, with the page below that notes what is in it.
    """
    return "" if i in layout.rows(find_partitions) else None


def find_partitions(layout: Layout) -> set[int]:
    """Return the regions that are payload of PartitionAlloc's super pages."""
    found: set[int] = set()
    for first in layout.aligned(SUPER_PAGE, PARTITION_START):
        stop = first
        while layout.touches(stop) and is_plain(layout, stop) and stop - first < PIECES:
            stop += 1
        if stop > first and _is_payload(layout, first, stop):
            found.update(range(first, stop))
    return found


def _is_payload(layout: Layout, first: int, stop: int) -> bool:
    """Tell whether regions lie between guards as the payload of a super page does."""
    if not layout.touches(stop) or not layout.is_closed(stop):
        return False
    start, end = layout.start[first], layout.end[stop - 1]
    boundary = -(-end // SUPER_PAGE) * SUPER_PAGE
    if not layout.is_closed(first - 1) or layout.end[stop] < boundary:
        return False
    if _has_notes(layout, first):
        return True
    size = end - start
    return PARTITION_START <= size < SUPER_PAGE and not size % PARTITION_START


def _has_notes(layout: Layout, i: int) -> bool:
    """Tell whether a page lies below a payload, with a guard on both sides."""
    if i < 3 or not all(layout.touches(k) for k in (i, i - 1, i - 2)):
        return False
    is_page = is_plain(layout, i - 2) and layout.size(i - 2) == PAGE
    return (
        is_page
        and layout.size(i - 1) == PAGE
        and layout.is_closed(i - 3)
        and layout.start[i - 2] % SUPER_PAGE == 2 * PAGE
    )
