"""The figures of a process or a file that limits judge."""

from __future__ import annotations

from memc.limits.limits import OF_STATUS, WITH_HUGETLB
from memc.table.amounts import mapped_kb, values
from memc.table.snapshot import Snapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from memc.table.region import Table

__all__ = ["figure", "hugetlb", "is_whole"]

HOLES = ("cut", "bad_line")  # the notes that say that regions are missing


def figure(table: Table, what: str) -> int | None:
    """Return an amount in kB, or the number of "regions"; None if it is not known.

    If regions or lines are missing from the table, no figure is known.  Pages of
    hugetlb count with "rss", "pss" and "uss", if they are known: the kernel leaves them
    out of these.
    """
    totals = table.totals if isinstance(table, Snapshot) else {}
    if not is_whole(table):
        return None
    if what == "regions":
        return None if totals else len(table)
    amount = _amount(table, totals, what)
    if amount is None or what not in WITH_HUGETLB:
        return amount
    return amount + (hugetlb(table) or 0)


def hugetlb(table: Table) -> int | None:
    """Return how much a process has in pages of hugetlb, in kB; None if not known."""
    totals = table.totals if isinstance(table, Snapshot) else {}
    return totals.get("hugetlb_kb") if totals else _sum(values(table, "hugetlb_kb"))


def _amount(table: Table, totals: dict[str, int | None], what: str) -> int | None:
    if isinstance(table, Snapshot) and what in ("rss", "size"):
        return table.total_rss_kb if what == "rss" else table.total_vsize_kb
    if totals or what in OF_STATUS:
        return totals.get(OF_STATUS.get(what, f"{what}_kb"))
    if what == "size":
        return mapped_kb(table)
    return _sum(values(table, "private_kb" if what == "uss" else f"{what}_kb"))


def is_whole(table: Table) -> bool:
    """Tell whether the table has all regions of its process."""
    return not any(note.code in HOLES for note in table.notes)


def _sum(amounts: Iterable[int | None]) -> int | None:
    """Return the sum over all regions, None if the amount of a region is not known."""
    total = 0
    for value in amounts:
        if value is None:
            return None
        total += value
    return total
