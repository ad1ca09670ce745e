"""Read the totals of a process, without its regions: statm, status, smaps_rollup."""

from __future__ import annotations

import os
import re
import time

from memc.pure.grammar import decimal
from memc.table import notes as noted
from memc.table.fields import TOTALS, U64_MAX

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.proc.files import ProcessFiles
    from memc.table.region import Note
    from memc.table.snapshot import Reading

STATM = re.compile(rb"([0-9]+) ([0-9]+)")  # "size resident shared ...", in pages
NUMBER = re.compile(rb":[ \t]*([0-9]+)")
STATUS = 6  # so many of TOTALS come from status, and the rest from smaps_rollup


def read_statm(files: ProcessFiles, reading: Reading, *, regions: int = 0) -> None:
    """Read the total RSS, and without `regions` also the total size."""
    statm = files.statm()
    reading.count(statm)
    match = STATM.match(statm)
    if match is None:
        return
    page_kb = os.sysconf("SC_PAGE_SIZE") // 1024
    size, resident = (decimal(word) for word in match.groups())
    if max(size, resident) > U64_MAX // page_kb:
        return
    reading.total_rss_kb = resident * page_kb
    if not regions:
        reading.total_vsize_kb = size * page_kb


def read_totals(files: ProcessFiles, reading: Reading) -> tuple[Note, ...]:
    """Read the totals, and for the detail "rollup" also PSS and USS; return notes.

    Raises ProcessError if status cannot be read.
    """
    try:
        status = files.read("status")
    except OSError as error:
        raise files.explain(error, "status") from None
    reading.count(status)
    for name, key in TOTALS[:STATUS]:
        reading.totals[name] = _find(status, key)
    read_statm(files, reading)
    return _read_rollup(files, reading) if reading.detail == "rollup" else ()


def _read_rollup(files: ProcessFiles, reading: Reading) -> tuple[Note, ...]:
    reading.totals |= dict.fromkeys(name for name, _ in TOTALS[STATUS:])
    began_ns = time.monotonic_ns()
    try:
        rollup = files.read("smaps_rollup")
    except ProcessLookupError:  # a kernel thread or a zombie has none
        return ()
    except PermissionError:
        return (noted.rollup_denied(),)
    except OSError:
        return (noted.no_rollup(),)
    finally:
        reading.longest_read_ns = time.monotonic_ns() - began_ns
    reading.count(rollup)
    clean, dirty = _find(rollup, "Private_Clean"), _find(rollup, "Private_Dirty")
    reading.totals["pss_kb"] = _find(rollup, "Pss")
    if clean is not None and dirty is not None:
        reading.totals["uss_kb"] = clean + dirty
    return ()


def _find(text: bytes, key: str) -> int | None:
    """Return the number after the first "key:", None if there is none."""
    start = key.encode() + b":"
    for line in text.split(b"\n"):
        if line.startswith(start):
            match = NUMBER.match(line, len(key))
            number = U64_MAX + 1 if match is None else decimal(match[1])
            return number if number <= U64_MAX else None
    return None
