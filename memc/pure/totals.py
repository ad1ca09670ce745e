"""Read the totals of a process, without its regions: statm, status, smaps_rollup."""

from __future__ import annotations

import errno
import os
import re
import time
from contextlib import suppress

from memc.proc import swap
from memc.proc.rights import is_privileged
from memc.pure.grammar import decimal
from memc.table import notes as noted
from memc.table.fields import TOTALS, U64_MAX

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.proc.files import ProcessFiles
    from memc.table.region import Note, Table
    from memc.table.snapshot import Reading

STATM = re.compile(rb"([0-9]+) ([0-9]+)")  # "size resident shared ...", in pages
NUMBER = re.compile(rb":[ \t]*([0-9]+)")
STATUS = 15  # so many of TOTALS come from status, and the rest from smaps_rollup


def read_sizes(files: ProcessFiles, reading: Reading, *, regions: int = 0) -> None:
    """Read the total RSS, and without `regions` also the total size.

    They are in statm, or in status if statm cannot be read.
    """
    if not _read_statm(files, reading, regions=regions):
        with suppress(OSError):
            _find_sizes(files.read("status"), reading, regions=regions)


def read_totals(files: ProcessFiles, reading: Reading) -> tuple[Note, ...]:
    """Read the totals, and for the detail "rollup" also PSS and USS; return notes.

    Raises ProcessError if status cannot be read, and FileNotFoundError if this kernel
    has no smaps_rollup; then everything else has been read.
    """
    try:
        status = files.read("status")
    except OSError as error:
        raise files.explain(error, "status") from None
    reading.count(status)
    found = _first_values(status)
    for name, key in TOTALS[:STATUS]:
        reading.totals[name] = _number(found.get(key.encode(), b""))
    if not _find_sizes(status, reading):
        _read_statm(files, reading)
    had_swap = reading.totals["swap_kb"] is not None
    if had_swap and swap.is_used(is_copy=files.is_copy):
        reading.totals["swap_kb"] = None
    notes = _read_rollup(files, reading) if reading.detail == "rollup" else ()
    if had_swap and reading.totals["swap_kb"] is None and not notes:
        notes = (*notes, noted.swap_unknown())
    return notes


def unread(files: ProcessFiles, reading: Reading, file: str, error: OSError) -> Note:
    """Return the note for a smaps_rollup, or a smaps, that could not be read."""
    swap = reading.totals["swap_kb"] is None
    is_hidden = files.hides(error)
    if isinstance(error, PermissionError) or is_hidden:
        refused = not is_hidden and (error.errno == errno.EPERM or is_privileged())
        if file == "smaps_rollup" and not refused:
            return noted.rollup_denied(swap=swap)
        return noted.no_totals("denied", file, files.words(error), swap=swap)
    if file == "smaps" and error.errno == errno.ENOENT:
        return noted.no_rollup(swap=swap)
    return noted.no_totals("degraded", file, files.words(error), swap=swap)


def sum_smaps(reading: Reading, table: Table) -> None:
    """Set what smaps_rollup would tell from the regions of smaps."""
    pss, swap_kb, clean, dirty = (
        sum_column(table, name)
        for name in ("pss_kb", "swap_kb", "private_clean_kb", "private_dirty_kb")
    )
    reading.totals["pss_kb"] = pss
    if swap_kb is not None:
        reading.totals["swap_kb"] = swap_kb
    if clean is not None and dirty is not None and clean + dirty <= U64_MAX:
        reading.totals["uss_kb"] = clean + dirty


def sum_column(table: Table, name: str) -> int | None:
    """Return the sum of a column, or None if a region has no value."""
    column = table.columns.get(name)
    if column is None or column.valid is not None or not len(table):
        return None
    total = sum(column.values)
    return total if total <= U64_MAX else None


def _read_statm(files: ProcessFiles, reading: Reading, *, regions: int = 0) -> bool:
    statm = files.statm()
    reading.count(statm)
    match = STATM.match(statm)
    if match is None:
        return False
    page_kb = os.sysconf("SC_PAGE_SIZE") // 1024
    size, resident = (decimal(word) for word in match.groups())
    if max(size, resident) > U64_MAX // page_kb:
        return False
    _set_sizes(reading, size * page_kb, resident * page_kb, regions=regions)
    return True


def _find_sizes(status: bytes, reading: Reading, *, regions: int = 0) -> bool:
    """Find VmSize and VmRSS, which a process without memory lacks."""
    size, resident = _find(status, "VmSize"), _find(status, "VmRSS")
    reading.has_memory = reading.has_memory or size is not None
    if size is None or resident is None:
        return False
    _set_sizes(reading, size, resident, regions=regions)
    return True


def _set_sizes(reading: Reading, size: int, resident: int, *, regions: int) -> None:
    reading.total_rss_kb = resident
    reading.has_memory = reading.has_memory or size > 0
    if not regions:
        reading.total_vsize_kb = size


def _read_rollup(files: ProcessFiles, reading: Reading) -> tuple[Note, ...]:
    reading.totals |= dict.fromkeys(name for name, _ in TOTALS[STATUS:])
    began_ns = time.monotonic_ns()
    try:
        rollup = files.read("smaps_rollup")
    except ProcessLookupError:  # a process without memory has none
        return (noted.cut(),) if reading.has_memory else ()
    except OSError as error:
        if isinstance(error, FileNotFoundError) and not files.hides(error):
            raise
        return (unread(files, reading, "smaps_rollup", error),)
    finally:
        reading.longest_read_ns = time.monotonic_ns() - began_ns
    reading.count(rollup)
    clean, dirty = _find(rollup, "Private_Clean"), _find(rollup, "Private_Dirty")
    reading.totals["pss_kb"] = _find(rollup, "Pss")
    swap_kb = _find(rollup, "Swap")
    if swap_kb is not None:
        reading.totals["swap_kb"] = swap_kb
    if clean is not None and dirty is not None and clean + dirty <= U64_MAX:
        reading.totals["uss_kb"] = clean + dirty
    return ()


def _first_values(text: bytes) -> dict[bytes, bytes]:
    """Return what follows the keys, with the colon; the first line of a key counts."""
    found: dict[bytes, bytes] = {}
    for line in text.split(b"\n"):
        key, colon, value = line.partition(b":")
        if colon:
            found.setdefault(key, colon + value)
    return found


def _number(value: bytes) -> int | None:
    match = NUMBER.match(value)
    number = U64_MAX + 1 if match is None else decimal(match[1])
    return number if number <= U64_MAX else None


def _find(text: bytes, key: str) -> int | None:
    """Return the number after the first "key:", None if there is none."""
    start = key.encode() + b":"
    for line in text.split(b"\n"):
        if line.startswith(start):
            return _number(line[len(key) :])
    return None
