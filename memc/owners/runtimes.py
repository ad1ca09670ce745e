"""Tests for the heaps of runtimes and of other allocators, for the rules of owners.

Each test returns the label of the owner, or None if the region does not match.
"""

from __future__ import annotations

from memc.owners.chromium import V8
from memc.owners.cpython import PYTHON
from memc.owners.heaps import arena, is_plain
from memc.owners.kinds import EXEC, OPEN, PRIVATE, WRITE
from memc.owners.stacks import is_guarded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.owners.layout import Layout

MIB, GIB, TIB = 1 << 20, 1 << 30, 1 << 40
# Compressed pointers reach 32 GiB; classes may follow.
JAVA_END, JAVA_CLASSES, JAVA_MIN, JAVA_LARGE = 32 * GIB, 36 * GIB, MIB, 8 * MIB
LARGE = 64 * MIB  # few stacks are so large
JAVA = ("libjvm.so", "libj9vm")
JEMALLOC = ("libjemalloc", "redis-server")
PHP = ("php", "libphp")
CHUNK = EXTENT = 2 * MIB
EXTENT_START = MIB
MIMALLOC_STEP, MIMALLOC_START, MIMALLOC_END = 32 * MIB, 2 * TIB, 30 * TIB
BOTH = EXEC | WRITE
MIXED_MIN = 16 * MIB  # more code than compilers at run time usually make
COMPILERS = (*JAVA, "libcoreclr.so", "libclrjit.so", "qemu-", *V8)


# Java


def _has_jvm(layout: Layout) -> bool:
    return layout.runs(*JAVA)


def java_heap(layout: Layout, i: int) -> str | None:
    """Match Java's heap by its low address, in a 64-bit process that has libjvm."""
    if layout.end[i] > JAVA_END or layout.is_32 or not is_plain(layout, i):
        return None
    return "" if layout.size(i) >= JAVA_MIN and _has_jvm(layout) else None


def java_classes(layout: Layout, i: int) -> str | None:
    """Match what Java has right above the reach of compressed pointers: its classes."""
    is_there = layout.start[i] >= JAVA_END and layout.end[i] <= JAVA_CLASSES
    if not is_there or not is_plain(layout, i):
        return None
    return "" if _has_jvm(layout) else None


def large_java_heap(layout: Layout, i: int) -> str | None:
    """Match the largest memory of a Java process whose heap is at no low address."""
    if not is_plain(layout, i) or not _has_jvm(layout):
        return None
    return "" if i == layout.recall("java", lambda: find_java(layout)) else None


def find_java(layout: Layout) -> int | None:
    best, found = (0, 0), None
    for i in range(len(layout.start)):
        if layout.name[i].startswith("/memfd:java_heap") or java_heap(layout, i) == "":
            return None
        if not is_plain(layout, i) or layout.size(i) < JAVA_LARGE:
            continue
        if any(layout.has_flag(i, flag) for flag in ("nr", "nh")):
            continue
        if arena(layout, i) == "" or (is_guarded(layout, i) and layout.size(i) < LARGE):
            continue
        weight = (layout.amount(i, "rss_kb") or 0, _set_aside(layout, i))
        if weight > best:
            best, found = weight, i
    return found


def _set_aside(layout: Layout, i: int) -> int:
    """Return the size of memory with what is set aside right behind it."""
    is_followed = layout.touches(i + 1) and layout.is_closed(i + 1)
    return layout.size(i) + (layout.size(i + 1) if is_followed else 0)


# Other runtimes and allocators


def jemalloc(layout: Layout, i: int) -> str | None:
    """Match large memory in a process that loads libjemalloc.

    Without VmFlags only its place tells it from what else may be large.
    """
    is_large = layout.size(i) >= EXTENT and is_plain(layout, i)
    if not is_large or not layout.runs(*JEMALLOC):
        return None
    if layout.flags[i] is None and not _is_extent_place(layout, i):
        return None
    return "" if _is_reserved_first(layout, i) else None


def _is_extent_place(layout: Layout, i: int) -> bool:
    """Tell whether memory lies where jemalloc has it, and CPython maps no arenas."""
    return not layout.start[i] % EXTENT_START and not layout.runs(*PYTHON)


def mimalloc(layout: Layout, i: int) -> str | None:
    """Match memory at the addresses that mimalloc asks for."""
    start = layout.start[i]
    is_there = MIMALLOC_START <= start < MIMALLOC_END and not start % MIMALLOC_STEP
    if not is_there or not is_plain(layout, i) or layout.has_flag(i, "dc"):
        return None
    if layout.flags[i] is None and not layout.runs("libmimalloc"):
        return None
    return "" if _is_reserved_first(layout, i) else None


def zend(layout: Layout, i: int) -> str | None:
    """Match chunks and large blocks of PHP: both start at 2 MiB.

    Few pages that begin there by chance are none: a large block has 2 MiB or more.
    """
    if layout.start[i] % CHUNK or layout.size(i) < CHUNK or not is_plain(layout, i):
        return None
    if any(layout.has_flag(i, flag) for flag in ("nr", "nh", "dc")):
        return None
    return "" if layout.runs(*PHP) else None


def mixed(layout: Layout, i: int) -> str | None:
    """Match memory that may be written and executed, where there is much of it.

    Runtimes map their whole heap so.  Compilers at run time make less code.
    """
    is_mixed = layout.perm[i] & BOTH == BOTH and layout.perm[i] & PRIVATE
    return layout.name[i] if is_mixed and has_much_mixed(layout) else None


def has_much_mixed(layout: Layout) -> bool:
    """Tell whether much memory may be written and executed, for no known compiler."""
    if layout.runs(*COMPILERS):
        return False
    return layout.recall("mixed", lambda: _sum_mixed(layout)) >= MIXED_MIN


def _sum_mixed(layout: Layout) -> int:
    rows = [i for i, perm in enumerate(layout.perm) if perm & BOTH == BOTH]
    return sum(layout.size(i) for i in rows if layout.kind[i] == OPEN)


def _is_reserved_first(layout: Layout, i: int) -> bool:
    """Tell whether memory was mapped without reserving swap; true if not known."""
    flags = layout.flags[i]
    return flags is None or ("nr" in flags and "ac" not in flags)
