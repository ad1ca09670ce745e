"""Tests for stacks and guards, for the rules of owners.

Each test returns the label of the owner, or None if the region does not match.

    7f55ffe6a000 ---p   guard       VmFlags nh: MAP_STACK, since Linux 6.7
    7f55ffe6b000 rw-p   the stack   VmFlags nh
    7f93f9c00000 rw-p   stacks of glibc 2.42 and later: their guards are no regions, so
                        they merge; VmFlags gu nh
"""

from __future__ import annotations

from memc.owners.kinds import ACCESS, EXEC, OPEN, PRIVATE, RW_PRIVATE, WRITE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.owners.layout import Layout

KIB, MIB = 1 << 10, 1 << 20
GUARD_MAX = 64 * KIB  # one page of aarch64 or ppc64
STACK_MIN, STACK_MAX = 64 * KIB, 256 * MIB
FLAGGED_MIN = 16 * KIB  # PTHREAD_STACK_MIN
ROUND, ROUND_MAX = MIB, 64 << 30  # of stacks whose size someone chose
# Memory in which stacks alone lie has a pointer this often, and one at its top.
STEP_MAX, TOP_MAX = 16 * MIB, 2 * MIB
CACHED_MAX = 40 * MIB  # glibc keeps stacks of ended threads up to this sum


def _may_be_stack(layout: Layout, i: int) -> bool:
    """Tell whether memory may be read and written, and is executable as stacks are."""
    if layout.kind[i] != OPEN:
        return False
    perm = layout.perm[i]
    if perm == RW_PRIVATE:
        return True
    return perm == RW_PRIVATE | EXEC and layout.recall(
        "exec", lambda: _has_exec_stack(layout)
    )


def _has_exec_stack(layout: Layout) -> bool:
    """Tell whether the main stack is executable: then all are, else none is."""
    stack = layout.first("[stack]")
    return stack is None or bool(layout.perm[stack] & EXEC)


def is_guarded(layout: Layout, i: int) -> bool:
    """Tell whether a few closed pages lie right below a region."""
    if not layout.touches(i) or not layout.is_closed(i - 1):
        return False
    return layout.size(i - 1) <= GUARD_MAX


def pointed_stack(layout: Layout, i: int) -> str | None:
    """Match memory that stack pointers point into, if it holds little else."""
    tids = layout.tids.get(i)
    if tids is None or not layout.perm[i] & WRITE:
        return None
    return " ".join(map(str, tids)) if _holds_stacks(layout, i) else None


def _holds_stacks(layout: Layout, i: int) -> bool:
    """Tell whether the stacks whose pointers lie in a region fill the region.

    Programs cut stacks from pools, which hold other data too.
    """
    if layout.has_flag(i, "nh") and (layout.has_flag(i, "gu") or is_guarded(layout, i)):
        return True
    if layout.size(i) <= STEP_MAX:
        return True
    start, end = layout.start[i], layout.end[i]
    places = [start, *(p for p in layout.pointers if start <= p < end)]
    if is_guarded(layout, i) and len(places) == 2:
        return bool((end - places[1]) * 2 <= max(layout.size(i), STEP_MAX))
    is_full = all(p - places[k] <= STEP_MAX for k, p in enumerate(places[1:]))
    return is_full and end - places[-1] <= TOP_MAX


def flagged_stack(layout: Layout, i: int) -> str | None:
    """Match a stack by the flag "nh" (MAP_STACK) and by its guard."""
    return "" if _is_flagged_stack(layout, i) else None


def _is_flagged_stack(layout: Layout, i: int) -> bool:
    if not layout.has_flag(i, "nh") or i in layout.tids or not layout.touches(i):
        return False
    if layout.size(i) < FLAGGED_MIN or not layout.is_closed(i - 1):
        return False
    if not _may_be_stack(layout, i):
        return False
    return layout.has_flag(i - 1, "nh") or is_guarded(layout, i)


def guarded_stack(layout: Layout, i: int) -> str | None:
    """Match stacks with guard regions in them: flags "gu" and "nh" (MAP_STACK)."""
    return "" if _has_guards_inside(layout, i) else None


def _has_guards_inside(layout: Layout, i: int) -> bool:
    if not layout.has_flag(i, "gu") or not layout.has_flag(i, "nh"):
        return False
    return i not in layout.tids and _may_be_stack(layout, i)


def unguarded_stack(layout: Layout, i: int) -> str | None:
    """Match memory as glibc 2.42 maps stacks, on kernels that do not print "gu"."""
    flags = layout.flags[i]
    if flags is None or "nh" not in flags or "nr" not in flags or "ac" in flags:
        return None
    if layout.single or i in layout.tids or layout.runs("libjemalloc"):
        return None
    is_stack = _may_be_stack(layout, i) and layout.size(i) >= STACK_MIN
    return "" if is_stack and not layout.has_flag(i, "dc") else None


def stack(layout: Layout, i: int) -> str | None:
    """Match a stack by its guard.

    Nothing matches in a process that is known to have one thread.  If VmFlags mark
    other stacks, `flagged_stack` matches stacks.
    """
    return "" if not layout.single and _is_stack(layout, i) else None


def _is_stack(layout: Layout, i: int) -> bool:
    if layout.flags[i] is not None and layout.has_stack_guards:
        return False
    if i in layout.tids or layout.size(i) < STACK_MIN or not _may_be_stack(layout, i):
        return False
    if not is_guarded(layout, i):
        return False
    return layout.size(i) <= STACK_MAX or _is_round(layout, i)


def _is_round(layout: Layout, i: int) -> bool:
    """Tell whether a large region has the size of several stacks, a round one."""
    sizes = layout.recall("large", lambda: _find_large(layout))
    whole = layout.size(i) + layout.size(i - 1)
    is_round = not layout.size(i) % ROUND or not whole % ROUND
    return is_round and sizes.count(layout.size(i)) > 1


def _find_large(layout: Layout) -> list[int]:
    """Return the sizes of large regions above a guard."""
    sizes = map(layout.size, range(len(layout.start)))
    large = [i for i, size in enumerate(sizes) if STACK_MAX < size <= ROUND_MAX]
    return [layout.size(i) for i in large if is_guarded(layout, i)]


def fiber(layout: Layout, i: int) -> str | None:
    """Match a stack that no thread uses, where there are far more stacks than threads.

    glibc keeps the stacks of a few threads that have ended.
    """
    return "" if i in find_fibers(layout) else None


def coroutine(layout: Layout, i: int) -> str | None:
    """Match the stack of a coroutine of qemu: 1 MiB that no thread uses."""
    if layout.size(i) != MIB or not is_guarded(layout, i) or layout.has_flag(i, "nh"):
        return None
    is_qemu = _may_be_stack(layout, i) and layout.runs("qemu-system")
    return "" if is_qemu and i not in layout.tids else None


def find_fibers(layout: Layout) -> set[int]:
    """Return the regions that are stacks of no thread, as far as that is known."""
    return layout.recall("fibers", lambda: _find_fibers(layout))


def _find_fibers(layout: Layout) -> set[int]:
    threads = len(layout.threads or ())
    if not threads:
        return set()
    guarded = layout.above_closed()
    if len(guarded) < threads:
        return set()
    found = {i for i in guarded if _is_flagged_stack(layout, i) or _is_stack(layout, i)}
    placed = sum(len(t) for i, t in layout.tids.items() if layout.kind[i] == OPEN)
    others = max(threads - 1 - placed, 0)  # threads whose stacks are not known
    spare = len(found) - others
    size = sum(sorted(map(layout.size, found))[: max(spare, 0)])
    is_many = size > CACHED_MAX or spare > 2 * max(threads, 4)
    return found if spare > others and is_many else set()


def flagged_guard(layout: Layout, i: int) -> str | None:
    """Match the guard of a stack: both have the flag "nh" (MAP_STACK)."""
    if not layout.is_closed(i) or not layout.has_flag(i, "nh"):
        return None
    is_below = layout.touches(i + 1) and layout.has_flag(i + 1, "nh")
    return "" if is_below and layout.perm[i + 1] & ACCESS else None


def guard(layout: Layout, i: int) -> str | None:
    """Match a few pages without access right below memory with access."""
    if not layout.is_closed(i) or layout.size(i) > GUARD_MAX or layout.holds(i):
        return None
    is_below = layout.touches(i + 1) and layout.perm[i + 1] & ACCESS != 0
    return "" if is_below else None


def shadow_stack(layout: Layout, i: int) -> str | None:
    """Match the return addresses that the processor keeps: VmFlags "ss"."""
    is_private = layout.perm[i] & PRIVATE
    return layout.name[i] if is_private and layout.has_flag(i, "ss") else None
