"""MemTotal as a sum: what the memory of the machine is for."""

from __future__ import annotations

import os

from memc.accounts.account import Account
from memc.accounts.book import Book
from memc.accounts.meminfo import read_meminfo
from memc.accounts.mounts import Mounts
from memc.accounts.names import (
    CACHE,
    FILES,
    FIXED,
    FREE,
    KERNEL,
    LISTS,
    NOT_MAPPED,
    OTHER,
    OTHERS,
    OWN,
    READ,
    REST,
    SHARED,
    SLAB,
    SWAP_CACHE,
)
from memc.accounts.processes import notes_of, read_held
from memc.accounts.sysfs import Sysfs
from memc.errors import MemcError
from memc.proc.hidepid import hides_others
from memc.proc.root import is_copy, list_pids, open_root
from memc.proc.zoneinfo import read_zones

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from memc.accounts.processes import Held
    from memc.proc.root import Opened
    from memc.proc.zoneinfo import Zones

__all__ = ["machine"]

LISTS_OF_ANON = ("Active(anon)", "Inactive(anon)", "Unevictable")
# Counters that only newer kernels have: one that is missing is not worth a note.
NEWER = {
    "balloon": "Balloon",
    "graphics": "GPUActive",
    "graphics, kept for later": "GPUReclaim",
    "broken (HardwareCorrupted)": "HardwareCorrupted",
    "bounce buffers": "Bounce",
    "writeback by FUSE": "WritebackTmp",
    "quick lists": "Quicklists",
}


def machine(
    *, proc: str = "/proc", cgroup: str | Sequence[str] | None = None
) -> Account:
    """Tell what the memory of the machine is for, as a sum.

    The amounts of `lines` and `unexplained_kb` of the Account add up to MemTotal.  Each
    page is counted once: PSS divides what processes share.  Free memory is MemFree plus
    the lists of the CPUs.

    `proc` is another root than /proc.  What an incomplete copy does not tell is None,
    and in `unexplained_kb`; `notes` say so.

    `cgroup` is a pattern, or several: the sum is then the usage of the control groups
    that match one, and `groups` has their limits.  A part of the path means the group
    ("nginx.service"); a pattern with wildcards is for the whole path ("*/docker-*").

    Raises MemcError if `proc` or its meminfo cannot be read, and if there is no such
    group.
    """
    if cgroup is not None and not all([cgroup] if isinstance(cgroup, str) else cgroup):
        raise ValueError("cgroup: expected a pattern, not '': '/' means all groups")
    with open_root(proc) as root:
        if cgroup is None:
            return _account(root)
        from memc.accounts.group import account_of

        return account_of(root, [cgroup] if isinstance(cgroup, str) else [*cgroup])


def _pids(root: Opened) -> list[int]:
    """Return the pids; none for a copy that holds meminfo and no process."""
    try:
        return list_pids(root)
    except MemcError:
        if not os.path.exists(f"{root.path}/meminfo"):
            raise
        return []


def _account(root: Opened) -> Account:
    copied = is_copy(root)
    held = read_held(root, _pids(root))
    tmpfs = [] if copied else Mounts(root).tmpfs()
    hidden = not copied and hides_others(root.path)
    # The counters last, and the lists of the CPUs right behind: pages move from these
    # to MemFree and back.
    book = Book(read_meminfo(root))
    zones = read_zones(root)
    has_hugetlb = book.counters.get("Hugetlb") != 0  # of all sizes, since Linux 4.16
    sysfs = Sysfs(None if copied else "/sys", hugetlb=has_hugetlb)
    _add_processes(book, held, tmpfs)
    _add_kernel(book)
    _add_other(book, sysfs, zones)
    _add_free(book, zones)
    account = Account(book.counters["MemTotal"], book.lines)
    account.notes = (*notes_of(held, hidden=hidden), *book.notes, *account.notes)
    account.processes_read, account.processes_unread = held.read, held.unread
    account.tmpfs = tuple(tmpfs)
    account.holed_kb = sysfs.holed_kb
    return account


def _add_processes(book: Book, held: Held, tmpfs: list[tuple[str, int]]) -> None:
    """Add what processes hold, and what is left of it: cache that nobody maps."""
    own = held.anon_kb if held.read else None
    files = held.file_kb if held.read else None
    shared = held.shmem_kb if held.read else None
    anon = book.get("AnonPages")
    others = book.less("memory of processes that were not read", anon, own)
    if own is not None and anon is not None:
        own = min(own, anon)
    book.add(OWN, (READ, own), (OTHERS, others))
    book.add_whole(FILES, files)
    book.add_whole(SHARED, shared)
    shmem = book.get("Shmem")
    left = book.less(NOT_MAPPED, shmem, shared)
    used = [(mount, kb) for mount, kb in tmpfs if kb]
    rest = (left or 0) - sum(kb for _, kb in used)
    if tmpfs and left is not None and rest >= 0:
        book.add(NOT_MAPPED, *used, (REST, rest))
    else:  # a part of a tmpfs is mapped, or swapped out: who knows of which
        book.add_whole(NOT_MAPPED, left)
    cached = book.less(CACHE, book.get("Cached"), shmem, files)
    book.add(CACHE, ("files", cached), ("block devices", book.get("Buffers")))


def _add_kernel(book: Book) -> None:
    told = book.counters
    slab = book.get("SReclaimable")
    parts = [("reclaimable", slab), (FIXED, book.get("SUnreclaim"))]
    if "KReclaimable" in told:
        other = book.less("KReclaimable", told["KReclaimable"], slab)
        parts.append(("other reclaimable", other))
    book.add(SLAB, *parts)
    tables, stacks = book.get("PageTables"), book.get("KernelStack")
    if tables is not None:
        tables += told.get("SecPageTables", 0)
    # KernelStack is a part of VmallocUsed, which was 0 in Linux 4.4 to 5.2.
    used = told.get("VmallocUsed") or None
    if used is None:
        book.unknown("VmallocUsed")
    book.add(
        KERNEL,
        ("page tables", tables),
        ("stacks", stacks),
        ("per CPU", book.get("Percpu")),
        ("vmalloc", book.less("vmalloc", used, stacks)),
    )


def _add_other(book: Book, sysfs: Sysfs, zones: Zones) -> None:
    told = book.counters
    pool = told.get("Hugetlb", _pages(told, "HugePages_Total"))
    free = sysfs.hugetlb_free_kb
    if free is None:
        free = _pages(told, "HugePages_Free")
    parts: list[tuple[str, int | None]] = []
    if pool is not None:
        free = min(free or 0, pool)
        parts += [("hugetlb, used", pool - free), ("hugetlb, free", free)]
    cached = book.swap_cache("SwapCached", "AnonPages", "Shmem", *LISTS_OF_ANON)
    parts.append((SWAP_CACHE, cached))
    parts += _compressed(book, sysfs, zones)
    parts += [(name, told[key]) for name, key in NEWER.items() if key in told]
    book.add(OTHER, *parts)


def _pages(told: Mapping[str, int], name: str) -> int | None:
    """Return the size of huge pages of the default size."""
    if name not in told or "Hugepagesize" not in told:
        return None
    return told[name] * told["Hugepagesize"]


def _compressed(book: Book, sysfs: Sysfs, zones: Zones) -> list[tuple[str, int | None]]:
    """Return what holds compressed pages: zswap, zram, and what else the zones tell."""
    zswap, zram, whole = book.counters.get("Zswap"), sysfs.zram_kb, zones.zspages_kb
    if zram is None and whole is not None:  # a copy of /proc tells all but the names
        zram = max(whole - (zswap or 0), 0)
    if zram is None:
        book.unknown("zram")
    parts = [("zram", zram)] if zswap is None else [("zswap", zswap), ("zram", zram)]
    other = (whole or 0) - (zswap or 0) - (zram or 0)
    return [*parts, ("other compressed", other)] if other > 0 else parts


def _add_free(book: Book, zones: Zones) -> None:
    if zones.lists_kb is None:
        book.unknown("free memory in the lists of the CPUs (zoneinfo)")
    book.add(FREE, ("MemFree", book.get("MemFree")), (LISTS, zones.lists_kb))
