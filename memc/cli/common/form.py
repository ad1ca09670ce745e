"""Options of ``memc show`` and ``memc diff``: what to show, in which order and form."""

from __future__ import annotations

from memc.analysis.groups import BY, MAIN
from memc.cli.common.parser import pattern, value
from memc.errors import MemcError
from memc.human.amounts import duration
from memc.human.numbers import number

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from memc.analysis.groups import Groups
    from memc.cli.common.parser import Parser
    from memc.targets.target import Target

__all__ = ["add_after", "add_form", "by_of", "sort_name"]


def add_after(parser: Parser, help_text: str) -> None:
    """Add the option for the time between two readings."""
    parser.add_argument("--after", type=value(duration), metavar="TIME", help=help_text)


def add_form(parser: Parser, *, sorts: Iterable[str] = MAIN) -> None:
    """Add the options for what to show, in which order and form."""
    what = parser.add_argument_group("what to show")
    what.add_argument(
        "--by",
        choices=BY,
        help="what one line stands for (default: owner; process for totals, which have "
        "no regions)",
    )
    what.add_argument(
        "--path",
        type=pattern,
        metavar="REGEX",
        help="only regions in whose path REGEX is found; a nameless region has its "
        "owner for a path, as --by path shows it",
    )
    what.add_argument(
        "--sort",
        choices=sorts,
        help="the amount whose largest value comes first (default: pss; rss or size "
        "if pss is not known)",
    )
    what.add_argument(
        "--top",
        type=value(number),
        metavar="N",
        help="at most N lines, and one for the rest",
    )
    what.add_argument(
        "--wide",
        action="store_true",
        help="every amount that memc read, whole paths, and the rule behind each owner",
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON, in kB")
    form.add_argument("--csv", action="store_true", help="print CSV, in kB")


def by_of(args: argparse.Namespace, targets: Iterable[Target]) -> str:
    """Return what one line stands for.

    Raises MemcError if that takes regions and a target has only totals.
    """
    totals = next((target for target in targets if target.is_sum), None)
    if totals is None:
        return args.by or "owner"
    wrong = "--path" if args.path else f"--by {args.by}"
    if args.path or args.by not in (None, "process"):
        raise MemcError(
            f"{totals.file}: totals have no regions for {wrong}: --by process works"
        )
    return "process"


def sort_name(sort: str | None, groups: Groups) -> str:
    """Return the amount to sort by.

    Raises MemcError if no region knows the amount that was asked for.
    """
    if sort is None:
        known = (MAIN[name] for name in ("pss", "rss", "size"))
        return next(filter(groups.is_known, known), "size_kb")
    if len(groups) and not groups.is_known(MAIN[sort]):
        raise MemcError(f"--sort {sort}: not known here, see --detail")
    return MAIN[sort]
