"""Tests that go by the place and shape of a region, for the rules of owners.

Each test returns the label of the owner, or None if the region does not match.

    7f55e8000000 rw-p   glibc arena: 64 MiB aligned (HEAP_MAX_SIZE in malloc/arena.c)
    7f55e8094000 ---p   ... its unopened end, up to the next 64 MiB
    7f55ffe6a000 ---p   guard       VmFlags nh: MAP_STACK, since Linux 6.7
    7f55ffe6b000 rw-p   the stack   VmFlags nh
    7f560183f000 r--p   libc.so.6   relro: data, later closed to writing, VmFlags ac
    7f5601843000 rw-p   libc.so.6   data
    7f5601845000 rw-p               bss
"""

from __future__ import annotations

from memc.owners.layout import (
    ACCESS,
    EXEC,
    LIBRARY,
    OPEN,
    PRIVATE,
    PROGRAM,
    READ,
    RW_PRIVATE,
    WRITE,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from memc.owners.layout import Layout

MIB = 1 << 20
ARENA, ARENA_32 = 64 * MIB, MIB
GUARD_MAX = 64 * 1024  # one page of aarch64 or ppc64
STACK_MIN, STACK_MAX = 64 * 1024, 256 * MIB
# The addresses that Go asks for first (mallocinit() in runtime/malloc.go).
GO_START, GO_END = 0xC0_0000_0000, 0xE0_0000_0000
# Compressed pointers reach 32 GiB; a class space may follow.
JAVA_END, JAVA_MIN = 36 << 30, MIB


def anything(layout: Layout, i: int) -> str | None:
    """Match every region."""
    return layout.file(i)


def with_perm(bit: int) -> Callable[[Layout, int], str | None]:
    """Make a test for a permission."""
    return lambda layout, i: layout.file(i) if layout.perm[i] & bit else None


def loose_code(layout: Layout, i: int) -> str | None:
    """Match executable memory that belongs to no file."""
    return layout.name[i] if layout.perm[i] & EXEC else None


def closed(*, held: bool) -> Callable[[Layout, int], str | None]:
    """Make a test for memory without access, which holds pages or holds none."""

    def test(layout: Layout, i: int) -> str | None:
        is_closed = not layout.perm[i] & ACCESS
        return "" if is_closed and layout.held[i] == held else None

    return test


def closed_file(layout: Layout, i: int) -> str | None:
    """Match the gaps without access that a loader left between parts of a file."""
    return None if layout.perm[i] & ACCESS else layout.file(i)


# Programs and libraries.


def module_data(layout: Layout, i: int) -> str | None:
    """Match the writable private part of a program or library."""
    perm = layout.perm[i]
    return layout.file(i) if perm & WRITE and perm & PRIVATE else None


def flagged_relro(layout: Layout, i: int) -> str | None:
    """Match read-only data with the flag "ac" (accounted): it was writable once."""
    is_read = layout.perm[i] == READ | PRIVATE
    return layout.file(i) if is_read and layout.has_flag(i, "ac") else None


def relro(layout: Layout, i: int) -> str | None:
    """Match read-only data that writable data follows, in memory and in the file.

    This is for tables without VmFlags.
    """
    if layout.perm[i] != READ | PRIVATE or layout.flags[i] is not None:
        return None
    if not layout.touches(i + 1) or layout.name[i + 1] != layout.name[i]:
        return None
    goes_on = layout.offset[i] + layout.size(i) == layout.offset[i + 1]
    return layout.file(i) if goes_on and layout.perm[i + 1] & WRITE else None


def bss_of(kind: str) -> Callable[[Layout, int], str | None]:
    """Make a test for memory right after the data of a program or library.

    The kernel merges memory that is mapped there later with the bss of a library.  A
    region that is larger than the library is therefore not called its bss.
    """

    def test(layout: Layout, i: int) -> str | None:
        if not layout.touches(i) or layout.kind[i - 1] != kind:
            return None
        if not layout.perm[i] & WRITE:
            return None
        if not (module_data(layout, i - 1) or flagged_relro(layout, i - 1)):
            return None
        is_small = kind == PROGRAM or layout.size(i) <= _size_of_file(layout, i - 1)
        return layout.file(i - 1) if is_small else None

    return test


def _size_of_file(layout: Layout, i: int) -> int:
    """Return how many bytes the adjacent mappings of one file up to `i` have."""
    first = i
    while layout.touches(first) and layout.name_ids[first - 1] == layout.name_ids[i]:
        first -= 1
    return layout.end[i] - layout.start[first]


def named_bss(kind: str) -> Callable[[Layout, int], str | None]:
    """Make a test for the name that Android's linker gives to bss.

    If no program or library lies right before the region, it is a library's bss with
    an unknown file.
    """

    def test(layout: Layout, i: int) -> str | None:
        if layout.name[i] != "[anon:.bss]":
            return None
        is_behind = layout.touches(i) and layout.kind[i - 1] in (LIBRARY, PROGRAM)
        if not is_behind:
            return "" if kind == LIBRARY else None
        return layout.file(i - 1) if layout.kind[i - 1] == kind else None

    return test


# Heaps.


def arena(layout: Layout, i: int) -> str | None:
    """Match a heap of glibc by its alignment and its end.

    If VmFlags are known and some region has "nr", a heap would have "nr" too:
    `flagged_arena` matches heaps then.
    """
    if layout.has_noreserve and layout.flags[i] is not None:
        return None
    return "" if _is_arena(layout, i) else None


def flagged_arena(layout: Layout, i: int) -> str | None:
    """Match a heap that was reserved and then opened: flag "nr", and no "ac"."""
    if not layout.has_flag(i, "nr") or layout.has_flag(i, "ac"):
        return None
    return "" if _is_arena(layout, i) else None


def _is_arena(layout: Layout, i: int) -> bool:
    """Tell whether a region, with its unopened end, goes from boundary to boundary."""
    size = ARENA if layout.end[-1] > 1 << 32 else ARENA_32
    if layout.start[i] % size or layout.perm[i] != RW_PRIVATE:
        return False
    if layout.kind[i] != OPEN:
        return False
    boundary = -(-layout.end[i] // size) * size
    if layout.end[i] == boundary:
        return layout.size(i) == size == ARENA
    if not layout.touches(i + 1) or not layout.is_closed(i + 1):
        return False
    return layout.end[i + 1] == boundary


def arena_tail(layout: Layout, i: int) -> str | None:
    """Match the part of a heap that glibc has not opened yet."""
    if not layout.is_closed(i) or not layout.touches(i):
        return None
    is_tail = arena(layout, i - 1) is not None
    return "" if is_tail or flagged_arena(layout, i - 1) is not None else None


def go_heap(layout: Layout, i: int) -> str | None:
    """Match Go's heap by its address; it must be writable, not only reserved."""
    is_there = GO_START <= layout.start[i] < GO_END
    return "" if is_there and layout.perm[i] & WRITE else None


def java_heap(layout: Layout, i: int) -> str | None:
    """Match Java's heap by its low address, in a process that has libjvm."""
    if layout.end[i] > JAVA_END or not layout.perm[i] & WRITE:
        return None
    is_large = layout.size(i) >= JAVA_MIN
    return "" if is_large and _has_jvm(layout) else None


def _has_jvm(layout: Layout) -> bool:
    return any(name.endswith("/libjvm.so") for name in layout.code)


# Stacks.


def pointed_stack(layout: Layout, i: int) -> str | None:
    """Match memory that the stack pointer of a thread points into."""
    tids = layout.tids.get(i)
    if tids is None or not layout.perm[i] & WRITE:
        return None
    return " ".join(map(str, tids))


def flagged_stack(layout: Layout, i: int) -> str | None:
    """Match a stack by the flag "nh" (MAP_STACK) and by its guard."""
    return "" if layout.has_flag(i, "nh") and _is_stack(layout, i) else None


def stack(layout: Layout, i: int) -> str | None:
    """Match a stack by its guard.

    Nothing matches in a process that is known to have one thread.  If VmFlags mark
    other stacks, `flagged_stack` matches stacks.
    """
    if layout.single or (layout.flags[i] is not None and layout.has_stack_guards):
        return None
    return "" if _is_stack(layout, i) else None


def _is_stack(layout: Layout, i: int) -> bool:
    if layout.perm[i] != RW_PRIVATE or not layout.touches(i):
        return False
    is_guarded = layout.is_closed(i - 1) and layout.size(i - 1) <= GUARD_MAX
    return is_guarded and STACK_MIN <= layout.size(i) <= STACK_MAX


def flagged_guard(layout: Layout, i: int) -> str | None:
    """Match the guard of a stack: both have the flag "nh" (MAP_STACK)."""
    if not layout.is_closed(i) or not layout.has_flag(i, "nh"):
        return None
    is_below = layout.touches(i + 1) and layout.has_flag(i + 1, "nh")
    return "" if is_below and layout.perm[i + 1] & ACCESS else None


def guard(layout: Layout, i: int) -> str | None:
    """Match a few pages without access right below memory with access."""
    if not layout.is_closed(i) or layout.size(i) > GUARD_MAX or layout.held[i]:
        return None
    is_below = layout.touches(i + 1) and layout.perm[i + 1] & ACCESS != 0
    return "" if is_below else None
