"""A test for the arenas of CPython, for the rules of owners.

CPython 3.10 and later maps 1 MiB at a time, and cuts each into pools that begin at
16 KiB.  Where an arena does not begin at 16 KiB, that much of it stays untouched:

    7f9c2727a000 rw-p   4 MiB, and 4 times 1008 KiB of it are resident
"""

from __future__ import annotations

from memc.owners.heaps import is_plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.owners.layout import Layout

KIB = 1 << 10
ARENA, POOL = 1 << 20, 16 << 10
PYTHON = ("python", "libpython")
LOST_KB = 1024 + 32 * 12  # in the newest arena, and in a pool of each size
ROUGH_KB = 64  # pools that are not full, in one region


def arena(layout: Layout, i: int) -> str | None:
    """Match the arenas of CPython by their sizes and by what is resident of them."""
    return "" if i in layout.rows(find_arenas) else None


def find_arenas(layout: Layout) -> set[int]:
    """Return the regions that are arenas, as far as some prove that there are any.

    Memory that begins at 16 KiB proves nothing, and neither does what is not full: of
    both together, the smallest first, there may be no more than of what is proven.
    """
    if not layout.runs(*PYTHON):
        return set()
    missing = _find_missing(layout)
    proven = {i for i, kb in missing.items() if not kb and _is_telling(layout, i)}
    rough = {i for i, kb in missing.items() if kb <= ROUGH_KB} - proven
    other = missing.keys() - proven
    is_newest = sum(missing[i] for i in other - rough) <= LOST_KB
    most = sum(map(layout.size, proven))
    more = sorted(other if is_newest else rough)
    for i in sorted(more, key=layout.size):
        most -= layout.size(i)
        if most < 0:
            break
        proven.add(i)
    return proven


def _find_missing(layout: Layout) -> dict[int, int]:
    """Return how much of its pools is not in memory, in kB, for what may be arenas."""
    found = {}
    spans = zip(layout.start, layout.end, _find_held(layout), strict=False)
    rows = [(i, *x) for i, x in enumerate(spans) if not (x[1] - x[0]) % ARENA]
    for i, start, end, kb in rows:
        missing = (end - start) // KIB - kb
        if start % POOL and _is_telling(layout, i):
            missing -= (end - start) // ARENA * POOL // KIB
        if 0 <= missing < ARENA // KIB and kb and _may_be_arena(layout, i):
            found[i] = missing
    return found


def _find_held(layout: Layout) -> list[int]:
    """Return how much of each region is in memory or swapped, none if not known."""
    columns = layout.table.columns
    rss, swap = columns.get("rss_kb"), columns.get("swap_kb")
    held = [] if rss is None else rss.values.tolist()
    if swap is not None and any(swap.values):
        held = [a + b for a, b in zip(held, swap.values, strict=True)]
    return held


def _is_telling(layout: Layout, i: int) -> bool:
    """Tell whether arenas that begin here have memory that stays untouched.

    Huge pages hold what was never touched, too.
    """
    return layout.start[i] % POOL != 0 and i not in layout.rows(_find_huge)


def _find_huge(layout: Layout) -> set[int]:
    huge = layout.table.columns.get("anon_huge_pages_kb")
    return set() if huge is None else {i for i, kb in enumerate(huge.values) if kb}


def _may_be_arena(layout: Layout, i: int) -> bool:
    flags = layout.flags[i] or ()
    is_other = "nr" in flags or "nh" in flags or "dc" in flags
    return is_plain(layout, i) and not is_other
