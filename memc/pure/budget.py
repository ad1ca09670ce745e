"""Read a cheaper detail if smaps may stall a process for longer than allowed."""

from __future__ import annotations

from memc.proc import swap
from memc.pure.totals import read_sizes
from memc.table import notes as noted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.proc.files import ProcessFiles
    from memc.read.options import Options
    from memc.table.region import Note
    from memc.table.snapshot import Reading

__all__ = ["choose"]

# smaps may stall a process for 20 ms for each GiB.  4 ms were measured if one region
# has all the memory, and 22 ms is the most that anybody reported.
STALL_NS_A_KB = 19
# smaps is as gentle as a walk over page tables if as a whole it holds up the process
# for 2 ms at the very most, and for a fifth of this as a rule.
SHORT_KB = 100 * 1024


def choose(files: ProcessFiles, reading: Reading, options: Options) -> tuple[Note, ...]:
    """Set the detail to read: the one asked for, or a cheaper one with a note."""
    if reading.detail == "pss":
        reading.by_smaps = _is_short(files, reading)
    most_ms = options.max_stall_ms
    if most_ms is None or reading.detail not in ("smaps", "rollup"):
        return ()
    stall_ms = _estimate_stall_ns(files, reading, options) // 1_000_000
    if stall_ms <= most_ms:
        return ()
    file, detail = "smaps", "rss"
    if reading.detail == "rollup":
        file, detail = "smaps_rollup", "totals"
    reading.detail = detail
    return (noted.over_budget(file, stall_ms, most_ms, detail),)


def _is_short(files: ProcessFiles, reading: Reading) -> bool:
    """Tell whether smaps is as gentle as a walk over page tables.

    It looks at each swapped page, too.
    """
    if files.is_copy:
        return False
    swap_kb = swap.read_vm_swap(files) if swap.is_used(is_copy=False) else 0
    rss_kb = _read_rss_kb(files, reading)
    if swap_kb is None or rss_kb is None:
        return False
    return rss_kb + swap_kb <= SHORT_KB


def _read_rss_kb(files: ProcessFiles, reading: Reading) -> int | None:
    read_sizes(files, reading)
    rss_kb = reading.total_rss_kb
    reading.total_rss_kb = reading.total_vsize_kb = None
    return rss_kb


def _estimate_stall_ns(files: ProcessFiles, reading: Reading, options: Options) -> int:
    """Estimate the stall, by the time of one read of smaps last time, or by the RSS."""
    rss_kb = _read_rss_kb(files, reading) or 0
    last = options.last
    last_rss_kb = (last.total_rss_kb or 0) if last is not None else 0
    last_stall_ns = last.longest_read_ns if last is not None else 0
    if last_rss_kb == 0 or last_stall_ns == 0:
        return rss_kb * STALL_NS_A_KB
    return int(rss_kb / last_rss_kb * last_stall_ns)
