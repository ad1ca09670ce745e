"""What /proc/zoneinfo alone tells: free pages in the lists of the CPUs, and zsmalloc.

Each CPU keeps lists of free pages for itself.  MemFree leaves them out, and since
Linux 6.7 they may hold hundreds of MiB after a large process has ended::

      pagesets
        cpu: 0
                  count:    4263
                  high:     14592
"""

from __future__ import annotations

import os
import re

from memc.proc.root import read_small

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.proc.root import Opened

__all__ = ["Zones", "read_zones"]

# The kernel prints these lines in zoneinfo_show_print() of mm/vmstat.c.
# Patterns that begin with a word are looked for fast: there are lines for each CPU.
COUNT = re.compile(rb"count:[ \t]+([0-9]{1,15})$", re.MULTILINE)
ZSPAGES = re.compile(rb"nr_zspages[ \t]+([0-9]{1,15})$", re.MULTILINE)


class Zones:
    """Amounts of all zones, in kB; None where zoneinfo does not tell them.

    - `lists_kb`: free memory in the lists of the CPUs, which MemFree lacks;
    - `zspages_kb`: memory that holds compressed pages, of zram and zswap.
    """

    __slots__ = ("lists_kb", "zspages_kb")

    def __init__(self, text: bytes) -> None:
        self.lists_kb = _sum(COUNT, text)
        self.zspages_kb = _sum(ZSPAGES, text)


def read_zones(root: Opened) -> Zones:
    """Read zoneinfo, which everybody may read; a copy of /proc may lack it."""
    try:
        return Zones(read_small(root, "zoneinfo"))
    except OSError:
        return Zones(b"")


def _sum(pattern: re.Pattern[bytes], text: bytes) -> int | None:
    found = pattern.findall(text)
    page_kb = os.sysconf("SC_PAGE_SIZE") // 1024
    return sum(map(int, found)) * page_kb if found else None
