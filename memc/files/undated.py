"""A snapshot of regions that were read at an unknown time."""

from __future__ import annotations

from memc.table.snapshot import Reading, Snapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.table.region import Table

__all__ = ["undated"]


def undated(table: Table, pid: int | None) -> Snapshot:
    """Return a snapshot of regions that were read at an unknown time."""
    if isinstance(table, Snapshot):
        reading = Reading(pid, table.detail)
        reading.name, reading.started = table.name, table.started
        reading.total_rss_kb = table.total_rss_kb
        reading.total_vsize_kb = table.total_vsize_kb
        reading.totals = table.totals
    else:
        reading = Reading(pid, "smaps" if "rss_kb" in table.columns else "maps")
        rss = table.columns.get("rss_kb")
        if rss is not None and rss.valid is None:
            reading.total_rss_kb = sum(rss.values)
    return Snapshot(table, reading)
