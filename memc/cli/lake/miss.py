"""``memc lake miss``: tell a lake that a host could not be asked, and why."""

from __future__ import annotations

from memc.cli.usage import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace

__all__ = ["run"]


def run(args: Namespace, words: list[str]) -> int:
    """Add one row to the table of missing hosts, and return the exit status."""
    from memc.fleet.gather import Said
    from memc.fleet.lake_collected import add_missing

    lake, *reason = words
    if not args.host or not reason:
        raise UsageError("memc lake miss LAKE REASON --host NAME")
    add_missing(lake, [Said(args.host, " ".join(reason))])
    return 0
