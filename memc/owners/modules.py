"""Tests for the parts of programs and libraries, for the rules of owners.

Each test returns the label of the owner, or None if the region does not match.

    7f5601696000 r-xp   libc.so.6   text
    7f56017ec000 r--p   libc.so.6   rodata
    7f560183f000 r--p   libc.so.6   relro: data, later closed to writing, VmFlags ac
    7f5601843000 rw-p   libc.so.6   data
    7f5601845000 rw-p               bss
"""

from __future__ import annotations

from memc.owners.heaps import find_go
from memc.owners.kinds import (
    ACCESS,
    EXEC,
    LIBRARY,
    NAMED,
    NAMED_BSS,
    PRIVATE,
    PROGRAM,
    READ,
    WRITE,
    bare_name,
    file_around,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from memc.owners.layout import Layout

HUGE_PAGE = 2 << 20
MUCH = 32 << 20  # more than heaps usually take between two libraries
# jemalloc 5 has the root of its tree of pages there: 2 MiB (rtree_s in rtree.h).
TREE_OWNER, TREE_SIZE = "libjemalloc", 2 << 20


def module_data(layout: Layout, i: int) -> str | None:
    """Match the writable private part of a program or library."""
    perm = layout.perm[i]
    return layout.file(i) if perm & WRITE and perm & PRIVATE else None


def flagged_relro(layout: Layout, i: int) -> str | None:
    """Match read-only data with the flag "ac" (accounted): it was writable once.

    A loader that opens all of a file to writing writes to some parts only.
    """
    if layout.perm[i] != READ | PRIVATE or not layout.has_flag(i, "ac"):
        return None
    return None if _is_clean(layout, i) else layout.file(i)


def relro(layout: Layout, i: int) -> str | None:
    """Match read-only data that was written, or whose place is that of relro.

    This is for tables without VmFlags.
    """
    if layout.perm[i] != READ | PRIVATE or layout.flags[i] is not None:
        return None
    if _is_clean(layout, i) or (not layout.has_library and find_go(layout)):
        return None  # Go's own linker makes none
    is_relro = _is_written_alone(layout, i) or _is_before_data(layout, i)
    return layout.file(i) if is_relro else None


def unsure_rodata(layout: Layout, i: int) -> str | None:
    """Match what may be relro: data follow, and the offset that shows it is lost."""
    if layout.offset is not None or layout.flags[i] is not None:
        return None
    if layout.perm[i] != READ | PRIVATE or _is_clean(layout, i):
        return None
    is_beside = _is_part(layout, i + 1, i) and layout.perm[i + 1] & WRITE
    return layout.file(i) if is_beside else None


def _is_written_alone(layout: Layout, i: int) -> bool:
    """Tell whether a part was written that is not the first, but no code of its file.

    All pages of a file that was just made are dirty.
    """
    if not layout.dirty_kb(i):
        return False
    first, dirty = layout.recall("files", lambda: _find_files(layout))
    name = layout.name_ids[i]
    return first[name] != i and name not in dirty


def _find_files(layout: Layout) -> tuple[dict[int, int], set[int]]:
    """Return the first region of each name, and the names whose code was written."""
    first: dict[int, int] = {}
    dirty: set[int] = set()
    for i, name in enumerate(layout.name_ids):
        first.setdefault(name, i)
        if layout.perm[i] & EXEC and layout.dirty_kb(i):
            dirty.add(name)
    return first, dirty


def _is_before_data(layout: Layout, i: int) -> bool:
    """Tell whether a read-only part is the second one, or beside the data.

    The kernel merges what is mapped alike, so a second read-only part had another past
    than the first.  Behind data nothing but data was mapped, for Android in particular.
    """
    has_part_below = _is_part(layout, i - 1, i)
    if has_part_below and layout.perm[i - 1] & ~WRITE == READ | PRIVATE:
        return True
    if has_part_below and _is_packed(layout, i):
        return True
    if not _is_part(layout, i + 1, i) or not layout.perm[i + 1] & WRITE:
        return False
    if layout.offset is not None:
        return bool(layout.offset[i] + layout.size(i) == layout.offset[i + 1])
    if not has_part_below:
        return _is_behind_code(layout, i)
    # Old linkers put the rodata into the text, and a hole behind it.
    is_hole = not layout.perm[i - 1] & ACCESS
    return is_hole or (layout.perm[i - 1] & EXEC != 0 and _begins_with_code(layout, i))


def _is_packed(layout: Layout, i: int) -> bool:
    """Tell whether a part behind the code shares its last page of the file.

    LLVM's linker packs files so, and puts the rodata before the code.
    """
    if layout.offset is None or not layout.perm[i - 1] & EXEC:
        return False
    return bool(layout.offset[i] < layout.offset[i - 1] + layout.size(i - 1))


def _is_behind_code(layout: Layout, i: int) -> bool:
    """Tell whether a file begins with code, somewhere below: so old linkers made it."""
    first = layout.recall("files", lambda: _find_files(layout))[0][layout.name_ids[i]]
    return first < i and layout.perm[first] & EXEC != 0


def _is_clean(layout: Layout, i: int) -> bool:
    """Tell whether what is resident of a region was never written, if that is known."""
    if not layout.amount(i, "rss_kb") or layout.dirty_kb(i) != 0:
        return False
    return not layout.amount(i, "swap_kb")


def _is_part(layout: Layout, i: int, of: int) -> bool:
    """Tell whether the region beside another one is of the same file."""
    if not layout.touches(max(i, of)):
        return False
    return bool(layout.name_ids[i] == layout.name_ids[of])


def _begins_with_code(layout: Layout, i: int) -> bool:
    """Tell whether the first part of a file holds code; new linkers begin without."""
    while _is_part(layout, i - 1, i):
        i -= 1
    return bool(layout.perm[i] & EXEC)


DATA = (module_data, flagged_relro, relro)  # what a bss follows


def bss_of(kind: int) -> Callable[[Layout, int], str | None]:
    """Make a test for memory right after the data of a program or library.

    The kernel merges memory that is mapped there later with the bss of a library.  A
    region that is larger than the library is called its bss only if its place shows
    that the linker reserved memory for a large bss.
    """

    def test(layout: Layout, i: int) -> str | None:
        if layout.kind[i - 1] != kind or not layout.touches(i):
            return None
        if not layout.perm[i] & WRITE or layout.perm[i] & EXEC:
            return None
        if not any(test(layout, i - 1) for test in DATA):
            return None
        if kind == PROGRAM or layout.size(i) <= _size_of_file(layout, i - 1):
            return layout.file(i - 1)
        is_large = _has_room(layout, i) or _has_tree(layout, i)
        return layout.file(i - 1) if is_large else None

    return test


program_bss, library_bss = bss_of(PROGRAM), bss_of(LIBRARY)


def _has_room(layout: Layout, i: int) -> bool:
    """Tell whether the linker reserved memory for a large bss.

    It did if the next library begins right above much memory.  Linux 6.7 and later put
    what has at least 2 MiB at a multiple of 2 MiB; a library whose file has less needs
    more memory than its file.
    """
    if layout.touches(i + 1) and layout.kind[i + 1] == LIBRARY:
        return layout.size(i) >= MUCH
    size = _size_of_file(layout, i - 1)
    return size < HUGE_PAGE and not (layout.end[i - 1] - size) % HUGE_PAGE


def _has_tree(layout: Layout, i: int) -> bool:
    """Tell whether memory is the bss of jemalloc, and little more."""
    is_owner = bare_name(layout.file(i - 1)).lower().startswith(TREE_OWNER)
    return is_owner and TREE_SIZE <= layout.size(i) < TREE_SIZE * 3 // 2


def _size_of_file(layout: Layout, i: int) -> int:
    """Return how many bytes the adjacent mappings of one file up to `i` have."""
    first = i
    while layout.touches(first) and layout.name_ids[first - 1] == layout.name_ids[i]:
        first -= 1
    return layout.end[i] - layout.start[first]


def named_bss(kind: int) -> Callable[[Layout, int], str | None]:
    """Make a test for the name that Android's linker gives to bss.

    If no program or library lies right before the region, it is a library's bss with
    an unknown file.
    """

    def test(layout: Layout, i: int) -> str | None:
        if layout.name[i] != NAMED_BSS:
            return None
        is_behind = layout.touches(i) and layout.kind[i - 1] in (LIBRARY, PROGRAM)
        if not is_behind:
            return "" if kind == LIBRARY else None
        return layout.file(i - 1) if layout.kind[i - 1] == kind else None

    return test


named_program_bss, named_library_bss = named_bss(PROGRAM), named_bss(LIBRARY)


def moved_text(kind: int) -> Callable[[Layout, int], str | None]:
    """Make a test for code between two parts of one program or library."""

    def test(layout: Layout, i: int) -> str | None:
        perm = layout.perm[i]
        if not perm & EXEC or perm & WRITE or not perm & PRIVATE:
            return None
        if layout.kind[i] == NAMED and "jit" in layout.name[i].lower():
            return None
        name = file_around(layout, i)
        if name is None or layout.kind[layout.first(name) or 0] != kind:
            return None
        return name

    return test


program_moved, library_moved = moved_text(PROGRAM), moved_text(LIBRARY)
