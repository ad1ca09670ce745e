"""The names of lines and parts, which documents have, too."""

from __future__ import annotations

OWN = "processes: their own"
FILES = "processes: files mapped"
SHARED = "processes: shared memory mapped"
NOT_MAPPED = "shared memory, tmpfs: not mapped"
CACHE = "file cache: not mapped"
SLAB = "kernel: slab"
KERNEL = "kernel: tables, stacks, vmalloc"
OTHER = "hugetlb, swap cache, zswap, zram"
FREE = "free"
# Of a control group.
CHARGED = "kernel"
HUGETLB = "hugetlb"
# Parts.
READ, OTHERS = "of those read", "of others"
LISTS = "lists of the CPUs"
REST = "memfd and others"
FIXED = "not reclaimable"
SWAP_CACHE = "swap cache"
