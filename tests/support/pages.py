"""What smaps says of the pages of a process, to hold the gentler details against."""

import fcntl
import os
import re
from contextlib import contextmanager
from pathlib import Path

from support import oracle

ATTEMPTS = 50
DIFFERING = 5  # so often must a snapshot be wrong
FIELDS = ("start", "rss_kb", "swap_kb")
USS_FIELDS = ("anon_huge_pages_kb", "uss_kb")  # what only the detail "uss" tells
TRANSPARENT = Path("/sys/kernel/mm/transparent_hugepage/enabled")
RESERVED = Path("/proc/sys/vm/nr_hugepages")


def expected(pid):
    """Give for each region what the details "rss" and "uss" must tell."""
    regions, _ = oracle.read(Path(f"/proc/{pid}/smaps").read_bytes())
    return [
        {
            **{field: region[field] for field in FIELDS},
            "anon_huge_pages_kb": region["anon_huge_pages_kb"],
            "uss_kb": region["private_clean_kb"] + region["private_dirty_kb"],
        }
        for region in regions
    ]


def between_equals(backend, pid, detail):
    """Take a snapshot that lies between two equal readings of smaps; give both.

    The process is stopped, but others are not: a page of a library is its own or not by
    what they do.  A process that maps it and ends within the reading leaves no trace in
    smaps, so a snapshot that differs is taken again; one that is wrong differs always.
    """
    pairs = []
    for _ in range(ATTEMPTS):
        before = expected(pid)
        snap = backend.collect(pid, detail, "/proc")
        if before != expected(pid):
            continue
        pairs.append((snap, before))
        if shown(snap, before) == before or len(pairs) == DIFFERING:
            return pairs[-1]
    raise AssertionError("the map counts never stood still")


def shown(snap, regions):
    """Give what the snapshot tells, with the parts that its detail lacks filled in."""
    fields = (*FIELDS, *USS_FIELDS) if snap.detail == "uss" else FIELDS
    return [
        {
            **told,
            **{field: getattr(region, field) for field in fields},
            "swap_kb": told["swap_kb"] if region.swap_kb is None else region.swap_kb,
        }
        for region, told in zip(snap, regions, strict=True)
    ]


def assert_equal(snap, regions):
    """Compare all that the detail tells; swap of shared memory it cannot.

    Private maps of files may be of shared memory, too, while the machine has swap.
    """
    assert shown(snap, regions) == regions
    unknown = [r for r in snap if r.swap_kb is None]
    assert all(r.perm.endswith("s") or r.inode for r in unknown)


@contextmanager
def huge_pages(count):
    """Reserve huge pages where we may; give whether there are some.

    They are given back as soon as this ends, by whoever has them when he ends.
    """
    if not os.access(RESERVED, os.W_OK):
        yield False
        return
    with RESERVED.open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another test may do the same
        before = RESERVED.read_text()
        # Those of an earlier test are in use until it ends, and none of them is free.
        there, free = hugetlb("Total"), hugetlb("Free") - hugetlb("Rsvd")
        RESERVED.write_text(str(there + max(count - free, 0)))
        try:
            yield hugetlb("Free") - hugetlb("Rsvd") >= count
        finally:
            RESERVED.write_text(before)


def hugetlb(what):
    """Read one of the counts of huge pages."""
    text = Path("/proc/meminfo").read_text()
    return int(re.search(rf"^HugePages_{what}: +(\d+)$", text, re.MULTILINE)[1])


@contextmanager
def transparent_pages():
    """Let programs have transparent huge pages; give whether they may.

    A machine that gives none is set to "madvise" where we may, and back again.
    """
    if not TRANSPARENT.exists():
        yield False
        return
    setting = re.search(r"\[(\w+)\]", TRANSPARENT.read_text())[1]
    if setting != "never":
        yield True
        return
    if not os.access(TRANSPARENT, os.W_OK):
        yield False
        return
    with TRANSPARENT.open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another test may do the same
        TRANSPARENT.write_text("madvise")
        try:
            yield True
        finally:
            TRANSPARENT.write_text("never")
