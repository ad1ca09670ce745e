"""What each region is for: a finer answer than its type, with the evidence.

The rules are one table, the first that holds wins.  A rule that goes by the shape of
regions, which others might have too, is a guess, and says so.
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

    # The label when the rule holds, None when not.
    Test: TypeAlias = Callable[[Layout, int], str | None]

__all__ = ["RULES", "Owner", "Rule", "owners"]


class Owner:
    """What a region is for.

    `owner` says what for ("glibc arena", "library text"), `why` is the name of the rule
    that says so, and `guess` whether that goes by the looks of regions alone.  `label`
    tells one of a kind from another: the path of the library, the name that a program
    gave its memory, the threads of a stack; "" where there is nothing to tell.
    """

    __slots__ = ("guess", "label", "owner", "why")

    def __init__(self, owner: str, why: str, label: str, *, guess: bool) -> None:
        self.owner = owner
        self.why = why
        self.label = label
        self.guess = guess

    def __repr__(self) -> str:
        """Tell all four."""
        label = f" {self.label!r}" if self.label else ""
        return f"<Owner {self.owner}{label}{', a guess' * self.guess}: {self.why}>"


class Rule:
    """One rule: its name, what it says, and its test for regions of some kinds."""

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
        """Tell what it says, and its name."""
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
    # Devices, and what the kernel shares with a process.
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
    # Names that a program gave its memory.
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
    # Nameless memory, by what lies beside it.
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
# Kinds whose rules look at no neighbour: what one region is, its equals are.
ALONE = (SPECIAL, FILE, KERNEL, OBJECT)


def owners(table: Table, *, threads: Threads | None = None) -> tuple[Owner, ...]:
    """Return the owner of each region; equal ones are one object.

    `threads` are the threads of a live process with their stack pointers, None for
    those that could not be read: ``memc.threads.read_threads`` gives them.
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
    raise AssertionError(layout.kind[i])  # the last rule of each kind holds for all
