"""``memc show --freed`` and ``--sort freed``: what comes back if processes end."""

from __future__ import annotations

from memc.analysis.groups import FREED
from memc.cli.common.choose import read_all
from memc.cli.common.form import level_of
from memc.cli.common.telling import nobody, tell_skipped
from memc.cli.output import STDOUT, print_text
from memc.cli.usage import UsageError
from memc.errors import ProcessError, ProcessGone
from memc.freeing.members import Member
from memc.human.sheet import Style, terminal_width
from memc.proc.root import open_root

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable
    from typing import TypeAlias

    from memc.analysis.groups import Groups
    from memc.freeing.result import Freed
    from memc.targets.choice import Choice
    from memc.targets.target import Found, Target

    Shown: TypeAlias = Callable[..., str]

# The options that ask for the table beside what comes back.
OF_A_TABLE = ("by", "sort", "top", "path", "wide", "columns", "reverse", "min")

__all__ = ["add_column", "check", "run"]


def check(args: argparse.Namespace, choice: Choice) -> None:
    """Raise UsageError if the options do not go together."""
    option = "--freed" if args.freed else "--sort freed"
    if choice.paths:
        raise UsageError(
            f"{option}: {choice.paths[0]} is a file, and only processes can end "
            "(--proc reads a copy of /proc)"
        )
    if args.detail != "smaps":
        raise UsageError(f"{option} takes --detail smaps, not {args.detail}")
    if args.after is not None or args.sort == "growth":
        raise UsageError(f"{option} is for one moment: it does not go with growth")
    args.has_table = any(getattr(args, name) for name in OF_A_TABLE)
    if args.sort != "freed":
        return
    if args.by not in (None, "process"):
        raise UsageError(f"--sort freed is of processes: --by process, not {args.by}")
    if args.path:
        raise UsageError("--sort freed is of whole processes, not of a --path")
    args.by = "process"


def run(args: argparse.Namespace, choice: Choice, shown: Shown) -> int:
    """Print what comes back if all processes end, and return the exit status.

    `shown` is called for the table, where it was asked for, and for JSON.
    """
    found = read_all(choice, args.detail, by=level_of(args, choice))
    result = result_of(choice, found)
    if result is None:
        if not found.errors:
            raise nobody(choice, found.skipped)
        return 1
    if args.csv:
        print_text(result.csv())
    elif args.json:
        print_text(shown(args, choice, found, None, result.freed.to_dict()))
    else:
        table = shown(args, choice, found) if args.has_table else ""
        print_text(result.text(args, after=table))
    tell_skipped(found.skipped, choice.proc)
    return 1 if found.errors else 0


def add_column(groups: Groups, choice: Choice) -> None:
    """Add what comes back of each process alone as the first amount."""
    from memc.freeing.alone import each_alone

    members = [_member(target) for target in groups.targets]
    with open_root(choice.proc) as root:
        found = each_alone(root, members, are_all=choice.every)
    amounts, missing = [], []
    for i, key in enumerate(groups.keys):
        bounds = found[key] if isinstance(key, int) else None
        sources = groups.sources[i] or 1
        amounts.append(bounds[0] if bounds else 0)
        is_open = bounds is not None and bounds[0] < bounds[1]
        missing.append(sources if bounds is None else is_open and min(1, sources - 1))
    groups.amounts = {FREED: amounts, **groups.amounts}
    groups.missing = {FREED: [*map(int, missing)], **groups.missing}


def _member(target: Target) -> Member:
    return Member(target.pid or 0, target.name, target.table)


def result_of(choice: Choice, found: Found) -> Result | None:
    """Find what comes back if all processes of a choice end; None if there are none."""
    from memc.freeing.together import together

    members = [_member(target) for target in found.targets if not target.is_other]
    known = {member.pid for member in members}
    errors = [e for e in found.errors if isinstance(e, ProcessError)]
    unread = [(e.pid, "", str(e)) for e in errors if not isinstance(e, ProcessGone)]
    unread += [(s.pid, s.name, s.text) for s in found.skipped if s.reason != "gone"]
    for pid, name, error in unread:
        if pid not in known:
            known.add(pid)
            members.append(Member(pid, name, None, error=error))
    if not members:
        return None
    with open_root(choice.proc) as root:
        return Result(together(root, members), members)


class Result:
    """What comes back, in each form."""

    def __init__(self, freed: Freed, members: list[Member]) -> None:
        self.freed = freed
        self.members = members

    def csv(self) -> str:
        """Return the amounts as CSV: a line of titles, and a line."""
        from memc.human.csv_text import csv_of

        document = self.freed.to_dict()
        columns = {n: [v] for n, v in document.items() if n.endswith("_kb")}
        return csv_of({"pids": [document["pids"]], **columns})

    def text(self, args: argparse.Namespace, *, after: str = "") -> str:
        """Return the text for people, below a table."""
        from memc.cli.show.freed_text import lines

        width = None if args.wide else terminal_width(STDOUT)
        style = Style(STDOUT, args.color)
        made = lines(self.freed, self.members, width=width, style=style)
        return "".join(f"{line}\n" for line in ([after] if after else []) + [*made])
