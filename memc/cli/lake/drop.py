"""``memc lake drop``: forget old days."""

from __future__ import annotations

from memc.cli.output import counted, print_text, say
from memc.cli.usage import UsageError
from memc.errors import MemcError
from memc.fleet.schema import COLUMNS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace

__all__ = ["run"]


def run(args: Namespace, words: list[str]) -> int:
    """Drop the days and return the exit status."""
    from memc.fleet.lake_compact import drop

    lake, *more = words
    if more:
        raise UsageError(f"unexpected '{more[0]}': memc lake drop LAKE --before WHEN")
    if args.before is None:
        raise UsageError("drop what? give --before, with a date or such as 30d")
    status = 0
    for table in args.table or COLUMNS:
        try:
            kept = drop(lake, table, args.before)
        except MemcError as error:
            say(str(error))
            status = 1
            continue
        print_text(
            f"{table}: {counted(kept.days, 'day')} before {args.before} dropped, "
            f"{counted(kept.rows, 'row')}\n"
        )
    return status
