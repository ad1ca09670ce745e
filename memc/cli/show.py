"""``memc show``: for people, what the memory of processes is for."""

from __future__ import annotations

from memc.cli.choose import (
    Parser,
    add_targets,
    choice_of,
    pattern,
    positive,
    read_all,
    tell_skipped,
)
from memc.cli.output import print_text
from memc.errors import MemcError
from memc.groups import BY, MAIN, amount_names, group

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from memc.groups import Groups
    from memc.targets import Found

__all__ = ["parser", "run"]

DESCRIPTION = """\
Show what the memory of processes is for, as a table: the largest first, a total last.

PSS divides what processes share among them, PRIVATE is mapped by one alone, SIZE is
what is mapped, resident or not.  Amounts are rounded to three digits (1 KiB = 1024
bytes); --json and --csv give them in kB.  "-" is what the kernel did not tell, "+" what
it told in part, and an owner with "?" is a guess by the looks of regions."""

EXAMPLES = """\
  memc show 1234                      what process 1234 holds, by what it is for
  memc show 1234 --by path --top 10   the ten files and heaps with the most
  memc show 1234 --by region --wide   every region, and how its owner is known
  memc show --tree $$ --by process    this shell and its children
  memc show --name '^nginx' --user www-data
  memc show --all --path libcrypto --by process    who maps a library, and what it
                                      costs once (PSS) and each (RSS)
  memc show --cgroup nginx.service --sort swap
  memc show smaps.txt                 a text from a bug report
  memc show 1234 --csv > owners.csv
"""

STATUS = """\
  0  done, also when processes that were not named by number could not be read
  1  a process or file that was named could not be read, or nobody was found
  2  the command line is wrong
"""


def parser() -> Parser:
    """Return the parser, which knows the help."""
    made = Parser("show", DESCRIPTION, EXAMPLES, STATUS)
    add_targets(made)
    what = made.add_argument_group("what to show")
    what.add_argument(
        "--by", choices=BY, default="owner", help="one line for each (default: owner)"
    )
    what.add_argument(
        "--path",
        type=pattern,
        metavar="REGEX",
        help="only regions in whose path this is found (a nameless one's is its "
        "owner, as --by path shows it)",
    )
    what.add_argument(
        "--sort",
        choices=MAIN,
        help="the largest of these first (default: pss, or rss or size where there is "
        "none)",
    )
    what.add_argument(
        "--top", type=positive, metavar="N", help="no more than N lines, and the rest"
    )
    what.add_argument(
        "--wide",
        action="store_true",
        help="all that the kernel counts, paths in full, and how owners are known",
    )
    form = made.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="JSON, in kB")
    form.add_argument("--csv", action="store_true", help="CSV, in kB")
    return made


def run(argv: list[str]) -> int:
    """Run the command and return its exit status."""
    args = parser().parse_args(argv)
    found = read_all(choice_of(args), args.detail)
    if not found.targets:
        if not found.errors:
            tell_skipped(found)
            raise MemcError("no such process" if not found.skipped else "none was read")
        return 1
    names = amount_names(found.targets, wide=args.wide)
    groups = group(
        found.targets, args.by, names=names, keep=args.path and args.path.search
    )
    _print(args, found, groups)
    tell_skipped(found)
    return 1 if found.errors else 0


def _print(args: argparse.Namespace, found: Found, groups: Groups) -> None:
    sort = _sort_name(args.sort, groups)
    rows = groups.order(sort)
    if args.json or args.csv:
        from memc.cli import show_data

        write = show_data.json_text if args.json else show_data.csv_text
        print_text(write(groups, rows[: args.top], sort=sort, found=found))
    else:
        from memc.cli import show_text

        print_text(
            show_text.text(groups, rows, sort=sort, top=args.top, wide=args.wide)
        )


def _sort_name(sort: str | None, groups: Groups) -> str:
    """Return the amount to sort by; MemcError if none of what was asked is known."""
    if sort is None:
        known = (MAIN[name] for name in ("pss", "rss", "size"))
        return next(filter(groups.is_known, known), "size_kb")
    if len(groups) and not groups.is_known(MAIN[sort]):
        raise MemcError(f"--sort {sort}: not known here, see --detail")
    return MAIN[sort]
