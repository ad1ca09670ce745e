"""The options for limits, which sub-commands share."""

from __future__ import annotations

from memc.cli.common.parser import value
from memc.human.amounts import amount, amount_or_share, growth, regions
from memc.limits.limits import SHARED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.cli.common.quick import Group

__all__ = ["add_limits"]


def add_limits(limits: Group, *, span: str, without: str = "") -> None:
    """Add an option for each limit on the memory of a process, but `without` one.

    `span` says between which readings growth is measured.
    """
    words_of = {
        "rss": "resident memory",
        "pss": "resident memory, each shared page divided among its processes",
        "uss": "resident memory that only this process maps",
        "swap": "swapped memory",
        "size": "mapped memory, resident or not",
        "peak": "resident memory that the process ever had (VmHWM)",
        "page_tables": "memory for page tables (VmPTE), which are in no rss",
    }
    words_of.pop(without, "")
    for what, words in words_of.items():
        limits.add_argument(
            f"--max-{what}".replace("_", "-"),
            type=value(amount_or_share if what in SHARED else amount),
            metavar="AMOUNT|N%" if what in SHARED else "AMOUNT",
            help=f"the most {words}",
        )
    limits.add_argument(
        "--max-regions",
        type=value(regions),
        metavar="N|N%",
        help="the most regions: a number, or a share of vm.max_map_count",
    )
    limits.add_argument(
        "--max-growth",
        type=value(growth),
        metavar="RATE",
        help="the most growth: AMOUNT or N%%, per s, min, h or d (10M/h, 5%%/min); "
        f"{span}",
    )
    limits.add_argument(
        "--min-headroom",
        type=value(amount),
        metavar="AMOUNT",
        help="the least memory that a process may still get: the smallest of what its "
        "control groups have between limit and working set (usage without idle "
        "cache), and what the machine has available",
    )
