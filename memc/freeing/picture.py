"""The picture of what comes back when processes end."""

from __future__ import annotations

from memc.human.picture import Bar, Picture
from memc.human.units import human

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.freeing.result import Freed

__all__ = ["of_freed"]

PIDS = 5  # how many are named
PARTS = {
    "anonymous_kb": "anonymous",
    "shared_kb": "shared memory",
    "page_tables_kb": "page tables",
    "kernel_kb": "kernel (estimate)",
    "swap_kb": "swap (not in the sum)",
    "hugetlb_kb": "hugetlb (not in the sum)",
    "cache_kb": "stays as cache",
}


def of_freed(freed: Freed) -> Picture:
    """Return the parts of what comes back, and what stays."""
    bars = [Bar(words, getattr(freed, name)) for name, words in PARTS.items()]
    stays = [Bar(f"stays: {one.name}", one.kb) for one in freed.stays]
    pids = ", ".join(map(str, freed.pids[:PIDS]))
    more = f" and {len(freed.pids) - PIDS} more" if len(freed.pids) > PIDS else ""
    made = Picture(
        f"Killing {pids}{more} frees {_bounds(freed)}",
        [bar for bar in (*bars, *stays) if bar.kb],
        what="PART",
        amount="AMOUNT",
        facts=[f"RSS {human(freed.rss_kb)}", f"PRIVATE {human(freed.private_kb)}"],
        is_sum=True,
    )
    made.notes += freed.notes
    return made


def _bounds(freed: Freed) -> str:
    least, most = human(freed.at_least_kb), human(freed.at_most_kb)
    return least if freed.is_exact else f"{least} to {most}"
