"""Tests that go by the name of a region, for the rules of owners.

Each test returns the label of the owner, or None if the region does not match.  The
names come from d_path() and from ``vm_ops->name`` in the kernel.
"""

from __future__ import annotations

from memc.owners.kinds import ACCESS, DELETED, EXEC, PRIVATE, WRITE, bare_name

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
HUGE = ("/anon_hugepage", "/dev/hugepages")
# Folders where hugetlbfs is usually mounted, and files that DPDK makes there.
HUGE_FOLDERS = (
    *("/mnt/huge", "/hugepages", "/hugetlbfs/", "/run/hugepages/", "/huge/"),
    *("/var/lib/hugetlbfs/", "/dev/huge"),
)
HUGE_FILE = "rtemap_"
GPU = (
    *("/dev/dri/", "/dev/nvidia", "/dev/kgsl", "/dev/mali", "/dev/kfd", "/dev/pvr"),
    *("/dev/dxg", "/dev/nvmap", "/dev/nvhost", "/dev/galcore", "/dev/ion"),
    *("/dev/dma_heap/", "/i915", "/drm mm object", "/dmabuf:", "anon_inode:dmabuf"),
    *("anon_inode:i915", "anon_inode:[i915", "anon_inode:xe", "anon_inode:[xe"),
    *("anon_inode:drm", "anon_inode:[drm", "anon_inode:amdgpu", "anon_inode:[amdgpu"),
)
ACCELERATORS = (
    *("/dev/accel", "/dev/davinci", "/dev/neuron", "/dev/habanalabs", "/dev/hl"),
    *("/dev/apex_", "/dev/qaic", "/dev/ipu", "/dev/npu", "/dev/rknpu", "/dev/hailo"),
    *("/dev/vacc", "/dev/hisi_hdc", "/dev/devmm_svm", "/dev/cambricon", "/dev/xdna"),
    *("/dev/adsprpc", "/dev/fastrpc", "/dev/tenstorrent", "/dev/mlu", "/dev/intel_vpu"),
)
IO_URING = ("anon_inode:[io_uring]", "[io_uring]")
RINGS = (
    "/[aio]",
    "anon_inode:[perf_event]",
    "anon_inode:bpf",
    "anon_inode:[bpf",
    "socket:",
)
DEVICE_OBJECTS = ("anon_inode:[vfio", "anon_inode:vfio", "anon_inode:[iommufd")
OBJECTS = ("anon_inode:", "socket:", "pipe:")
SHM = "/dev/shm/"  # noqa: S108 - memc compares with it, and writes nothing there
MEMORY = ("/memfd:", "/dev/zero", "/dev/ashmem/", SHM, "/SYSV")
DIRTY_MIN_KB = 256
ANDROID = ("/dev/ashmem/", "/dev/__properties__/")
DEVICES = ("/dev/", "/sys/devices/")
TMPFS = ("/run/", "/var/run/")
JAVA_COUNTERS = "hsperfdata_"  # what jps and jstat read: .../hsperfdata_USER/PID


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
    wanted = frozenset(flags)

    def test(layout: Layout, i: int) -> str | None:
        known = layout.flags[i]
        return layout.file(i) if known and not wanted.isdisjoint(known) else None

    return test


flagged_huge = flagged("ht")
flagged_device = flagged("pf", "io")


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
    is_code = layout.perm[i] & EXEC and layout.name[i].startswith(MEMORY)
    return layout.file(i) if is_code else None


def memory_data(layout: Layout, i: int) -> str | None:
    """Match the other mappings of a file in memory that holds code."""
    name = layout.name[i]
    is_open = layout.perm[i] & ACCESS
    is_memory = name.startswith("/memfd:") and name in layout.code
    return layout.file(i) if is_open and is_memory else None


def double_mapped(*, code: bool) -> Callable[[Layout, int], str | None]:
    """Make a test for the memfd in which .NET keeps code, mapped once to write it."""

    def test(layout: Layout, i: int) -> str | None:
        perm = layout.perm[i]
        is_part = perm & ACCESS and bool(perm & EXEC) == code
        is_net = layout.name[i].startswith("/memfd:doublemapper")
        return layout.file(i) if is_part and is_net else None

    return test


def closed(*, held: bool) -> Callable[[Layout, int], str | None]:
    """Make a test for memory with a file's name and without any access."""

    def test(layout: Layout, i: int) -> str | None:
        is_closed = not layout.perm[i] & ACCESS and layout.holds(i) == held
        return (
            layout.file(i) if is_closed and layout.name[i].startswith(MEMORY) else None
        )

    return test


closed_empty, closed_held = closed(held=False), closed(held=True)


def java_counters(layout: Layout, i: int) -> str | None:
    """Match the file that a JVM shows its counters in."""
    name = layout.file(i)
    folder, _, pid = name.rpartition("/")
    is_its = bare_name(folder).startswith(JAVA_COUNTERS)
    return name if is_its and pid.isdigit() else None


def java_file(layout: Layout, i: int) -> str | None:
    """Match the files in which Java keeps its heap: ZGC's, and AllocateHeapAt."""
    name = layout.file(i)
    starts = ("/memfd:java_heap", "java_heap", "jvmheap.")
    return (
        name
        if name.startswith(starts[0]) or bare_name(name).startswith(starts[1:])
        else None
    )


def shared_zero(layout: Layout, i: int) -> str | None:
    """Match shared anonymous memory: shmem_zero_setup() in mm/shmem.c."""
    is_zero = layout.file(i) == "/dev/zero" and not layout.perm[i] & PRIVATE
    return "" if is_zero else None


def mounted(*types: str) -> Callable[[Layout, int], str | None]:
    """Make a test for files on file systems of these types, which have no device."""

    def test(layout: Layout, i: int) -> str | None:
        if layout.perm[i] & PRIVATE or layout.amount(i, "dev_major"):
            return None
        if layout.file_system(i) not in types:
            return None
        return layout.file(i)

    return test


on_hugetlbfs, on_tmpfs = mounted("hugetlbfs"), mounted("tmpfs", "ramfs")


def huge_folder(layout: Layout, i: int) -> str | None:
    """Match files where hugetlbfs is usually mounted, if nothing speaks against it."""
    name = layout.file(i)
    is_there = name.startswith(HUGE_FOLDERS) or bare_name(name).startswith(HUGE_FILE)
    page = layout.amount(i, "kernel_page_size_kb")
    flags = layout.flags[i]
    is_known = flags is not None or (page is not None and page > 0)
    return name if is_there and not is_known and not layout.holds(i) else None


def tmpfs(layout: Layout, i: int) -> str | None:
    """Match shared mappings of files in folders where a tmpfs is usually mounted."""
    name = layout.file(i)
    return name if name.startswith(TMPFS) and not layout.perm[i] & PRIVATE else None


def dirty_file(layout: Layout, i: int) -> str | None:
    """Match a shared file that is only read and has no clean page.

    Pages of a tmpfs are always dirty.  The kernel soon writes others back to disk.
    """
    if layout.perm[i] & (PRIVATE | WRITE):
        return None
    dirty, resident = layout.dirty_kb(i), layout.amount(i, "rss_kb")
    is_full = dirty is not None and dirty == resident and dirty >= DIRTY_MIN_KB
    return layout.file(i) if is_full else None
