"""The rules that find the owner of a region: what the region is for, and why.

The first rule that matches decides.  A rule is marked as a guess if it goes only by
shape and place, because other regions may have the same.
"""

from __future__ import annotations

import memc.owners.names as _names
import memc.owners.shapes as _shapes
from memc.owners.layout import (
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
    Layout,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from memc.owners.layout import Threads
    from memc.table.region import Table

    # Returns the label if the rule matches, or None.
    Test: TypeAlias = Callable[[Layout, int], str | None]

__all__ = ["RULES", "Owner", "Rule", "owners"]


class Owner:
    """What a region is for.

    `owner` names the purpose ("glibc arena", "library text").  `why` is the name of the
    rule that matched.  `guess` is true if that rule goes only by shape and place.
    `label` tells regions of the same owner apart: the path of the library, the name
    that a program gave to its memory, or the threads of a stack.  It is "" if nothing
    is known.
    """

    __slots__ = ("guess", "label", "owner", "why")

    def __init__(self, owner: str, why: str, label: str, *, guess: bool) -> None:
        self.owner = owner
        self.why = why
        self.label = label
        self.guess = guess

    def __repr__(self) -> str:
        """Show all four attributes."""
        label = f" {self.label!r}" if self.label else ""
        return f"<Owner {self.owner}{label}{', a guess' * self.guess}: {self.why}>"


class Rule:
    """A rule: the name `why`, the owner, and a test for regions of these kinds."""

    __slots__ = ("guess", "kinds", "owner", "test", "why")

    def __init__(
        self, why: str, owner: str, test: Test, *kinds: str, guess: bool = False
    ) -> None:
        self.why = why
        self.owner = owner
        self.test = test
        self.kinds = kinds
        self.guess = guess

    def __repr__(self) -> str:
        """Show the owner and the name of the rule."""
        return f"<Rule {self.owner}: {self.why}>"


N, S = _names, _shapes
FILES = (SPECIAL, LIBRARY, PROGRAM, FILE)
RULES = (
    # Names that the kernel gives.
    Rule("a page of the kernel", "kernel pages", N.kernel_page, KERNEL),
    Rule("[heap]: what brk gives", "malloc main heap", N.called("[heap]"), KERNEL),
    Rule("[stack]", "main stack", N.called("[stack]"), KERNEL),
    Rule("[stack:TID]", "thread stack", N.between("[stack:", "]"), KERNEL),
    Rule("VmFlags ht", "hugetlb", N.flagged("ht"), *FILES, OPEN, NAMED),
    Rule("a file of hugetlbfs", "hugetlb", N.starting(*N.HUGE), SPECIAL),
    # Devices, and memory that the kernel shares with a process.
    Rule("a GPU's file", "GPU", N.starting(*N.GPU), SPECIAL, OBJECT),
    Rule("io_uring", "io_uring", N.starting(*N.IO_URING), OBJECT, KERNEL),
    Rule("a ring of the kernel", "kernel ring", N.starting(*N.RINGS), OBJECT, SPECIAL),
    Rule("memfd_secret", "secret memory", N.starting("/secretmem"), SPECIAL),
    # Code that no file holds.
    Rule("named for JIT code", "JIT code", N.jit, NAMED, SPECIAL),
    Rule("code in no file", "JIT code", S.loose_code, OPEN, NAMED, guess=True),
    Rule("code in a memfd", "JIT code", N.memory_code, SPECIAL, guess=True),
    # Shared memory.
    Rule("memfd", "shared memory", N.starting("/memfd:"), SPECIAL),
    Rule("System V", "shared memory", N.starting("/SYSV"), SPECIAL),
    Rule("POSIX", "shared memory", N.starting(N.SHM), SPECIAL),
    Rule("Android's", "shared memory", N.starting(*N.ANDROID), SPECIAL),
    Rule("[anon_shmem:]", "shared memory", N.between("[anon_shmem:", "]"), NAMED),
    Rule("shared /dev/zero", "shared memory", N.shared_zero, SPECIAL),
    Rule("private /dev/zero", "anonymous", N.starting("/dev/zero"), SPECIAL),
    Rule("a device's file", "device", N.starting(*N.DEVICES), SPECIAL),
    Rule("VmFlags pf or io", "device", N.flagged("pf", "io"), *FILES, OBJECT),
    # Names that a program gave to its memory.
    Rule("bss, named", "library bss", S.named_bss(LIBRARY), NAMED),
    Rule("bss, named", "program bss", S.named_bss(PROGRAM), NAMED),
    Rule("named a guard", "guard", N.guard, NAMED),
    Rule("glibc's name", "thread stack", N.named(*N.GLIBC_STACKS), NAMED),
    Rule("glibc's name", "glibc arena", N.named(" glibc: malloc arena"), NAMED),
    Rule("Android's name", "thread stack", N.named("stack_and_tls:"), NAMED),
    Rule("Go's name", "Go heap", N.named(" Go: heap"), NAMED),
    Rule("Go's name", "Go runtime", N.named(" Go: "), NAMED),
    Rule("an allocator's name", "malloc memory", N.named(*N.ALLOCATORS), NAMED),
    Rule("Android's name", "Java memory", N.named("dalvik-"), NAMED),
    Rule("CPython's name", "Python memory", N.named("cpython:"), NAMED),
    Rule("a name", "named memory", N.named(""), NAMED),
    # Nameless memory, by its place and its neighbours.
    Rule("behind the data", "library bss", S.bss_of(LIBRARY), OPEN, guess=True),
    Rule("behind the data", "program bss", S.bss_of(PROGRAM), OPEN, guess=True),
    Rule("64 MiB aligned, VmFlags nr", "glibc arena", S.flagged_arena, OPEN),
    Rule("64 MiB aligned", "glibc arena", S.arena, OPEN, guess=True),
    Rule("the end of an arena", "reserved", S.arena_tail, CLOSED),
    Rule("Go's addresses", "Go heap", S.go_heap, OPEN, guess=True),
    Rule("a stack pointer", "thread stack", S.pointed_stack, OPEN),
    Rule("libjvm's addresses", "Java heap", S.java_heap, OPEN, guess=True),
    Rule("VmFlags nh, below a stack", "guard", S.flagged_guard, CLOSED),
    Rule("VmFlags nh, above a guard", "thread stack", S.flagged_stack, OPEN),
    Rule("above a guard", "thread stack", S.stack, OPEN, guess=True),
    Rule("closed, below others", "guard", S.guard, CLOSED, guess=True),
    Rule("closed and empty", "reserved", S.closed(held=False), CLOSED),
    Rule("closed, not empty", "protected memory", S.closed(held=True), CLOSED),
    Rule("private", "anonymous", S.with_perm(PRIVATE), OPEN),
    Rule("shared", "shared memory", S.anything, OPEN),
    # Files.
    Rule("closed", "reserved", S.closed_file, *FILES),
    Rule("executable", "library text", S.with_perm(EXEC), LIBRARY),
    Rule("writable", "library data", S.module_data, LIBRARY),
    Rule("VmFlags ac", "library relro", S.flagged_relro, LIBRARY),
    Rule("in the data", "library relro", S.relro, LIBRARY, guess=True),
    Rule("read only", "library rodata", S.with_perm(PRIVATE), LIBRARY),
    Rule("executable", "program text", S.with_perm(EXEC), PROGRAM),
    Rule("writable", "program data", S.module_data, PROGRAM),
    Rule("VmFlags ac", "program relro", S.flagged_relro, PROGRAM),
    Rule("in the data", "program relro", S.relro, PROGRAM, guess=True),
    Rule("read only", "program rodata", S.with_perm(PRIVATE), PROGRAM),
    Rule("a file of a tmpfs", "shared memory", N.tmpfs, FILE, guess=True),
    Rule("any other file", "mapped file", S.anything, *FILES),
    Rule("an object of the kernel", "kernel object", N.starting(*N.OBJECTS), OBJECT),
    Rule("no rule knows it", "unknown", S.anything, KERNEL, OBJECT),
)
OF_KIND = {
    kind: tuple(rule for rule in RULES if kind in rule.kinds)
    for kind in (*FILES, OPEN, CLOSED, NAMED, KERNEL, OBJECT)
}
# The rules of these kinds look at no neighbour: regions with the same name, permissions
# and flags have the same owner.
ALONE = (SPECIAL, FILE, KERNEL, OBJECT)


def owners(table: Table, *, threads: Threads | None = None) -> tuple[Owner, ...]:
    """Return the owner of each region, in order; equal owners are one object.

    `threads` maps the threads of a live process to their stack pointers, or to None
    where the pointer could not be read.  ``memc.threads.read_threads`` returns them.
    """
    layout = Layout(table, threads)
    made: dict[tuple[Rule, str], Owner] = {}
    known: dict[object, Owner] = {}
    found: list[Owner] = []
    for i, kind in enumerate(layout.kind):
        if kind not in ALONE:
            found.append(_find(layout, i, made))
            continue
        key = layout.name_ids[i], layout.perm[i], layout.flags[i]
        owner = known.get(key)
        if owner is None:
            owner = known[key] = _find(layout, i, made)
        found.append(owner)
    return tuple(found)


def _find(layout: Layout, i: int, made: dict[tuple[Rule, str], Owner]) -> Owner:
    for rule in OF_KIND[layout.kind[i]]:
        label = rule.test(layout, i)
        if label is not None:
            owner = made.get((rule, label))
            if owner is None:
                owner = Owner(rule.owner, rule.why, label, guess=rule.guess)
                made[rule, label] = owner
            return owner
    raise AssertionError(layout.kind[i])  # the last rule of each kind always matches
