"""The JSON documents as design section 4 has them, built from what Python shows."""

import os

BASE = ("start", "end", "type", "perm", "size_kb")
COUNTERS = (
    "rss_kb",
    "pss_kb",
    "shared_clean_kb",
    "shared_dirty_kb",
    "private_clean_kb",
    "private_dirty_kb",
    "swap_kb",
)
PLACE = ("offset", "dev_major", "dev_minor", "inode")
KERNEL_ORDER = [
    "kernel_page_size_kb",
    "mmu_page_size_kb",
    "rss_kb",
    "pss_kb",
    "pss_dirty_kb",
    "shared_clean_kb",
    "shared_dirty_kb",
    "private_clean_kb",
    "private_dirty_kb",
    "referenced_kb",
    "anonymous_kb",
    "ksm_kb",
    "lazy_free_kb",
    "anon_huge_pages_kb",
    "shmem_pmd_mapped_kb",
    "file_pmd_mapped_kb",
    "shared_hugetlb_kb",
    "private_hugetlb_kb",
    "swap_kb",
    "swap_pss_kb",
    "locked_kb",
    "thp_eligible",
    "protection_key",
    "vm_flags",
]
PAGES = ["uss_kb", "file_kb", "hugetlb_kb"]
KNOWN = {*BASE, *PLACE, *KERNEL_ORDER, "pathname"}
# What a detail shows of a region when not all is asked for.
SHOWN = {
    "maps": (),
    "rss": ("rss_kb", "swap_kb"),
    "uss": ("rss_kb", "swap_kb", *PAGES),
    "pss": ("rss_kb", "swap_kb", *PAGES, "pss_kb"),
    "smaps": (*COUNTERS, "vm_flags"),
}


def shown(text):
    """Give text as JSON shows it: bytes that are not UTF-8 replaced."""
    return os.fsencode(text).decode("utf-8", "replace")


def names(pathname):
    if not pathname:
        return {}
    raw = os.fsencode(pathname)
    exact = {} if shown(pathname) == pathname else {"pathname_hex": raw.hex()}
    return {"pathname": shown(pathname), **exact}


def value(row, key):
    found = row.get(key)
    if isinstance(found, tuple):
        return [shown(flag) for flag in found]
    return shown(found) if isinstance(found, str) else found


def region(row, *, detail, full, more=()):
    """Build the document of a region given as {column: value}, absent ones left out."""
    document = {
        "start": f"0x{row['start']:x}",
        "end": f"0x{row['end']:x}",
        **{key: row[key] for key in BASE[2:]},
        **names(row["pathname"]),
    }
    keys = [*SHOWN[detail]]
    if full:
        fields = KERNEL_ORDER if detail == "smaps" else ()
        keys += [*PLACE, *(k for k in (*fields, *more) if k not in keys)]
    return document | {key: value(row, key) for key in keys}


def totals(snap, *, full):
    """Give the totals that a document shows."""
    rest = (
        "peak_vsize_kb",
        "pinned_kb",
        "data_kb",
        "stack_kb",
        "text_kb",
        "library_kb",
    )
    return {k: v for k, v in snap.totals.items() if full or k not in rest}


def snapshot(snap, regions, *, full=False):
    """Build the document of a snapshot from its attributes and from given regions."""
    hidden = KNOWN if snap.detail in ("maps", "smaps") else {*BASE, *PLACE, "pathname"}
    more = [name for name in snap.columns if name not in hidden]
    document = {"pid": snap.pid}
    if full:
        document |= {"name": maybe(snap.name), "started": snap.started}
    document |= {
        "timestamp_ms": snap.timestamp_ms,
        "total_rss_kb": snap.total_rss_kb,
        "total_vsize_kb": snap.total_vsize_kb,
    }
    listed = snap.detail in SHOWN
    document |= {"region_count": len(regions)} if listed else totals(snap, full=full)
    if full:
        document |= {"cost_ns": snap.cost_ns, "bytes_read": snap.bytes_read}
    if listed:
        document["regions"] = [
            region(row, detail=snap.detail, full=full, more=more) for row in regions
        ]
    if snap.notes:
        document["notes"] = [
            {"code": n.code, "count": n.count, "text": n.text} for n in snap.notes
        ]
    return document


def maybe(text):
    return None if text is None else shown(text)


def process(p, *, full):
    who = {"pid": p.pid, "name": shown(p.name), "uid": p.uid, "started": p.started}
    if full:
        who |= {"cgroup": maybe(p.cgroup), "cmdline": maybe(p.cmdline)}
    return who


def system(system, *, full=False, rows):
    """Build the document of all processes; `rows` gives the regions of a snapshot."""
    return {
        "timestamp_ms": system.timestamp_ms,
        "process_count": len(system.processes),
        "skipped": len(system.skipped),
        "processes": [
            process(p, full=full)
            | {"snapshot": snapshot(p.snapshot, rows(p.snapshot), full=full)}
            for p in system.processes
        ],
        "skipped_processes": [
            {"pid": s.pid, "name": shown(s.name), "reason": s.reason}
            for s in system.skipped
        ],
    }
