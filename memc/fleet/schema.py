"""The tables of a lake: the names and the kinds of their columns, without any package.

A lake is a folder with one Delta table for each::

    LAKE/groups   what each owner has in each group of processes, at each time
    LAKE/owners   what each owner has in each process, at each time
    LAKE/regions  every region, with its owner
    LAKE/missing  hosts that could not be asked
    LAKE/TABLE/_delta_log/...                 the log of Delta Lake
    LAKE/TABLE/date=2026-11-26/part-....parquet
    LAKE/incoming/HOST/...                    files that hosts brought

Amounts are in kB, and null if they are not known.  `part` is null if a sample is of all
processes of a host; otherwise it says which part.  `ts` is the clock of the host, and
`received` that of the machine that added the row.  `date` is the day of `ts` in UTC.
"""

from __future__ import annotations

from memc.table.fields import PAGES, SMAPS

__all__ = [
    "AMOUNTS",
    "COLUMNS",
    "FORMAT",
    "INCOMING",
    "MISSING",
    "ORDERS",
    "SAMPLE",
    "TABLES",
    "WHOLE",
]

INCOMING = "incoming"  # the folder of what hosts brought
FORMAT = 1  # of the rows; a lake with a larger number is refused
WHOLE = "whole process"  # the owner of memory whose owners were not read

TEXT, NUMBER, SMALL, FLAG, TIME, DAY = "text", "number", "small", "flag", "time", "day"
TEXTS = "texts"

# What a row is of: the sample.
SAMPLE = {
    "host": TEXT,
    "ts": TIME,
    "received": TIME,
    "boot": TEXT,
    "part": TEXT,
    "date": DAY,
}
AMOUNTS = ("size_kb", "rss_kb", "pss_kb", "uss_kb", "swap_kb")
PROCESS = {
    "group": TEXT,
    "cgroup": TEXT,
    "name": TEXT,
    "pid": SMALL,
    "started": NUMBER,
    "uid": NUMBER,
}
SUMS = dict.fromkeys(AMOUNTS, NUMBER)
OF_HOST = {"memory_kb": NUMBER}  # of the whole machine, if the source tells it
OWNER = {"owner": TEXT, "why": TEXT, "guess": FLAG}
TEXT_FIELDS = ("vm_flags",)
# What smaps and page tables tell of a region beside the sums.
FIELDS = {
    name: TEXT if name in TEXT_FIELDS else NUMBER
    for name in (*SMAPS, *PAGES)
    if name not in AMOUNTS
}

# A new field of the kernel is one more column of regions, of numbers or of texts.
COLUMNS = {
    "groups": {
        **SAMPLE,
        "group": TEXT,
        "owner": TEXT,
        "processes": SMALL,
        "regions": SMALL,
        **SUMS,
        "detail": TEXT,  # null if processes of the group were read in several
        **OF_HOST,
    },
    "owners": {
        **SAMPLE,
        **PROCESS,
        **OWNER,
        "regions": SMALL,
        **SUMS,
        "detail": TEXT,
        "notes": TEXTS,  # the codes of the notes on its process
        **OF_HOST,
    },
    "regions": {
        **SAMPLE,
        **PROCESS,
        **OWNER,
        "label": TEXT,
        "path": TEXT,  # of a file, without the " (deleted)" of the kernel
        "deleted": FLAG,
        "start": NUMBER,  # as all numbers of 64 bits: two's complement
        "end": NUMBER,
        "perm": TEXT,
        "offset": NUMBER,
        "dev_major": NUMBER,
        "dev_minor": NUMBER,
        "inode": NUMBER,
        "pathname": TEXT,
        "pathname_hex": TEXT,  # the exact bytes, where they are not UTF-8
        "type": TEXT,
        **SUMS,
        **FIELDS,
        "detail": TEXT,
    },
    # Hosts that could not be asked, each with the reason.
    "missing": {
        "host": TEXT,
        "ts": TIME,
        "received": TIME,
        "date": DAY,
        "reason": TEXT,
        "text": TEXT,
    },
}
MISSING = "missing"
TABLES = tuple(name for name in COLUMNS if name != MISSING)  # what a sample fills

# How rows are sorted in a file: alike ones together take a seventh of the room.
ORDERS = {
    "groups": ("host", "group", "owner", "ts"),
    "owners": ("host", "group", "name", "pid", "owner", "ts"),
    "regions": ("host", "group", "name", "pid", "ts", "start"),
    "missing": ("host", "ts"),
}
