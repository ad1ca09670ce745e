"""``memc lake sql``: a question as the SQL of an engine."""

from __future__ import annotations

from memc.cli.lake.asking import question_in
from memc.cli.output import print_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace

__all__ = ["run"]


def run(args: Namespace, words: list[str]) -> int:
    """Print the SQL and return the exit status."""
    lake, question, told = question_in(args, words)
    from memc.fleet.asking import sql

    print_text(sql(lake, question, dialect=args.dialect, **told))
    return 0
