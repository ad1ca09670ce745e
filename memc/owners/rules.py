"""The rules that find the owner of a region: what the region is for, and why.

The first rule that matches decides.  A rule is marked as a guess if it goes only by
shape and place, because other regions may have the same.
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
import memc.owners.words as _words
from memc.owners.kinds import (
    CLOSED,
    EXEC,
    FILE,
    KERNEL,
    LIBRARY,
    NAMED,
    OBJECT,
    OPEN,
    PRIVATE,
    PROGRAM,
    SPECIAL,
)
from memc.owners.layout import Layout
from memc.owners.owner import Owner, Rule
from memc.owners.where import OF_TEXTS, WHERE, Where

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from memc.owners.layout import Mounts, Threads
    from memc.owners.where import Place
    from memc.table.region import Table

    Made: TypeAlias = dict[tuple[Rule, str], Owner]

__all__ = ["RULES", "Owner", "Rule", "owners"]

N, S, M, K = _names, _shapes, _modules, _stacks
H, R, W = _heaps, _runtimes, _words
C, P = _chromium, _cpython
FILES = (SPECIAL, LIBRARY, PROGRAM, FILE)
RULES = (
    # Names that the kernel gives.
    Rule("a page of the kernel", "kernel pages", N.kernel_page, KERNEL),
    Rule("[heap]: what brk gives", "malloc main heap", N.called("[heap]"), KERNEL),
    Rule("[stack]", "main stack", N.called("[stack]"), KERNEL),
    Rule("[stack:TID]", "thread stack", N.between("[stack:", "]"), KERNEL),
    Rule("VmFlags ht", "hugetlb", N.flagged_huge, *FILES, OPEN, CLOSED, NAMED),
    Rule("huge pages", "hugetlb", S.huge, *FILES, OPEN, CLOSED, NAMED),
    Rule("a file of hugetlbfs", "hugetlb", N.starting(*N.HUGE), SPECIAL),
    Rule("mounted as hugetlbfs", "hugetlb", N.on_hugetlbfs, FILE),
    Rule("a file of its counters", "Java memory", N.java_counters, FILE),
    Rule("mounted as tmpfs", "shared memory", N.on_tmpfs, FILE),
    Rule("where hugetlbfs is", "hugetlb", N.huge_folder, FILE, SPECIAL, guess=True),
    Rule("VmFlags ss", "shadow stack", K.shadow_stack, OPEN, NAMED),
    # Devices, and memory that the kernel shares with a process.
    Rule("a GPU's file", "GPU", N.starting(*N.GPU), SPECIAL, OBJECT),
    Rule("its file", "accelerator", N.starting(*N.ACCELERATORS), SPECIAL),
    Rule("a device's object", "device", N.starting(*N.DEVICE_OBJECTS), OBJECT),
    Rule("io_uring", "io_uring", N.starting(*N.IO_URING), OBJECT, KERNEL),
    Rule("a ring of the kernel", "kernel ring", N.starting(*N.RINGS), OBJECT, SPECIAL),
    Rule("memfd_secret", "secret memory", N.starting("/secretmem"), SPECIAL),
    # Code that no file holds.
    Rule("named for its code", "program text", W.named_text, NAMED),
    Rule("between its parts", "program text", M.program_moved, OPEN, NAMED),
    Rule("between its parts", "library text", M.library_moved, OPEN, NAMED),
    Rule("named for JIT code", "JIT code", N.jit, NAMED, SPECIAL),
    Rule("a runtime's name", "JIT code", W.runtime_code, NAMED),
    Rule("named a library", "library text", W.named_library, NAMED, guess=True),
    Rule("code in no file", "JIT code", S.loose_code, NAMED, guess=True),
    Rule("named by .NET", "JIT code", N.double_mapped(code=True), SPECIAL),
    Rule("named by .NET", "JIT data", N.double_mapped(code=False), SPECIAL),
    Rule("code in a memfd", "JIT code", N.memory_code, SPECIAL, guess=True),
    Rule("data in a memfd of code", "JIT data", N.memory_data, SPECIAL, guess=True),
    # Shared memory.
    Rule("closed and empty", "reserved", N.closed_empty, SPECIAL),
    Rule("closed, not empty", "protected memory", N.closed_held, SPECIAL),
    Rule("a file of its heap", "Java heap", N.java_file, SPECIAL, FILE),
    Rule("memfd", "shared memory", N.starting("/memfd:"), SPECIAL),
    Rule("System V", "shared memory", N.starting("/SYSV"), SPECIAL),
    Rule("POSIX", "shared memory", N.starting(N.SHM), SPECIAL),
    Rule("ashmem", "Java memory", N.starting("/dev/ashmem/dalvik-"), SPECIAL),
    Rule("Android's", "shared memory", N.starting(*N.ANDROID), SPECIAL),
    Rule("[anon_shmem:]", "shared memory", N.between("[anon_shmem:", "]"), NAMED),
    Rule("shared /dev/zero", "shared memory", N.shared_zero, SPECIAL),
    Rule("private /dev/zero", "anonymous", N.starting("/dev/zero"), SPECIAL),
    Rule("a device's file", "device", N.starting(*N.DEVICES), SPECIAL),
    Rule("VmFlags pf or io", "device", N.flagged_device, *FILES, OBJECT),
    # Names that a program gave to its memory.
    Rule("bss, named", "library bss", M.named_library_bss, NAMED),
    Rule("bss, named", "program bss", M.named_program_bss, NAMED),
    Rule("named a guard", "guard", W.guard, NAMED),
    Rule("glibc's name", "thread stack", W.named(*W.GLIBC_STACKS), NAMED),
    Rule("glibc's name", "glibc arena", W.named(" glibc: malloc arena"), NAMED),
    Rule("Android's name", "thread stack", W.named("stack_and_tls:"), NAMED),
    Rule("Go's name", "Go heap", W.named(" Go: heap", "Go: heap"), NAMED),
    Rule("Go's name", "Go runtime", W.named(" Go: ", "Go: "), NAMED),
    Rule("its name", "PartitionAlloc", W.word("partition", "alloc"), NAMED),
    Rule("its name", "jemalloc", W.named("jemalloc", "je_"), NAMED),
    Rule("its name", "mimalloc", W.named("mimalloc"), NAMED),
    Rule("an allocator's name", "malloc memory", W.named(*W.ALLOCATORS), NAMED),
    Rule("Android's name", "Java memory", W.named("dalvik-"), NAMED),
    Rule("CPython's name", "Python memory", W.named("cpython:"), NAMED),
    Rule("PHP's name", "PHP memory", W.named(*W.PHP), NAMED),
    Rule("Ruby's name", "Ruby memory", W.named("Ruby:", "ruby"), NAMED),
    Rule("V8's name", "V8 heap", W.named("v8", "V8"), NAMED),
    Rule("a runtime's name", "runtime heap", W.named(*W.RUNTIMES), NAMED),
    Rule("named a fiber's", "fiber stack", W.word("fiber", "stack"), NAMED),
    Rule("named a coroutine's", "fiber stack", W.word("coroutine", "stack"), NAMED),
    Rule("named a thread's", "thread stack", W.word("thread", "stack"), NAMED),
    Rule("a name", "named memory", W.named(""), NAMED),
    # Nameless memory, by its place and its neighbours.
    Rule("behind the data", "library bss", M.library_bss, OPEN, guess=True),
    Rule("behind the data", "program bss", M.program_bss, OPEN, guess=True),
    Rule("Go's addresses", "Go heap", H.go_heap, OPEN, guess=True),
    Rule("its addresses", "mimalloc", R.mimalloc, OPEN, guess=True),
    Rule("64 MiB aligned, VmFlags nr", "glibc arena", H.flagged_arena, OPEN),
    Rule("64 MiB aligned", "glibc arena", H.arena, OPEN, guess=True),
    Rule("the end of an arena", "reserved", H.arena_tail, CLOSED),
    Rule("VmFlags dc nr, of node", "V8 heap", C.flagged_v8, OPEN),
    Rule("its pages", "V8 heap", C.v8_heap, OPEN, guess=True),
    Rule("a stack pointer", "thread stack", K.pointed_stack, OPEN),
    Rule("more than threads", "fiber stack", K.fiber, OPEN, guess=True),
    Rule("VmFlags nh gu", "thread stack", K.guarded_stack, OPEN),
    Rule("libjvm's addresses", "Java heap", R.java_heap, OPEN, guess=True),
    Rule("above the heap", "Java memory", R.java_classes, OPEN, guess=True),
    Rule("VmFlags nh, below a stack", "guard", K.flagged_guard, CLOSED),
    Rule("VmFlags nh, above a guard", "thread stack", K.flagged_stack, OPEN),
    Rule("its super pages", "PartitionAlloc", C.partition, OPEN, guess=True),
    Rule("its 4 GiB", "V8 heap", C.caged_v8, OPEN, guess=True),
    Rule("of a coroutine", "fiber stack", K.coroutine, OPEN, guess=True),
    Rule("above a guard", "thread stack", K.stack, OPEN, guess=True),
    Rule("VmFlags nh nr", "thread stack", K.unguarded_stack, OPEN, guess=True),
    Rule("closed, below others", "guard", K.guard, CLOSED, guess=True),
    Rule("the largest, libjvm", "Java heap", R.large_java_heap, OPEN, guess=True),
    Rule("its arenas", "Python memory", P.arena, OPEN, guess=True),
    Rule("its library", "jemalloc", R.jemalloc, OPEN, guess=True),
    Rule("its chunks", "PHP memory", R.zend, OPEN, guess=True),
    Rule("much, writable", "JIT code or heap", R.mixed, OPEN, guess=True),
    Rule("code in no file", "JIT code", S.loose_code, OPEN, guess=True),
    Rule("closed and empty", "reserved", S.closed_empty, CLOSED),
    Rule("closed, not empty", "protected memory", S.closed_held, CLOSED),
    Rule("private", "anonymous", S.with_perm(PRIVATE), OPEN),
    Rule("shared", "shared memory", S.anything, OPEN),
    # Files.
    Rule("closed", "reserved", S.closed_empty, *FILES),
    Rule("closed, not empty", "protected memory", S.closed_held, *FILES),
    Rule("executable", "library text", S.with_perm(EXEC), LIBRARY),
    Rule("writable", "library data", M.module_data, LIBRARY),
    Rule("VmFlags ac", "library relro", M.flagged_relro, LIBRARY),
    Rule("in the data", "library relro", M.relro, LIBRARY, guess=True),
    Rule("before data", "library rodata", M.unsure_rodata, LIBRARY, guess=True),
    Rule("read only", "library rodata", S.with_perm(PRIVATE), LIBRARY),
    Rule("executable", "program text", S.with_perm(EXEC), PROGRAM),
    Rule("writable", "program data", M.module_data, PROGRAM),
    Rule("VmFlags ac", "program relro", M.flagged_relro, PROGRAM),
    Rule("in the data", "program relro", M.relro, PROGRAM, guess=True),
    Rule("before data", "program rodata", M.unsure_rodata, PROGRAM, guess=True),
    Rule("read only", "program rodata", S.with_perm(PRIVATE), PROGRAM),
    Rule("a file of a tmpfs", "shared memory", N.tmpfs, FILE, guess=True),
    Rule("no clean page", "shared memory", N.dirty_file, FILE, guess=True),
    Rule("any other file", "mapped file", S.anything, *FILES),
    Rule("an object of the kernel", "kernel object", N.starting(*N.OBJECTS), OBJECT),
    Rule("no rule knows it", "unknown", S.anything, KERNEL, OBJECT),
)
OF_KIND = {
    kind: tuple(rule for rule in RULES if kind in rule.kinds)
    for kind in (*FILES, OPEN, CLOSED, NAMED, KERNEL, OBJECT)
}
ORDER = {rule: number for number, rule in enumerate(RULES)}
ALONE = {
    kind: tuple(rule for rule in rules if rule.test not in WHERE)
    for kind, rules in OF_KIND.items()
}
# Rules of these that need no place do not look at the name, and the file is the label.
PARTS = (LIBRARY, PROGRAM)
UNDECIDED = Owner("", "", "", guess=False)  # closed memory: its rules have places
MADE_MAX = 256  # owners that are kept for tables with the same texts
PLACED = tuple((rule, WHERE[rule.test]) for rule in RULES if rule.test in WHERE)


def owners(
    table: Table, *, threads: Threads | None = None, mounts: Mounts | None = None
) -> tuple[Owner, ...]:
    """Return the owner of each region, in order; equal owners are one object.

    `threads` maps the threads of a live process to their stack pointers, or to None
    where the pointer could not be read.  ``memc.proc.threads.read_threads`` returns
    them.  `mounts` returns the type of the file system by device number, when a rule
    needs to know; ``memc.proc.mounts.read_mounts`` does so for a live process.

    A table that brings its owners along, such as one of a bundle, has those.
    """
    if "owner" in table.columns:
        from memc.owners.stored import stored

        found_before = stored(table)
        if found_before is not None:
            return found_before
    layout = Layout(table, threads, mounts)
    made: Made = layout.texts.recall("made", dict)
    if len(made) > MADE_MAX:
        made.clear()
    decided = layout.texts.recall("decided", lambda: Decided(layout))
    found = decided.owners.copy()
    for i, owner in _find_placed(layout, decided, made).items():
        found[i] = owner
    return tuple(found)


class Decided:
    """What the texts of a layout decide.

    `numbers` has for each look the first rule that matches without a place, `owners`
    the owner of each region by these rules, and `tries` the rules with a place that
    come before them: the place, or the regions to try if texts decide them too.
    """

    __slots__ = ("numbers", "owners", "tries")

    def __init__(self, layout: Layout) -> None:
        made: Made = {}
        alike: list[Owner] = []
        tried: dict[object, int] = {}
        last: dict[int, int] = {}  # by kind
        self.numbers: list[int] = []
        for i in layout.looks.first:
            number, label = _find_alone(layout, i, tried)
            self.numbers.append(number)
            last[layout.kind[i]] = max(number, last.get(layout.kind[i], 0))
            alike.append(
                UNDECIDED if label is None else _make(made, RULES[number], label)
            )
        self.owners = layout.looks.spread(alike)
        self.tries: list[tuple[Rule, Place | None, list[int]]] = []
        for rule, place in PLACED:
            if all(last.get(kind, 0) < ORDER[rule] for kind in rule.kinds):
                continue
            if isinstance(place, Where) and not place.of_texts(layout):
                continue
            if place not in OF_TEXTS:
                self.tries.append((rule, place, []))
            elif rows := [i for i in place(layout) if self.may_be(layout, rule, i)]:
                self.tries.append((rule, None, rows))

    def may_be(self, layout: Layout, rule: Rule, i: int) -> bool:
        """Tell whether a rule is for a region, and before the one that matches."""
        is_before = ORDER[rule] < self.numbers[layout.looks.of[i]]
        return is_before and layout.kind[i] in rule.kinds


def _find_alone(
    layout: Layout, i: int, tried: dict[object, int]
) -> tuple[int, str | None]:
    """Return the number and the label of the first rule that matches without a place.

    `tried` has the numbers by what the rules look at in parts of files.
    """
    kind = layout.kind[i]
    shape = kind, layout.perm[i], layout.flags[i]
    if kind in PARTS and shape in tried:
        return tried[shape], layout.file(i)
    for rule in ALONE[kind]:
        label = rule.test(layout, i)
        if label is not None:
            number = tried[shape] = ORDER[rule]
            return number, label
    return len(RULES), None


def _find_placed(layout: Layout, decided: Decided, made: Made) -> dict[int, Owner]:
    """Return the owners by rules that have a place and come before the others."""
    found: dict[int, Owner] = {}
    kinds, looks, numbers = layout.kind, layout.looks.of, decided.numbers
    for rule, place, rows in decided.tries:
        number, test = ORDER[rule], rule.test
        for i in rows if place is None else place(layout):
            if i in found or kinds[i] not in rule.kinds or numbers[looks[i]] < number:
                continue
            label = test(layout, i)
            if label is not None:
                found[i] = _make(made, rule, label)
    return found


def _make(made: Made, rule: Rule, label: str) -> Owner:
    owner = made.get((rule, label))
    if owner is None:
        owner = Owner(rule.owner, rule.why, label, guess=rule.guess)
        made[rule, label] = owner
    return owner
