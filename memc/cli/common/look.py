"""How a table looks: its columns, their order, its colours and what is said below."""

from __future__ import annotations

import os

from memc.cli.common import columns
from memc.cli.common.parser import amount, value
from memc.cli.output import STDOUT
from memc.human.sheet import WHEN, Style
from memc.human.units import bare, human

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Sequence

    from memc.analysis.groups import Groups
    from memc.cli.common.quick import Group

__all__ = ["Look", "add_color", "add_look", "in_table"]


def add_look(group: Group) -> None:
    """Add the options for the look of a table."""
    group.add_argument(
        "--columns",
        type=value(columns.names),
        metavar="LIST",
        words=columns.SORTED,
        several=True,
        help="only these columns, in this order: titles of the table or keys of "
        "--json, with commas between them, as in pss,private,pid,name; also of --json "
        "and --csv",
    )
    group.add_argument(
        "--reverse", action="store_true", help="turn the order of the lines around"
    )
    group.add_argument(
        "--min",
        type=amount,
        metavar="AMOUNT",
        help="sum up lines with less than AMOUNT, such as 10M, in one line; --json "
        "and --csv leave them out",
    )
    group.add_argument(
        "--no-legend",
        dest="legend",
        action="store_false",
        help="leave out the lines below the table that explain it",
    )
    add_color(group)


def add_color(group: Group) -> None:
    """Add the option for colours."""
    group.add_argument(
        "--color",
        choices=WHEN,
        default="auto",
        help="colours: on a terminal if neither NO_COLOR nor TERM forbids them "
        "(default), always or never",
    )


def in_table(kb: int | None) -> str:
    """Return an amount in a table, as people read it, or as other programs do."""
    return human(kb) if os.isatty(STDOUT) else bare(kb)


class Look:
    """How a table looks: an attribute for each option that says so.

    `is_piped` says that other programs read the amounts.  `judged` is the amount that
    lines are marked and left out by, and `sorted_by` the name of the column that they
    are sorted by.
    """

    def __init__(self, args: argparse.Namespace, *, judged: str, by: str) -> None:
        self.columns: Sequence[str] | None = args.columns
        self.legend: bool = args.legend
        self.least_kb: int = args.min or 0
        self.top: int | None = args.top
        self.wide: bool = args.wide
        self.style = Style(STDOUT, args.color)
        self.is_piped = not os.isatty(STDOUT)
        self.judged = judged
        self.sorted_by = by

    def asks_for(self, name: str) -> bool:
        """Tell whether a column was asked for: to see it, or to sort by it."""
        wanted = (*(self.columns or ()), self.sorted_by)
        return columns.plain(name) in wanted

    def shown(self, groups: Groups, rows: Iterable[int]) -> list[int]:
        """Return those of the rows that are large enough to have a line."""
        if not self.least_kb:
            return [*rows]
        amounts = groups.judged(self.judged)
        return [i for i in rows if abs(amounts[i]) >= self.least_kb]
