"""The names of columns: the one list in Python of what maps and smaps print.

The C core has the same list in ``csrc/table/fields.h``; a test holds the two equal.
"""

from __future__ import annotations

__all__ = [
    "CORE",
    "COUNTERS",
    "DELETED",
    "DETAILS",
    "FIELDS",
    "FULL_TOTALS",
    "PAGES",
    "PERMS",
    "PID_MAX",
    "PLACE",
    "REASONS",
    "SMAPS",
    "TOTALS",
    "TYPES",
    "U32_MAX",
    "U64_MAX",
]

U32_MAX = 2**32 - 1
U64_MAX = 2**64 - 1
PID_MAX = 2**31 - 1  # the largest pid_t

# The columns that every region has, from its line in maps and smaps.
CORE = (
    "start",
    "end",
    "perm",
    "offset",
    "dev_major",
    "dev_minor",
    "inode",
    "pathname",
    "type",
    "size_kb",
)

# The fields that smaps adds, in the kernel's order (show_smap() in fs/proc/task_mmu.c):
# the key, the name of the column, and whether "kB" follows the number.  `Size` makes no
# column.
FIELDS = (
    ("KernelPageSize", "kernel_page_size_kb", True),
    ("MMUPageSize", "mmu_page_size_kb", True),
    ("Rss", "rss_kb", True),
    ("Pss", "pss_kb", True),
    ("Pss_Dirty", "pss_dirty_kb", True),
    ("Shared_Clean", "shared_clean_kb", True),
    ("Shared_Dirty", "shared_dirty_kb", True),
    ("Private_Clean", "private_clean_kb", True),
    ("Private_Dirty", "private_dirty_kb", True),
    ("Referenced", "referenced_kb", True),
    ("Anonymous", "anonymous_kb", True),
    ("KSM", "ksm_kb", True),
    ("LazyFree", "lazy_free_kb", True),
    ("AnonHugePages", "anon_huge_pages_kb", True),
    ("ShmemPmdMapped", "shmem_pmd_mapped_kb", True),
    ("FilePmdMapped", "file_pmd_mapped_kb", True),
    ("Shared_Hugetlb", "shared_hugetlb_kb", True),
    ("Private_Hugetlb", "private_hugetlb_kb", True),
    ("Swap", "swap_kb", True),
    ("SwapPss", "swap_pss_kb", True),
    ("Locked", "locked_kb", True),
    ("THPeligible", "thp_eligible", False),
    ("ProtectionKey", "protection_key", False),
    ("VmFlags", "vm_flags", False),
)

SMAPS = tuple(name for _, name, _ in FIELDS)

# The place of a mapping in its file: columns that only `full` documents show.
PLACE = ("offset", "dev_major", "dev_minor", "inode")

# What the kernel adds to the name of a file that has no name any more.
DELETED = " (deleted)"

# The columns of smaps that a plain document shows; `full` documents show the others.
COUNTERS = (
    "rss_kb",
    "pss_kb",
    "shared_clean_kb",
    "shared_dirty_kb",
    "private_clean_kb",
    "private_dirty_kb",
    "swap_kb",
)

# Beside them a plain document shows what the rules of owners need.
FLAGS = "vm_flags"

# The columns that the page tables give: memory that only this process maps, memory that
# is mapped from files or shared memory, and pages of hugetlb.  hugetlb_kb is also the
# sum of two fields of smaps.
PAGES = ("uss_kb", "file_kb", "hugetlb_kb")

# Each detail, and the columns that its plain documents show beside the layout.
DETAILS = {
    "maps": (),
    "rss": ("rss_kb", "swap_kb"),
    "uss": ("rss_kb", "swap_kb", *PAGES),
    "pss": ("rss_kb", "swap_kb", *PAGES, "pss_kb"),
    "smaps": (*COUNTERS, FLAGS),
    "totals": (),
    "rollup": (),
}

# The totals in the details without regions: the name, and the key in status, or from
# "pss_kb" on the key in smaps_rollup ("uss_kb" is the sum of two keys).
TOTALS = (
    ("rss_anon_kb", "RssAnon"),
    ("rss_file_kb", "RssFile"),
    ("rss_shmem_kb", "RssShmem"),
    ("hugetlb_kb", "HugetlbPages"),
    ("swap_kb", "VmSwap"),
    ("threads", "Threads"),
    ("peak_rss_kb", "VmHWM"),
    ("page_tables_kb", "VmPTE"),
    ("locked_kb", "VmLck"),
    ("peak_vsize_kb", "VmPeak"),
    ("pinned_kb", "VmPin"),
    ("data_kb", "VmData"),
    ("stack_kb", "VmStk"),
    ("text_kb", "VmExe"),
    ("library_kb", "VmLib"),
    ("pss_kb", "Pss"),
    ("uss_kb", ""),
)

# The totals that only `full` documents show.
FULL_TOTALS = (
    "peak_vsize_kb",
    "pinned_kb",
    "data_kb",
    "stack_kb",
    "text_kb",
    "library_kb",
)

# A raw value of the column `perm` is an index into these.  Its bits are: 1 r, 2 w, 4 x,
# 8 shared, 16 private.
PERMS = tuple(
    "".join(c if bits >> i & 1 else "-" for i, c in enumerate("rwx")) + "-sp"[bits >> 3]
    for bits in range(24)
)

# A raw value of the column `type` is an index into these.
TYPES = (
    "heap",
    "stack",
    "code",
    "shared_lib",
    "mapped_file",
    "anonymous",
    "vdso",
    "vvar",
    "vsyscall",
    "unknown",
)

# The reasons why a process was not read, and the words for each.
REASONS = {"denied": "permission denied", "gone": "ended", "error": "error"}
