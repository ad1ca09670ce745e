"""Tests that go by the name of a region, for the rules of owners.

Each test returns the label of the owner, or None if the region does not match.  The
names come from d_path() and from ``vm_ops->name`` in the kernel, and from
PR_SET_VMA_ANON_NAME.
"""

from __future__ import annotations

from memc.owners.layout import DELETED, EXEC, PRIVATE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from memc.owners.layout import Layout

KERNEL_PAGES = {
    "[vdso]",
    "[vvar]",
    "[vvar_vclock]",
    "[vsyscall]",
    "[vectors]",
    "[sigpage]",
    "[uprobes]",
    "[kuser]",
    "[vdso_data]",
    "[mpx]",
}
HUGE = ("/anon_hugepage", "/dev/hugepages/")
GPU = (
    "/dev/dri/",
    "/dev/nvidia",
    "/dev/kgsl",
    "/dev/mali",
    "/dev/kfd",
    "/dev/pvr",
    "/i915",
    "/drm mm object",
    "/dmabuf:",
    "anon_inode:dmabuf",
    "anon_inode:i915",
)
IO_URING = ("anon_inode:[io_uring]", "[io_uring]")
RINGS = (
    "/[aio]",
    "anon_inode:[perf_event]",
    "anon_inode:bpf",
    "anon_inode:[bpf",
    "socket:",
)
OBJECTS = ("anon_inode:", "socket:", "pipe:")
SHM = "/dev/shm/"  # noqa: S108 - memc compares with it, and writes nothing there
ANDROID = ("/dev/ashmem/", "/dev/__properties__/")
DEVICES = ("/dev/", "/sys/devices/")
TMPFS = ("/run/", "/var/run/")
GLIBC_STACKS = (" glibc: pthread stack: ", " glibc: pthread user stack: ")
ALLOCATORS = (
    " glibc: ",
    "libc_malloc",
    "scudo:",
    "GWP-ASan",
    "bionic_alloc",
    "jemalloc",
    "tcmalloc",
    "mimalloc",
    "partition_alloc",
)
NUMBERED = (*GLIBC_STACKS, "stack_and_tls:")  # the number of a thread follows these


def called(name: str) -> Callable[[Layout, int], str | None]:
    """Make a test for one name."""
    return lambda layout, i: "" if layout.name[i] == name else None


def kernel_page(layout: Layout, i: int) -> str | None:
    """Match pages that the kernel maps into every process, or into probed ones."""
    name = layout.name[i]
    return name if name in KERNEL_PAGES else None


def between(start: str, end: str) -> Callable[[Layout, int], str | None]:
    """Make a test for names with this start; the label is the text up to `end`."""

    def test(layout: Layout, i: int) -> str | None:
        name = layout.name[i]
        if name.startswith(start):
            return name[len(start) :].removesuffix(end)
        return None

    return test


def starting(*starts: str) -> Callable[[Layout, int], str | None]:
    """Make a test for names with one of these starts; the label is the whole name."""

    def test(layout: Layout, i: int) -> str | None:
        name = layout.name[i]
        return name.removesuffix(DELETED) if name.startswith(starts) else None

    return test


def flagged(*flags: str) -> Callable[[Layout, int], str | None]:
    """Make a test for VmFlags that have one of these flags; the label is the file."""

    def test(layout: Layout, i: int) -> str | None:
        known = layout.flags[i] or ()
        return layout.file(i) if any(flag in known for flag in flags) else None

    return test


def jit(layout: Layout, i: int) -> str | None:
    """Match memory with "jit" in its name, as ART, QML and V8 name JIT code."""
    name = layout.file(i)
    is_memory = name.startswith(("/memfd:", "[anon", "/dev/ashmem/"))
    return name if is_memory and "jit" in name.lower() and _holds_code(name) else None


def _holds_code(name: str) -> bool:
    """Tell whether a name is that of a code cache, not of the compiler's own memory."""
    return not any(word in name.lower() for word in ("thread", "worker", "guard"))


def memory_code(layout: Layout, i: int) -> str | None:
    """Match executable memory that has a file's name, such as a memfd."""
    name = layout.name[i]
    starts = ("/memfd:", "/dev/zero", "/dev/ashmem/", SHM, "/SYSV")
    if layout.perm[i] & EXEC and name.startswith(starts):
        return layout.file(i)
    return None


def shared_zero(layout: Layout, i: int) -> str | None:
    """Match shared anonymous memory: shmem_zero_setup() in mm/shmem.c."""
    is_zero = layout.file(i) == "/dev/zero" and not layout.perm[i] & PRIVATE
    return "" if is_zero else None


def guard(layout: Layout, i: int) -> str | None:
    """Match memory without access that is named a guard, or as a thread's stack."""
    name = layout.name[i][len("[anon:") : -1]
    is_closed = layout.perm[i] == PRIVATE
    if is_closed and (name.endswith("guard") or name.startswith(NUMBERED)):
        return name.strip()
    return None


def named(*starts: str) -> Callable[[Layout, int], str | None]:
    """Make a test for "[anon:NAME]"; the label is NAME, or the thread in it."""

    def test(layout: Layout, i: int) -> str | None:
        name = layout.name[i][len("[anon:") : -1]
        if not name.startswith(starts):
            return None
        for start in NUMBERED:
            name = name.removeprefix(start)
        return name.strip()

    return test


def tmpfs(layout: Layout, i: int) -> str | None:
    """Match shared mappings of files in folders where a tmpfs is usually mounted."""
    name = layout.file(i)
    return name if name.startswith(TMPFS) and not layout.perm[i] & PRIVATE else None
