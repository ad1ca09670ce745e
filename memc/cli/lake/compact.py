"""``memc lake compact``: few large files, sorted, of many small ones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from memc.cli.output import counted, print_text, say
from memc.cli.usage import UsageError
from memc.errors import MemcError
from memc.fleet.schema import COLUMNS
from memc.human.units import human

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace

    from memc.fleet.lake_compact import Kept

__all__ = ["run"]

CLOSED = timedelta(days=1)  # a day is sorted that ended so long ago


def run(args: Namespace, words: list[str]) -> int:
    """Compact the tables and return the exit status."""
    from memc.fleet.lake_compact import compact, vacuum

    lake, *more = words
    if more:
        raise UsageError(f"unexpected '{more[0]}': memc lake compact LAKE")
    before = (datetime.now(UTC) - CLOSED).date()
    status = 0
    for table in COLUMNS:
        try:
            kept = compact(lake, table, before, args.date)
            removed = vacuum(lake, table)
        except MemcError as error:
            say(str(error))
            status = 1
            continue
        if kept.days or removed:
            print_text(f"{_told(table, kept, removed)}\n")
    return status


def _told(table: str, kept: Kept, removed: int) -> str:
    parts = []
    if kept.days:
        sizes = [
            human(round(size / 1024)) for size in (kept.bytes_before, kept.bytes_after)
        ]
        parts.append(
            f"{counted(kept.days, 'day')}, {counted(kept.rows, 'row')}: "
            f"{counted(kept.before, 'file')} of {sizes[0]} became {kept.after} of "
            f"{sizes[1]}"
        )
    if removed:
        parts.append(f"{counted(removed, 'old file')} removed")
    return f"{table}: {'; '.join(parts)}"
