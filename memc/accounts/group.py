"""Control groups as a sum: what the memory that is charged to them is for.

Version 1: usage = rss + cache + kernel memory, and what CPUs have charged in advance.
Version 2: usage = anon + file + kernel + sock, and the same.  File cache of both has
the shared memory in it.
"""

from __future__ import annotations

import re

from memc.accounts.account import Account
from memc.accounts.book import Book
from memc.accounts.choose import choose
from memc.accounts.limit import look
from memc.accounts.names import (
    CACHE,
    CHARGED,
    FILES,
    HUGETLB,
    NOT_MAPPED,
    OTHERS,
    OWN,
    READ,
    SHARED,
    SWAP_CACHE,
)
from memc.accounts.processes import notes_of, read_held
from memc.cgroups.mounts import read_mounts
from memc.errors import MemcError, ProcessError
from memc.proc.files import ProcessFiles
from memc.proc.hidepid import hides_others
from memc.proc.root import is_copy
from memc.table.region import Note

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from memc.accounts.processes import Held
    from memc.cgroups.group import Group
    from memc.proc.root import Opened

__all__ = ["account_of"]

# Counters of memory.stat by the names of version 2.
LISTS_OF_ANON = ("active_anon", "inactive_anon", "unevictable")
NAMES_OF_1 = {
    "rss": "anon",
    "cache": "file",
    "shmem": "shmem",
    "swapcached": "swapcached",
    **{name: name for name in LISTS_OF_ANON},
}
KERNEL_PARTS = {
    "page tables": ("pagetables", "sec_pagetables"),
    "stacks": ("kernel_stack",),
    "per CPU": ("percpu",),
    "vmalloc": ("vmalloc",),
    "slab": ("slab",),
    "zswap": ("zswap",),
}
STATUS = re.compile(rb"^(VmPTE|Threads):[ \t]+([0-9]{1,12})", re.MULTILINE)
STACK_KB = 16  # of a thread in the kernel: THREAD_SIZE on x86-64 and arm64
NEWS_KB = 1 << 10  # smaller differences are no news


def account_of(root: Opened, patterns: Sequence[str]) -> Account:
    """Return the account of the groups that match, together.

    Raises MemcError if none does.
    """
    try:
        mounts, error = read_mounts(root.path), None
    except MemcError as caught:
        mounts, error = [], caught
    chosen = choose(root, patterns, mounts)
    found = [(one, *look(error or mounts, one)) for one in chosen]
    groups = [group for _, _, group in found if group is not None]
    # A group that cannot be read, such as one that was removed, is left out.
    counted = [one for one, _, group in found if group is not None] or chosen
    pids = sorted(set().union(*(one.pids for one in counted)))
    held = read_held(root, pids)
    hidden = not is_copy(root) and hides_others(root.path)
    tables_kb, stacks_kb = _read_status(root, pids)
    told = _counters(groups)
    if "kernel_stack" not in told:  # version 1 tells the sum of both and more
        told |= {"pagetables": tables_kb, "stacks_kb": stacks_kb}
    book = Book(told)
    _add_memory(book, held, is_known=bool(groups), sees_all=not hidden)
    if groups:
        _add_kernel(book)
    usage = [group.usage_kb or 0 for group in groups]
    account = Account(sum(usage) if groups else None, book.lines)
    account.notes = (
        *(Note("unknown", 1, one.why) for _, one, _ in found if one.why),
        *notes_of(held, hidden=hidden),
        *book.notes,
        *account.notes,
    )
    account.processes_read, account.processes_unread = held.read, held.unread
    account.groups = tuple(one for _, one, _ in found)
    account.title = _title([one.path for one in counted])
    return account


def _title(paths: list[str]) -> str:
    if len(paths) == 1:
        return f"used by control group {paths[0]}"
    return f"used by {len(paths)} control groups"


def _counters(groups: Iterable[Group]) -> dict[str, int]:
    """Return the sums of counters that all groups tell, in kB."""
    each = [_counters_of(group) for group in groups]
    names = set(each[0]).intersection(*each) if each else set()
    return {name: sum(told[name] for told in each) for name in names}


def _counters_of(group: Group) -> dict[str, int]:
    if group.version == 1:
        told = {
            name: group.stat[old] >> 10
            for old, name in NAMES_OF_1.items()
            if old in group.stat
        }
    else:
        told = {name: value >> 10 for name, value in group.stat.items()}
    if group.is_root and group.version == 1:
        told["kernel"] = 0  # the usage of the root leaves it out
    elif group.kernel_kb is not None:
        told["kernel"] = group.kernel_kb
    elif group.version == 2 and "slab" in told:  # before Linux 5.18
        parts = [told.get(n, 0) for names in KERNEL_PARTS.values() for n in names]
        told["kernel"] = sum(parts)
    return told


def _add_memory(book: Book, held: Held, *, is_known: bool, sees_all: bool) -> None:
    own = held.anon_kb if held.read else None
    files = held.file_kb if held.read else None
    shared = held.shmem_kb if held.read else None
    if not is_known:
        book.add_whole(OWN, own)
        book.add_whole(FILES, files)
        book.add_whole(SHARED, shared)
        return
    anon, file, shmem = (book.get(name) for name in ("anon", "file", "shmem"))
    own = _within(book, "own memory", own, anon)
    book.add(OWN, (READ, own), (OTHERS, book.less(OWN, anon, own)))
    swapped = book.counters.get("swapcached")  # a part of file (NR_FILE_PAGES)
    cached = book.less(CACHE, file, shmem, swapped)
    files = _within(book, "files", files, cached)
    shared = _within(book, "shared memory", shared, shmem)
    book.add_whole(FILES, files)
    book.add_whole(SHARED, shared)
    book.add_whole(NOT_MAPPED, book.less(NOT_MAPPED, shmem, shared))
    book.add_whole(CACHE, book.less(CACHE, cached, files))
    if swapped:
        cached = book.swap_cache("swapcached", "anon", "shmem", *LISTS_OF_ANON)
        book.add_whole(SWAP_CACHE, cached)
    if book.counters.get("hugetlb"):
        book.add_whole(HUGETLB, book.counters["hugetlb"])
    if sees_all and held.read and not held.unread and anon is not None:
        _tell_strange(book, anon - (own or 0))


def _within(book: Book, what: str, kb: int | None, charged: int | None) -> int | None:
    """Return what processes hold, at most what is charged to their group.

    Memory is charged to the group of the process that touched it first, and stays
    there.
    """
    if kb is None or charged is None or kb <= charged:
        return kb
    words = f"its processes have {kb - charged} kB more of {what} than is charged here"
    where = "another group touched that first, and it is charged there"
    book.notes.append(Note("elsewhere", kb - charged, f"{words}: {where}"))
    return charged


def _tell_strange(book: Book, kb: int) -> None:
    """Note own memory that no process of the group has, though all were read."""
    if kb >= NEWS_KB:
        words = (
            f"{kb} kB of own memory is charged here, and its processes do not have it"
        )
        where = (
            "of one that is not seen here or moved to another group, or shared there"
        )
        book.notes.append(Note("elsewhere", kb, f"{words}: it is {where}"))


def _add_kernel(book: Book) -> None:
    kernel, told = book.get("kernel"), book.counters
    parts: list[tuple[str, int | None]] = []
    if "stacks_kb" in told:
        parts.append(("page tables", min(told["pagetables"], kernel or 0)))
        stacks = min(told["stacks_kb"], (kernel or 0) - (parts[0][1] or 0))
        parts.append(("stacks, estimated", stacks))
    else:
        for name, keys in KERNEL_PARTS.items():
            known = [told[key] for key in keys if key in told]
            parts += [(name, sum(known))] if known else []
    rest = book.less(CHARGED, kernel, *(kb for _, kb in parts))
    if kernel is None:
        parts = []
    name = "slab, pipes, sockets" if "stacks_kb" in told else "other"
    network = [("network buffers", told["sock"])] if "sock" in told else []
    book.add(CHARGED, *parts, (name, rest), *network)


def _read_status(root: Opened, pids: Iterable[int]) -> tuple[int, int]:
    """Return the size of page tables, and of stacks in the kernel, in kB."""
    tables = threads = 0
    for pid in pids:
        try:
            with ProcessFiles(root, pid) as files:
                found = dict(STATUS.findall(files.read("status")))
        except (OSError, ProcessError):
            continue
        tables += int(found.get(b"VmPTE", 0))
        threads += int(found.get(b"Threads", 0))
    return tables, threads * STACK_KB
